"""`manage.py channel_key BOT`: make a channel key and print it, the only time that it is shown."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bots.management import lookup
from bots.services import channel_keys


class Command(BaseCommand):
    help = "Make a channel key for a bot and print it. It is shown only this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", metavar="BOT", help=lookup.BOT)
        parser.add_argument("--label", default="Channel", help="what the key is for, as the key's name on the pages")

    def handle(self, *args: Any, **options: Any) -> None:
        bot = lookup.bot(options["bot"])
        _, key = channel_keys.create(bot, label=options["label"], actor=None)
        self.stdout.write(key)
        if bot.live_version_id is None:
            self.stderr.write(f"Note: {bot.name} is not published yet; until then the key begins nothing.")
