"""Run one interaction: its scripts, its messages, and what it leads to. A table says how each kind works.

Knows one interaction at a time; the stack of dialogs and the order of interactions are flow's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from bots.engine import calls, contents, rules, script_effects, speech
from bots.engine.context import Turn
from bots.engine.script_effects import Did
from bots.engine.spec import Action, Interaction, Rule
from bots.engine.state import Occurrence
from integrations.engine import template

NEXT = Action()  # where no rule says otherwise

# wait: a question is open. stop: the flow of this turn ends, nothing else changes. failed: the dialog's flow stops.
Outcome = Action | Literal["wait", "stop", "failed"]


def perform(turn: Turn, *, interaction: Interaction) -> Outcome:
    """Run an interaction up to where it waits or leads on."""
    if interaction.kind not in PERFORM:
        name = interaction.content.imported_type or interaction.kind
        turn.once(f"type {name}", f"Interactions of the type {name} are not supported here; they are skipped.")
        return _follow(turn, interaction, _given(turn, interaction))
    turn.log("interaction", f"{interaction.name} ({interaction.kind.replace('_', ' ')})", name=interaction.name)
    pre = script_effects.run(turn, place="preProcess", source=interaction.pre_process)
    if pre.stops:
        return _stopped(pre)
    if pre.trigger:
        return Action("interaction", pre.trigger)
    return PERFORM[interaction.kind](turn, interaction, pre)


def _follow(turn: Turn, interaction: Interaction, given: rules.Given) -> Action:
    """Return the action of the rule that holds, its variables set; the next interaction when none holds."""
    rule = rules.choose(turn, interaction=interaction, given=given)
    if rule is None:
        return NEXT
    store(turn, rule=rule)
    return rule.action


def store(turn: Turn, *, rule: Rule) -> None:
    """Set a rule's variables and its slot."""
    slot = rule.slot
    named = [(variable.name, variable) for variable in rule.variables] + ([(f"slot.{slot.name}", slot)] if slot else [])
    for name, variable in named:
        consumer = template.holds_consumer_words(variable.value, turn.scope)
        if turn.scope.set(name, turn.plain(variable.value), variable.scope, consumer=consumer):
            turn.log("set", f"{name} was set ({variable.scope}).", name=name, scope=variable.scope)


def _given(turn: Turn, interaction: Interaction, call: str = "") -> rules.Given:
    intent, name = turn.intent() if rules.asks_for_intent(interaction) else ("", "")
    label = turn.event.tap.label if turn.event.tap else ""
    return rules.Given(turn.event.text, label=label, call=call, intent=intent, intent_name=name)


def given(turn: Turn, *, question: Interaction) -> rules.Given:
    """Return what the rules of an open question are asked about."""
    return _given(turn, question)


def _stopped(did: Did) -> Outcome:
    return closing(did.closed) if did.closed else "stop"


def closing(how: str) -> Action:
    """Return the action that closes in the way that a special text asked for."""
    return Action("close_dialog" if how == "close_dialog" else "close_conversation")


def _starter(turn: Turn, interaction: Interaction, pre: Did) -> Outcome:
    return _follow(turn, interaction, _given(turn, interaction))


def _show(turn: Turn, interaction: Interaction, pre: Did) -> Outcome:
    """Statements and questions: the content is prepared before, and sent after, the post-process script."""
    drafts = contents.prepare(turn, kind=interaction.kind, content=interaction.content)
    post = script_effects.run(turn, place="postProcess", source=interaction.post_process)
    if post.stops:
        return _stopped(post)
    delays = (post.delay_ms, pre.delay_ms, interaction.delay_ms)
    delay_ms = next(delay for delay in delays if delay is not None)
    for draft in drafts:
        how = speech.send(turn, draft=draft, delay_ms=delay_ms, chips=pre.quick_replies + post.quick_replies)
        if how:
            return closing(how)
    if post.trigger:
        return Action("interaction", post.trigger)
    return "wait" if interaction.waits else _follow(turn, interaction, _given(turn, interaction))


def _agent_transfer(turn: Turn, interaction: Interaction, pre: Did) -> Outcome:
    """Say so, hand over, and stop: what follows is the agent's."""
    content = interaction.content
    shown = _show(turn, interaction, pre)
    if not isinstance(shown, Action) or shown.kind.startswith("close"):
        return shown
    skill, agent = turn.plain(content.skill), turn.plain(content.agent)
    turn.state.waiting_for_agent = True
    turn.occurrences.append(Occurrence("transfer", {"skill_id": skill, "agent_id": agent, **turn.state.transfer}))
    turn.log("transfer", "The conversation waits for an agent.", skill=skill)
    return Action("end")


def _integration(turn: Turn, interaction: Interaction, pre: Did) -> Outcome:
    """Call, run the post-process script, then the rules; a failure that nothing handles ends the dialog's flow."""
    outcome, transform = calls.call(turn, interaction=interaction, before=pre)
    if transform.stops:
        return _stopped(transform)
    post = script_effects.run(turn, place="postProcess", source=interaction.post_process)
    if post.stops:
        return _stopped(post)
    trigger = post.trigger or transform.trigger
    if trigger:
        return Action("interaction", trigger)
    if outcome.ok:
        return _follow(turn, interaction, _given(turn, interaction, "SUCCESS"))
    rule = rules.choose(
        turn, interaction=calls.failure_rules(interaction), given=_given(turn, interaction, outcome.kind or "http")
    )
    if rule:
        store(turn, rule=rule)
        return rule.action
    speech.send(turn, draft=contents.say(turn, text=turn.spec.failure_text), delay_ms=0)
    return "failed"


PERFORM: dict[str, Callable[[Turn, Interaction, Did], Outcome]] = {
    "starter": _starter,
    **dict.fromkeys(contents.PREPARE, _show),
    "agent_transfer": _agent_transfer,
    "integration": _integration,
}
