"""The writes on environments, and their values as text: `key=value` lines in, CSV out."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from credentials.models import Organization
from credentials.services import audit
from integrations.models import Environment, Revision
from integrations.services import revisions

HISTORY = revisions.Kind("environment", ("name", "description", "values"), key="pk", bot=lambda row: None)
KEY = re.compile(r"[A-Za-z0-9]{1,100}")
LONGEST_VALUE = 10_000
MOST_KEYS = 500
_SECRET = re.compile(r"secret|token|passw|api_?key|credential", re.IGNORECASE)
# A spreadsheet runs what begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Refused(Exception):
    """A write that was not done, in a sentence; `field` names what in the form is meant."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Changed(Exception):
    """Somebody else saved the environment since this author saw it; `theirs` is what is stored now."""

    def __init__(self, theirs: Environment) -> None:
        super().__init__("Somebody else changed this environment since you opened it.")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Written:
    """All that an author writes in an environment."""

    name: str
    description: str
    values: Mapping[str, str]


def is_secret(key: str) -> bool:
    """Tell whether a key looks like the name of a secret, which no page but the environment's own form shows."""
    return bool(_SECRET.search(key))


def listing(user: Any, *, organization: Organization | None) -> QuerySet[Environment]:
    """Return the user's environments in one organization, each with the bots that it is linked to."""
    rows: QuerySet[Environment] = Environment.objects.for_user(user).filter(organization=organization)
    return rows.prefetch_related("bots")


@transaction.atomic
def create(organization_id: int, *, user: Any, name: str, description: str = "") -> Environment:
    """Make an empty environment; raises Refused for a name in use."""
    organization = Organization.objects.for_user(user).get(pk=organization_id)
    _check_name(organization, name)
    row = Environment.objects.create(organization=organization, name=name, description=description)
    audit.record(organization, actor=user, action="environment.created", subject=name)
    revisions.created(row, kind=HISTORY, author=user)
    return row


@transaction.atomic
def change(environment_id: int, *, user: Any, written: Written, seen: str = "") -> Environment:
    """Store name, description and all values; raises Refused, and Changed unless the row is the one that was `seen`.

    The trail says which keys changed, never a value.
    """
    row = _own(environment_id, user=user)
    before = revision(row)
    if seen and seen != before:
        raise Changed(row)
    if written.name != row.name:
        _check_name(row.organization, written.name, besides=row)
    check_values(written.values)
    keys = sorted(key for key in {*row.values, *written.values} if row.values.get(key) != written.values.get(key))
    with revisions.watched(row, kind=HISTORY, author=user):
        row.name, row.description, row.values = written.name, written.description, dict(written.values)
        if revision(row) != before:
            row.updated_by = user.get_username()
        row.save()
    if keys:
        audit.record(row.organization, actor=user, action="environment.changed", subject=row.name, keys=keys)
    return row


def revision(row: Environment) -> str:
    """What an open form remembers, to notice that somebody else saved in between; the order of the keys counts."""
    written = [row.name, row.description, list(row.values.items())]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:16]


@transaction.atomic
def add_lines(environment_id: int, *, user: Any, text: str) -> int:
    """Add or replace the values of `key=value` lines; returns how many. Raises Refused and stores nothing."""
    row = _own(environment_id, user=user)
    found = parse_lines(text)
    change(row.pk, user=user, written=Written(row.name, row.description, {**row.values, **found}))
    return len(found)


@transaction.atomic
def delete(environment_id: int, *, user: Any) -> Revision:
    """Delete it; returns the revision that puts it back. Raises Refused with the bots that still read it."""
    row = _own(environment_id, user=user)
    bots = [bot.name for bot in row.bots.all()]
    if bots:
        sentence = (
            f"{', '.join(bots)} still use{'s' if len(bots) == 1 else ''} it. Link another environment there first."
        )
        raise Refused(sentence)
    audit.record(row.organization, actor=user, action="environment.deleted", subject=row.name)
    deleted = revisions.deleted(row, kind=HISTORY, author=user)
    row.delete()
    return deleted


@transaction.atomic
def put_back(organization_id: int, *, user: Any, kept: Mapping[str, Any]) -> Environment:
    """Make a deleted environment again from what its revision kept; raises Refused for a name that is in use by now."""
    organization = Organization.objects.for_user(user).get(pk=organization_id)
    _check_name(organization, kept["name"])
    row = Environment(organization=organization, **kept)
    row.save(force_insert=True)
    audit.record(organization, actor=user, action="environment.created", subject=row.name)
    revisions.created(row, kind=HISTORY, author=user, what="back")
    return row


def parse_lines(text: str) -> dict[str, str]:
    """Read `key=value` lines; empty lines and lines that begin with # are left out. Raises Refused with the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, mark, value = line.partition("=")
        if not mark:
            raise Refused(f"Line {number} has no “=”. Write key=value.", field="lines")
        found[key.strip()] = value.strip()
    check_values(found, field="lines")
    return found


def check_values(values: Mapping[str, str], *, field: str = "values") -> None:
    """Raise Refused for a key or value that cannot be kept."""
    for key, value in values.items():
        if not KEY.fullmatch(key):
            sentence = f"“{key[:40]}” cannot be a key: use letters and digits only, at most 100."
            raise Refused(sentence, field=field)
        if len(value) > LONGEST_VALUE:
            raise Refused(f"The value of {key} is longer than {LONGEST_VALUE:,} characters.", field=field)
    if len(values) > MOST_KEYS:
        raise Refused(f"There are {len(values)} keys; {MOST_KEYS} are possible.", field=field)


def to_csv(values: Iterable[tuple[str, str]]) -> str:
    """Return the values as CSV with a heading; what a spreadsheet would run as a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["key", "value"])
    writer.writerows([key, f"'{value}" if value.startswith(_FORMULA) else value] for key, value in values)
    return out.getvalue()


def _own(environment_id: int, *, user: Any) -> Environment:
    row: Environment = Environment.objects.select_for_update().get(
        pk=environment_id, organization__in=Organization.objects.for_user(user)
    )
    return row


def _check_name(organization: Organization, name: str, besides: Environment | None = None) -> None:
    rows = Environment.objects.filter(organization=organization).values_list("pk", "name")
    taken = {other.casefold() for pk, other in rows if besides is None or pk != besides.pk}
    if name.casefold() in taken:
        raise Refused(f"An environment named “{name}” exists already. Choose another name.", field="name")
