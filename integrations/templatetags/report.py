"""Template filters of the test run's report: how times, bodies and timelines are shown.

Knows plain values only.
"""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from integrations.engine.json_values import Json, NumberText, dumps, loads
from integrations.engine.outcome import Attempt

register = template.Library()

FOLDED = 64 * 1024
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
