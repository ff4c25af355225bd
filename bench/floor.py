"""The floor: what one process pays for one pooled `requests.get` of 1 KB JSON and one V8 evaluation over it.

Nothing that answers a message by calling an API and running a script can be faster. For every number of seconds that
it reads it measures that long and prints what it found; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import requests
from py_mini_racer import mini_racer

from bench import stats
from bench.mock import TOKEN

SCRIPT = """
function transform(text) {
  var answer = JSON.parse(text), total = 0;
  answer.items.forEach(function (item) { total += item.price; });
  return JSON.stringify({ holder: answer.holder, total: total });
}
"""


async def serve(url: str) -> None:
    # A coroutine without an await: mini-racer answers fastest on a thread whose loop it knows.
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    with mini_racer(asyncio.get_running_loop()) as racer:
        racer.eval(SCRIPT)
        once(session, racer, url)
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(measure(session, racer, url, float(line))), flush=True)


def once(session: requests.Session, racer, url: str) -> None:
    answer = session.get(url, timeout=10)
    answer.raise_for_status()
    json.loads(racer.eval("transform(" + json.dumps(answer.text) + ")"))


def measure(session: requests.Session, racer, url: str, seconds: float) -> dict[str, float]:
    times: list[float] = []
    busy, began = time.process_time(), time.perf_counter()
    end = moment = began
    while (end := moment) - began < seconds:
        once(session, racer, url)
        moment = time.perf_counter()
        times.append(moment - end)
    return {
        "p50_ms": stats.percentile(times, 50) * 1000,
        "p95_ms": stats.percentile(times, 95) * 1000,
        "cpu_ms": (time.process_time() - busy) / len(times) * 1000,
        "per_second": len(times) / (end - began),
    }


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
