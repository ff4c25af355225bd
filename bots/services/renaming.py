"""Where a name is used in a bot, and giving it another one everywhere: shown first, chosen, in one transaction.

Published versions and running conversations keep the name that they have. An environment key is renamed in all bots
that are linked to the environment.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bots.engine import namefinders, naming, spec, usage
from bots.engine.naming import Occurrence, Target
from bots.models import Bot, SavedTest
from bots.services import names, owned, rewriting, specs
from bots.services.rewriting import Rewrite
from credentials.services import audit
from integrations.services import environments, revisions

KINDS = {
    "variable": "bot variable",
    "slot": "slot",
    "env": "environment key",
    "field": "custom data field",
    "integration": "integration",
    "response": "response data variable",
    "dialog": "dialog",
    "interaction": "interaction",
    "intent": "intent",
}
AROUND = 48
SHOWN = 8  # places of one text
_WORDS = re.compile(r"[\w\-]+(?:[ .][\w\-]+)*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FREE = {"dialog": "A dialog", "interaction": "An interaction", "intent": "An intent"}


@dataclass(frozen=True, slots=True)
class Use:
    """One text that holds the name. id: names it in a form, for as long as the text stays as it is.

    cuts: the places: what stands before the name, the name, what stands behind it.
    """

    id: str
    bot: Bot
    occurrence: Occurrence
    cuts: tuple[tuple[str, str, str], ...]

    @property
    def changeable(self) -> bool:
        return bool(self.occurrence.spots)


@dataclass(frozen=True, slots=True)
class Uses:
    """tests: saved tests that hold the name somewhere, which a rename leaves alone."""

    sure: tuple[Use, ...]
    unsure: tuple[Use, ...]
    tests: tuple[SavedTest, ...]
    bots: tuple[Bot, ...]
    draft: spec.BotSpec


def uses(bot: Bot, *, target: Target) -> Uses:
    """Return where the name stands; raises spec.InvalidSpec for a draft that cannot be read."""
    concerned = _concerned(bot, target)
    drafts = [specs.draft(each) for each in concerned]
    pairs = zip(concerned, drafts, strict=True)
    found = [_use(each, one) for each, draft in pairs for one in naming.occurrences(draft, target)]
    word = re.compile(rf"(?<!\w){re.escape(target.name)}(?!\w)")
    saved = SavedTest.objects.filter(bot__in=concerned)
    tests = tuple(test for test in saved if word.search(test.transcript) or word.search(test.answers))
    sure = tuple(use for use in found if use.occurrence.sure)
    return Uses(sure, tuple(use for use in found if not use.occurrence.sure), tests, tuple(concerned), drafts[0])


def _concerned(bot: Bot, target: Target) -> list[Bot]:
    if target.kind != "env" or bot.environment is None:
        return [bot]
    others = bot.environment.bots.exclude(pk=bot.pk).select_related("organization", "environment")
    return [bot, *others]


def _use(bot: Bot, occurrence: Occurrence) -> Use:
    leaf = occurrence.leaf
    known = [bot.pk, leaf.path, leaf.text, [[s.start, s.end] for s in occurrence.spots], occurrence.why]
    cuts = tuple(_cut(leaf.text, spot.start, spot.end) for spot in occurrence.spots[:SHOWN])
    return Use(hashlib.sha256(json.dumps(known).encode()).hexdigest()[:20], bot, occurrence, cuts)


def _cut(text: str, start: int, end: int) -> tuple[str, str, str]:
    left, right = text[:start].rpartition("\n")[2], text[end:].partition("\n")[0]
    before = f"…{left[-AROUND:]}" if len(left) > AROUND else left
    return before.lstrip(), text[start:end], f"{right[:AROUND]}…" if len(right) > AROUND else right


def exists(bot: Bot, *, target: Target) -> bool:
    """Tell whether there is something of this name to be renamed; variables exist by being used."""
    if target.kind in ("variable", "slot", "env"):
        return bool(target.name) and target.name not in usage.SPECIAL
    if target.kind == "field":
        owner = bot.integrations.filter(key=target.key, name=target.owner).first()
        return owner is not None and any(row["key"] == target.name for row in owner.fields)
    rows, column = _ROWS[target.kind]
    return bool(getattr(bot, rows).filter(key=target.key, **{column: target.name}).exists())


_ROWS = {
    "integration": ("integrations", "name"),
    "response": ("integrations", "response_variable"),
    "dialog": ("dialogs", "name"),
    "interaction": ("interactions", "name"),
    "intent": ("intents", "name"),
}


def check(bot: Bot, *, target: Target, new: str, draft: spec.BotSpec) -> str:
    """Return a warning about the new name, or nothing; raises Refused when it cannot be had."""
    if new == target.name:
        raise names.Refused("This is its name already.", field="to")
    if target.kind in _FREE:
        others = [name for name in _names(bot, *_ROWS[target.kind]) if name != target.name]
        names.check_free(new, taken=others, what=_FREE[target.kind])
        return ""
    pattern = {"integration": _NAME, "response": _NAME, "env": environments.KEY}.get(target.kind, _WORDS)
    if not pattern.fullmatch(new) or len(new) > names.LONGEST or new in usage.SPECIAL:
        raise names.Refused(_RULES.get(target.kind, _RULES["variable"]), field="to")
    taken = _taken(bot, target)
    if new in taken:
        raise names.Refused(f"There is something named {new} already. Choose another name.", field="to")
    if target.kind in ("variable", "slot", "response") and _is_used(draft, target, new):
        return f"The name {new} is in use already: both become one."
    return ""


_RULES = {
    "variable": "Use letters, digits, _ and -, with single dots or spaces between words, at most 100 characters.",
    "integration": "Begin with a letter or _, then use only letters, digits and _.",
    "response": "Begin with a letter or _, then use only letters, digits and _.",
    "env": "A key has letters and digits only.",
}


def _taken(bot: Bot, target: Target) -> Collection[str]:
    if target.kind == "env":
        return set(bot.environment.values) if bot.environment else ()
    if target.kind == "integration":
        return _names(bot, "integrations", "name")
    if target.kind == "field":
        return {row["key"] for row in bot.integrations.get(key=target.key).fields}
    return ()


def _names(bot: Bot, rows: str, column: str) -> list[str]:
    return list(getattr(bot, rows).values_list(column, flat=True))


def _is_used(draft: spec.BotSpec, target: Target, new: str) -> bool:
    other = Target(target.kind, new, target.owner, target.key)
    return any(each.sure for each in naming.occurrences(draft, other))


@transaction.atomic
def rename(bot: Bot, *, user: Any, target: Target, new: str, chosen: Collection[str], keep_old: bool = True) -> Any:
    """Give the name another one at the chosen places; returns what `take_back` needs.

    keep_old: an environment keeps its old key as well, for published versions that read it.
    Raises Refused, and changes nothing, for a name that cannot be had or texts that were changed in between.
    """
    owned.bot(bot.pk, user=user)
    found = uses(bot, target=target)
    check(bot, target=target, new=new, draft=found.draft)
    known = {use.id: use for use in (*found.sure, *found.unsure) if use.changeable}
    if not chosen or not set(chosen) <= set(known):
        raise names.Refused(rewriting.CHANGED if chosen else "Choose at least one place.")
    done = []
    with revisions.together():
        environment = _rename_key(bot, user, target.name, new, keep_old) if target.kind == "env" else None
        for each in found.bots:
            rewrites = _rewrites([known[one] for one in known if one in chosen and known[one].bot.pk == each.pk], new)
            if rewrites:
                rewriting.write(each, rewrites=rewrites, user=user)
                done.append([each.pk, [[list(one.path), one.before, one.after] for one in rewrites]])
    detail: dict[str, Any] = {"kind": KINDS[target.kind], "before": target.name, "after": new, "places": len(chosen)}
    audit.record(bot.organization, actor=user, action="bot.renamed_name", subject=bot.name, **detail)
    return {"bot": bot.pk, "renamed": done, "environment": environment}


def _rewrites(chosen: Sequence[Use], new: str) -> list[Rewrite]:
    """One rewrite a text, with all its chosen places."""
    spots: dict[naming.Leaf, tuple[namefinders.Spot, ...]] = {}
    for use in chosen:
        leaf = use.occurrence.leaf
        spots[leaf] = (*spots.get(leaf, ()), *use.occurrence.spots)
    return [Rewrite(leaf.path, leaf.text, naming.with_spots(leaf, some, new=new)) for leaf, some in spots.items()]


def _rename_key(bot: Bot, user: Any, old: str, new: str, keep_old: bool) -> list[Any] | None:
    row = bot.environment
    if row is None or old not in row.values:
        return None
    values = {(new if key == old and not keep_old else key): value for key, value in row.values.items()}
    values.setdefault(new, row.values[old])
    try:
        environments.change(row.pk, user=user, written=environments.Written(row.name, row.description, values))
    except environments.Refused as refused:
        raise names.Refused(refused.sentence, field="to") from refused
    return [row.pk, dict(row.values), values]


@transaction.atomic
def take_back(done: Any, *, user: Any) -> None:
    """Undo a rename; raises Refused, and changes nothing, when one of the texts was changed since."""
    if done["environment"]:
        pk, before, after = done["environment"]
        row = environments.listing(user, organization=Bot.objects.get(pk=done["bot"]).organization).get(pk=pk)
        if row.values != after:
            raise names.Refused("The environment was changed since. Nothing was taken back.")
        environments.change(pk, user=user, written=environments.Written(row.name, row.description, before))
    for pk, texts in done["renamed"]:
        rewrites = [Rewrite(tuple(path), after, before) for path, before, after in texts]
        rewriting.write(Bot.objects.for_user(user).get(pk=pk), rewrites=rewrites, user=user)


def target_of(bot: Bot, *, kind: str, name: str, key: str = "") -> Target | None:
    """Return a target, with the name of the integration for a field; nothing for what does not exist."""
    if kind not in KINDS or not name:
        return None
    owner = ""
    if kind == "field":
        owner = bot.integrations.filter(key=key).values_list("name", flat=True).first() or ""
    target = Target(spec.from_builtins(kind, naming.Kind), name[:200], owner, key[:200])
    return target if exists(bot, target=target) else None
