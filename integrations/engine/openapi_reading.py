"""The text of an OpenAPI document, JSON or YAML, as plain values; hostile texts are refused before they cost anything.

Pure. Fetches nothing. YAML is read as the JSON that OpenAPI means: dates and `yes` stay texts, keys become texts.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from integrations.engine import json_values
from integrations.engine.errors import IntegrationError
from integrations.engine.json_values import Json, NumberText

MAX_BYTES = 3_500_000
MAX_DEPTH = 100
MAX_NODES = 400_000
_TOO_LARGE = f"The document is larger than {MAX_BYTES / 1_000_000:g} MB."
_TOO_DEEP = f"The document is nested more than {MAX_DEPTH} levels deep."
_TOO_MANY = f"The document unfolds to more than {MAX_NODES:,} values. References (*name) in YAML may be the reason."


class NotOpenApi(IntegrationError):
    """The text is no OpenAPI 3 document that can be read."""


def load(data: bytes | str) -> dict[str, Json]:
    """Return the document's values; raises NotOpenApi with a sentence for the author."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if len(raw) > MAX_BYTES:
        raise NotOpenApi(_TOO_LARGE)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotOpenApi("The document is no UTF-8 text.") from error
    if not text.strip():
        raise NotOpenApi("There is nothing to read. Choose a file or paste the document.")
    found = _values(text)
    if not isinstance(found, dict):
        raise NotOpenApi("This is no OpenAPI document: it begins with no fields such as “openapi” and “paths”.")
    return found


def _values(text: str) -> Json:
    if text.lstrip()[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            return _json(text)
    return _plain(_yaml(text), 0)


def _json(text: str) -> Json:
    try:
        value = json_values.loads(text)
    except json_values.JsonTooDeep as error:
        raise NotOpenApi(_TOO_DEEP) from error
    return _plain(value, 0)


def _yaml(text: str) -> Any:
    try:
        _measure(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (it is a SafeLoader)
    except yaml.YAMLError as error:
        raise NotOpenApi(f"The document is neither JSON nor YAML: {_sentence(error)}") from error
    except RecursionError as error:
        raise NotOpenApi(_TOO_DEEP) from error
    except (ValueError, TypeError) as error:  # a number or key that Python cannot hold
        raise NotOpenApi("The document holds a YAML value that JSON does not have.") from error


@dataclass(slots=True)
class _Open:
    """A list or mapping while its events pass: its anchor, and how many values it unfolds to so far."""

    anchor: str
    size: int = 1


def _measure(text: str) -> None:
    """Refuse what unfolds to too much, by its events alone: nothing is built yet."""
    sizes: dict[str, int] = {}
    stack = [_Open("")]
    for event in yaml.parse(text, Loader=_EVENTS):
        size = 0
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(event.anchor or ""))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = stack.pop()
            size = sizes[closed.anchor] = closed.size
        elif isinstance(event, yaml.ScalarEvent):
            size = sizes[event.anchor or ""] = 1
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in {each.anchor for each in stack}:
                raise NotOpenApi(f"The YAML reference *{event.anchor[:40]} stands inside itself.")
            size = sizes.get(event.anchor or "", 1)
        stack[-1].size += size
        if len(stack) > MAX_DEPTH:
            raise NotOpenApi(_TOO_DEEP)
        if stack[-1].size > MAX_NODES:
            raise NotOpenApi(_TOO_MANY)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads what JSON has: texts, decimal numbers, true, false, null, lists and mappings."""


_EVENTS = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"-?(?:0|[1-9][0-9]{0,30})", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,60})?(?:[eE][-+]?[0-9]{1,3})?", [*"-0123456789"]),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


def _plain(value: Any, depth: int) -> Json:
    """Return JSON's values only; raises NotOpenApi for anything else."""
    if depth > MAX_DEPTH:
        raise NotOpenApi(_TOO_DEEP)
    if isinstance(value, dict):
        return {_key(key): _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, NumberText):
        return _number(value)
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise NotOpenApi("The document holds a YAML value that JSON does not have.")


def _key(key: Any) -> str:
    """`200:` and `true:` are numbers and booleans in YAML, names in OpenAPI."""
    return json.dumps(key) if isinstance(key, bool) or key is None else str(key)


def _number(text: NumberText) -> Json:
    """A number as Python has it; one that no float can hold stays the text that it is."""
    plain = str(text)
    if len(plain) > 40:
        return plain
    number = float(plain)
    if not math.isfinite(number):
        return plain
    return int(plain) if re.fullmatch(r"-?\d+", plain) else number


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be read"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}." if mark else f"{problem}."
