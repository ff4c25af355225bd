"""`manage.py channel_key BOT`: make a key with which a channel begins conversations with the bot."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from bots.models import Bot
from bots.services import channel_keys


class Command(BaseCommand):
    help = "Make a channel key of a bot and print it; it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", help="the bot's number, key or name")
        parser.add_argument("--label", default="Made on the command line", help="what the key is for")

    def handle(self, *args: Any, **options: Any) -> None:
        _, secret = channel_keys.create(_found(options["bot"]), label=options["label"], actor=None)
        self.stdout.write(secret)


def _found(name: str) -> Bot:
    """Return the bot of that number, key or name; raises CommandError when there is none or more than one."""
    wanted = Q(key=name) | Q(name=name)
    if name.isascii() and name.isdigit() and len(name) < 18:
        wanted |= Q(pk=int(name))
    found = list(Bot.objects.filter(wanted).select_related("organization"))
    if not found:
        raise CommandError(f"There is no bot {name}.")
    if len(found) > 1:
        numbers = ", ".join(f"{bot.pk} ({bot.organization})" for bot in found)
        raise CommandError(f"Several bots are named {name}. Give the number of one: {numbers}.")
    return found[0]
