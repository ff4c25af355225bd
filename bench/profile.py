"""`python -m bench.profile`: where a worker's time in the measured turn goes, by function, on one thread.

A Redis, the mock API and a sandbox as in the product, but no workers and no web process: this process plays the turns.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import plant, usage

INSIDE = "BENCH_PROFILE_INSIDE"


def outside() -> None:
    """Start what the turns need, run this module again in the product's environment, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    (folder / "data").mkdir()
    environ = plant.product_environ(folder)
    api = plant.Helper("-m", "bench.mock", environ=plant.clean_environ())
    redis = None
    try:
        environ[INSIDE] = f"127.0.0.1:{api.hear()}"
        start = "from config import embedded_redis as e; from config.env import read; import os; r = read(); "
        start += "c = e.command(r.redis_socket, data_dir=r.data_dir); os.execv(c[0], c)"
        redis = subprocess.Popen([sys.executable, "-c", start], cwd=plant.ROOT, env=environ)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=plant.ROOT, env=environ, check=True)
        subprocess.run([sys.executable, "-m", "bench.profile", *sys.argv[1:]], cwd=plant.ROOT, env=environ, check=False)
    finally:
        if redis:
            redis.terminate()
            redis.wait()
        api.close()
        shutil.rmtree(folder, ignore_errors=True)


def commands(statistics: dict[str, Any], turns: int) -> Iterator[str]:
    """Yield what Redis did for a turn, the dearest first; what a script calls is part of the script's time, too."""
    by_time = sorted(statistics.items(), key=lambda item: -item[1]["usec"])
    for name, about in by_time[:12]:
        calls, microseconds = about["calls"] / turns, about["usec"] / turns
        yield f"{name.removeprefix('cmdstat_')} {calls:.1f} times, {microseconds:.0f} µs"


def beside(client: Any) -> tuple[float, float]:
    """Return the CPU seconds that this process's sandbox and Redis have taken."""
    used = client.info("cpu")
    return usage.cpu(os.getpid())["sandbox"], used["used_cpu_sys"] + used["used_cpu_user"]


def inside(turns: int, sort: str, lines: int) -> None:
    from bench import seed  # noqa: PLC0415 - needs the product's environment
    from bots.models import Bot  # noqa: PLC0415
    from bots.runtime import inbox, keys, leases, runner  # noqa: PLC0415
    from bots.services import conversations  # noqa: PLC0415
    from bots.services import turns as playing  # noqa: PLC0415
    from config import redis  # noqa: PLC0415

    made = seed.make_bots(os.environ[INSIDE])
    begun = conversations.begin(Bot.objects.get(pk=made["turn 0"]["bot"]), draft=False)
    keeper = playing.shared_keeper()

    def turn(number: int) -> None:
        inbox.post(begun.id, inbox.Message(f"m{number}", "go"))
        claim = leases.next_claim(keys.shard_of(begun.id), owner="bench", park=False)
        runner.answer(claim, keeper=keeper, play=playing.play)

    def play(first: int) -> float:
        busy = time.process_time()
        for number in range(first, first + turns):
            turn(number)
        return (time.process_time() - busy) / turns * 1000

    play(0)
    redis.client().config_resetstat()
    before = beside(redis.client())
    print(f"CPU of this process: {min(play(turns * times) for times in (1, 2, 3)):.2f} ms a turn, without the profile")
    spent = [
        (after - earlier) / (3 * turns) * 1000 for after, earlier in zip(beside(redis.client()), before, strict=True)
    ]
    print(f"CPU of the sandbox: {spent[0]:.2f} ms, of Redis: {spent[1]:.2f} ms")
    print("Redis: " + ", ".join(commands(redis.client().info("commandstats"), 3 * turns)) + "\n")
    with cProfile.Profile(time.thread_time) as profile:
        play(4 * turns)
    pstats.Stats(profile).sort_stats(sort).print_stats(lines)


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    options.add_argument("--turns", type=int, default=400)
    options.add_argument("--sort", default="tottime")
    options.add_argument("--lines", type=int, default=45)
    given = options.parse_args()
    if INSIDE in os.environ:
        inside(given.turns, given.sort, given.lines)
    else:
        outside()
