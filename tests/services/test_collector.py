"""The garbage collector makes no full pass while somebody makes much that stays, and is as before afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bots.services import transfer
from config import collector


@contextmanager
def full_passes() -> Iterator[list[int]]:
    """Yield a list that grows by each full pass that begins."""
    passes: list[int] = []

    def told(phase: str, about: dict[str, int]) -> None:
        if phase == "start" and about["generation"] == 2:
            passes.append(1)

    gc.callbacks.append(told)
    try:
        yield passes
    finally:
        gc.callbacks.remove(told)


def much() -> list[list[int]]:
    return [[number] for number in range(1_000_000)]


def test_what_stays_is_not_gone_through_again_and_again() -> None:
    gc.collect()
    with full_passes() as freely:
        much()
    with collector.held_back(), full_passes() as held:
        much()

    assert freely
    assert not held


def test_young_garbage_is_collected_all_the_same() -> None:
    before = gc.get_stats()[0]["collections"]
    with collector.held_back():
        much()

    assert gc.get_stats()[0]["collections"] > before


def test_the_last_of_several_lets_it_go_also_after_an_error() -> None:
    before = gc.get_threshold()
    with ExitStack() as first, pytest.raises(ValueError, match="broken"):
        first.enter_context(collector.held_back())
        with collector.held_back():
            raise ValueError("broken")
    assert gc.get_threshold() == before

    with collector.held_back():
        with collector.held_back():
            pass
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


def test_reading_an_import_holds_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, int]] = []
    monkeypatch.setattr("bots.engine.exportfile.parse", lambda data: seen.append(gc.get_threshold()) or {})
    monkeypatch.setattr("bots.engine.exportfit.read", lambda document, **_: None)

    transfer.read(b"{}")

    assert seen and seen[0] != gc.get_threshold()
