"""A steady load of many conversations, and what must hold of each once the dust has settled."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests import product
from tests.journeys.running import Answer
from tests.journeys.test_runtime_delivery import begin
from tests.torture.case import expect
from tests.torture.turns_system import System

PATIENCE = 90.0
PAUSE = 0.3  # seconds between two rounds of one consumer
MOST_SAID = 300  # of a conversation: its stream keeps about a thousand events
_marks = itertools.count(1)


def mark() -> str:
    """Return a text that nobody said before, and that fits into an address."""
    return f"mark-{next(_marks)}"


def post(system: System, conversation: dict[str, Any], text: str, *, wait: int = 0, message_id: str = "") -> Answer:
    """Post as a patient client does: the same message again until it is accepted."""
    path = f"/api/v1/conversations/{conversation['id']}/messages"
    body = {"message_id": message_id or text, "text": text}
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            answer = system.call("POST", path, body, token=conversation["token"], Prefer=f"wait={wait}")
            if answer.status in (200, 202):
                return answer
            assert answer.status in (429, 502, 503), (answer.status, answer.body)
        except OSError as error:
            if time.monotonic() > give_up:
                raise error
        assert time.monotonic() < give_up, f"{text} was never accepted"
        time.sleep(0.2)


def finish(system: System, conversation: dict[str, Any], text: str) -> Answer:
    """Say something and come back with the end of its turn, however often that must be asked for."""
    give_up = time.monotonic() + PATIENCE
    while True:
        answer = post(system, conversation, text, wait=30)
        if answer.status == 200:
            return answer
        assert time.monotonic() < give_up, f"{text} was never answered"


def said(system: System, conversation: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/api/v1/conversations/{conversation['id']}/messages"
    messages: list[dict[str, Any]] = system.call("GET", path, token=conversation["token"]).body["messages"]
    return messages


def shown(system: System, conversation: dict[str, Any]) -> list[str]:
    """Return the texts that answer messages; a slow call's message is none."""
    return [each["text"] for each in said(system, conversation) if each["text"] != "One moment"]


@dataclass
class Consumer:
    """Somebody who writes twice in a row, waits for the answers and writes again, until told to stop."""

    system: System
    bot: str
    stop: threading.Event
    said: list[str] = field(default_factory=list)
    turns: list[tuple[float, float]] = field(default_factory=list)

    def talk(self) -> None:
        self.conversation = begin(self.system, self.bot)
        while len(self.said) < MOST_SAID and (not self.stop.wait(PAUSE) or len(self.said) < 4):
            self._round()

    def _round(self) -> None:
        begun = time.monotonic()
        for wait in (False, True):
            text = mark()
            self.said.append(text)
            (finish if wait else post)(self.system, self.conversation, text)
        self.turns.append((begun, time.monotonic()))

    def check(self, *, counted: bool = True) -> None:
        """Nothing lost, nothing doubled, all in order. counted: each turn's script ran, and its variable was kept."""
        expected = [f"{number}: {text}" for number, text in enumerate(self.said, 1)]
        found = shown(self.system, self.conversation)
        if not counted:
            expected, found = self.said, [text.partition(": ")[2] for text in found]
        expect(found == expected, f"said {len(expected)}, answered {len(found)}: {_difference(expected, found)}")
        messages = said(self.system, self.conversation)
        waits = [each["turn"] for each in messages if each["text"] == "One moment"]
        expect(len(set(waits)) == len(waits), f"the slow-call message came twice in a turn: {waits}")
        ids = [tuple(map(int, each["id"].split("-"))) for each in messages]
        expect(ids == sorted(set(ids)), f"the ids are not in order: {ids}")


def _difference(expected: list[str], found: list[str]) -> str:
    pairs = itertools.zip_longest(expected, found)
    return next((f"{number}: expected {a!r}, got {b!r}" for number, (a, b) in enumerate(pairs) if a != b), "the same")


@contextmanager
def load(system: System, *, consumers: int = 12, counted: bool = True) -> Iterator[list[Consumer]]:
    """Keep consumers talking during the block; afterwards check what each of them was told."""
    stop = threading.Event()
    bots = itertools.cycle(("slow", "shop", "shop", "echo"))
    crowd = [Consumer(system, bot, stop) for bot in itertools.islice(bots, consumers)]
    with ThreadPoolExecutor(consumers) as pool:
        talks = [pool.submit(one.talk) for one in crowd]
        try:
            product.wait_for(lambda: all(one.said or talk.done() for one, talk in zip(crowd, talks, strict=True)))
            yield crowd
        finally:
            stop.set()
    for one, talk in zip(crowd, talks, strict=True):
        talk.result()
        one.check(counted=counted)
    expect(not system.api.bought_again(), f"bought again although journalled: {system.api.bought_again()}")


def under_load(
    system: System, breakage: Callable[[System], Any], *, times: int = 1, pause: float = 1.0, counted: bool = True
) -> str:
    """Break something during the load; tell how much was said and how long the slowest answer took."""
    moments: list[float] = []
    with load(system, counted=counted) as crowd:
        for _ in range(times):
            time.sleep(pause)
            moments.append(time.monotonic())
            breakage(system)
        time.sleep(pause)
    return f"{sum(len(one.said) for one in crowd)} turns; {recovery(crowd, moments)}"


def recovery(crowd: Sequence[Consumer], moments: Sequence[float]) -> str:
    """Tell how long after each breakage the last of the answers came that were owed at that moment."""
    pairs = [pair for one in crowd for pair in one.turns]
    owed = [[answered - moment for posted, answered in pairs if posted < moment < answered] for moment in moments]
    found = [f"{max(late):.1f} s ({len(late)})" for late in owed if late]
    return f"owed at the breakage, all answered after: {', '.join(found[-4:])}"
