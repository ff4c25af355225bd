"""Integration rows as data, and the writes that create, change and delete them.

The bot is known here only as the row that an integration belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from credentials.models import Credential
from credentials.services import audit, vault
from integrations.engine import template
from integrations.engine.outcome import ReceivedResponse
from integrations.engine.scripts import Place, ScriptError
from integrations.engine.spec import Damaged, IntegrationSpec, Row
from integrations.models import Integration, Revision
from integrations.sandbox import pool
from integrations.services import revisions, sampled

COPIED = (
    "name", "response_variable", "type", "method", "url", "use_default_headers", "body", "transform_script",
    "timeout_seconds", "retries", "follow_redirects", "slow_message", "slow_after_seconds",
)  # fmt: skip

ROWS = ("headers", "parameters", "fields")
HISTORY = revisions.Kind("integration", (*COPIED, *ROWS, "credential_id"))

# Learnt at import: msgspec crashes where several threads learn the same type at once.
msgspec.json.Decoder(tuple[Row, ...])
msgspec.json.Decoder(ReceivedResponse)


@dataclass(frozen=True, slots=True)
class Use:
    """An interaction that needs an integration: it `calls` it, or only reads one of its fields."""

    key: str
    name: str
    dialog: str
    calls: bool


class InUse(Exception):
    """Interactions still call the integration; `uses` names them."""

    def __init__(self, uses: tuple[Use, ...]) -> None:
        super().__init__("Interactions still call this integration.")
        self.uses = uses


class Changed(Exception):
    """Somebody else saved the integration since this author opened it; `stored` is what there is now."""

    def __init__(self, stored: Integration) -> None:
        super().__init__("The integration was changed in between.")
        self.stored = stored
        self.revision = revision(stored)


def to_spec(row: Integration) -> IntegrationSpec:
    """Return the row as the engines know it; the credential only by its key. Raises Damaged."""
    return IntegrationSpec(
        key=str(row.key),
        credential=str(row.credential.key) if row.credential else None,
        headers=_rows_of(row, "headers"),
        parameters=_rows_of(row, "parameters"),
        fields=_rows_of(row, "fields"),
        **{name: getattr(row, name) for name in COPIED},
    )


def _rows_of(row: Integration, name: str) -> tuple[Row, ...]:
    try:
        return rows(getattr(row, name))
    except Damaged as error:
        raise Damaged(f"the {name} of the integration “{row.name}”: {error}") from error


def rows(stored: list[dict[str, Any]]) -> tuple[Row, ...]:
    """Read a JSON column of key/value rows; raises Damaged for one that is none."""
    try:
        return msgspec.convert(stored, tuple[Row, ...])
    except msgspec.ValidationError as error:
        raise Damaged(str(error)) from error


def typed(definition: IntegrationSpec, *, organization: int) -> dict[str, Any]:
    """A definition as the values of a form; its credential only where the organization still has it."""
    values: dict[str, Any] = {name: getattr(definition, name) for name in COPIED}
    for name in ROWS:
        values[name] = msgspec.to_builtins(getattr(definition, name))
    if definition.credential:
        found = Credential.objects.filter(organization=organization, key=definition.credential)
        values["credential"] = found.values_list("pk", flat=True).first()
    return values


def bots_for(user: Any) -> QuerySet[Any]:
    """The bots whose integrations this user may see and change."""
    result: QuerySet[Any] = _bots().for_user(user).select_related("organization", "environment")
    return result


def bot(pk: int) -> Any:
    """The bot of a test run, for the worker that carries it out; who may start one was asked before."""
    return _bots().select_related("environment").get(pk=pk)


def _bots() -> Any:
    model: Any = Integration._meta.get_field("bot").related_model
    return model.objects


def environment(bot: Any) -> dict[str, str]:
    """What `{$env.key}` gives for a bot: the values of the linked environment, if there is one."""
    return {str(key): str(value) for key, value in bot.environment.values.items()} if bot.environment else {}


def script_problem(source: str) -> str:
    """Why a transform script does not parse, with its place; nothing when it does. Asks the sandbox, runs nothing."""
    error = script_error(source, place="transform")
    if error is None:
        return ""
    return f"Line {error.line}, column {error.column}: {error.message}" if error.line else error.message


def script_error(source: str, *, place: Place) -> ScriptError | None:
    """What keeps a script from being read, and where; nothing also for an empty one."""
    return pool.shared().check_syntax(source, place=place) if source.strip() else None


def editor(row: Integration) -> str:
    """Who saved the integration last, as far as the trail tells."""
    entries = row.bot.organization.audit_entries.filter(subject=row.name, action__in=_SAVES, detail__bot=row.bot.name)
    return entries.values_list("actor_name", flat=True).first() or ""


_SAVES = ("integration.created", "integration.changed")


def revision(row: Integration) -> str:
    """What an open form remembers, to notice that somebody else saved in between."""
    return row.updated_at.isoformat() if row.pk else ""


@transaction.atomic
def save(row: Integration, *, actor: Any, seen: str = "") -> Integration:
    """Store a new or changed integration; raises Changed unless the stored one is the one that was `seen`.

    Raises vault.HostNotCovered when the URL leads to where its credential may not be sent.
    """
    stored = None if row._state.adding else Integration.objects.select_for_update().get(pk=row.pk)
    if stored and seen and revision(stored) != seen:
        raise Changed(stored)
    attached = row.credential is not None and (stored is None or stored.credential_id != row.credential_id)
    if row.credential and stored and not attached and stored.url != row.url:
        vault.check_covers(row.credential, url=destination(row))
    what = "back" if stored is None and row.pk else "created"
    row.save()
    changed = _changed(stored, row) if stored else []
    if stored is None or changed:
        _record(row, "changed" if stored else "created", actor, **({"fields": changed} if changed else {}))
        _revise(row, stored, actor, what)
        touch(row)
    if row.credential and attached:
        attach(row, actor=actor)
    return row


def _revise(row: Integration, stored: Integration | None, actor: Any, what: str) -> None:
    if stored is None:
        revisions.created(row, kind=HISTORY, author=actor, what=what)
    else:
        revisions.changed(row, kind=HISTORY, before=revisions.state(stored, kind=HISTORY), author=actor)


def attach(row: Integration, *, actor: Any) -> None:
    """Note that the integration uses its credential, and for which host; raises vault.HostNotCovered."""
    if row.credential:
        name = f"{row.bot.name}: {row.name}"
        vault.attach(row.credential, actor=actor, integration_name=name, url=destination(row))


def destination(row: Integration) -> str:
    """The integration's URL with the values of the bot's environment in it, which may hold its host."""
    return expanded(row.url, bot=row.bot)


def expanded(url: str, *, bot: Any) -> str:
    """A URL template with the values of a bot's environment in it."""
    values = environment(bot)
    pieces, at = [], 0
    for placeholder in template.names(url):
        if placeholder.kind == "env" and placeholder.name in values:
            pieces += [url[at : placeholder.start], values[placeholder.name]]
            at = placeholder.end
    return "".join(pieces) + url[at:]


