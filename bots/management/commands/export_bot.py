"""`manage.py export_bot BOT`: write a bot's draft as a Conversation Builder export."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bots.engine.spec import InvalidSpec
from bots.management import lookup
from bots.services import transfer


class Command(BaseCommand):
    help = "Write a bot's draft as a Conversation Builder export. Credentials and environments are never part of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", metavar="BOT", help=lookup.BOT)
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it; else to the terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = transfer.export_bot(lookup.bot(options["bot"]))
            if options["output"]:
                options["output"].write_bytes(text.encode())
                return
        except (InvalidSpec, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text, ending="")
