"""What a text of a bot can refer to, as it is written there, each with where its value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bots.engine import spec
from bots.services import variables

SYSTEM = {
    "userMessage": "The consumer's latest message",
    "query": "The consumer's latest message",
    "quickReplyPayload": "The payload of the tapped quick reply",
    "conversationId": "The id of the conversation",
    "chatBotId": "The id of the bot",
    "chatBotUserId": "The id of the consumer",
    "firstname": "The consumer's first name, where it is known",
    "location": "Where the consumer is, where it is known",
}
ABOUT_CALLS = {
    "$status": "the HTTP status of the latest call",
    "$error": "the kind of failure of the latest call, empty when it succeeded",
    "$attempts": "how often the latest call was tried",
}
MOST_PLACES = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """`written` is what goes into the text; `origin` says in words what gives it a value."""

    written: str
    origin: str


def of(draft: spec.BotSpec, *, environment: dict[str, str]) -> list[Offer]:
    """Return all that has a value somewhere: what authors made first, what every bot has last."""
    made = [
        Offer(entry.written, f"{_singular(label)}, {_places(entry)}")
        for label, entries in variables.listing(draft, environment=environment)
        for entry in entries
        if entry.sets and entry.kind in ("variable", "slot", "env", "field")
    ]
    return [*made, *_of_calls(draft), *(Offer(f"{{${name}}}", help_text) for name, help_text in SYSTEM.items())]


def _of_calls(draft: spec.BotSpec) -> Iterator[Offer]:
    for integration in draft.integrations:
        for row in integration.fields:
            if row.enabled and "[i]" in row.value:
                yield Offer(f"{{{integration.name}.{row.key}.count}}", f"Integration {integration.name}, how many")
        for name, help_text in ABOUT_CALLS.items():
            yield Offer(f"{{{integration.name}.{name}}}", f"Integration {integration.name}, {help_text}")


def _singular(label: str) -> str:
    return label.removesuffix("s")


def _places(entry: variables.Entry) -> str:
    """Name the first places that set it."""
    if entry.kind == "env":
        return "from the linked environment"
    names = list(dict.fromkeys(spot.where for spot in entry.sets))
    more = f" and {len(names) - MOST_PLACES} more" if len(names) > MOST_PLACES else ""
    return f"set by {', '.join(names[:MOST_PLACES])}{more}"
