"""Turns while the parts of a real running system die, fall silent, or get the wrong time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import redis

from tests import product
from tests.journeys.test_runtime_delivery import begin
from tests.torture import clocks
from tests.torture.case import Case, expect
from tests.torture.turns_load import finish, load, mark, post, said, shown, under_load
from tests.torture.turns_system import System

ERROR_TEXT = "Something is wrong here. Please try again in a moment."


def everything_dies(turns_system: System) -> None:
    """All workers at once, so that nobody is left to notice."""
    for _ in list(turns_system.workers):
        turns_system.kill_worker(again=False)
    turns_system.workers = [turns_system.start_worker() for _ in range(2)]


def breaks(turns_system: System, *, how: Callable[[System], Any], times: int = 1, pause: float = 1.0) -> str:
    return under_load(turns_system, how, times=times, pause=pause)


def sandbox_dies(turns_system: System, *, zygotes: bool) -> str:
    killed: list[int] = []
    kill = lambda each: killed.append(each.kill_sandbox(zygotes=zygotes))  # noqa: E731
    told = under_load(turns_system, kill, times=8, pause=0.5, counted=False)
    expect(sum(killed) >= 8, f"only {sum(killed)} were killed")
    return f"{sum(killed)} killed; {told}"


def wake_ups_vanish(turns_system: System) -> str:
    broker = redis.Redis.from_url(turns_system.redis.url)

    def lose(_: System) -> None:
        broker.delete("parley:celery:celery")

    return under_load(turns_system, lose, times=100, pause=0.05)


def wake_ups_double(turns_system: System) -> str:
    broker = redis.Redis.from_url(turns_system.redis.url)

    def double(_: System) -> None:
        for message in broker.lrange("parley:celery:celery", 0, 20):
            broker.rpush("parley:celery:celery", message, message)

    return under_load(turns_system, double, times=100, pause=0.05)


def clock_jumps(turns_system: System, *, seconds: float, dies: bool) -> str:
    store = redis.Redis.from_url(turns_system.redis.url)

    def jump(each: System) -> None:
        clocks.jump(store, seconds=seconds)
        if dies:
            each.kill_one_of_two()

    return under_load(turns_system, jump, times=2, pause=8.0)


def bought_once(turns_system: System) -> None:
    """The worker dies after the purchase was answered, while the next call runs."""
    conversation, text = begin(turns_system, "shop"), mark()
    post(turns_system, conversation, text)
    turns_system.api.await_request("look", text)
    everything_dies(turns_system)
    finish(turns_system, conversation, text)
    bought, looked = turns_system.api.count("buy", text), turns_system.api.count("look", text)
    expect(bought == 1, f"bought {bought} times")
    expect(looked == 2, f"looked {looked} times: the turn did not run again, so nothing was shown")
    texts = [each["text"] for each in said(turns_system, conversation)]
    expect(texts == ["One moment", f"1: {text}"], texts)


def deadly_turn(turns_system: System) -> None:
    """Whenever the API is asked, all workers die."""
    conversation, text = begin(turns_system, "deadly"), mark()
    other = begin(turns_system, "slow")
    words = [mark() for _ in range(2)]
    post(turns_system, conversation, text)
    for attempt in range(1, 4):
        turns_system.api.await_request("kill", text, times=attempt)
        everything_dies(turns_system)
    ended = finish(turns_system, conversation, text).body
    for word in words:
        finish(turns_system, other, word)
    expect(ended["outcome"] == "failed", ended)
    expect(len(ended["messages"]) == 1, ended)
    expect(turns_system.api.count("kill", text) == 3, f"tried {turns_system.api.count('kill', text)} times")
    expect(shown(turns_system, other) == [f"{n}: {word}" for n, word in enumerate(words, 1)], "another conversation")


def posted_at_once(turns_system: System) -> None:
    conversation, text = begin(turns_system, "slow"), mark()
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: post(turns_system, conversation, text, wait=20), range(8)))
    expect({answer.body["turn"] for answer in answers} == {1}, [answer.body for answer in answers])
    expect(len({str(answer.body) for answer in answers}) == 1, [answer.body for answer in answers])
    expect(shown(turns_system, conversation) == [f"1: {text}"], shown(turns_system, conversation))
    expect(turns_system.api.count("look", text) == 1, "the API was asked again")


def stream_cut_everywhere(turns_system: System) -> None:
    """The browser loses its stream after every single event and comes back, while messages are answered."""
    conversation, texts = begin(turns_system, "shop"), [mark() for _ in range(4)]
    sender = threading.Thread(target=lambda: [post(turns_system, conversation, text) for text in texts])
    sender.start()
    seen: list[dict[str, Any]] = []
    give_up = time.monotonic() + 60
    while sum(each["event"] == "turn" for each in seen) < len(texts) and time.monotonic() < give_up:
        with turns_system.events(conversation, last=seen[-1]["id"] if seen else "") as events:
            seen.append(next(each for each in events if "id" in each))
    sender.join()
    ids = [tuple(map(int, each["id"].split("-"))) for each in seen]
    expect(ids == sorted(set(ids)), f"doubled or out of order: {ids}")
    heard = [each["data"]["text"] for each in seen if each["event"] == "message"]
    expected = [line for n, text in enumerate(texts, 1) for line in ("One moment", f"{n}: {text}")]
    expect(heard == expected, heard)


def streams_outlive(turns_system: System, *, breakage: Callable[[System], Any]) -> None:
    """A reader, who comes back as a browser does when the stream ends, is told everything once."""
    conversation, texts = begin(turns_system, "slow"), [mark() for _ in range(6)]
    seen: list[dict[str, Any]] = []
    reader = threading.Thread(target=_read, args=(turns_system, conversation, seen, len(texts)))
    reader.start()
    for text in texts[:3]:
        post(turns_system, conversation, text)
    breakage(turns_system)
    for text in texts[3:]:
        post(turns_system, conversation, text)
    reader.join(60)
    heard = [each["data"]["text"] for each in seen if each["event"] == "message"]
    expect(heard == [f"{n}: {text}" for n, text in enumerate(texts, 1)], heard)


def _read(system: System, conversation: dict[str, Any], seen: list[dict[str, Any]], turns: int) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError), system.events(conversation, last=seen[-1]["id"] if seen else "") as events:
            for event in events:
                seen += [event] if "id" in event else []
                if sum(each["event"] == "turn" for each in seen) == turns:
                    return
        time.sleep(0.2)


def redis_disk_full(turns_system: System) -> str:
    """Redis cannot append to its file: posts are refused with 503, and later everything goes on."""
    refused: list[int] = []
    conversation, store = begin(turns_system, "echo"), redis.Redis.from_url(turns_system.redis.url)
    path = f"/api/v1/conversations/{conversation['id']}/messages"

    def fill(each: System) -> None:
        with each.redis.full_disk():
            product.wait_for(lambda: store.info("persistence")["aof_last_write_status"] == "err", what="a full disk")
            for _ in range(5):
                body = {"message_id": mark(), "text": "never accepted"}
                refused.append(each.call("POST", path, body, token=conversation["token"]).status)
            time.sleep(4)

    told = under_load(turns_system, fill)
    expect(set(refused) == {503}, f"answers while nothing can be written: {refused}")
    expect(shown(turns_system, conversation) == [], "a message that was refused was answered")
    return told


def database_disk_full(turns_system: System) -> str:
    """SQLite cannot be written: pages say so in a sentence, and conversations do not notice."""
    with load(turns_system) as crowd, turns_system.full_disk_of_web():
        begun = sum(len(one.said) for one in crowd)
        page = turns_system.write_a_page()
        product.wait_for(lambda: sum(len(one.said) for one in crowd) > begun + 12, what="conversations that go on")
    expect(page.status == 503, f"{page.status}: {page.body}")
    expect("could not be saved" in page.body, page.body)
    expect(turns_system.write_a_page().status in (200, 204, 302), "with room again, the page still fails")
    return f"{sum(len(one.said) for one in crowd)} turns"


def _silent(seconds: float) -> Callable[[System], None]:
    return lambda each: each.silence_redis(seconds=seconds)


ANSWERED = "Every accepted message is answered once, in order, and no purchase is made again that was journalled."

BREAKAGES: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("kill -9 of one worker after the other", partial(breaks, how=lambda s: s.kill_one_of_two(), times=3, pause=8.0)),
    ("kill -9 of all workers at once", partial(breaks, how=everything_dies, times=2, pause=8.0)),
    ("kill -9 of zygotes", partial(sandbox_dies, zygotes=True)),
    ("kill -9 of sandbox children", partial(sandbox_dies, zygotes=False)),
    ("kill -9 of the web process", partial(breaks, how=lambda s: s.restart_web(), times=2, pause=8.0)),
    ("kill -9 of Redis and a restart from its file", partial(breaks, how=lambda s: s.kill_redis(), times=3, pause=8.0)),
    ("Redis gone for 30 seconds", partial(breaks, how=lambda s: s.kill_redis(gone=30))),
    ("Redis silent for 30 seconds", partial(breaks, how=_silent(30))),
    ("Redis silent for 3 seconds, again and again", partial(breaks, how=_silent(3), times=3)),
    ("wake-ups lost by the broker", wake_ups_vanish),
    ("wake-ups doubled by the broker", wake_ups_double),
    ("a clock that jumps forward by five minutes", partial(clock_jumps, seconds=300, dies=False)),
    ("a clock that jumps back by an hour while a worker dies", partial(clock_jumps, seconds=-3600, dies=True)),
    ("a full disk under Redis", redis_disk_full),
    ("a full disk under SQLite", database_disk_full),
)

CASES = [
    *(Case(name, ANSWERED, run, short=False, seconds=240) for name, run in BREAKAGES),
    Case(
        "kill -9 after a purchase",
        "The turn runs again, buys nothing again and says nothing twice.",
        bought_once,
        short=False,
    ),
    Case(
        "a turn that kills its worker each time",
        "After three attempts it ends with the bot's error text; other conversations go on.",
        deadly_turn,
        short=False,
    ),
    Case(
        "the same message posted eight times at once",
        "One turn, one answer, and all eight posts get it.",
        posted_at_once,
        short=False,
    ),
    Case(
        "a stream that breaks after every event",
        "The reader who comes back with Last-Event-ID gets every event once and in order.",
        stream_cut_everywhere,
        short=False,
    ),
    Case(
        "an open stream while Redis restarts",
        "The stream goes on by itself, with everything once and in order.",
        partial(streams_outlive, breakage=lambda each: each.kill_redis()),
        short=False,
    ),
    Case(
        "an open stream while Redis is silent",
        "The stream goes on by itself, with everything once and in order.",
        partial(streams_outlive, breakage=_silent(8)),
        short=False,
    ),
]
