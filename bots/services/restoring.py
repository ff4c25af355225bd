"""Going back: an action is taken back as long as nothing came after it; one item is restored to any older state.

Both are saves like any other: they have their own revisions, so they can be taken back as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from bots.models import Bot, Dialog, Intent, Interaction, SavedTest
from bots.services import authoring, bots, dialogs, intents, names, owned, revised, savedtests, snapshots
from bots.services.transcripts import UnreadableTranscript
from credentials.models import Credential, Organization
from credentials.services import vault
from integrations.models import Environment, Integration, Revision
from integrations.services import definitions, environments, revisions, sampled

GONE = "This is kept no longer, so it cannot be taken back."
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Back:
    """What was done to an item, in words, and the revision that this made. row: None for what is gone now."""

    said: str
    revision: Revision
    row: Any = None


def find(revision_id: int, *, user: Any) -> Revision:
    """Return a revision of the user's organizations; raises Refused for one that is kept no longer, or never was."""
    mine = Organization.objects.for_user(user)
    found = Revision.objects.select_related("bot").filter(pk=revision_id, organization__in=mine).first()
    if found is None:
        raise names.Refused(GONE)
    return found


@transaction.atomic
def take_back(revision: Revision, *, user: Any) -> list[Back]:
    """Undo an action, all of it or nothing; raises Refused, with who changed what, when something came after it."""
    _lock(revision, user)
    action = [revision]
    if revision.together:
        action = list(Revision.objects.filter(together=revision.together, organization=revision.organization_id))
    for each in action:
        newest = revisions.of_same(each).first()
        if newest is not None and newest.pk != each.pk and newest.together != (each.together or None):
            who = "you" if newest.author_id == user.pk else newest.author_name
            since = said(each, one="was changed since", many="were changed since")
            raise names.Refused(f"{since}, by {who}. Nothing was taken back; the history has every state of it.")
    with revisions.together():
        return [_told(_back, each, user) for each in action]


@transaction.atomic
def restore(revision: Revision, *, user: Any) -> list[Back]:
    """Make one item what it was before this revision, a deleted one as well; raises Refused."""
    _lock(revision, user)
    with revisions.together():  # not typed on: it has a revision of its own
        return [_told(_back if revision.what == "deleted" else _restored, revision, user)]


def said(revision: Revision, *, one: str, many: str = "") -> str:
    """Say something of an item; what a bot has once bears the bot's name, so it is told what of the bot is meant."""
    part = _OF_THE_BOT.get(revision.kind)
    return f"The {part} of {revision.name} {many}" if part else f"{revision.name} {one}"


_OF_THE_BOT = {"settings": "settings", "global_functions": "global functions"}


def _lock(revision: Revision, user: Any) -> None:
    if revision.bot_id:
        owned.bot(revision.bot_id, user=user)


def _told(do: Callable[[Revision, Any], Back], revision: Revision, user: Any) -> Back:
    """Do it; whatever refuses it says so in one way."""
    try:
        return do(revision, user)
    except (environments.Refused, UnreadableTranscript, vault.HostNotCovered) as refused:
        stays = said(revision, one="stays as it is", many="stay as they are")
        raise names.Refused(f"{stays}. {refused}") from refused
    except definitions.InUse as used:
        callers = ", ".join(use.name for use in used.uses)
        raise names.Refused(f"{revision.name} is called by now, by {callers}. Nothing was taken back.") from used
    except ObjectDoesNotExist as gone:
        raise names.Refused(f"{revision.name} is gone, so nothing was taken back.") from gone


def _back(revision: Revision, user: Any) -> Back:
    if revision.what == "deleted":
        return _put_back(revision, user)
    return _restored(revision, user) if revision.what == "changed" else _removed(revision, user)


