"""The problems of a bot's draft, found by the engine's checks and remembered until the draft changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bots.engine import checks, spec
from bots.models import Bot
from bots.services import scripts, specs
from integrations.engine.scripts import ScriptError

Problems = tuple[checks.Problem, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft that is known again by what is in it."""

    digest: str
    spec: spec.BotSpec = field(compare=False)


def of(bot: Bot) -> Problems:
    """Return what is wrong with the draft, in the order of the checks."""
    try:
        return of_draft(specs.draft(bot))
    except spec.InvalidSpec as error:
        return _damaged(error)


def of_many(bots: Sequence[Bot]) -> dict[int, Problems]:
    """Return the problems of many bots by primary key, in a fixed number of queries."""
    return {
        key: _damaged(draft) if isinstance(draft, spec.InvalidSpec) else of_draft(draft)
        for key, draft in specs.drafts(bots).items()
    }


def of_draft(draft: spec.BotSpec) -> Problems:
    """Check a draft; where the sandbox does not answer, everything but the scripts is checked and that is said."""
    try:
        return _checked(_Draft(hashlib.sha256(spec.encode(draft)).hexdigest(), draft))
    except scripts.Unchecked as unchecked:
        found = checks.check(draft, parses=lambda source: None)
        return (*found, checks.Problem("unchecked", f"The scripts could not be checked just now: {unchecked}"))


@lru_cache(maxsize=512)
def _checked(draft: _Draft) -> Problems:
    return tuple(checks.check(draft.spec, parses=_parses, reads=scripts.expression_error))


def _parses(source: str) -> ScriptError | None:
    return scripts.syntax_error(source, place="preProcess")


def _damaged(error: spec.InvalidSpec) -> Problems:
    return (checks.Problem("damaged", f"This bot is stored in a form that cannot be read: {error}."),)
