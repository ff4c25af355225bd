"""Looks at the processes of a running system and at its Redis, again and again, and tells what grew."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import redis

from tests.torture.turns_system import System

ALLOWED = {"MB": (1.10, 12.0), "descriptors": (1.0, 12.0), "threads": (1.0, 8.0), "children": (1.0, 4.0)}


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found. figures: by process and measure. keys: of Redis."""

    figures: Mapping[tuple[str, str], float]
    zombies: int
    keys: int


def look(system: System) -> Look:
    figures: dict[tuple[str, str], float] = {}
    zombies = 0
    for name, pid in _processes(system):
        with contextlib.suppress(OSError):  # a sandbox child may end while it is looked at
            figures |= {(name, measure): value for measure, value in _measured(pid).items()}
        zombies += sum(_is_zombie(child) for child in _descendants(pid))
    store: Any = redis.Redis.from_url(system.redis.url)
    figures["Redis", "kept MB"] = store.info("memory")["used_memory"] / 1e6
    return Look(figures, zombies, store.dbsize())


def _processes(system: System) -> Iterator[tuple[str, int]]:
    yield "web", system.web.pid
    yield "Redis", system.redis.pid
    for number, worker in enumerate(system.workers, 1):
        yield f"worker {number}", worker.pid
        for zygote in _children(worker.pid):
            yield f"zygote {number}", zygote


def _measured(pid: int) -> dict[str, float]:
    folder = Path(f"/proc/{pid}")
    rollup = dict(line.split(":", 1) for line in (folder / "smaps_rollup").read_text().splitlines()[1:])
    return {
        "MB": int(rollup["Pss"].split()[0]) / 1024,
        "descriptors": sum(1 for _ in (folder / "fd").iterdir()),
        "threads": sum(1 for _ in (folder / "task").iterdir()),
        "children": len(_children(pid)),
    }


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        listings = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for listing in listings for child in listing.read_text().split()]
    return []


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return False


def grown(looks: Sequence[Look]) -> list[str]:
    """Compare the middle of the run with its end; name what grew by more than is allowed."""
    return [line for line, bad in _compared(looks) if bad]


def table(looks: Sequence[Look]) -> str:
    return "; ".join(line for line, _ in _compared(looks))


def _compared(looks: Sequence[Look]) -> Iterator[tuple[str, bool]]:
    third = max(1, len(looks) // 4)
    for name, measure in sorted(looks[-1].figures):
        middle, end = (
            median([one.figures[name, measure] for one in part if (name, measure) in one.figures] or [0.0])
            for part in (looks[third : 2 * third], looks[-third:])
        )
        factor, more = ALLOWED.get(measure, (1.10, 12.0))
        yield f"{name}: {middle:.0f} to {end:.0f} {measure}", end > middle * factor + more