def _restored(revision: Revision, user: Any) -> Back:
    row = current(revision)
    if row is None:
        raise names.Refused(f"{revision.name} is deleted. Put it back first: see where it was deleted in its history.")
    values = revisions.before(revision)
    values.pop("position", None)
    kind = revised.KINDS[revision.kind]
    if revisions.state(row, kind=kind) != revisions.state(row, kind=kind) | values:
        _RESTORERS[revision.kind](row, values, user)
    elif revision.what != "changed" or "position" not in revision.changes:
        already = said(revision, one="is as it was", many="are as they were")
        raise names.Refused(f"{already} before this already.")
    else:
        _place(row, revision.changes["position"][0], user)
    made = revisions.latest(row, kind=kind)
    return Back(said(made or revision, one="is as it was", many="are as they were"), made or revision, row)


def _place(row: Any, position: int, user: Any) -> None:
    move = authoring.move if isinstance(row, Interaction) else dialogs.move
    move(row.pk, user=user, to=position)


def current(revision: Revision) -> Any:
    """Return the row that a revision is of, as it is now; nothing when there is none."""
    bot = revision.bot
    if bot is None:
        rows = Environment.objects.filter(organization=revision.organization_id)
        return rows.filter(pk=int(revision.item)).first()
    if revision.kind not in _ROWS:
        return Bot.objects.get(pk=bot.pk)
    return getattr(bot, _ROWS[revision.kind]).filter(**{revised.KINDS[revision.kind].key: revision.item}).first()


_ROWS = {
    "dialog": "dialogs",
    "interaction": "interactions",
    "integration": "integrations",
    "intent": "intents",
    "test": "saved_tests",
}


def _put_back(revision: Revision, user: Any) -> Back:
    if current(revision) is not None:
        raise names.Refused(f"{revision.name} is back already.")
    kept = revision.changes["snapshot"][0]
    row = _MAKERS[revision.kind](revision, kept, user)
    made = revisions.latest(row, kind=revised.KINDS[revision.kind])
    return Back(said(made or revision, one="is back") + _lacking(kept), made or revision, row)


def _lacking(kept: Values) -> str:
    keys = ", ".join(revisions.secret_keys(kept))
    return (
        f", without the value of {keys}: it looked like a secret, so it was not kept. Fill it in again" if keys else ""
    )


def _removed(revision: Revision, user: Any) -> Back:
    row = current(revision)
    if row is None:
        raise names.Refused(f"{revision.name} is gone already.")
    _REMOVERS[revision.kind](row, user)
    made = revisions.of_same(revision).first() or revision
    return Back(said(made, one="is gone again"), made)


def _interaction(row: Interaction, values: Values, user: Any) -> None:
    row = owned.interaction(row.pk, user=user)
    _check_name(row, values, "An interaction")
    before = {aspect: authoring.revision(row, aspect=aspect) for aspect in authoring.ASPECTS}
    _drop_gone(values, "integration_id", row.bot.integrations)
    _drop_gone(values, "dialog_id", row.bot.dialogs)
    with revised.watch(row, user=user):
        for name, value in values.items():
            setattr(row, name, value)
        changed = [name for name in authoring.ASPECTS if authoring.revision(row, aspect=name) != before[name]]
        authoring.sign(row, aspects=changed, user=user)
        row.save()
    owned.touch(row.bot)


def _integration(row: Integration, values: Values, user: Any) -> None:
    _check_name(row, values, "An integration")
    for name in revisions.ROWS:
        if name in values:
            values[name] = revisions.unmasked(values[name], current=getattr(row, name))
    _drop_gone(values, "credential_id", Credential.objects.filter(organization=row.bot.organization_id))
    for name, value in values.items():
        setattr(row, name, value)
    definitions.save(row, actor=user)


def _settings(row: Bot, values: Values, user: Any) -> None:
    if "environment_id" in values:
        rows = Environment.objects.filter(organization=row.organization_id)
        values["environment"] = rows.filter(pk=values.pop("environment_id")).first()
    bots.change(row.pk, user=user, values=values)


