"""`manage.py import_bot FILE`: say what an export file brings, and import it: all of it or nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bots.engine.exportfile import UnreadableExport
from bots.services import importreport, names, transfer
from bots.services.importreport import Report
from credentials.models import Credential, Organization
from integrations.models import Environment


class Command(BaseCommand):
    help = "Import a bot from a Conversation Builder export file, after a report of what it brings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--organization", metavar="NAME", help="needed where there are several")
        parser.add_argument("--name", default="", help="the bot's name, where the file's is taken")
        parser.add_argument("--environment", metavar="NAME", help="the environment that the bot gets")
        parser.add_argument(
            "--credential",
            action="append",
            default=[],
            metavar="INTEGRATION=CREDENTIAL",
            help="may be given repeatedly",
        )
        parser.add_argument("--check", action="store_true", help="only report; import nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = _one(Organization.objects.all(), options["organization"], "organization")
        try:
            document = transfer.read(options["file"].read_bytes())
            report = importreport.report(document, organization=organization)
            self.stdout.write("\n".join(_lines(report)))
            if not options["check"]:
                decisions = _decisions(options, report, organization)
                bot = transfer.import_bot(document, organization=organization, actor=None, decisions=decisions)
                self.stdout.write(f"Imported {bot.name} as bot {bot.pk}.")
        except names.Refused as refused:
            hint = " (give another one by --name)" if refused.field == "name" else ""
            raise CommandError(f"{refused.sentence}{hint}") from refused
        except (OSError, UnreadableExport) as error:
            raise CommandError(str(error)) from error


def _decisions(options: dict[str, Any], report: Report, organization: Organization) -> transfer.Decisions:
    keys = {call.name: call.key for call in report.calls}
    credentials = {}
    for pair in options["credential"]:
        integration, _, name = pair.partition("=")
        if integration not in keys:
            raise CommandError(f"The file has no integration named {integration}. It has: {', '.join(keys) or 'none'}.")
        credentials[keys[integration]] = _one(Credential.objects.filter(organization=organization), name, "credential")
    environments = Environment.objects.filter(organization=organization)
    environment = _one(environments, options["environment"], "environment") if options["environment"] else None
    return transfer.Decisions(options["name"], environment, credentials)


def _one(rows: Any, name: str | None, what: str) -> Any:
    found = list((rows.filter(name=name) if name else rows)[:2])
    if len(found) != 1:
        known = ", ".join(rows.values_list("name", flat=True)[:10]) or "none"
        raise CommandError(f"Name the {what} that you mean. Known here: {known}.")
    return found[0]


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.name}: " + ", ".join(f"{count} {name}" for name, count in report.counts.items())
    for one in report.kept:
        yield f"Kept, without effect here: {one.title}:"
        yield from (f"  {item}" for item in one.items)
    for key in report.environment_keys:
        yield f"Asks for the environment key {key.name}: {', '.join(key.where)}"
    for call in report.calls:
        yield f"Calls {call.method} {call.url} ({call.name}). If it needs a credential, choose one."
        if call.blocked:
            yield f"  {call.blocked}"
    for intent in report.intents:
        yield f"Uses the intent {intent}: give it phrases or patterns after the import."
    for warning in report.warnings:
        yield f"Have a look: {warning}"
