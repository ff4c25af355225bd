"""One turn: a consumer's message in, the new state and the replies out.

Pure. Anticipated trouble (scripts, calls, damaged rules) becomes log lines and texts; a defect of ours rises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bots.engine import contents, flow, interactions, patterns, rules, script_effects, speech
from bots.engine.context import NOWHERE, Turn
from bots.engine.effects import Effects
from bots.engine.spec import Action, BotSpec, Dialog, Interaction
from bots.engine.state import Event, Occurrence, State, TurnResult
from integrations.engine.json_values import Json

ESCALATION_FAILED = "__agent_escalation_failed__"


def run_turn(
    spec: BotSpec,
    state: State,
    variables: dict[str, Json],
    event: Event,
    effects: Effects,
    *,
    stored: Mapping[str, bytes] | None = None,
) -> TurnResult:
    """Handle one message. `state` and `variables` stay as they are; what became of them is in the result.

    stored: the JSON that the variables were read from, where there is such."""
    if state.closed:
        state, variables = State(), {}
    turn = Turn.begin(spec, state=state.copy(), variables=dict(variables), event=event, effects=effects)
    turn.scope.stored = stored or {}
    turn.log("message", f"Message: {event.text}")
    if _begins(turn) and not _debug_command(turn):
        _handle(turn)
    turn.state.consumer_names = sorted(turn.scope.consumer_names)
    return TurnResult(
        state=turn.state,
        variables=turn.scope.session,
        replies=tuple(turn.replies),
        occurrences=tuple(turn.occurrences),
        context_changes=tuple(turn.context_changes),
        waiting_at=turn.state.waiting_at(),
        as_json=turn.scope.as_json(),
    )


def _begins(turn: Turn) -> bool:
    """Run the initialization function of a new conversation; False when that ended the turn."""
    if turn.state.started:
        return True
    turn.state.started = True
    if not turn.spec.global_functions.strip():
        return True
    did = script_effects.run(turn, place="initConversation", source="")
    if did.trigger:
        turn.log("notice", "setTriggerNextMessage has no effect in the initialization function.")
    if did.closed:
        flow.run(turn, outcome=interactions.closing(did.closed))
    return not did.stops


def _debug_command(turn: Turn) -> bool:
    command = DEBUG_COMMANDS.get(patterns.fold(turn.event.text)) if turn.spec.debug else None
    if command:
        turn.log("debug", f"Debug command: {patterns.fold(turn.event.text)}.")
        command(turn)
    return command is not None


def _reset(turn: Turn) -> None:
    turn.state = State()
    for name in turn.scope.names():
        turn.scope.unset(name)
    turn.stack_changed()
    turn.facts_changed()
    turn.occurrences.append(Occurrence("reset"))
    speech.send(turn, draft=contents.say(turn, text="The session was reset."), delay_ms=0)


def _display_userid(turn: Turn) -> None:
    known = turn.event.session_facts.get("consumerId")
    text = "Consumer id: {$chatBotUserId}" if known else "The consumer has no id."
    speech.send(turn, draft=contents.say(turn, text=text), delay_ms=0)


DEBUG_COMMANDS: dict[str, Callable[[Turn], None]] = {"reset": _reset, "display userid": _display_userid}


def _handle(turn: Turn) -> None:
    """Give the message to the open question, else to the dialog starters, else to the fallback."""
    if turn.state.waiting_for_agent:
        if turn.event.text.strip() != ESCALATION_FAILED:
            turn.log("notice", "The conversation waits for an agent; the bot does not answer.")
            return
        turn.state.waiting_for_agent = False
    question = flow.open_question(turn)
    if question and _answered(turn, question):
        return
    dialog = _starter(turn)
    if dialog:
        flow.begin(turn, dialog=dialog)
    elif question and question.content.fallback_text.strip():
        turn.interaction = question
        speech.send(turn, draft=contents.say(turn, text=question.content.fallback_text), delay_ms=0)
    else:
        _fall_back(turn)


def _answered(turn: Turn, question: Interaction) -> bool:
    """Let the open question's rules and its script decide; False when the message is not for it."""
    turn.interaction = question
    rule = rules.choose(turn, interaction=question, given=interactions.given(turn, question=question))
    if rule:
        interactions.store(turn, rule=rule)
        if rule.condition and rule.condition.kind == "no_match" and rule.condition.message.strip():
            closing = speech.send(turn, draft=contents.say(turn, text=rule.condition.message), delay_ms=0)
            if closing:
                flow.run(turn, outcome=interactions.closing(closing))
                return True
    did = script_effects.run(turn, place="processUserResponse", source=question.process_response)
    if did.closed:
        flow.run(turn, outcome=interactions.closing(did.closed))
    elif did.immediate:
        flow.run(turn, outcome="stop")
    elif did.trigger:
        flow.run(turn, outcome=Action("interaction", did.trigger))
    elif rule:
        flow.run(turn, outcome=rule.action)
    return did.stops or bool(did.trigger) or rule is not None


def _starter(turn: Turn) -> Dialog | None:
    """Return the dialog that the message starts: the most literal pattern first, else a recognised intent."""
    turn.interaction = NOWHERE
    started = [(dialog, first) for dialog, first in turn.spec.starters if not _vetoed(turn, first)]
    fitting = [
        (patterns.literal_length(pattern, message=turn.event.text), "*" not in pattern, -order, dialog, pattern)
        for order, (dialog, first) in enumerate(started)
        for pattern in first.content.patterns
        if patterns.fits(pattern, message=turn.event.text)
    ]
    if fitting:
        *_, dialog, pattern = max(fitting, key=lambda hit: hit[:3])
        turn.log("rule", f"The starter pattern {pattern} of {dialog.name} fits.", hit=True)
        return dialog
    meant = _meant(turn, started)
    if meant is None:
        turn.log("rule", "No dialog starter fits.", hit=False)
    return meant


def _meant(turn: Turn, started: list[tuple[Dialog, Interaction]]) -> Dialog | None:
    """Return the dialog whose starter asks for the intent that the message means; nobody is asked without one."""
    asking = [(dialog, first.content.intent) for dialog, first in started if first.content.intent]
    intent, name = turn.intent() if asking else ("", "")
    for dialog, wanted in asking:
        if wanted == intent or (name and name in (wanted, turn.spec.intents.get(wanted))):
            turn.log("rule", f"The intent {name or intent} starts {dialog.name}.", hit=True)
            return dialog
    return None


def _vetoed(turn: Turn, starter: Interaction) -> bool:
    return bool(patterns.has_keyword(turn.event.text, keywords=starter.content.exclude_keywords))


def _fall_back(turn: Turn) -> None:
    """Run the fallback dialog; without one send the bot's fallback text and leave everything as it is."""
    dialog = next((d for d in turn.spec.dialogs if d.kind == "fallback" and flow.may_begin(d)), None)
    if turn.event.text.strip() == ESCALATION_FAILED:
        speech.error_text(turn)
    elif dialog:
        flow.begin(turn, dialog=dialog, fallback=True)
    elif turn.spec.fallback_text:
        turn.log("fallback", "Nothing fits and there is no fallback dialog: the fallback text is sent.")
        speech.send(turn, draft=contents.say(turn, text=turn.spec.fallback_text), delay_ms=0)
