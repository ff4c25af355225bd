"""Who gets a child: in turn, and never all for one."""

from __future__ import annotations

import threading

import pytest

from integrations.sandbox.handout import Handout


def borrow(handout, key, order, name):
    """Start a thread that borrows, and wait until it holds or waits; returns (thread, how to let it go on)."""
    leave = threading.Event()

    def hold():
        with handout.lend(key):
            order.append(name)
            leave.wait(20)

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

    with handout.lend("other"):
        order.append("other")

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


def test_what_was_lent_comes_back_after_an_exception():
    handout = Handout(["only"])

    with pytest.raises(ZeroDivisionError), handout.lend("bot"):
        raise ZeroDivisionError

    with handout.lend("bot") as thing:
        assert thing == "only"
