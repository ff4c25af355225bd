"""Whatever an author builds and a consumer says: a turn ends, raises nothing, and leaves a state that can be stored."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.engine import checks, flow, spec, state
from bots.engine.spec import Action, BotSpec, Condition, Content, Dialog, Interaction, Rule, SetVariable
from bots.engine.state import Tap
from integrations.engine.outcome import CallOutcome
from tests.engine.talk import Talk
from tests.factories import integration_spec

NAMES = [f"i{number}" for number in range(9)]
WORDS = [
    "hi", "a", "b", "*", "(a|b", "{$botContext.x}", "{$userMessage}", "LP_CLOSEDIALOG", "BLANK_MESSAGE", "reset",
    "{Balance.total}", "<b>x", "tag::breakWithDelay=5 y", "SET_USER_PROFILE | {", "word " * 80,
    "__agent_escalation_failed__", "",
]  # fmt: skip
words = st.sampled_from(WORDS)
actions = st.one_of(
    st.builds(Action, st.sampled_from(["next", "repeat", "end", "close_conversation", "close_dialog"])),
    st.builds(Action, st.just("interaction"), st.sampled_from([*NAMES, "gone"])),
    st.builds(Action, st.just("dialog"), st.sampled_from(["d0", "d1", "d2", "gone"])),
)
conditions = st.builds(
    Condition,
    st.sampled_from(["pattern", "regex", "exact", "option", "api_result", "intent", "no_match", "unsupported"]),
    st.lists(words, max_size=2).map(tuple),
    message=words,
)
variables = st.builds(
    SetVariable, st.sampled_from(["x", "y"]), words, st.sampled_from(["request", "dialog", "session"])
)
rules = st.builds(
    Rule,
    condition=st.one_of(st.none(), conditions),
    variables=st.lists(variables, max_size=1).map(tuple),
    slot=st.one_of(st.none(), variables),
    action=actions,
)
contents = st.builds(
    Content,
    text=words,
    patterns=st.lists(words, max_size=2).map(tuple),
    choices=st.lists(words, max_size=3).map(tuple),
    tiles=st.just((spec.Tile(title="{Balance.total}"),)),
    rich_json=words,
    waits=st.booleans(),
    url=words,
    integration=st.sampled_from(["key-Balance", "gone"]),
    fallback_text=words,
)
OPERATIONS: list[dict[str, Any]] = [
    {"op": "trigger", "name": "i3"},
    {"op": "trigger", "name": "nobody"},
    {"op": "message", "text": "{$botContext.x} LP"},
    {"op": "message", "text": "LP_CLOSECONVERSATION"},
    {"op": "immediate", "texts": ["now"]},
    {"op": "set", "name": "x", "value": ["a", {"b": 1}], "scope": "session", "forever": True},
    {"op": "set", "name": "skipPreviousDialog", "value": "true", "scope": "session", "forever": False},
    {"op": "set", "name": "x", "value": None, "scope": "request", "forever": False},
]
operations = st.lists(st.sampled_from(OPERATIONS), max_size=3)
scripts = st.sampled_from(["", "", "s0", "s1", "s2"])


@st.composite
def bots(draw: st.DrawFn) -> BotSpec:
    kinds = st.sampled_from(list(spec.Kind.__args__))  # type: ignore[attr-defined]
    interactions = [
        Interaction(
            name, name, draw(kinds), draw(contents), tuple(draw(st.lists(rules, max_size=3))),
            draw(st.integers(0, 4)) > 0, 0, draw(scripts), draw(scripts), draw(scripts),
        )
        for name in NAMES
    ]  # fmt: skip
    dialogs = tuple(
        Dialog(f"d{at}", f"d{at}", "fallback" if at == 2 and draw(st.booleans()) else "standard",
               draw(st.integers(0, 4)) > 0, tuple(interactions[3 * at : 3 * at + 3]))
        for at in range(3)
    )  # fmt: skip
    return BotSpec("bot", "Bot", dialogs=dialogs, integrations=(integration_spec(slow_message="slow"),), debug=True)


@settings(max_examples=60, deadline=None)
@given(bots(), st.lists(words, min_size=1, max_size=5), st.lists(operations, min_size=3, max_size=3), st.booleans())
def test_any_bot_survives_any_conversation(
    bot: BotSpec, messages: list[str], does: list[list[dict[str, Any]]], ok: bool
) -> None:
    outcome = CallOutcome(ok=ok, status=200 if ok else 0, kind="" if ok else "timeout")
    talk = Talk(bot, scripts={f"s{at}": done for at, done in enumerate(does)}, call=lambda request: outcome)

    for message in messages:
        result = talk.say(message, tap=Tap("quick_reply", "label", message))

        assert all(frame.pending in bot.interaction_by_key for frame in talk.state.stack)
        assert len(talk.state.stack) <= flow.MAX_STACK
        assert not (talk.state.closed and talk.state.stack)
        assert state.decode(state.encode(talk.state)) == talk.state
        assert all(len(str(reply.body.get("text", ""))) <= 320 for reply in result.replies)
        msgspec.json.encode([result.replies, result.occurrences, result.context_changes, talk.log])


@settings(max_examples=40, deadline=None)
@given(bots())
def test_any_bot_can_be_checked(bot: BotSpec) -> None:
    checks.check(bot, parses=lambda source: None)
