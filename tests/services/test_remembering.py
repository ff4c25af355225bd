"""What a process remembers of bots is bounded by its weight, and is no copy of every draft that was looked at."""

from __future__ import annotations

import gc
import weakref

from bots.engine import spec
from bots.services import problems, specs
from tests import factories


def test_a_draft_that_was_checked_is_not_kept() -> None:
    draft = _with_a_problem()
    found = problems.of_draft(draft)
    assert found
    gone = weakref.ref(draft)

    del draft
    gc.collect()

    assert gone() is None
    assert problems.of_draft(_with_a_problem()) is found


def test_remembered_specifications_weigh_no_more_than_they_may() -> None:
    heavy = factories.bot_spec(global_functions="x" * (specs.MOST_KEPT // 3))
    kept = specs.kept()

    for name in range(4):
        kept[name] = heavy

    assert list(kept) == [2, 3]
    assert kept.currsize <= specs.MOST_KEPT


def _with_a_problem() -> spec.BotSpec:
    tile = spec.Interaction(key="tile", name="Tile", kind="text", content=spec.Content(text="{$botContext.nobody}"))
    return factories.bot_spec(spec.Dialog(key="dialog", name="Dialog", interactions=(tile,)))
