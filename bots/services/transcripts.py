"""Read conversation tests (transcripts) and canned API answers, YAML or JSON; reports precisely what does not fit.

The format is described in docs/conversation-tests.md. Knows nothing of how a transcript is played.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from bots.engine.exportnode import Node, UnreadableExport
from integrations.engine.json_values import JsonTooDeep, check_depth

EXPECTATIONS = frozenset(
    {"messages", "messages_rest", "waiting_at", "vars", "vars_unset", "api_calls", "events", "context_store"}
)
KNOWN_REQUIREMENTS = frozenset({"nlu_stub"})


class UnreadableTranscript(ValueError):
    """A transcript or a file of answers cannot be read; the message says where and why."""


# Ways in which an API lets its caller down; YAML reads an unquoted 500 as a number.
AnswerKind = Literal["", "timeout", "network", "500", "garbage", 500]


class Answer(msgspec.Struct, frozen=True):
    """One canned response; `json` is sent as JSON, else `body` as it is. A `kind` stands for all of that."""

    status: int = 200
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    body: str = ""
    kind: AnswerKind = ""


class Route(msgspec.Struct, frozen=True):
    """Answers for one method and complete URL: the n-th call gets the n-th, the last one is repeated. A `kind` goes
    before them all."""

    method: str
    url: str
    responses: list[Answer] = []
    kind: AnswerKind = ""


class _Routes(msgspec.Struct, frozen=True):
    routes: list[Route] = []


msgspec.json.Decoder(_Routes)  # learn it at import: msgspec crashes where threads learn a type at once


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
    """`api` are the files of answers that it names, as written; `routes` the answers that stand in it."""

    scenarios: tuple[Scenario, ...]
    bot: str = ""
    api: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


def read(text: str) -> Transcript:
    """Return a transcript; raises UnreadableTranscript."""
    try:
        root = Node(_parsed(text, "transcript"))
        scenarios = tuple(_scenario(item) for item in root.get("scenarios").items())
        api = root.get("api")
        files = (api.text(),) if isinstance(api.value, str) else api.texts()
        bot = root.get("bot").text()
        routes = tuple(_route(item) for item in root.get("routes").items())
    except UnreadableExport as error:
        raise UnreadableTranscript(str(error)) from error
    if not scenarios:
        raise UnreadableTranscript("The transcript has no scenarios.")
    return Transcript(scenarios, bot=bot, api=files, routes=routes)


def answers(text: str | bytes) -> tuple[Route, ...]:
    """Return the routes of a file of canned answers; raises UnreadableTranscript."""
    document = _parsed(text, "file of answers")
    try:
        return tuple(msgspec.convert(document, type=_Routes).routes)
    except msgspec.ValidationError as error:
        raise UnreadableTranscript(f"The file of answers does not fit: {error}") from error


def _parsed(text: str | bytes, what: str) -> Any:
    """Read JSON, or YAML that holds nothing but JSON's values."""
    try:
        found = _loaded(text, what)
        check_depth(found)
        json.dumps(found, allow_nan=False)
    except UnreadableTranscript:
        raise
    except yaml.YAMLError as error:
        raise UnreadableTranscript(f"The {what} is no YAML: {_sentence(error)}") from error
    except (RecursionError, JsonTooDeep) as error:
        raise UnreadableTranscript(f"The {what} is nested too deeply.") from error
    except (TypeError, ValueError) as error:  # a set, a number that is none
        raise UnreadableTranscript(f"The {what} holds a value that cannot be read: {error}.") from error
    return found


def _loaded(text: str | bytes, what: str) -> Any:
    """Refuse references, a few lines of which can unfold to any size."""
    with contextlib.suppress(ValueError):
        return json.loads(text)
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
        raise UnreadableTranscript(f"The {what} uses YAML references (*name), which are not read here.")
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (it is a SafeLoader)


class _Loader(yaml.SafeLoader):
    """Leaves dates the texts that they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}." if mark else f"{problem}."


def written(document: Any) -> str:
    """Return a document as YAML, for people: in its own order, nothing as a reference to something above."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def document(text: str, *, what: str = "transcript") -> Any:
    """Return what a YAML or JSON text holds, with nothing known of its shape; raises UnreadableTranscript."""
    return _parsed(text, what)


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
        raise UnreadableTranscript(
            f"{node.path}: {', '.join(sorted(map(str, unknown)))} is nothing that can be expected."
        )
    for name, check in SHAPES.items():
        check(node.get(name))
    return node.object()


def _objects(node: Node) -> None:
    for item in node.items():
        item.object()


def _calls(node: Node) -> None:
    for item in node.items():
        item.get("headers").object()


def _namespaces(node: Node) -> None:
    for scope in node.object():
        for namespace in node.get(scope).object():
            node.get(scope).get(namespace).object()


# What each expectation must look like, so that comparing never stumbles over one.
SHAPES: dict[str, Callable[[Node], object]] = {
    "messages": _objects,
    "waiting_at": Node.text,
    "vars": Node.object,
    "vars_unset": Node.texts,
    "api_calls": _calls,
    "events": _objects,
    "context_store": _namespaces,
}
