"""The problems of a bot's draft, found by the engine's checks and remembered until the draft changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from threading import Lock

import cachetools

from bots.engine import checks, spec
from bots.models import Bot
from bots.services import scripts, specs
from integrations.engine.scripts import ScriptError

Problems = tuple[checks.Problem, ...]

MEND = "Delete what is damaged, or make a version the draft again."
MOST_KEPT = 20_000  # problems, of all drafts that were looked at lately


def of(bot: Bot) -> Problems:
    """Return what is wrong with the draft, in the order of the checks."""
    return with_draft(bot)[0]


def with_draft(bot: Bot) -> tuple[Problems, spec.BotSpec | None]:
    """Return what is wrong with the draft, and the draft, read once; none where a stored row is damaged."""
    try:
        draft = specs.draft(bot)
        return of_draft(draft), draft
    except spec.InvalidSpec as error:
        return _damaged(error), None


def of_many(bots: Sequence[Bot]) -> dict[int, Problems]:
    """Return the problems of many bots by primary key, in a fixed number of queries."""
    return {
        key: _damaged(draft) if isinstance(draft, spec.InvalidSpec) else of_draft(draft)
        for key, draft in specs.drafts(bots).items()
    }


def of_draft(draft: spec.BotSpec) -> Problems:
    """Check a draft; where the sandbox does not answer, everything but the scripts is checked and that is said."""
    try:
        return _checked(draft)
    except scripts.Unchecked as unchecked:
        found = checks.check(draft, parses=lambda source: None)
        return (*found, checks.Problem("unchecked", f"The scripts could not be checked just now: {unchecked}"))


def _digest(draft: spec.BotSpec) -> bytes:
    return hashlib.sha256(spec.encode(draft)).digest()


def _weight(found: Problems) -> int:
    return 1 + len(found)


@cachetools.cached(cachetools.LRUCache(MOST_KEPT, getsizeof=_weight), key=_digest, lock=Lock())
def _checked(draft: spec.BotSpec) -> Problems:
    return tuple(checks.check(draft, parses=_parses, reads=scripts.expression_error))


def _parses(source: str) -> ScriptError | None:
    return scripts.syntax_error(source, place="preProcess")


def _damaged(error: spec.InvalidSpec) -> Problems:
    return (checks.Problem("damaged", f"This bot is stored in a form that cannot be read: {error}. {MEND}"),)
