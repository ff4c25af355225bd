"""`manage.py test_bot BOT.json TRANSCRIPT.yaml`: play conversation tests against an export file from the shell."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bots.engine import exportfile
from bots.services import testreport, tests, transcripts
from bots.services.transcripts import Route, Transcript


class Command(BaseCommand):
    help = "Play the conversations of a transcript against a bot export, with canned API answers. Stores nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", type=Path, metavar="BOT.json", help="a bot export file")
        parser.add_argument("transcript", type=Path, metavar="TRANSCRIPT.yaml", help="the conversations to play")
        parser.add_argument("--api", type=Path, action="append", default=[], metavar="ANSWERS.json", help="API answers")
        parser.add_argument("--format", choices=["tap", "json"], default="tap", help="how the results are shown")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            spec = exportfile.read(exportfile.parse(options["bot"].read_bytes()))
            transcript = transcripts.read(options["transcript"].read_text(encoding="utf-8"))
            routes = _routes(options["transcript"], transcript, options["api"])
        except (OSError, UnicodeDecodeError, exportfile.UnreadableExport, transcripts.UnreadableTranscript) as error:
            raise CommandError(str(error)) from error
        reports = tests.run(spec, transcript=transcript, routes=routes)
        show = testreport.as_json if options["format"] == "json" else testreport.tap
        self.stdout.write(show(reports))
        if not all(report.ok for report in reports):
            sys.exit(1)


def _routes(path: Path, transcript: Transcript, given: list[Path]) -> tuple[Route, ...]:
    """Return all canned answers: those of the command line, those in the transcript, those of the files it names."""
    named = [transcripts.beside(path, name=name) for name in transcript.api]
    return (*_read(given), *transcript.routes, *_read(named))


def _read(files: list[Path]) -> tuple[Route, ...]:
    return tuple(route for file in files for route in transcripts.answers(file.read_bytes()))
