"""Bring an exported bot in, and write one out. Nothing is stored before the whole document has been understood."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from bots.engine import exportfile, exportfit, exportwriter
from bots.engine.exportfile import UnreadableExport
from bots.engine.exportfit import Authored
from bots.models import Bot
from bots.services import drafts, names, originals, specs
from config import collector
from credentials.models import Credential, Organization
from credentials.services import audit, vault
from integrations.models import Environment
from integrations.services import definitions

_MARK = b'"interactionType"'


@dataclass(frozen=True, slots=True)
class Document:
    """An export that was read: its text, its JSON, and what of it the rows of a bot can hold."""

    text: str
    json: Any
    authored: Authored


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the file cannot say. An empty name means the file's; `credentials` are by keys of integrations."""

    name: str = ""
    environment: Environment | None = None
    credentials: Mapping[str, Credential] = field(default_factory=dict)


def _nothing(bot: Bot) -> None:
    """For an import that nobody watches."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on. stored: called for each interaction that was stored. last_word: called last of all, before the
    bot becomes visible."""

    stored: Callable[[], None] = exportfile.silent
    last_word: Callable[[Bot], None] = _nothing


def size(data: bytes) -> int:
    """Return about how many interactions a file holds, without reading it."""
    return data.count(_MARK)


@collector.held_back()
def read(data: bytes, *, tell: Callable[[], None] = exportfile.silent) -> Document:
    """Read a file; raises UnreadableExport with a sentence that says what is wrong and where.

    tell: called for each interaction that is read; what it raises stops the reading."""
    if len(data) <= exportfile.MAX_BYTES and size(data) > exportfile.MAX_INTERACTIONS:
        raise UnreadableExport(f"The bot has more than {exportfile.MAX_INTERACTIONS:,} interactions.")
    document = exportfile.parse(data)
    text = data.decode()
    return Document(text=text, json=document, authored=exportfit.read(document, text=text, tell=tell))


@transaction.atomic
@collector.held_back()
def import_bot(
    document: Document,
    *,
    organization: Organization,
    actor: Any,
    decisions: Decisions | None = None,
    watch: Watch | None = None,
) -> Bot:
    """Make a bot of the document, all of it or nothing; raises names.Refused for a name in use.

    `actor` is the author, who must be a member, or None for an operator's command. `watch` may raise to stop it.
    """
    decisions, watch = decisions or Decisions(), watch or Watch()
    if actor is not None:
        Organization.objects.for_user(actor).get(pk=organization.pk)
    spec = document.authored.spec
    name = decisions.name.strip() or spec.name
    names.check_free(name, taken=organization.bots.values_list("name", flat=True), what="A bot")
    _check(decisions, organization)
    bot = Bot.objects.create(
        organization=organization,
        key=_free_key(spec.key),
        name=name,
        description=document.authored.description,
        environment=decisions.environment,
    )
    drafts.replace(bot, draft=spec, keep_name=True, tell=watch.stored)
    originals.describe(bot, dialogs=document.authored.dialog_descriptions, comments=document.authored.comments)
    originals.keep(bot, text=document.text)
    _use_credentials(bot, decisions.credentials, actor)
    bot.revisions.all().delete()  # its history begins with the first change by hand
    audit.record(organization, actor=actor, action="bot.imported", subject=bot.name, file_name=spec.name)
    watch.last_word(bot)
    return bot


def export_bot(bot: Bot) -> str:
    """Return the export document of the draft; raises spec.InvalidSpec for a damaged row."""
    return exportwriter.write(authored(bot), source=originals.text_of(bot))


def file_name(bot: Bot) -> str:
    """Return a name for the file that every system takes."""
    return f"{slugify(bot.name) or 'bot'}.json"


def authored(bot: Bot) -> Authored:
    """Return the bot as the export knows it, with what only people read in it."""
    return Authored(
        spec=specs.draft(bot),
        description=bot.description,
        dialog_descriptions=originals.dialog_descriptions(bot),
        comments=originals.comments(bot),
        origins=originals.origins(bot),
        created_ms=int(bot.created_at.timestamp() * 1000),
    )


def _check(decisions: Decisions, organization: Organization) -> None:
    owners = {one.organization_id for one in decisions.credentials.values()}
    owners |= {decisions.environment.organization_id} if decisions.environment else set()
    if owners - {organization.pk}:
        raise names.Refused("Choose credentials and an environment of this organization.")


def _free_key(wanted: str) -> str:
    """The bot keeps the id of the file, for scripts may know it, unless another bot has it already."""
    usable = exportfit.key_of(wanted) == wanted and not Bot.objects.filter(key=wanted).exists()
    return wanted if usable else str(uuid.uuid4())


def _use_credentials(bot: Bot, chosen: Mapping[str, Credential], actor: Any) -> None:
    for row in bot.integrations.filter(key__in=chosen):
        row.credential = chosen[row.key]
        try:
            definitions.save(row, actor=actor)
        except vault.HostNotCovered as error:
            raise names.Refused(f"{row.name}: {error}") from error
