"""Read a Conversation Builder export file into a BotSpec.

Pure. Tolerates unknown keys and types; raises UnreadableExport, with the place, for a shape that cannot be read.
Nothing here is lost for a later export: that starts from the document itself, by the ids that the spec keeps as keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from bots.engine import exportcontent, exportown, exportrules, texts
from bots.engine.exportnode import Node, UnreadableExport
from bots.engine.spec import BotSpec, Dialog, DialogKind, Interaction
from integrations.engine.json_values import JsonTooDeep, check_depth
from integrations.engine.spec import IntegrationSpec, Row

MAX_BYTES = 50 * 1024 * 1024
MAX_INTERACTIONS = 100_000
DEFAULTS = BotSpec(key="", name="")

__all__ = ["MAX_BYTES", "MAX_INTERACTIONS", "UnreadableExport", "parse", "read"]


def parse(data: bytes) -> object:
    """Return the document in a file; raises UnreadableExport for one that is too large or no JSON."""
    if len(data) > MAX_BYTES:
        raise UnreadableExport(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
    try:
        document: object = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
        check_depth(document)
    except UnicodeDecodeError as error:
        raise UnreadableExport("The file is not encoded in UTF-8.") from error
    except (RecursionError, JsonTooDeep) as error:
        raise UnreadableExport("The file is nested too deeply to be a bot export.") from error
    except json.JSONDecodeError as error:
        raise UnreadableExport(
            f"The file is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from error
    except ValueError as error:
        raise UnreadableExport(f"The file holds a number that cannot be read: {error}") from error
    return document


def _refuse(constant: str) -> object:
    raise UnreadableExport(f"The file is not JSON: {constant} is not a number.")


def silent() -> None:
    """For a reader whom nobody watches."""


def read(document: object, *, tell: Callable[[], None] = silent) -> BotSpec:
    """Return the bot of an export document; `tell` is called for each interaction, and may raise to stop."""
    root = Node(document)
    for key in ("bot", "conversationMessage", "groups"):
        if key not in root.object():
            raise UnreadableExport(f"This is no Conversation Builder export: it has no “{key}”.")
    bot, attributes = root.get("bot"), root.get("bot").get("botAttributes")
    integrations = tuple(integration(item) for item in root.get("responder").items())
    dialogs = _dialogs(root, integrations, tell)
    spec = BotSpec(
        key=bot.get("id").required(),
        name=bot.get("name").required(),
        language=bot.get("language").text(DEFAULTS.language),
        session_seconds=max(0, bot.get("sessionLength").number()) * 60 or DEFAULTS.session_seconds,
        error_text=attributes.get("DEFAULT_ERROR_MESSAGE").text() or DEFAULTS.error_text,
        debug=attributes.get("ENABLE_DEBUG").flag(default=True),
        global_functions=root.get("globalFunctions").get("methods").text(),
        dialogs=dialogs,
        integrations=integrations,
        intents=_intents(root, dialogs),
    )
    return exportown.overlay(spec, bot)


def _intents(root: Node, dialogs: tuple[Dialog, ...]) -> dict[str, str]:
    """Return the names of intents by id: those that the file lists, and those that are asked for all the same."""
    listed = dict(_intent(item) for item in root.get("associatedIntents").items())
    asked = (name for dialog in dialogs for one in dialog.interactions for name in _asked(one))
    return listed | {name: name for name in asked if name not in listed and name not in listed.values()}


def _asked(interaction: Interaction) -> Iterator[str]:
    if interaction.content.intent:
        yield interaction.content.intent
    for rule in interaction.rules:
        if rule.condition and rule.condition.kind == "intent":
            yield from rule.condition.values


def _intent(node: Node) -> tuple[str, str]:
    key = node.get("id").required()
    return key, node.get("displayName").text() or node.get("name").text() or key


def integration(node: Node) -> IntegrationSpec:
    """Read one element of `responder`."""
    name = node.get("name").required()
    read = IntegrationSpec(
        key=node.get("id").required(),
        name=name,
        response_variable=node.get("responseDataVariable").text() or name,
        type=node.get("integrationType").text("API"),
        method=node.get("method").text("GET").upper(),
        url=node.get("webhook").text(),
        headers=_rows(node.get("headers")),
        body=node.get("postBody").text(),
        transform_script=node.get("transformResultsScript").text(),
        fields=_rows(node.get("customDataFields")),
    )
    return exportown.overlay(read, node)


def _rows(node: Node) -> tuple[Row, ...]:
    return tuple(Row(key=item.get("key").text(), value=item.get("value").text()) for item in node.items())


def _dialogs(root: Node, integrations: tuple[IntegrationSpec, ...], tell: Callable[[], None]) -> tuple[Dialog, ...]:
    """Return the dialogs in file order, then one for each dialog that interactions name but the file does not list."""
    keys = {integration.name: integration.key for integration in reversed(integrations)}
    keys |= {integration.key: integration.key for integration in integrations}
    members: dict[str, list[Node]] = {}
    for count, item in enumerate(root.get("conversationMessage").items()):
        if count >= MAX_INTERACTIONS:
            raise UnreadableExport(f"The bot has more than {MAX_INTERACTIONS:,} interactions.")
        members.setdefault(item.get("group").text(), []).append(item)
    dialogs = []
    for group in root.get("groups").items():
        key = group.get("id").required()
        dialogs.append(_dialog(group, key, _chain(members.pop(key, [])), keys, tell))
    stray = Node({"name": "Without a dialog"})
    strays = [_dialog(stray, key, _chain(nodes), keys, tell) for key, nodes in members.items()]
    places = {key: place for place, key in enumerate(root.get("bot").get(exportown.KEY).get("dialog_order").texts())}
    return tuple(sorted([*dialogs, *strays], key=lambda dialog: places.get(dialog.key, len(places))))


def _dialog(group: Node, key: str, chain: list[Node], integrations: dict[str, str], tell: Callable[[], None]) -> Dialog:
    kind: DialogKind = "fallback" if group.get("dialogType").text().upper() == "FALLBACK_DIALOG" else "standard"
    return Dialog(
        key=key,
        name=group.get("name").text() or key,
        kind=kind,
        enabled=group.get("status").text("ENABLED").upper() != "DISABLED",
        interactions=tuple(interaction(node, integrations=integrations) for node in _told(chain, tell)),
    )


def _told(chain: list[Node], tell: Callable[[], None]) -> Iterator[Node]:
    for node in chain:
        tell()
        yield node


def _chain(nodes: list[Node]) -> list[Node]:
    """Return a dialog's interactions in the order of their links; what no link leads to follows in file order."""
    by_id = {node.get("id").required(): node for node in nodes}
    heads = [node for node in nodes if node.get("prevMessageId").text() not in by_id]
    ordered: dict[str, Node] = {}
    for start in (*heads, *nodes):
        node: Node | None = start
        while node is not None and node.get("id").text() not in ordered:
            ordered[node.get("id").text()] = node
            node = by_id.get(node.get("nextMessageId").text())
    return list(ordered.values())


def interaction(node: Node, *, integrations: Mapping[str, str]) -> Interaction:
    """Read one element of `conversationMessage`; `integrations` leads from ids and names to keys."""
    key = node.get("id").required()
    read = Interaction(
        key=key,
        name=node.get("name").text() or key,
        kind=exportcontent.kind(node),
        content=exportcontent.content(node, integrations=integrations),
        rules=exportrules.rules(node.get("responseMatches")),
        enabled=node.get("status").text("ACTIVE").upper() not in ("INACTIVE", "DISABLED"),
        delay_ms=texts.cap(node.get("interactionDelay").number()),
        pre_process=node.get("preProcessMessage").text(),
        post_process=node.get("postProcessMessage").text(),
        process_response=node.get("processUserResponse").text(),
    )
    return exportown.overlay(read, node)
