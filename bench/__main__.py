"""`python -m bench`: starts everything, measures floor and product in turns, prints a table, leaves nothing behind."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from typing import Any

from bench import plant, report, scenarios, usage
from bench.scenarios import Figure, Floor

WARM = (("turn 0", 50), ("turn 200", 50), ("turn 1000", 200))


def measure(chosen: list[str], rounds: int) -> dict[str, Any]:
    """Go through the chosen scenarios, round after round, the floor before and after each of them."""
    figures: dict[str, list[Figure]] = {}
    floors: list[Floor] = []
    begun = report.machine()
    with plant.running() as running:
        warm_up(running)
        stolen = usage.stolen()
        for number in range(1, rounds + 1):
            before = scenarios.floors(running)
            floors.append(before)
            for name in chosen:
                say(f"round {number} of {rounds}: {name} …")
                with told(name):
                    # Judged after the scenario, against the floors on both sides of it.
                    made, after = scenarios.between(name, running, before)
                    floors.append(after)
                    before = after
                    for figure in made:
                        figures.setdefault(f"{name}: {figure.name}", []).append(figure)
        stolen = usage.stolen() - stolen
        settings = report.settings(running.folder / "serve.log")
    return report.summary(begun, floors, figures, rounds=rounds, stolen=stolen, settings=settings)


def warm_up(running: plant.Plant) -> None:
    for bot, conversations in WARM:
        load = running.load(bot, conversations=conversations, seconds=2)
        load.tell()
        scenarios.heard(load)
        load.close()


@contextlib.contextmanager
def told(name: str):
    """A scenario that fails is told and left out; the others are still worth having."""
    try:
        yield
    except plant.Failed as error:
        say(f"{name} was left out: {error}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def names(text: str) -> list[str]:
    wanted = [name for name in text.split(",") if name] or list(scenarios.ALL)
    for name in wanted:
        if name not in scenarios.ALL:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(scenarios.ALL)}.")
    return wanted


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--only", type=names, default=names(""), help="scenarios, with commas between them")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true", help="print everything that was measured as JSON")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    found = measure(given.only, given.rounds)
    print(json.dumps(found, indent=2) if given.json else report.table(found))


if __name__ == "__main__":
    main()
