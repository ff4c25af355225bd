"""Gives all integrations of one credential another one at once: says before what will follow, and takes it back.

Published versions never change. They name the old credential, for which the new one stands in from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction

from credentials.models import Credential
from credentials.services import audit, forecast, health, hosts, standins, uses, vault
from integrations.models import Integration
from integrations.services import definitions

_SALT = "integrations.replacing"
UNDO_SECONDS = 7 * 86_400
MOST_NAMED = 50


class CannotUndo(Exception):
    """The report is too old, or not ours."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the replacement means for one integration. hosts: where it leads. lacking: those that the new credential
    may not be sent to. fresh: those that it will newly be sent to. blocked: what the egress policy says of its URL."""

    use: uses.Use
    hosts: tuple[str, ...]
    lacking: tuple[str, ...]
    fresh: tuple[str, ...]
    blocked: str


@dataclass(frozen=True, slots=True)
class Plan:
    credential: Credential
    by: Credential
    steps: tuple[Step, ...]
    cautions: tuple[str, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        return tuple(sorted({host for step in self.steps for host in step.lacking}))

    @property
    def fresh(self) -> tuple[str, ...]:
        return tuple(sorted({host for step in self.steps for host in step.fresh}))

    @property
    def live(self) -> tuple[uses.Use, ...]:
        return tuple(step.use for step in self.steps if step.use.live is not None)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: primary keys, so that it can be carried in a signed text. added: hosts that the new one got."""

    credential: int
    by: int
    changed: tuple[int, ...]
    added: tuple[str, ...]
    stands_in: bool


def plan(credential: Credential, *, by: Credential) -> Plan:
    """Return what replacing would do, changing nothing; raises standins.Refused."""
    standins.refuse_unfit(credential, by=by)
    users = uses.of(credential)
    bots = _bots(users)
    steps = tuple(_step(use, bots[use.bot], by) for use in users)
    return Plan(credential, by, steps, tuple(_cautions(credential, by)))


def _bots(users: Iterable[uses.Use]) -> dict[int, Any]:
    model: Any = Integration._meta.get_field("bot").related_model
    rows = model.objects.select_related("environment").filter(pk__in={use.bot for use in users})
    return {row.pk: row for row in rows}


def _step(use: uses.Use, bot: Any, by: Credential) -> Step:
    urls = [definitions.expanded(url, bot=bot) for url in use.urls]
    leads_to = hosts.of_urls(urls)
    known = hosts.effective(by)
    unknown = tuple(host for host in leads_to if host not in known)
    named = bool(by.allowed_hosts)
    said = [forecast.refusal(url, organization_id=by.organization_id) for url in urls]
    return Step(
        use,
        leads_to,
        lacking=unknown if named else (),
        fresh=() if named else unknown,
        blocked=next(filter(None, said), ""),
    )


def _cautions(credential: Credential, by: Credential) -> Iterable[str]:
    """What an administrator should know of the new credential before anything is changed."""
    state = health.of(by)
    if state.level != "ok":
        yield f"{by.name} is not ready: {state.text}. Calls will fail until that is mended."
    if by.kind != credential.kind:
        yield (
            f"The types differ: {vault.type_label(credential)} is replaced by {vault.type_label(by)}. "
            "The APIs must take it."
        )


@transaction.atomic
def replace(found: Plan, *, actor: Any, add_hosts: bool, published: bool) -> Done:
    """Do what the plan says. An integration whose host the new credential may not be sent to keeps the old one.

    add_hosts: let the new one be sent to the hosts that it lacks. published: let it stand in for the old one where
    published versions name that.
    """
    before = set(hosts.effective(found.by))
    if add_hosts and found.lacking:
        vault.allow_hosts(found.by, actor=actor, more=found.lacking)
    changed = [step.use.pk for step in found.steps if step.use.pk and _moved(step.use.pk, found.by, actor)]
    if published:
        _let_stand_in(found, actor)
    by = Credential.objects.get(pk=found.by.pk)
    added = tuple(sorted(set(hosts.effective(by)) - before))
    done = Done(found.credential.pk, by.pk, tuple(changed), added, published)
    _record(found, done, actor)
    return done


def _moved(pk: int, by: Credential, actor: Any) -> bool:
    row = Integration.objects.select_related("bot__organization", "bot__environment").get(pk=pk)
    row.credential = Credential.objects.get(pk=by.pk)
    try:
        definitions.save(row, actor=actor)
    except vault.HostNotCovered:
        return False
    return True


def _let_stand_in(found: Plan, actor: Any) -> None:
    standins.begin(found.credential, by=found.by, actor=actor)
    for step in found.steps:
        if step.use.live is not None:
            for host in step.fresh:
                vault.attach(found.by, actor=actor, integration_name=step.use.label, url=f"https://{host}/")


def _record(found: Plan, done: Done, actor: Any) -> None:
    names = [step.use.label for step in found.steps if step.use.pk in done.changed]
    audit.of_credential(
        found.credential,
        actor=actor,
        action="replaced",
        by=found.by.name,
        integrations=names[:MOST_NAMED],
        hosts_added=list(done.added),
        published_versions=done.stands_in,
    )


def ticket(done: Done) -> str:
    """Return what was done as a text that a page can carry and nobody can change."""
    values = [done.credential, done.by, list(done.changed), list(done.added), done.stands_in]
    return signing.dumps(values, salt=_SALT, compress=True)


def read(text: str) -> Done:
    """The way back of `ticket`; raises CannotUndo."""
    try:
        credential, by, changed, added, stands_in = signing.loads(text, salt=_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise CannotUndo("This report is older than seven days, or it was changed on its way.") from error
    return Done(credential, by, tuple(changed), tuple(added), stands_in)


def names(pks: Collection[int]) -> list[Integration]:
    """Return the integrations of a report, as far as they still exist."""
    return list(Integration.objects.filter(pk__in=pks).select_related("bot").order_by("bot__name", "name"))


@transaction.atomic
def undo(done: Done, *, actor: Any) -> tuple[int, int]:
    """Give the integrations their old credential back; returns how many got it, and how many were left.

    Left are those that somebody has given a third credential meanwhile. Hosts that the new one got go again unless it
    needs them by now.
    """
    credential = Credential.objects.select_related("organization", "replaced_by").get(pk=done.credential)
    by = Credential.objects.get(pk=done.by)
    theirs = Integration.objects.filter(pk__in=done.changed, credential=by).values_list("pk", flat=True)
    back = [pk for pk in theirs if _moved(pk, credential, actor)]
    if done.stands_in and credential.replaced_by_id == by.pk:
        standins.end(credential, actor=actor)
    _take_hosts_away(by, done.added)
    audit.of_credential(credential, actor=actor, action="replacement_undone", by=by.name, integrations=len(back))
    return len(back), len(done.changed) - len(back)


def _take_hosts_away(by: Credential, added: Collection[str]) -> None:
    users = uses.of(by)
    bots = _bots(users)
    needed = set(hosts.of_urls(definitions.expanded(url, bot=bots[use.bot]) for use in users for url in use.urls))
    vault.withdraw_hosts(by, hosts=set(added) - needed)
