"""Read conversation tests (transcripts, in YAML) and canned API answers (JSON); reports precisely what does not fit.

The format is described in docs/conversation-tests.md. Knows nothing of how a transcript is played.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bots.engine.exportnode import Node, UnreadableExport

EXPECTATIONS = frozenset(
    {"messages", "messages_rest", "waiting_at", "vars", "vars_unset", "api_calls", "events", "context_store"}
)
KNOWN_REQUIREMENTS = frozenset({"nlu_stub"})


class UnreadableTranscript(ValueError):
    """A transcript or a file of answers cannot be read; the message says where and why."""


class Answer(msgspec.Struct, frozen=True):
    """One canned response; `json` is sent as JSON, else `body` as it is."""

    status: int = 200
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    body: str = ""


class Route(msgspec.Struct, frozen=True):
    """Answers for one method and complete URL: the n-th call gets the n-th, the last one is repeated."""

    method: str
    url: str
    responses: list[Answer] = []


class _Routes(msgspec.Struct, frozen=True):
    routes: list[Route] = []


@dataclass(frozen=True, slots=True)
class PlannedTurn:
    """What the consumer does, and what must come of it. `expect` None: nothing but that the conversation survives."""

    text: str
    click: Mapping[str, str] | None = None
    nlu: Mapping[str, Any] | None = None
    expect: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One new conversation of a new consumer."""

    id: str
    title: str = ""
    turns: tuple[PlannedTurn, ...] = ()
    requires: tuple[str, ...] = ()
    session: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    @property
    def unmet(self) -> tuple[str, ...]:
        """What the scenario requires and nobody can give it here."""
        return tuple(name for name in self.requires if name not in KNOWN_REQUIREMENTS)


@dataclass(frozen=True, slots=True)
class Transcript:
    """`api` are the files of answers that it names, as written."""

    scenarios: tuple[Scenario, ...]
    bot: str = ""
    api: tuple[str, ...] = ()


def read(text: str) -> Transcript:
    """Return a transcript; raises UnreadableTranscript."""
    try:
        root = Node(yaml.safe_load(text))
        scenarios = tuple(_scenario(item) for item in root.get("scenarios").items())
        api = root.get("api")
        files = (api.text(),) if isinstance(api.value, str) else api.texts()
        bot = root.get("bot").text()
    except yaml.YAMLError as error:
        raise UnreadableTranscript(f"The transcript is no YAML: {error}") from error
    except UnreadableExport as error:
        raise UnreadableTranscript(str(error)) from error
    if not scenarios:
        raise UnreadableTranscript("The transcript has no scenarios.")
    return Transcript(scenarios, bot=bot, api=files)


def answers(text: str | bytes) -> tuple[Route, ...]:
    """Return the routes of a file of canned answers; raises UnreadableTranscript."""
    try:
        return tuple(msgspec.json.decode(text, type=_Routes).routes)
    except msgspec.DecodeError as error:
        raise UnreadableTranscript(f"The file of answers does not fit: {error}") from error


def beside(path: Path, *, name: str) -> Path:
    """Return where a file named in the transcript lies: beside it, or beside the folder that it is in."""
    for folder in (path.parent, path.parent.parent):
        if (folder / name).is_file():
            return folder / name
    raise UnreadableTranscript(f"{name}, named in {path.name}, is neither beside it nor in the folder above.")


def _scenario(node: Node) -> Scenario:
    requires = node.get("requires")
    session = node.get("session").object()
    return Scenario(
        id=node.get("id").required(),
        title=node.get("title").text(),
        turns=tuple(_turn(item) for item in node.get("turns").items()),
        requires=(requires.text(),) if isinstance(requires.value, str) else requires.texts(),
        session=session,
        environment={str(key): Node(value).text() for key, value in node.get("environment").object().items()},
        routes=tuple(_route(item) for item in node.get("api_override").items()),
    )


def _route(node: Node) -> Route:
    try:
        return msgspec.convert(node.value, Route)
    except msgspec.ValidationError as error:
        raise UnreadableTranscript(f"{node.path}: {error}") from error


def _turn(node: Node) -> PlannedTurn:
    user = node.get("user")
    click = user.get("click")
    return PlannedTurn(
        text=user.get("text").text(),
        click={key: Node(value).text() for key, value in click.object().items()} if click.value else None,
        nlu=user.get("nlu").object() or None,
        expect=_expect(node.get("expect")),
    )


def _expect(node: Node) -> Mapping[str, Any] | None:
    if node.value is None or node.value == "any":
        return None
    unknown = set(node.object()) - EXPECTATIONS
    if unknown:
        raise UnreadableTranscript(f"{node.path}: {', '.join(sorted(unknown))} is nothing that can be expected.")
    return node.object()