def _intent(row: Intent, values: Values, user: Any) -> None:
    now = {"name": row.name, "phrases": row.phrases, "patterns": row.patterns}
    intents.change(row.pk, user=user, **(now | values))


def _test(row: SavedTest, values: Values, user: Any) -> None:
    now = {"name": row.name, "transcript": row.transcript, "answers": row.answers}
    savedtests.change(row.pk, user=user, text=savedtests.Text(**(now | values)))


def _environment(row: Environment, values: Values, user: Any) -> None:
    now = {"name": row.name, "description": row.description, "values": row.values}
    environments.change(row.pk, user=user, written=environments.Written(**(now | values)))


def _check_name(row: Any, values: Values, what: str) -> None:
    if values.get("name", row.name) != row.name:
        others = type(row).objects.filter(bot=row.bot_id).exclude(pk=row.pk).values_list("name", flat=True)
        names.check_free(values["name"], taken=others, what=what)


def _drop_gone(values: Values, column: str, rows: Any) -> None:
    """A reference to what is not there any more stays as it is now."""
    if values.get(column) is not None and not rows.filter(pk=values[column]).exists():
        del values[column]


def _snapshot(revision: Revision, kept: Values, user: Any) -> Any:
    dialog: Dialog = snapshots.restore(kept, user=user)
    return dialog if revision.kind == "dialog" else current(revision)


def _again(revision: Revision, kept: Values, user: Any) -> Any:
    """Make an intent or a test again, under its own key and a free name."""
    rows = getattr(revision.bot, _ROWS[revision.kind])
    key = {revised.KINDS[revision.kind].key: revision.item}
    name = names.free(kept["name"], taken=rows.values_list("name", flat=True))
    row = rows.model(bot=revision.bot, **{**kept, **key, "name": name})
    row.save(force_insert=True)
    revised.made(row, user=user, what="back")
    owned.touch(row.bot)
    return row


def _integration_again(revision: Revision, kept: Values, user: Any) -> Integration:
    columns = dict(kept)
    token = columns.pop("pinned", "")
    taken = revision.bot.integrations.values_list("name", flat=True) if revision.bot else ()
    if columns["name"] in set(taken):
        columns["name"] = definitions.free_name(columns["name"], taken=taken)
    for name in revisions.ROWS:
        columns[name] = revisions.unmasked(columns[name], current=[])
    _drop_gone(columns, "credential_id", Credential.objects.filter(organization=revision.organization_id))
    row = Integration(bot=revision.bot, key=revision.item, **columns)
    definitions.save(row, actor=user)
    sampled.put_back(row, user=user, token=token)
    return row


_RESTORERS: dict[str, Callable[[Any, Values, Any], Any]] = {
    "dialog": lambda row, values, user: dialogs.change(row.pk, user=user, values=values),
    "interaction": _interaction,
    "integration": _integration,
    "intent": _intent,
    "test": _test,
    "settings": _settings,
    "global_functions": lambda row, values, user: bots.change_global_functions(
        row.pk, user=user, source=values["global_functions"]
    ),
    "environment": _environment,
}
_MAKERS: dict[str, Callable[[Revision, Values, Any], Any]] = {
    "dialog": _snapshot,
    "interaction": _snapshot,
    "integration": _integration_again,
    "intent": _again,
    "test": _again,
    "environment": lambda revision, kept, user: environments.put_back(revision.organization_id, user=user, kept=kept),
}
_REMOVERS: dict[str, Callable[[Any, Any], Any]] = {
    "dialog": lambda row, user: dialogs.delete(row.pk, user=user),
    "interaction": lambda row, user: authoring.delete(row.pk, user=user),
    "integration": lambda row, user: definitions.delete(row, actor=user),
    "intent": lambda row, user: intents.delete(row.pk, user=user),
    "test": lambda row, user: savedtests.delete(row.pk, user=user),
    "environment": lambda row, user: environments.delete(row.pk, user=user),
}
