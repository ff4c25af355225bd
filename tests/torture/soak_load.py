"""A mixed load without end: good, slow, failing and hostile bots, streams, resets, previews, imports."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.test_runtime_delivery import begin
from tests.samples import parcel_bot
from tests.torture.turns_load import finish, mark, post, shown
from tests.torture.turns_system import System

TURNS_OF_A_CONVERSATION = 10
IMPORT_PAUSE = 10.0  # seconds: a person may import so often and no more


@dataclass
class Mixed:
    """done: how often each kind of thing was done; wrong: what was not as it must be."""

    system: System
    stop: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._again, args=(name,), daemon=True) for name in JOBS]
        for thread in threads:
            thread.start()
        yield
        self.stop.set()
        for thread in threads:
            thread.join(120)

    def _again(self, name: str) -> None:
        while not self.stop.wait(0.1):
            try:
                JOBS[name](self)
            except (AssertionError, OSError, StopIteration, KeyError) as error:
                self.wrong.append(f"{name}: {type(error).__name__}: {error}"[:300])
                time.sleep(1)
            self.done[name.split(" ")[0]] += 1


def _ended(mixed: Mixed, conversation: dict[str, Any]) -> None:
    path = f"/api/v1/conversations/{conversation['id']}"
    answer = mixed.system.call("DELETE", path, token=conversation["token"])
    assert answer.status == 204, answer.body


def _talks(mixed: Mixed, *, bot: str, outcome: str = "done", turns: int = TURNS_OF_A_CONVERSATION) -> None:
    conversation = begin(mixed.system, bot)
    texts = [mark() for _ in range(turns)]
    for text in texts:
        answer = finish(mixed.system, conversation, text).body
        assert answer["outcome"] == outcome, answer
    if bot not in WITHOUT_ANSWER:
        expected = [f"{number}: {text}" for number, text in enumerate(texts, 1)]
        assert shown(mixed.system, conversation) == expected, shown(mixed.system, conversation)
    _ended(mixed, conversation)


def _streams(mixed: Mixed) -> None:
    """Three readers of one conversation; each leaves after another number of events, and one comes back."""
    conversation = begin(mixed.system, "echo")
    for number, text in enumerate([mark() for _ in range(3)], 1):
        with mixed.system.events(conversation) as events:
            post(mixed.system, conversation, text)
            list(itertools.islice((event for event in events if "id" in event), number))
    _ended(mixed, conversation)


def _preview(mixed: Mixed) -> None:
    """A draft, reset in the middle of a turn and at rest."""
    echo = mixed.system.seeded["slow"]["bot"]
    begun = mixed.system.as_author("POST", f"/api/v1/bots/{echo}/conversations", {"draft": True})
    assert begun.status == 201, begun.body
    conversation = begun.body
    for _ in range(2):
        finish(mixed.system, conversation, mark())
        post(mixed.system, conversation, mark())
        reset = mixed.system.as_author("POST", f"/api/v1/conversations/{conversation['id']}/reset")
        assert reset.status == 204, reset.body
    _ended(mixed, conversation)


def _import(mixed: Mixed) -> None:
    """Import an export by the page and delete the bot again, as an author does."""
    document = parcel_bot.document()
    document["bot"]["name"] = f"Imported {uuid.uuid4().hex[:12]}"
    address = mixed.system.import_bot(json.dumps(document).encode(), name=document["bot"]["name"])
    gone = mixed.system.as_author("POST", f"{address}delete/", {}, form=True)
    assert gone.status in (200, 302), gone.status
    mixed.stop.wait(IMPORT_PAUSE)


WITHOUT_ANSWER = ("hostile", "greedy", "failing")  # they say what the bot says when something fails
JOBS: dict[str, Callable[[Mixed], None]] = {
    "good": lambda mixed: _talks(mixed, bot="echo"),
    "good (2)": lambda mixed: _talks(mixed, bot="echo"),
    "slow": lambda mixed: _talks(mixed, bot="slow"),
    "slow (2)": lambda mixed: _talks(mixed, bot="slow"),
    "shop": lambda mixed: _talks(mixed, bot="shop"),
    "failing": lambda mixed: _talks(mixed, bot="failing"),
    "hostile": lambda mixed: _talks(mixed, bot="hostile", turns=2),
    "greedy": lambda mixed: _talks(mixed, bot="greedy", turns=2),
    "streams": _streams,
    "streams (2)": _streams,
    "preview": _preview,
    "import": _import,
}
