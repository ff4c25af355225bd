"""Fill in the variables of a text, each escaped for where it stands.

Pure. One pass: a value is never expanded again, and braces that are no variable are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import cast

from integrations.engine import lookup, positions
from integrations.engine.json_values import Json
from integrations.engine.scope import Scope

Position = positions.Position
Placeholder = lookup.Placeholder

LONG = 500  # characters of a text, beyond which it is read each time
_WORD = r"[\w\-]+(?:\ [\w\-]+)*"
_PLACEHOLDER = re.compile(
    rf"""\{{(?:
      \$botContext\.slot\.(?P<slot>[^{{}}"\r\n]+)
    | \$botContext\.(?P<variable>[^{{}}\r\n]+)
    | \$env\.(?P<env>[^{{}}"\r\n]+)
    | (?P<path>\$\.(?:(?:[^{{}}"'\r\n]|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')*|[^{{}}\r\n]*))
    | \$(?P<system>[^\W\d]\w*(?:\.\w+)*)
    | (?P<field>[^\W\d]\w*\.(?:\$(?:error|status|attempts)|{_WORD}(?:\.{_WORD})*))
    )\}}""",
    re.VERBOSE,
)
_EVERY = re.compile(r"\[\s*[i*]\s*\]")


def names(text: str) -> list[Placeholder]:
    """List the variables of a text in the order in which they stand there."""
    return list(_placeholders(text))


def render(
    text: str,
    scope: Scope,
    *,
    position: Position,
    unknown: Callable[[str], None] = lambda name: None,
    index: int | None = None,
) -> str:
    """Return the text with its variables filled in, escaped for the position.

    unknown: told once for every variable that is not there, as the author wrote it (`$botContext.name`).
    index: which value of list fields to take (a tile); without it the first, in JSON the whole list.
    Raises errors.UnsafeValue where a value must not stand at the position.
    """
    missing: dict[str, None] = {}
    filled = fill(
        text, lookup.Reader(scope), position=position, unknown=lambda name: missing.setdefault(name), index=index
    )
    for name in missing:
        unknown(name)
    return filled


def fill(
    text: str, reader: lookup.Reader, *, position: Position, unknown: Callable[[str], None], index: int | None = None
) -> str:
    """Do what `render` does with a reader that is shared by several texts; unknown variables are told each time."""
    if "{" not in text:
        return text
    place = positions.JsonPlace()
    pieces: list[str] = []
    at = 0
    for placeholder in _placeholders(text):
        literal, at = text[at : placeholder.start], placeholder.end
        pieces.append(literal)
        if position is not Position.JSON:
            pieces.append(written(placeholder, reader, position=position, unknown=unknown, index=index))
            continue
        place.read(literal)
        found = reader.find(placeholder)
        if not found.known:
            unknown(placeholder.source)
        value = _picked(found.value, placeholder, index, whole=not place.inside) if found.known else ""
        pieces.append(place.write(value, consumer=found.consumer))
    return "".join(pieces) + text[at:]


def written(
    placeholder: Placeholder,
    reader: lookup.Reader,
    *,
    position: Position,
    unknown: Callable[[str], None],
    index: int | None = None,
) -> str:
    """Return what stands in the place of one variable, at a position other than JSON; unknown, index: as `render`."""
    found = reader.find(placeholder)
    if not found.known:
        unknown(placeholder.source)
    value = _picked(found.value, placeholder, index, whole=False)
    return positions.write(value, position, name=placeholder.source)


def holds_consumer_words(text: str, scope: Scope) -> bool:
    """Tell whether a template takes in anything that the consumer typed (then Scope.set wants `consumer=True`)."""
    reader = lookup.Reader(scope)
    return any(reader.find(placeholder).consumer for placeholder in _placeholders(text))


def longest_list(text: str, scope: Scope) -> int:
    """Return how many values the longest list field of a text has; -1 when it has no list field at all."""
    reader = lookup.Reader(scope)
    values = [reader.find(placeholder).value for placeholder in _placeholders(text) if _may_repeat(placeholder)]
    return max((len(value) for value in values if isinstance(value, list)), default=-1)


def _placeholders(text: str) -> tuple[Placeholder, ...]:
    if "{" not in text:
        return ()
    return _remembered(text) if len(text) < LONG else _read(text)


def _read(text: str) -> tuple[Placeholder, ...]:
    return tuple(map(_placeholder, _PLACEHOLDER.finditer(text)))


_remembered = lru_cache(maxsize=4096)(_read)


def _placeholder(match: re.Match[str]) -> Placeholder:
    kind = cast(lookup.Kind, match.lastgroup)
    return Placeholder(kind, match[kind].strip(), match[0][1:-1].strip(), match.start(), match.end())


def iterates(placeholder: Placeholder) -> bool:
    """Tell whether a placeholder is a path that gives one value per element of a list."""
    return placeholder.kind == "path" and bool(_EVERY.search(placeholder.name))


def _may_repeat(placeholder: Placeholder) -> bool:
    return placeholder.kind == "field" or iterates(placeholder)


def _picked(value: Json, placeholder: Placeholder, index: int | None, *, whole: bool) -> Json:
    """Return the one value of a list field that a text shows, or the whole list where JSON takes it."""
    if not isinstance(value, list) or not _may_repeat(placeholder) or (whole and index is None):
        return value
    place = index or 0
    return value[place] if place < len(value) else ""
