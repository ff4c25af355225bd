"""Registers the app with Django, its system checks, and the caps on what HTTP libraries may log."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from credentials import checks, masking


class CredentialsConfig(AppConfig):
    name = "credentials"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        masking.quiet_libraries()
        register(checks.secrets_are_readable, Tags.database)
