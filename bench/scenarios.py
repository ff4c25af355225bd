"""What is measured, as a table at the bottom. A scenario drives a running plant and yields figures; it judges nothing.

Each first measures and yields None; the floor is measured again before it is asked for its figures.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

from bench import crowd as among
from bench import pages, plant, usage
from bench.plant import Failed, Plant

FLOOR_SECONDS = 0.7
TURN_SECONDS = 4.0
THROUGHPUT_SECONDS = 6.0
MANY_SECONDS = 8.0
IDLE_SECONDS = 16.0  # a stream beats every 15 s
STREAMS = 1_000
SIZES = (500, 2_000)


@dataclass(frozen=True, slots=True)
class Floor:
    """Of one process, and what two do at the same time; the machine's state just before and after a scenario."""

    p50_ms: float
    cpu_ms: float
    pair_per_second: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. goal: as the issue words it; reached by a value that is at most, or at least, `limit`."""

    name: str
    value: float
    unit: str
    goal: str = ""
    at_most: float | None = None
    at_least: float | None = None


Measuring = Iterator[Any]  # None once, then figures


@dataclass
class Room:
    """What a scenario works with."""

    plant: Plant
    floor: Floor = Floor(0, 0, 0)

    def drive(self, bot: str, **options: Any) -> tuple[dict[str, Any], Counter[str]]:
        """Let a load talk to its end; returns what it found and the CPU seconds that the product took meanwhile."""
        load = self.plant.load(bot, **options)
        before = usage.cpu(self.plant.product.pid)
        load.tell()
        found = heard(load)
        spent = usage.cpu(self.plant.product.pid)
        spent.subtract(before)
        load.close()
        return found, spent


def heard(load: plant.Helper) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(load.hear())
    if found["errors"] or not found["turns"]:
        raise Failed(f"{len(found['errors'])} errors, {found['turns']} turns; the first: {found['errors'][:1]}")
    return found


def floors(running: Plant) -> Floor:
    """Measure the floor, in one process and in two."""
    (alone,) = running.floor(seconds=FLOOR_SECONDS)
    pair = running.floor(seconds=FLOOR_SECONDS, processes=2)
    return Floor(alone["p50_ms"], alone["cpu_ms"], sum(one["per_second"] for one in pair))


def between(name: str, running: Plant, before: Floor) -> tuple[list[Figure], Floor]:
    """Measure a scenario and the floor after it; ratios are those to the mean of the floors on both sides."""
    room = Room(running)
    scenario = ALL[name](room)
    next(scenario)
    after = floors(running)
    room.floor = Floor(*(sum(pair) / 2 for pair in zip(astuple(before), astuple(after), strict=True)))
    return list(scenario), after


def turn(room: Room) -> Measuring:
    found, _ = room.drive("turn 0", conversations=1, seconds=TURN_SECONDS)
    yield
    yield from _one_turn("turn, reply in the answer to the post", found, room.floor)


def stream(room: Room) -> Measuring:
    found, _ = room.drive("turn 0", conversations=1, seconds=TURN_SECONDS, read="stream")
    yield
    yield from _one_turn("turn, reply read from the event stream", found, room.floor)


def _one_turn(name: str, found: dict[str, Any], floor: Floor) -> Iterator[Figure]:
    yield Figure(f"{name}: p50", found["p50_ms"], "ms")
    yield Figure(f"{name}: p50 / floor", found["p50_ms"] / floor.p50_ms, "×", goal="≤ 5 (then 4)", at_most=5)


def throughput(room: Room) -> Measuring:
    found, spent = room.drive("turn 0", conversations=50, seconds=THROUGHPUT_SECONDS)
    yield
    share = found["per_second"] / room.floor.pair_per_second
    yield Figure("50 conversations, API at 0 ms", found["per_second"], "turns/s")
    yield Figure("50 conversations: p50", found["p50_ms"], "ms")
    yield Figure("50 conversations: share of two floors", share, "", goal="≥ 0.25 (then 0.30)", at_least=0.25)
    turns = found["all_turns"]  # those while it ramped up and ran out, too: their CPU is in the sum
    whole = sum(spent.values()) / turns * 1000
    for role, seconds in sorted(spent.items()):
        if seconds > 0:
            yield Figure(f"CPU a turn: {role}", seconds / turns * 1000, "ms")
    yield Figure("CPU a turn: all", whole, "ms")
    yield Figure("CPU a turn / floor", whole / room.floor.cpu_ms, "×", goal="≤ 4 (then 3)", at_most=4)


def many(room: Room) -> Measuring:
    found, _ = room.drive("turn 1000", conversations=500, seconds=MANY_SECONDS, ramp=2)
    yield
    yield Figure("500 conversations, API at 1 s", found["per_second"], "turns/s")
    share = found["per_second"] / 500
    yield Figure("500 conversations: share of 500/s", share, "", goal="≥ 0.70 (then 0.85)", at_least=0.70)
    yield Figure("500 conversations: overhead p50", found["p50_ms"] - 1000, "ms")
    yield Figure("500 conversations: overhead p95", found["p95_ms"] - 1000, "ms")
    yield Figure("500 conversations: posts refused (503), sent again", found["refused"], "", goal="0", at_most=0)


def slow(room: Room) -> Measuring:
    found, _ = room.drive("turn 200", conversations=50, seconds=THROUGHPUT_SECONDS)
    yield
    yield Figure("50 conversations, API at 200 ms", found["per_second"], "turns/s")
    yield Figure("200 ms API: overhead p50", found["p50_ms"] - 200, "ms", goal="≤ 15", at_most=15)
    yield Figure("200 ms API: overhead p95", found["p95_ms"] - 200, "ms", goal="≤ 60", at_most=60)


def neighbour(room: Room) -> Measuring:
    calm = {"conversations": 10, "seconds": TURN_SECONDS, "pause": 0.2}
    before, _ = room.drive("turn 0", **calm)
    looping = room.plant.load("loop", conversations=1, seconds=TURN_SECONDS + 1, ramp=0, expect="")
    looping.tell()
    during, _ = room.drive("turn 0", **calm)
    heard(looping)
    looping.close()
    after, _ = room.drive("turn 0", **calm)
    yield
    without = (before["p95_ms"] + after["p95_ms"]) / 2
    yield Figure("10 conversations (a message each 200 ms): p95", without, "ms")
    yield Figure("the same beside a looping script: p95", during["p95_ms"], "ms")
    yield Figure("with / without the loop", during["p95_ms"] / without, "×", goal="≤ 1.5", at_most=1.5)


def idle(room: Room) -> Measuring:
    root = room.plant.product.pid
    empty = usage.memory(root)["web"]
    load = room.plant.load("turn 0", conversations=STREAMS, seconds=0, ramp=0, read="stream")
    time.sleep(1)
    kilobytes, before = usage.memory(root)["web"] - empty, usage.cpu(root)
    time.sleep(IDLE_SECONDS)
    spent = usage.cpu(root)
    spent.subtract(before)
    load.close()
    yield
    used = (spent["web"] + spent["redis"]) / IDLE_SECONDS * 100
    yield Figure("1,000 idle event streams: CPU of web and Redis", used, "%", goal="< 2", at_most=2)
    yield Figure("1,000 idle event streams: memory a stream", kilobytes / STREAMS, "kB", goal="< 30", at_most=30)


def size(room: Room) -> Measuring:
    times: dict[int, dict[str, float]] = {}
    for interactions in SIZES:
        name = f"large {interactions}"
        made = room.plant.seed("large", room.plant.api, str(interactions))
        room.plant.bots[name] = made
        found, _ = room.drive(name, conversations=1, seconds=1.5, ramp=0)
        took = pages.seconds(room.plant, made["page"], times=3)
        times[interactions] = {
            **{what: seconds * 1000 for what, seconds in made["times"].items()},
            "first turn": found["max_ms"],
            "later turns, p50": found["p50_ms"],
            "editor page": sorted(took)[1] * 1000,
        }
    yield
    small, large = (times[interactions] for interactions in SIZES)
    for what, value in large.items():
        yield Figure(f"bot with {SIZES[1]:,} interactions: {what}", value, "ms")
    for what, value in large.items():
        most = 1.25 if what.startswith("later") else 4.4
        goal = f"≤ {most:g}"
        yield Figure(f"{SIZES[1]:,} / {SIZES[0]} interactions: {what}", value / small[what], "×", goal, most)


def crowd(room: Room) -> Measuring:
    times = {number: among.list_times(room.plant, number) for number in among.BOTS}
    among.talk(room.plant, among.CONVERSATIONS)  # tables grow to their size, once
    before = among.kept(room.plant)
    among.talk(room.plant, among.CONVERSATIONS)
    after = among.kept(room.plant)
    yield
    few, many_bots = among.BOTS
    for name, value in times[many_bots].items():
        yield Figure(f"{many_bots:,} bots: {name}", value, "ms")
    for name, value in times[many_bots].items():
        yield Figure(f"{many_bots:,} / {few} bots: {name}", value / times[few][name], "×", goal="flat", at_most=1.5)
    each = {name: (getattr(after, name) - getattr(before, name)) / among.CONVERSATIONS for name in ("redis", "sql")}
    yield Figure("keys left in Redis by an ended conversation", (after.keys - before.keys) / among.CONVERSATIONS, "")
    for name, title in (("redis", "memory of Redis"), ("sql", "size of the database")):
        grown = each[name] * among.MILLION / 1e6
        yield Figure(f"1,000,000 ended conversations: growth in {title}", grown, "MB", goal="flat", at_most=10)


def page(room: Room) -> Measuring:
    found = room.plant.seed("pages")
    yield
    yield Figure("Django's own empty page", found["empty"], "ms")
    for name, value in found["pages"].items():
        yield Figure(f"page {name} / empty page", value / found["empty"], "×")


def start(room: Room) -> Measuring:
    folder = room.plant.folder / "started"
    environ = room.plant.environ | {
        "PARLEY_DATA_DIR": str(folder),
        "PORT": str(plant.free_port()),
        "PARLEY_DEMO_API_PORT": str(plant.free_port()),
    }
    first = not folder.exists()
    times = []
    for _ in range(2 if first else 1):
        began = time.perf_counter()
        process, page = plant.serve(environ, log=room.plant.folder / "started.log")
        times.append((page, time.perf_counter() - began))
        plant.end(process)
    page, ready = times[-1]
    yield
    yield Figure("start of an existing folder: first page", page, "s", goal="≤ 6", at_most=6)
    yield Figure("start of an existing folder: all parts ready", ready, "s")


ALL: dict[str, Callable[[Room], Measuring]] = {
    "turn": turn,
    "stream": stream,
    "throughput": throughput,
    "many": many,
    "slow": slow,
    "neighbour": neighbour,
    "idle": idle,
    "size": size,
    "crowd": crowd,
    "page": page,
    "start": start,
}
