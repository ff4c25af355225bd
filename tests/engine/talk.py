"""A conversation in memory for tests of the engine: scripts are lists of operations, calls are functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bots.engine import turn
from bots.engine.effects import CallRequest, Effects
from bots.engine.spec import Action, BotSpec, Condition, Content, Dialog, Interaction, Rule
from bots.engine.state import Event, LogLine, State, Tap, TurnResult
from integrations.engine.json_values import dump_bytes
from integrations.engine.outcome import CallOutcome
from integrations.engine.scripts import RegexOutcome, ScriptCall, ScriptError, ScriptOutcome
from tests.factories import bot_spec

Script = list[dict[str, Any]] | ScriptError | Callable[[ScriptCall], list[dict[str, Any]]]


@dataclass
class Talk:
    """Says messages to a bot and keeps what came of them. `scripts` leads from a script's source to what it does."""

    spec: BotSpec
    scripts: dict[str, Script] = field(default_factory=dict)
    call: Callable[[CallRequest], CallOutcome] = lambda request: CallOutcome(ok=True, status=200)
    regex: Callable[[str, str], RegexOutcome] = lambda expression, text: RegexOutcome(expression in text)
    facts: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    state: State = field(default_factory=State)
    variables: dict[str, Any] = field(default_factory=dict)
    ran: list[ScriptCall] = field(default_factory=list)
    log: list[LogLine] = field(default_factory=list)

    def say(self, text: str, *, tap: Tap | None = None, intent: dict[str, Any] | None = None) -> TurnResult:
        self.log.clear()
        self.ran.clear()
        event = Event(
            text, "conversation-1", tap=tap, session_facts=self.facts, environment=self.environment, intent=intent
        )
        stored = as_json(self.variables)
        result = turn.run_turn(self.spec, self.state, self.variables, event, self._effects(), stored=stored)
        assert result.as_json == as_json(result.variables)
        self.state, self.variables = result.state, result.variables
        return result

    def texts(self, text: str, **values: Any) -> list[str]:
        """Say something; return what was answered, by its most telling part."""
        return [telling(reply.body) for reply in self.say(text, **values).replies]

    def errors(self) -> list[str]:
        return [line.text for line in self.log if line.error]

    @property
    def waiting(self) -> str:
        return self.state.waiting_at()

    def _effects(self) -> Effects:
        return Effects(run_script=self._run, match_regex=self.regex, call=self.call, log=self.log.append)

    def _run(self, call: ScriptCall) -> ScriptOutcome:
        self.ran.append(call)
        script = self.scripts[call.source or call.place]
        if isinstance(script, ScriptError):
            return ScriptOutcome(error=script)
        return ScriptOutcome(tuple(script(call) if callable(script) else script), duration_ms=1)


def as_json(variables: dict[str, Any]) -> dict[str, bytes]:
    return {name: dump_bytes(value) for name, value in variables.items()}


def telling(body: Any) -> str:
    return next(str(body[key]) for key in ("text", "tiles", "json", "url") if key in body)


def starter(*patterns: str, key: str = "start", **values: Any) -> Interaction:
    return Interaction(key, key, "starter", Content(patterns=patterns), **values)


def text(key: str, words: str = "", *rules: Rule, **values: Any) -> Interaction:
    return Interaction(key, key, "text", Content(text=words or f"<{key}>"), rules, **values)


def question(key: str, *rules: Rule, words: str = "", fallback: str = "", **values: Any) -> Interaction:
    content = Content(text=words or f"{key}?", fallback_text=fallback)
    return Interaction(key, key, "text_question", content, rules, **values)


def call(key: str, *rules: Rule, integration: str = "key-Balance", **values: Any) -> Interaction:
    return Interaction(key, key, "integration", Content(integration=integration), rules, **values)


def go(target: str) -> Action:
    """`next`, `end`, … or the key of an interaction; `dialog:key` starts a dialog."""
    if target.startswith("dialog:"):
        return Action("dialog", target[7:])
    plain = ("next", "repeat", "end", "close_conversation", "close_dialog")
    return Action(target) if target in plain else Action("interaction", target)  # type: ignore[arg-type]


def rule(pattern: str = "", to: str = "next", **values: Any) -> Rule:
    """Return a rule for a pattern; without one it always holds."""
    return Rule(condition=Condition("pattern", (pattern,)) if pattern else None, action=go(to), **values)


def no_match(to: str = "repeat", message: str = "") -> Rule:
    return Rule(condition=Condition("no_match", message=message), action=go(to))


def dialog(key: str, *interactions: Interaction, **values: Any) -> Dialog:
    return Dialog(key, key, interactions=interactions, **values)


def fallback(*interactions: Interaction) -> Dialog:
    return Dialog("fallback", "fallback", kind="fallback", interactions=interactions or (text("sorry"),))


def orders(*more: Any, **values: Any) -> BotSpec:
    """A dialog that asks for a colour and a size, one that helps, and a fallback."""
    return bot_spec(
        dialog(
            "order",
            starter("order*", key="order-start"),
            question("colour", rule("(red|blue)", "size")),
            question("size", rule("big"), no_match("repeat", "Big, please.")),
            text("done"),
        ),
        dialog("help", starter("help", key="help-start"), text("helping")),
        *(more or (fallback(),)),
        **values,
    )
