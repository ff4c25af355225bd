"""The references of an OpenAPI document: followed inside the document, never outside it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

from integrations.engine.json_values import Json

MAX_HOPS = 20


@dataclass(slots=True)
class Document:
    """A document and what of it was not understood while it was read: one short sentence each, in order, once."""

    root: dict[str, Json]
    notes: dict[str, None] = field(default_factory=dict)

    def note(self, sentence: str) -> None:
        self.notes.setdefault(sentence[:300])

    def object(self, value: Json) -> dict[str, Json]:
        """Return the object that a value is or refers to; an empty one, and a note, where there is none."""
        found, _ = self.resolve(value)
        return found

    def resolve(self, value: Json) -> tuple[dict[str, Json], str]:
        """Return the object and the reference that led to it last ("" without one), so that cycles can be noticed."""
        reference = ""
        beside: dict[str, Json] = {}
        for _ in range(MAX_HOPS):
            if not isinstance(value, dict):
                return beside, reference
            if not isinstance(value.get("$ref"), str):
                return {**value, **beside}, reference
            reference = str(value["$ref"])
            # 3.1 lets a description, and in schemas anything, stand beside a reference; it counts more.
            beside = {**{key: each for key, each in value.items() if key != "$ref"}, **beside}
            value = self._target(reference)
        self.note(f"The reference {reference[:120]} leads in a circle.")
        return beside, reference

    def _target(self, reference: str) -> Json:
        if not reference.startswith("#"):
            self.note(f"The reference {reference[:120]} leads out of the document; nothing is fetched.")
            return None
        value: Json = self.root
        for part in reference[1:].split("/")[1:]:
            value = _step(value, unquote(part).replace("~1", "/").replace("~0", "~"))
        if value is None:
            self.note(f"The reference {reference[:120]} leads nowhere.")
        return value


def _step(value: Json, key: str) -> Json:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 7:
        return value[int(key)] if int(key) < len(value) else None
    return None


def objects(value: Json) -> list[dict[str, Json]]:
    """Return the objects of a list, nothing for what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def text(value: Json, *, limit: int = 300) -> str:
    """Return the first line of a text, nothing for what is none."""
    line = value.strip().partition("\n")[0].strip() if isinstance(value, str) else ""
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
