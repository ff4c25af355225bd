"""Registers the app with Django: its system checks, the guard of its secrets, the caps on what HTTP libraries log."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import pre_save

from credentials import checks, fixtures, masking


class CredentialsConfig(AppConfig):
    name = "credentials"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        masking.quiet_libraries()
        pre_save.connect(fixtures.keep_secrets, sender="credentials.Credential")
        register(checks.secrets_are_readable, Tags.database)
        register(checks.a_proxy_is_believed, Tags.security)
