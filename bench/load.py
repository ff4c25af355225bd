"""Conversations with a bot, from outside: begins them with a channel key, posts, reads the answers, tells the times.

Knows nothing but the HTTP API, so it can be pointed at any Parley:

    python -m bench.load --url http://localhost:8000 --bot BOT --key parley_… --conversations 50 --seconds 10
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from bench import stats
from bench.http import Connection, Unexpected

RETRIES, RETRY_SECONDS = 3, 0.5
TURNS_EACH = 500  # then a conversation is followed by a fresh one: none may say more than 3,000 messages a minute


@dataclass
class Load:
    """What is to be done, and what was found. pause: seconds between an answer and the next message."""

    url: str
    bot: str
    key: str
    text: str
    expect: str
    read: str
    pause: float
    ramp: float
    seconds: float
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    all_turns: int = 0
    refused: int = 0
    counted_from: float = 0.0
    ends: float = 0.0


class Conversation:
    """One consumer: a connection to post on and, where the answer is read from the stream, another one to listen on."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._turns = 0

    async def open(self) -> None:
        self._connection = await Connection.open(self._load.url)
        await self._begin()

    async def _begin(self) -> None:
        begun = await self._ask("POST", f"/api/v1/bots/{self._load.bot}/conversations", self._load.key, {}, 201)
        self._path, self._token, self._turns = f"/api/v1/conversations/{begun['id']}", begun["token"], 0
        if self._load.read == "post":
            return
        self._listening = await Connection.open(self._load.url)
        self._events = await self._listening.follow(f"{self._path}/events", token=self._token)

    async def run(self, delay: float) -> None:
        load = self._load
        await asyncio.sleep(delay)
        while (began := time.perf_counter()) < load.ends:
            try:
                await self._turn()
            except Unexpected as error:
                load.errors.append(str(error))
                return
            ended = time.perf_counter()
            load.all_turns += 1
            if load.counted_from <= ended <= load.ends:
                load.times.append(ended - began)
            if self._turns >= TURNS_EACH:
                await self._begin()
            if load.pause:
                await asyncio.sleep(load.pause)

    async def _turn(self) -> None:
        self._turns += 1
        body = {"message_id": f"m{self._turns}", "text": self._load.text}
        if self._load.read == "post":
            turn = await self._ask("POST", f"{self._path}/messages", self._token, body, 200, wait=20)
            self._check(turn["outcome"], "".join(message.get("text", "") for message in turn["messages"]))
            return
        await self._ask("POST", f"{self._path}/messages", self._token, body, 202)
        said = ""
        while (event := await self._events.get())["event"] != "turn":
            said += json.loads(event["data"]).get("text", "") if event["event"] == "message" else ""
        self._check(json.loads(event["data"])["outcome"], said)

    def _check(self, outcome: str, said: str) -> None:
        if outcome != "done" or self._load.expect not in said:
            raise Unexpected(f"The turn ended as {outcome}, with {said[:200]!r}.")

    async def _ask(self, method: str, path: str, token: str, body: Any, status: int, *, wait: int = 0) -> Any:
        if self._connection.lost:  # it was idle for longer than the server keeps it
            self._connection = await Connection.open(self._load.url)
        got, content = await self._connection.ask(method, path, token=token, body=body, wait=wait)
        for _ in range(RETRIES):
            if got != 503:  # which asks for the same request again
                break
            self._load.refused += 1
            await asyncio.sleep(RETRY_SECONDS)
            got, content = await self._connection.ask(method, path, token=token, body=body, wait=wait)
        if got != status:
            raise Unexpected(f"{method} {path.split('/')[-1]} answered {got}: {content}")
        return content


async def drive(load: Load, number: int, *, at_signal: bool) -> dict[str, Any]:
    """Begin all conversations, then let them talk; only turns that end in the measured seconds count."""
    people = [Conversation(load) for _ in range(number)]
    for person in people:
        await person.open()
    if at_signal:
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    load.counted_from = time.perf_counter() + load.ramp
    load.ends = load.counted_from + load.seconds
    await asyncio.gather(*(person.run(load.ramp * place / number) for place, person in enumerate(people)))
    return result(load)


def result(load: Load) -> dict[str, Any]:
    times = load.times or [float("nan")]
    return {
        "turns": len(load.times),
        "all_turns": load.all_turns,
        "refused": load.refused,
        "per_second": len(load.times) / load.seconds,
        "p50_ms": stats.percentile(times, 50) * 1000,
        "p95_ms": stats.percentile(times, 95) * 1000,
        "max_ms": max(times) * 1000,
        "errors": load.errors,
    }


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--bot", required=True, help="the bot's number or key")
    options.add_argument("--key", required=True, help="a channel key of the bot: manage.py channel_key BOT")
    options.add_argument("--conversations", type=int, default=1)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--ramp", type=float, default=0.5, help="seconds in which they start, before it counts")
    options.add_argument("--pause", type=float, default=0.0, help="seconds between an answer and the next message")
    options.add_argument("--read", choices=("post", "stream"), default="post", help="where the answer is read")
    options.add_argument("--text", default="go")
    options.add_argument("--expect", default="", help="what every answer must hold")
    options.add_argument("--at-signal", action="store_true", help="print `ready`, then wait for a line of input")
    return options


def main() -> None:
    given = vars(parser().parse_args())
    number, at_signal = given.pop("conversations"), given.pop("at_signal")
    print(json.dumps(asyncio.run(drive(Load(**given), number, at_signal=at_signal))), flush=True)


if __name__ == "__main__":
    main()
