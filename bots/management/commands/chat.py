"""`manage.py chat BOT`: talk to a bot's draft in the terminal, through the running system's workers."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from bots.engine.spec import InvalidSpec
from bots.management import lookup
from bots.runtime import keys
from bots.services import conversations, specs
from config import redis
from integrations.services import streams

PATIENCE_SECONDS = 60.0


class Command(BaseCommand):
    help = "Talk to a bot in the terminal. Parley must be running (make run). Commands: /log, /vars, /reset, /quit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", metavar="BOT", help=lookup.BOT)
        parser.add_argument("--live", action="store_true", help="talk to the published version instead of the draft")

    def handle(self, *args: Any, **options: Any) -> None:
        bot = lookup.bot(options["bot"])
        try:
            begun = conversations.begin(bot, draft=not options["live"], visitor=conversations.Visitor(id="terminal"))
        except (specs.NotPublished, InvalidSpec) as error:
            raise CommandError(str(error)) from error
        except RedisError as error:
            raise CommandError("Redis does not answer. Start Parley first: make run") from error
        self._say(f"{bot.name} – {'live version' if options['live'] else 'draft'}. /log, /vars, /reset, /quit")
        try:
            self._talk(begun.id)
        finally:
            conversations.end(begun.id)

    def _talk(self, conversation: str) -> None:
        while True:
            try:
                text = input("> ").strip()
            except (EOFError, KeyboardInterrupt):
                return self._say("")
            if text == "/quit":
                return None
            if text in COMMANDS:
                COMMANDS[text](self, conversation)
            elif text:
                self._turn(conversation, text)

    def _turn(self, conversation: str, text: str) -> None:
        posted = conversations.post(conversation, message_id=uuid.uuid4().hex, text=text)
        for entry in following(conversation, posted.turn):
            if entry.event == "message":
                self._say("\n".join(lines(json.loads(entry.data))))
            if entry.event == "turn":
                return
        self.stderr.write(self.style.WARNING("No answer yet. Does a worker run? It comes with: make run"))

    def _log(self, conversation: str) -> None:
        for entry in conversations.log(conversation):
            line = json.loads(entry.data)
            style = self.style.ERROR if line["error"] else self.style.HTTP_INFO
            self.stdout.write(style(f"{line['turn']:>3} {line['code']:<10} {line['text']}"))

    def _variables(self, conversation: str) -> None:
        for name, value in conversations.variables(conversation).items():
            self.stdout.write(f"{self.style.HTTP_INFO(name)} = {value}")

    def _reset(self, conversation: str) -> None:
        conversations.reset(conversation)
        self._say("The conversation begins anew.")

    def _say(self, text: str) -> None:
        self.stdout.write(self.style.SUCCESS(text))


COMMANDS = {"/log": Command._log, "/vars": Command._variables, "/reset": Command._reset}


def following(conversation: str, turn: int) -> Iterator[streams.Entry]:
    """Yield the events of one turn as they come; ends after PATIENCE_SECONDS without any."""
    last = f"{turn}-0"
    while True:
        block = int(PATIENCE_SECONDS * 1000 / 4)
        answer: Any = None
        for _ in range(4):
            answer = redis.blocking_client().xread({keys.stream(conversation): last}, block=block)
            if answer:
                break
        if not answer:
            return
        for entry in streams.entries(answer[0][1]):
            last = entry.id
            yield entry


def lines(message: dict[str, Any]) -> Iterator[str]:
    """A bot message as lines of text."""
    if message.get("text"):
        yield message["text"]
    for chip in message.get("quick_replies", ()):
        yield f"  ({chip['title']})"
    for choice in message.get("choices", ()):
        yield f"  - {choice}"
    for tile in message.get("tiles", ()):
        yield f"  [{tile.get('title', '')}] {tile.get('subtitle', '')}".rstrip()
        yield from (f"    [{button['label']}]" for button in tile.get("buttons", ()))
    for button in message.get("buttons", ()):
        yield f"  [{button['label']}]" + (f" {button.get('value', '')}" if button.get("type") == "web_url" else "")
    if message.get("url"):
        yield message["url"]
    if message["kind"] == "rich":
        yield json.dumps(message.get("json"), ensure_ascii=False, indent=2)
