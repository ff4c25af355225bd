"""Registers the app with Django, and its system check: whether Redis is one that conversations can run on."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from config import redis


class BotsConfig(AppConfig):
    name = "bots"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(redis.check, Tags.compatibility, deploy=True)
