"""Apply what a script did to the turn: variables, messages, events, user data; report what concerns the flow.

Knows the operations of integrations.engine.scripts.ScriptOutcome; an operation of another version is a defect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bots.engine import contextstore, speech, texts
from bots.engine.context import Turn
from bots.engine.state import Occurrence
from integrations.engine import template
from integrations.engine.json_values import Json, to_text
from integrations.engine.scripts import Place

Operation = Mapping[str, Json]


@dataclass(slots=True)
class Did:
    """What a script asked of the flow. trigger: the key of an interaction to go to. immediate: the flow of the turn
    ends. closed: a special text that it sent closes the conversation. delay_ms: for the messages."""

    trigger: str = ""
    immediate: bool = False
    closed: str = ""
    delay_ms: int | None = None
    quick_replies: tuple[dict[str, Json], ...] = ()

    @property
    def stops(self) -> bool:
        return self.immediate or bool(self.closed)


def run(turn: Turn, *, place: Place, source: str) -> Did:
    """Run a script, if there is one, and apply what it did."""
    if not source.strip() and place != "initConversation":
        return Did()
    return apply(turn, operations=turn.run(place, source).operations)


def apply(turn: Turn, *, operations: tuple[Operation, ...]) -> Did:
    """Apply operations in order; the last setMessageDelay counts for all messages of the script."""
    did = Did()
    delays = [operation["ms"] for operation in operations if operation["op"] == "delay"]
    if delays:
        did.delay_ms = texts.cap(int(float(delays[-1])))
    for operation in operations:
        OPERATIONS[str(operation["op"])](turn, did, operation)
    return did


def _set(turn: Turn, did: Did, operation: Operation) -> None:
    name, value, scope = str(operation["name"]), operation["value"], operation["scope"]
    if operation.get("forever"):
        turn.once("persistForever", "Variables that are to be kept for ever are kept for the session.")
    if turn.scope.set(name, value, "session" if scope == "session" else "request"):
        turn.log("set", f"{name} was {'removed' if value is None else 'set'} ({scope}).", name=name, scope=scope)


def _trigger(turn: Turn, did: Did, operation: Operation) -> None:
    name = str(operation["name"])
    found = turn.spec.interaction_by_name.get(name)
    if found is None:
        turn.log("error", f"setTriggerNextMessage: there is no interaction named {name}; ignored.", error=True)
        return
    did.trigger = found[1].key


def _nothing(turn: Turn, did: Did, operation: Operation) -> None:
    """setMessageDelay has been read beforehand."""


def _allow_max(turn: Turn, did: Did, operation: Operation) -> None:
    turn.state.allow_max_text = bool(operation["value"])


def _quick_replies(turn: Turn, did: Did, operation: Operation) -> None:
    did.quick_replies += _chips(operation)


def _message(turn: Turn, did: Did, operation: Operation) -> None:
    _send(turn, did, str(operation["text"]))


def _message_replies(turn: Turn, did: Did, operation: Operation) -> None:
    _send(turn, did, str(operation["text"]), _chips(operation))


def _immediate(turn: Turn, did: Did, operation: Operation) -> None:
    for text in operation["texts"]:
        _send(turn, did, str(text))
    did.immediate = True


def _private(turn: Turn, did: Did, operation: Operation) -> None:
    turn.occurrences.append(Occurrence("private_message", {"text": operation["text"]}))
    turn.log("private", "A private message was noted.")


def _debug(turn: Turn, did: Did, operation: Operation) -> None:
    turn.log("debug", str(operation["text"]))


def _refused(turn: Turn, did: Did, operation: Operation) -> None:
    turn.log("limit", str(operation["text"]), error=True)


def _event(turn: Turn, did: Did, operation: Operation) -> None:
    detail = {
        "name": operation.get("name"),
        "user_message": operation.get("message"),
        "detail": operation.get("detail"),
    }
    turn.occurrences.append(Occurrence("custom_event", detail))
    turn.log("event", f"Custom event {to_text(operation.get('name'))}.")


def _escalation(turn: Turn, did: Did, operation: Operation) -> None:
    detail = {"user_message": operation.get("message"), "escalation_type": operation.get("type")}
    turn.occurrences.append(Occurrence("escalation", detail))
    turn.log("event", "Escalation event.")


def _context(turn: Turn, did: Did, operation: Operation) -> None:
    scopes = {**turn.context, "conversation": turn.state.context}
    what = ".".join(str(operation[key]) for key in ("scope", "namespace", "key") if operation.get(key))
    if reason := contextstore.refusal(scopes, operation=operation):
        turn.log("limit", f"Context service: {what} was not set: {reason}.", error=True)
        return
    contextstore.change(scopes, operation=operation)
    if operation["scope"] != "conversation":
        turn.context_changes.append(operation)
    turn.log("context", f"Context service: {operation['action']} {what}.")


def _user(turn: Turn, did: Did, operation: Operation) -> None:
    turn.state.user[str(operation["field"])] = to_text(operation["value"])
    turn.facts_changed()


def _transfer(turn: Turn, did: Did, operation: Operation) -> None:
    turn.state.transfer[str(operation["field"])] = to_text(operation["value"])


def _stub(turn: Turn, did: Did, operation: Operation) -> None:
    name = str(operation["name"])
    turn.once(f"stub {name}", f"botContext.{name} has no meaning here; its documented answer without data was given.")


def _unsupported(turn: Turn, did: Did, operation: Operation) -> None:
    turn.log("error", f"botContext.{operation['name']} is not supported here.", error=True)


OPERATIONS: dict[str, Callable[[Turn, Did, Operation], None]] = {
    "set": _set,
    "trigger": _trigger,
    "delay": _nothing,
    "allow_max": _allow_max,
    "quick_replies": _quick_replies,
    "message": _message,
    "message_replies": _message_replies,
    "immediate": _immediate,
    "private": _private,
    "debug": _debug,
    "refused": _refused,
    "event": _event,
    "escalation": _escalation,
    "context": _context,
    "user": _user,
    "transfer": _transfer,
    "stub": _stub,
    "unsupported": _unsupported,
}


def _chips(operation: Operation) -> tuple[dict[str, Json], ...]:
    return tuple({"title": chip["title"], "payload": chip["payload"] or chip["title"]} for chip in operation["replies"])


def _send(turn: Turn, did: Did, text: str, chips: tuple[dict[str, Json], ...] = ()) -> None:
    filled = texts.plain(text) if _repeats_the_consumer(turn, text) else turn.fill(text)
    draft = (
        speech.Draft("quick_replies", filled, {"quick_replies": list(chips)}) if chips else speech.Draft("text", filled)
    )
    did.closed = speech.send(turn, draft=draft, delay_ms=did.delay_ms or 0) or did.closed


def _repeats_the_consumer(turn: Turn, text: str) -> bool:
    """Tell whether a placeholder in a script's text may come from the consumer or from a variable rather than from
    the author: then nothing is filled in, or a consumer could read any variable by naming it."""
    sources = [text[placeholder.start : placeholder.end] for placeholder in template.names(text)]
    if not sources:
        return False
    said = [turn.event.text, *(turn.scope.text(name) for name in turn.scope.names())]
    return any(source in heard for source in sources for heard in said)
