"""What of an export document is kept without having an effect here, each item by name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bots.engine import comparisons, exportblank, exportcontent, exportown
from bots.engine.exportnode import Node
from bots.engine.spec import BotSpec


@dataclass(frozen=True, slots=True)
class Kept:
    """Items of one sort: why they do nothing, and their names."""

    title: str
    items: tuple[str, ...]


def kept(document: object, *, spec: BotSpec) -> list[Kept]:
    """Return what exportfile.read understood, and exports give back, but nothing here acts on."""
    root = Node(document)
    found = [Kept(title, tuple(look(root, spec))) for title, look in LOOKS]
    return [one for one in found if one.items]


def _types(root: Node, spec: BotSpec) -> Iterator[str]:
    for item in root.get("conversationMessage").items():
        if exportcontent.kind(item) == "unsupported":
            yield f"{_name(item)} ({item.get('interactionType').text() or 'no type'})"


def _match_types(root: Node, spec: BotSpec) -> Iterator[str]:
    for dialog in spec.dialogs:
        for one in dialog.interactions:
            for rule in one.rules:
                if rule.condition and rule.condition.kind == "unsupported":
                    yield f"{one.name}: {(rule.condition.source or {}).get('matchType') or 'no type'}"
                for condition in rule.variable_conditions:
                    if not comparisons.canonical(condition.operator):
                        yield f"{one.name}: {condition.operator or 'no operator'}"


def _further_conditions(root: Node, spec: BotSpec) -> Iterator[str]:
    for item in root.get("conversationMessage").items():
        if any(len(list(rule.get("conditions").items())) > 1 for rule in item.get("responseMatches").items()):
            yield _name(item)


def _locations(root: Node, spec: BotSpec) -> Iterator[str]:
    for dialog in spec.dialogs:
        for one in dialog.interactions:
            yield from (f"{one.name}: {chip.title}" for chip in one.content.quick_replies if chip.type == "location")


def _integrations(root: Node, spec: BotSpec) -> Iterator[str]:
    return (f"{one.name} ({one.type})" for one in spec.integrations if one.type.upper() != "API")


def _dialogs(root: Node, spec: BotSpec) -> Iterator[str]:
    for item in root.get("groups").items():
        kind = item.get("dialogType").text("DIALOG")
        if kind.upper() not in ("DIALOG", "FALLBACK_DIALOG"):
            yield f"{_name(item)} ({kind}), which works as a standard dialog"


def _settings(root: Node, spec: BotSpec) -> Iterator[str]:
    bot = root.get("bot")
    yield from (
        key for key in ("skipNLP", "passThroughMode", "transcriptDisabled", "publicBot") if bot.get(key).value is True
    )
    yield from (key for key in ("transferGroupId", "entityDataSourceId") if bot.get(key).value)
    known = ("DEFAULT_ERROR_MESSAGE", "ENABLE_DEBUG", "ENABLE_AGENT_ANNOTATIONS")
    yield from (key for key in bot.get("botAttributes").object() if key not in known)


def _lists(root: Node, spec: BotSpec) -> Iterator[str]:
    for key, what in (
        ("associatedDomains", "NLU domain"),
        ("dialogTemplates", "dialog template"),
        ("platforms", "platform"),
    ):
        yield from (f"{what} {_label(item)}" for item in _objects(root, key))
    yield from (f"{key} ({count})" for key in ("requiredContext", "menus") if (count := len(list(_objects(root, key)))))


def _unknown(root: Node, spec: BotSpec) -> Iterator[str]:
    yield from _strange(root, exportblank.DOCUMENT, "at the top of the file")
    yield from _strange(root.get("bot"), BOT, "of the bot")
    for key, known in KNOWN.items():
        for item in root.get(key).items():
            yield from _strange(item, known, f"of {_name(item)}")


def _strange(node: Node, known: Iterable[str], where: str) -> Iterator[str]:
    return (f"{key} {where}" for key in node.object() if key not in (*known, exportown.KEY))


def _objects(root: Node, key: str) -> Iterator[Node]:
    """Nothing is known about what is only kept, not even that it is a list of objects."""
    value = root.get(key).value
    return (Node(one if isinstance(one, dict) else {}) for one in value) if isinstance(value, list) else iter(())


def _label(item: Node) -> str:
    texts = (item.object().get(key) for key in ("name", "platform", "id"))
    return next((text for text in texts if isinstance(text, str) and text), "without a name")


def _name(item: Node) -> str:
    return item.get("name").text() or item.get("id").text()


BOT = frozenset(
    [
        "id",
        "name",
        "chatBotType",
        "description",
        "status",
        "getStartedButtonPayload",
        "creationTime",
        "modificationTime",
        "entityDataSourceId",
        "demo",
        "skipNLP",
        "language",
        "botAttributes",
        "sessionLength",
        "passThroughMode",
        "transcriptDisabled",
        "version",
        "publicBot",
        "transferGroupId",
        "readOnly",
    ]
)
KNOWN = {
    "conversationMessage": frozenset(
        [
            "id",
            "chatBotId",
            "userInputRequired",
            "name",
            "pattern",
            "excludeKeywords",
            "intentId",
            "type",
            "content",
            "preProcessMessage",
            "processUserResponse",
            "postProcessMessage",
            "quickReplies",
            "group",
            "status",
            "required",
            "nextMessageId",
            "prevMessageId",
            "responseMatches",
            "interactionType",
            "changeResponse",
            "cancelResponse",
            "comment",
            "interactionDelay",
        ]
    ),
    "groups": frozenset(
        [
            "chatBotId",
            "id",
            "name",
            "creationTime",
            "modificationTime",
            "description",
            "dialogType",
            "domainId",
            "status",
            "disambiguteOnlySelectedDomains",
            "dialogTemplateIds",
        ]
    ),
    "responder": frozenset(
        [
            "chatbotId",
            "id",
            "name",
            "webhook",
            "fileUrl",
            "method",
            "headers",
            "defaultValues",
            "postBody",
            "customDataFields",
            "results",
            "group",
            "transformResultsScript",
            "responseDataVariable",
            "integrationType",
            "tangoContextEnabled",
        ]
    ),
}
LOOKS: tuple[tuple[str, Callable[[Node, BotSpec], Iterator[str]]], ...] = (
    ("Interactions of a type that is not supported here; they are skipped", _types),
    ("Rules with a match type or operator that is not supported here; they never hold", _match_types),
    ("Rules with several conditions; only the first one counts", _further_conditions),
    ("Quick replies that ask for a location; they send their title", _locations),
    ("Integrations that are no API", _integrations),
    ("Dialogs of a type that is not supported here", _dialogs),
    ("Settings", _settings),
    ("Parts of Conversation Builder that are not here", _lists),
    ("Keys that are not known here", _unknown),
)
