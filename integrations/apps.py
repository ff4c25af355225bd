"""Registers the app with Django, and its system check: whether scripts are as confined as they are meant to be."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from integrations.sandbox import confinement


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(confinement.check, Tags.security)
