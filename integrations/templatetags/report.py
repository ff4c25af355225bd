"""Template filters of the test run's report: how times, bodies and timelines are shown.

Knows plain values only.
"""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from integrations.engine.json_values import Json, NumberText, dumps, loads
from integrations.engine.outcome import Attempt
from integrations.services.reports import ShownVariable

register = template.Library()

FOLDED = 64 * 1024
LONGEST_SIDE = 2000
AROUND = 120
TOO_LONG_TO_DRESS = 512 * 1024
STEPS = (("dns", "DNS"), ("connect", "Connect"), ("tls", "TLS"), ("first", "First byte"), ("rest", "Body"))


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of an attempt; x and width are hundredths of its total time."""

    name: str
    label: str
    ms: float
    x: float
    width: float


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def used(rows: list[dict[str, object]] | None) -> int:
    """How many rows of a grid take part in the call."""
    return sum(bool(row.get("enabled") and row.get("key")) for row in rows or ())


@register.filter
def lines(text: str | None) -> int:
    return len((text or "").strip().splitlines())


@register.filter
def milliseconds(value: float) -> str:
    """12.34 → 12 ms, 0.4 → 0.4 ms, 2345 → 2.35 s."""
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


@register.filter
def timeline(attempt: Attempt) -> list[Step]:
    """The steps that an attempt came to, in order, without those of a connection that was already open."""
    times = [attempt.dns_ms, attempt.connect_ms, attempt.tls_ms]
    first = attempt.first_byte_ms
    rest = None if first is None else attempt.total_ms - sum(ms or 0 for ms in times) - first
    steps: list[Step] = []
    at, total = 0.0, max(attempt.total_ms, 0.001)
    for (name, label), ms in zip(STEPS, (*times, first, rest), strict=True):
        if ms is None or ms < 0:
            continue
        steps.append(Step(name, label, ms, round(at, 2), round(min(100 - at, 100 * ms / total), 2)))
        at += 100 * ms / total
    return steps


@dataclass(frozen=True, slots=True)
class Parts:
    """Two texts side by side: what both begin and end with, and what stands between in each."""

    start: str
    before: str
    after: str
    end: str


@register.filter
def differing(variable: ShownVariable) -> Parts:
    """A variable before and after, cut where the two differ, for marking what changed; long common parts are folded."""
    before, after = variable.before[:LONGEST_SIDE], variable.after[:LONGEST_SIDE]
    if not variable.change:
        return Parts(before, "", "", "")
    start = _shared(before, after) if variable.change == "changed" else ""
    rest = [before[len(start) :], after[len(start) :]]
    end = _shared(rest[0][::-1], rest[1][::-1])[::-1] if variable.change == "changed" else ""
    cut = [text[: len(text) - len(end)] for text in rest]
    return Parts(_tail(start), cut[0], cut[1], f"{end[:AROUND]}…" if len(end) > AROUND else end)


def _shared(one: str, other: str) -> str:
    """What both begin with."""
    pairs = zip(one, other, strict=False)
    return one[: next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))]


def _tail(text: str) -> str:
    return f"…{text[-AROUND:]}" if len(text) > AROUND else text


@register.filter
def pretty(text: str) -> str:
    """JSON with line breaks, numbers as they were spelled; any other text, and very long JSON, as it is."""
    if len(text) > TOO_LONG_TO_DRESS or text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return _dressed(loads(text), "\n")
    except ValueError:
        return text


def _dressed(value: Json, margin: str) -> str:
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        lines = [f"{dumps(key)}: {_dressed(child, inner)}" for key, child in value.items()]
        return "{" + inner + f",{inner}".join(lines) + margin + "}"
    if isinstance(value, list) and value:
        return "[" + inner + f",{inner}".join(_dressed(child, inner) for child in value) + margin + "]"
    return str(value) if isinstance(value, NumberText) else dumps(value)


@register.filter
def folded(text: str) -> str:
    """The first 64 KiB; a line says how much more there is."""
    if len(text) <= FOLDED:
        return text
    return f"{text[:FOLDED]}\n… {len(text) - FOLDED:,} characters more"
