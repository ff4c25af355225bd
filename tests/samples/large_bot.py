"""The export of a bot with as many interactions as a test wants."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.samples import parcel_bot


def document(interactions: int) -> dict[str, Any]:
    """Return the parcel bot with a chain of texts added, `interactions` in all."""
    made = parcel_bot.document()
    model = next(one for one in made["conversationMessage"] if one["name"] == "greet")
    more = interactions - len(made["conversationMessage"])
    for number in range(more):
        one = copy.deepcopy(model) | {"id": f"more-{number}", "name": f"more {number}"}
        one["prevMessageId"] = f"more-{number - 1}" if number else model["id"]
        one["nextMessageId"] = f"more-{number + 1}" if number < more - 1 else ""
        made["conversationMessage"].append(one)
    return made


def data(interactions: int) -> bytes:
    return json.dumps(document(interactions)).encode()
