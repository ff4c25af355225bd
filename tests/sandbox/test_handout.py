"""Who gets a child: in turn, and never all for one."""

from __future__ import annotations

import threading

import pytest

from integrations.sandbox import verdicts
from integrations.sandbox.handout import Handout
from integrations.sandbox.pool import Pool


def borrow(handout, key, order, name):
    """Start a thread that borrows, and wait until it holds or waits; returns (thread, how to let it go on)."""
    leave = threading.Event()

    def hold():
        thing = handout.take(key)
        order.append(name)
        leave.wait(20)
        handout.give_back(thing, key)

    thread = threading.Thread(target=hold)
    before = len(handout._queue), len(handout._free)
    thread.start()
    while (len(handout._queue), len(handout._free)) == before:
        pass
    return thread, leave


def test_one_key_never_holds_all():
    order = []
    handout = Handout(["a", "b"])
    holder = borrow(handout, "loop", order, "first")
    waiting = borrow(handout, "loop", order, "second")

    thing = handout.take("other")
    order.append("other")
    handout.give_back(thing, "other")

    assert order == ["first", "other"]
    for thread, leave in (holder, waiting):
        leave.set()
        thread.join(20)
    assert order == ["first", "other", "second"]


def test_first_come_is_first_served():
    order = []
    handout = Handout(["only"])
    threads = [borrow(handout, f"bot {number}", order, number) for number in range(4)]

    for thread, leave in threads:
        leave.set()
        thread.join(20)

    assert order == [0, 1, 2, 3]


def test_a_child_comes_back_after_an_exception(monkeypatch):
    pool = Pool(children=1)
    try:
        with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
            broken.setattr(verdicts, "regex_outcome", lambda answer: 1 / 0)
            pool.match("a", "a")

        assert pool.match("a", "a").matched
    finally:
        pool.close()
