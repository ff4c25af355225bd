"""`manage.py demo`: the demo log-ins, credentials and bots, added once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bots.demo import content
from config import prepare


class Command(BaseCommand):
    help = "Add the demo content to this data folder. What is there already, changed or not, stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "The demo log-ins have a known password, so they are not made when PARLEY_ENV=production."
            )
        prepare.database(say=self.stdout.write)
        content.bring_up(settings.ENV.data_dir, port=settings.ENV.demo_api_port)
        self.stdout.write(f"The demo content is there. Log in as {content.LOG_IN}.")