def _changed(before: Integration, after: Integration) -> list[str]:
    """The labels of the fields that differ; never their values."""
    names = (*COPIED, "headers", "parameters", "fields", "credential_id")
    return [_label(name) for name in names if getattr(before, name) != getattr(after, name)]


def _label(name: str) -> str:
    return str(getattr(Integration._meta.get_field(name.removesuffix("_id")), "verbose_name", name))


def _record(row: Integration, what: str, actor: Any, **detail: Any) -> None:
    action = f"integration.{what}"
    audit.record(row.bot.organization, actor=actor, action=action, subject=row.name, bot=row.bot.name, **detail)


@transaction.atomic
def duplicate(row: Integration, *, actor: Any) -> Integration:
    """Store a copy beside it, under the next free name; what was pinned or imported stays with the original."""
    taken = Integration.objects.filter(bot=row.bot).values_list("name", flat=True)
    values = {name: getattr(row, name) for name in (*COPIED, "headers", "parameters", "fields", "credential")}
    values["name"] = free_name(row.name, taken=taken)
    return save(Integration(bot=row.bot, **values), actor=actor)


def free_name(name: str, *, taken: Iterable[str]) -> str:
    """Return `name_2`, `name_3` …: the first that is not taken, never over the limit of 100 characters."""
    used, number = set(taken), 2
    while (candidate := f"{name[:95]}_{number}") in used:
        number += 1
    return candidate


@transaction.atomic
def delete(row: Integration, *, actor: Any) -> Revision:
    """Delete it; returns the revision that puts it back. Raises InUse with the interactions that still call it."""
    callers = tuple(use for use in uses(row) if use.calls)
    if callers:
        raise InUse(callers)
    _record(row, "deleted", actor)
    touch(row)
    pinned = sampled.keep(row, user=actor)
    kept = {"pk": row.pk, "pinned": pinned, **revisions.state(row, kind=HISTORY)}
    revision = revisions.deleted(row, kind=HISTORY, author=actor, snapshot=kept)
    row.delete()
    return revision


def touch(row: Integration) -> None:
    """The bot counts as edited, as after every other change of its parts."""
    _bots().filter(pk=row.bot_id).update(updated_at=timezone.now())


def uses(row: Integration) -> tuple[Use, ...]:
    """The interactions that call this integration or read its fields, in the bot's order."""
    if not row.pk:
        return ()
    needle = f"{{{row.name}."
    interactions = row.bot.interactions.select_related("dialog").order_by("dialog__position", "position", "pk")
    return tuple(
        Use(key=i.key, name=i.name, dialog=i.dialog.name, calls=i.integration_id == row.pk)
        for i in interactions
        if i.integration_id == row.pk or needle in json.dumps([i.content, i.rules], ensure_ascii=False)
    )


def pin(row: Integration, *, response: ReceivedResponse, actor: Any) -> None:
    """Keep a response as the integration's sample, in the database, until it is unpinned."""
    _set_pinned(row, msgspec.to_builtins(response))
    _record(row, "response_pinned", actor)


def unpin(row: Integration, *, actor: Any) -> None:
    _set_pinned(row, None)
    _record(row, "response_unpinned", actor)


def pinned(row: Integration) -> ReceivedResponse | None:
    """The response that was pinned, if one was."""
    return msgspec.convert(row.pinned_response, ReceivedResponse) if row.pinned_response else None


def _set_pinned(row: Integration, sample: dict[str, Any] | None) -> None:
    """Not a save: whoever edits the definition at the moment is not in the way."""
    Integration.objects.filter(pk=row.pk).update(pinned_response=sample)
    row.pinned_response = sample
