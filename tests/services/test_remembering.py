"""What a process remembers of bots is bounded by its weight, and is no copy of every draft that was looked at."""

from __future__ import annotations

import gc
import weakref

from bots.engine import spec
from bots.services import problems, specs
from integrations.engine import remember
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


def test_answers_about_texts_are_remembered_by_what_the_texts_weigh() -> None:
    asked: list[str] = []

    @remember.by_length(3_000)
    def length(text: str, *, place: str) -> int:
        asked.append(text[:1])
        return len(text)

    long, longer = "a" * 2_000, "b" * 10_000
    answers = [length(text, place="p") for text in (long, long, longer, longer, "c", long, "\ud800", long)]

    assert answers == [2_000, 2_000, 10_000, 10_000, 1, 2_000, 1, 2_000]
    assert asked == ["a", "b", "b", "c", "\ud800"]  # what weighs more than the bound is asked for each time
    assert length(long, place="q") == 2_000
    assert asked[-1] == "a"


def test_texts_that_join_to_the_same_are_not_taken_for_each_other() -> None:
    joined = remember.by_length(1_000)(lambda first, second: f"{first}|{second}")

    assert [joined("ab", "c"), joined("a", "bc")] == ["ab|c", "a|bc"]


def _with_a_problem() -> spec.BotSpec:
    tile = spec.Interaction(key="tile", name="Tile", kind="text", content=spec.Content(text="{$botContext.nobody}"))
    return factories.bot_spec(spec.Dialog(key="dialog", name="Dialog", interactions=(tile,)))
