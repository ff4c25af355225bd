"""A long run under mixed load: whatever grows, leaks or stays behind, shows."""

from __future__ import annotations

import os
import sys
import time

import pytest
import redis

from tests.torture import soak_watch
from tests.torture.case import Case, expect
from tests.torture.soak_load import Mixed
from tests.torture.turns_system import System

MINUTES = "PARLEY_SOAK_MINUTES"
DEFAULT_MINUTES = 2.0
LOOKS = 120  # at most: a look takes its time
LONGEST = 8 * 3600
LEFT_BY_DESIGN = 40  # keys of the whole shard: lists, counters, what the broker keeps


def minutes() -> float:
    return float(os.environ.get(MINUTES) or DEFAULT_MINUTES)


def soak(soak_system: System, capfd: pytest.CaptureFixture[str]) -> str:
    mixed, looks = Mixed(soak_system), []
    end = time.monotonic() + minutes() * 60
    with mixed.running():
        while time.monotonic() < end:
            time.sleep(minutes() * 60 / LOOKS)
            looks.append(soak_watch.look(soak_system))
            if len(looks) % 10 == 0:
                _tell(capfd, f"look {len(looks)}: {soak_watch.table(looks)}; {looks[-1].keys} keys")
    left = _left(soak_system)
    told = f"{minutes():g} minutes; {dict(mixed.done)}; {soak_watch.table(looks)}; {len(left)} keys left at the end"
    _tell(capfd, told)
    expect(not mixed.wrong, f"{len(mixed.wrong)} answers were wrong, the first: {mixed.wrong[:3]}")
    expect(not soak_watch.grown(looks), f"grew: {soak_watch.grown(looks)}")
    expect(sum(one.zombies > 2 for one in looks[-10:]) < 5, f"zombies: {[one.zombies for one in looks[-10:]]}")
    expect(len(left) <= LEFT_BY_DESIGN, f"{len(left)} keys are left: {left[:10]}")
    return told


def _tell(capfd: pytest.CaptureFixture[str], line: str) -> None:
    """Say how far it is: it takes long."""
    with capfd.disabled():
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _left(system: System) -> list[str]:
    """Return the keys that are there a minute after the last conversation ended: rates and tickets have gone."""
    store = redis.Redis.from_url(system.redis.url)
    for _ in range(70):
        left = sorted(key.decode() for key in store.keys("*"))
        if len(left) <= LEFT_BY_DESIGN:
            return left
        time.sleep(1)
    return left


CASES = [
    Case(
        "mixed load",
        "Every answer is right; memory, descriptors and threads of each process stay flat, no child is left a zombie, "
        "and Redis keeps nothing of what has ended.",
        soak,
        short=False,
        seconds=LONGEST,
    ),
]
