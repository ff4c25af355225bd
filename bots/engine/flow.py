"""Walk from interaction to interaction until something waits or ends: the stack of dialogs and what actions mean.

Knows spec and state; what an interaction does is interactions'.
"""

from __future__ import annotations

from collections.abc import Callable

from bots.engine import interactions, speech
from bots.engine.context import Turn
from bots.engine.interactions import Outcome
from bots.engine.spec import Action, Dialog, Interaction
from bots.engine.state import Frame
from integrations.engine.json_values import to_text

MAX_INTERACTIONS = 50
MAX_STACK = 10


def run(turn: Turn, *, outcome: Outcome) -> None:
    """Carry out an action, and all that follow from it, within the limit of a turn."""
    while (interaction := _target(turn, outcome)) is not None:
        if turn.executed >= MAX_INTERACTIONS:
            turn.log("limit", f"More than {MAX_INTERACTIONS} interactions in one turn: it was stopped.", error=True)
            speech.error_text(turn)
            break
        turn.executed += 1
        turn.interaction = interaction
        outcome = interactions.perform(turn, interaction=interaction)
    _drop_idle_frames(turn)


def begin(turn: Turn, *, dialog: Dialog, fallback: bool = False) -> None:
    """Start a dialog on top of the one whose question is open: that one is returned to."""
    stack = turn.state.stack
    if stack and stack[-1].fallback and fallback:
        stack.pop()
    if len(stack) >= MAX_STACK:
        turn.log("limit", f"More than {MAX_STACK} dialogs are open: the oldest is not returned to.", error=True)
        del stack[0]
    stack.append(Frame(dialog.key, fallback=fallback))
    turn.stack_changed()
    turn.log("dialog", f"Dialog {dialog.name} begins.", name=dialog.name)
    first = dialog.enabled_from(0)
    run(turn, outcome=Action("interaction", first.key) if first else Action("end"))


def may_begin(dialog: Dialog) -> bool:
    return dialog.enabled and dialog.enabled_from(0) is not None


def open_question(turn: Turn) -> Interaction | None:
    """Return the question on top that waits; questions that this version of the bot does not have are dropped."""
    while turn.state.stack:
        found = turn.spec.interaction_by_key.get(turn.state.stack[-1].pending)
        if found:
            return found[1]
        turn.state.stack.pop()
        turn.stack_changed()
    return None


def repeat_question(turn: Turn) -> None:
    """Run the open question again, if there is one."""
    question = open_question(turn)
    if question:
        run(turn, outcome=Action("interaction", question.key))


def _target(turn: Turn, outcome: Outcome) -> Interaction | None:
    """Return the interaction to run next, the stack brought in line; None when the flow is over for this turn."""
    if isinstance(outcome, Action):
        return ACTIONS[outcome.kind](turn, outcome.target)
    if outcome == "wait" and turn.frame:
        turn.frame.pending = turn.interaction.key
    if outcome == "failed":
        _pop(turn)
    return None


def _next(turn: Turn, target: str) -> Interaction | None:
    dialog, _ = turn.spec.interaction_by_key[turn.interaction.key]
    return _enabled_from(turn, dialog, turn.spec.position_by_key[turn.interaction.key] + 1)


def _repeat(turn: Turn, target: str) -> Interaction | None:
    return turn.interaction


def _interaction(turn: Turn, target: str) -> Interaction | None:
    found = turn.spec.interaction_by_key.get(target)
    if found is None or not found[0].enabled:
        return _leads_nowhere(turn, "an interaction")
    dialog, interaction = found
    if turn.frame is None or turn.frame.dialog != dialog.key:
        _replace_top(turn, dialog)
    return _enabled_from(turn, dialog, turn.spec.position_by_key[interaction.key])


def _dialog(turn: Turn, target: str) -> Interaction | None:
    dialog = turn.spec.dialog_by_key.get(target)
    if dialog is None or not may_begin(dialog):
        return _leads_nowhere(turn, "a dialog")
    _replace_top(turn, dialog)
    turn.log("dialog", f"Dialog {dialog.name} begins.", name=dialog.name)
    return _enabled_from(turn, dialog, 0)


def _end(turn: Turn, target: str) -> Interaction | None:
    turn.state.stack.clear()
    turn.stack_changed()
    turn.log("end", "The flow ends here.")
    return None


def _close_conversation(turn: Turn, target: str) -> Interaction | None:
    speech.close(turn, how="close_conversation")
    return None


def _close_dialog(turn: Turn, target: str) -> Interaction | None:
    speech.close(turn, how="close_dialog")
    return None


ACTIONS: dict[str, Callable[[Turn, str], Interaction | None]] = {
    "next": _next,
    "repeat": _repeat,
    "interaction": _interaction,
    "dialog": _dialog,
    "end": _end,
    "close_conversation": _close_conversation,
    "close_dialog": _close_dialog,
}


def _enabled_from(turn: Turn, dialog: Dialog, start: int) -> Interaction | None:
    """Return the first interaction from there on that is switched on; past the last one the dialog is complete."""
    return dialog.enabled_from(start) or _complete(turn, dialog)


def _complete(turn: Turn, dialog: Dialog) -> Interaction | None:
    """Leave a dialog that came to its end and go back to the nearest open question below, which is asked again."""
    turn.log("dialog", f"Dialog {dialog.name} is complete.", name=dialog.name)
    returns = to_text(turn.scope.get("skipPreviousDialog")).lower() != "true"
    _pop(turn)
    if not returns:
        turn.state.stack.clear()
        turn.stack_changed()
        return None
    _drop_idle_frames(turn)
    return open_question(turn)


def _leads_nowhere(turn: Turn, what: str) -> Interaction | None:
    turn.log("error", f"The next action leads to {what} that does not exist or is switched off.", error=True)
    return _end(turn, "")


def _replace_top(turn: Turn, dialog: Dialog) -> None:
    if turn.state.stack:
        turn.state.stack.pop()
    turn.state.stack.append(Frame(dialog.key))
    turn.stack_changed()


def _pop(turn: Turn) -> None:
    if turn.state.stack:
        turn.state.stack.pop()
    turn.stack_changed()


def _drop_idle_frames(turn: Turn) -> None:
    """Drop dialogs on top in which nothing waits."""
    while turn.frame is not None and not turn.frame.pending:
        turn.state.stack.pop()
    turn.stack_changed()
