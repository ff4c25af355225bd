"""A turn in progress: everything that the parts of the engine share while one message is handled.

Knows how to log, fill in texts, run scripts and collect replies; not which of it happens when (flow, turn).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bots.engine import facts, intents, markup, texts
from bots.engine.effects import Effects
from bots.engine.spec import BotSpec, Interaction
from bots.engine.state import Event, Frame, LogLine, Occurrence, Reply, State
from integrations.engine import lookup, template
from integrations.engine.json_values import Json
from integrations.engine.scope import Scope
from integrations.engine.scripts import Place, RegexOutcome, ScriptCall, ScriptOutcome

SCRIPT_SECONDS = 1.0
TURN_SCRIPT_SECONDS = 3.0
TURN_REGEX_SECONDS = 1.0
NOWHERE = Interaction(key="", name="", kind="unsupported")

PLACES: dict[Place, str] = {
    "initConversation": "Initialization",
    "preProcess": "Pre-Process Code",
    "postProcess": "Post-Process Code",
    "processUserResponse": "Process User Response",
    "transform": "Transform Result Script",
    "globalFunctions": "Global functions",
}


@dataclass(slots=True)
class Turn:
    """interaction: the one at work. executed: how many ran in this turn. pause_ms: a delay that the next reply takes
    over (an integration shows nothing itself). context: the global and user scopes of the context service as this
    turn sees them. recognised: what the message may mean, once somebody has asked."""

    spec: BotSpec
    state: State
    scope: Scope
    event: Event
    effects: Effects
    interaction: Interaction = NOWHERE
    executed: int = 0
    calls: int = 0
    pause_ms: int = 0
    script_ms: float = 0.0
    regex_ms: float = 0.0
    replies: list[Reply] = field(default_factory=list)
    occurrences: list[Occurrence] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    context_changes: list[Mapping[str, Json]] = field(default_factory=list)
    recognised: tuple[intents.Candidate, ...] | None = None

    @classmethod
    def begin(cls, spec: BotSpec, *, state: State, variables: dict[str, Json], event: Event, effects: Effects) -> Turn:
        turn = cls(spec, state, Scope(session=variables, consumer_names=set(state.consumer_names)), event, effects)
        turn.context = {
            name: {namespace: dict(values) for namespace, values in event.context.get(name, {}).items()}
            for name in ("global", "user")
        }
        turn.scope.environment = event.environment
        turn.scope.refused = turn._refused
        turn.facts_changed()
        turn.stack_changed()
        return turn

    @property
    def frame(self) -> Frame | None:
        return self.state.stack[-1] if self.state.stack else None

    def stack_changed(self) -> None:
        """Let the dialog scope be that of the dialog on top."""
        self.scope.dialog = self.state.stack[-1].variables if self.state.stack else {}

    def facts_changed(self) -> None:
        self.scope.facts = facts.for_templates(self.spec, state=self.state, event=self.event)

    def log(self, code: str, text: str, *, error: bool = False, **detail: Json) -> None:
        self.effects.log(LogLine(code, text, error, self.interaction.key, detail))

    def once(self, notice: str, text: str) -> None:
        """Log a notice only the first time in a conversation."""
        if notice not in self.state.logged_once:
            self.state.logged_once.append(notice)
            self.log("notice", text)

    def log_call(self, code: str, text: str, *, error: bool = False, detail: Mapping[str, Json] | None = None) -> None:
        """Take a line of the call pipeline; one that carries `once` is a notice for once a conversation."""
        known = dict(detail or {})
        if notice := known.get("once"):
            self.once(str(notice), text)
        else:
            self.effects.log(LogLine(code, text, error, self.interaction.key, known))

    def fill(self, text: str, *, index: int | None = None) -> texts.Filled:
        """Fill in an author's text; what was filled in is marked, so that it can never be markup."""
        reader, raw = lookup.Reader(self.scope), template.Position.RAW
        plain, marked, at = [], [], 0
        for placeholder in template.names(text):
            value = template.written(placeholder, reader, position=raw, unknown=self.unknown, index=index)
            before, at = text[at : placeholder.start], placeholder.end
            plain += [before, value]
            marked += [before, markup.mark(value)]
        return texts.Filled("".join([*plain, text[at:]]), "".join([*marked, text[at:]]))

    def plain(self, text: str, *, index: int | None = None) -> str:
        """Fill in a text for comparing, for labels and addresses."""
        return template.render(text, self.scope, position=template.Position.RAW, unknown=self.unknown, index=index)

    def unknown(self, name: str) -> None:
        self.log("unknown", f"{{{name}}} has no value; it was left empty.", name=name)

    def regex(self, expression: str, text: str) -> RegexOutcome:
        """Match within the time that the conditions of a turn have together."""
        if self.regex_ms >= TURN_REGEX_SECONDS * 1000:
            return RegexOutcome(None, error="The regular expressions of this turn used up their time.")
        outcome = self.effects.match_regex(expression, text)
        self.regex_ms += outcome.duration_ms
        return outcome

    def intent(self) -> tuple[str, str]:
        """Return id and name of the intent that the message means, two empty texts when none fits well enough.

        What was recognised elsewhere and came with the message wins."""
        if self.event.intent is not None:
            return intents.given(self.event.intent)
        if self.recognised is None:
            self.recognised = self._recognise()
        best = self.recognised[0] if self.recognised else None
        return (best.id, best.name) if best and best.good else ("", "")

    def _recognise(self) -> tuple[intents.Candidate, ...]:
        if not self.spec.intent_examples:
            self.once("intents", "No intent is recognised: none of this bot's intents has example phrases or patterns.")
            return ()
        found = self.effects.recognise(self.spec, self.event.text)
        shown = [{"name": each.name, "score": each.score, "by": each.by} for each in found[: intents.SHOWN]]
        self.log("intent", intents.described(found), hit=bool(found) and found[0].good, candidates=shown)
        return found

    def script_facts(self) -> dict[str, Json]:
        known = facts.for_scripts(self.spec, state=self.state, event=self.event, context=self.context)
        if self.recognised and self.recognised[0].good:
            known["starterIntent"] = self.recognised[0].name
        return known

    def script_seconds(self) -> float:
        """Return how long the next script may run."""
        return min(SCRIPT_SECONDS, TURN_SCRIPT_SECONDS - self.script_ms / 1000)

    def run(self, place: Place, source: str) -> ScriptOutcome:
        """Run an author script, log how it went and count its time; what it did is for script_effects."""
        seconds = self.script_seconds()
        if seconds <= 0:
            self.log("limit", f"{PLACES[place]} was not run: the scripts of this turn used up their time.", error=True)
            return ScriptOutcome()
        outcome = self.effects.run_script(
            ScriptCall(
                reuse=self.spec.fingerprint,
                place=place,
                source=source,
                global_functions=self.spec.global_functions,
                variables=self.scope.script_variables(),
                facts=self.script_facts(),
                time_limit_seconds=seconds,
            )
        )
        self.script_ms += outcome.duration_ms
        self._log_script(place, outcome)
        return outcome

    def _log_script(self, place: Place, outcome: ScriptOutcome) -> None:
        self.log("script", f"{PLACES[place]} ran.", ms=round(outcome.duration_ms, 1))
        if outcome.error:
            where = f" (line {outcome.error.line}, column {outcome.error.column})" if outcome.error.line else ""
            name = f" of {self.interaction.name}" if self.interaction.name else ""
            self.log(
                "error",
                f"{PLACES[place]}{name}{where}: {outcome.error.message}",
                error=True,
                kind=outcome.error.kind,
                line=outcome.error.line,
                column=outcome.error.column,
                place=place,
            )

    def _refused(self, name: str, reason: str) -> None:
        self.log("limit", f"The variable {name} was not set: {reason}.", error=True, name=name)
