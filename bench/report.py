"""Puts what several rounds gave into words: medians, ranges, goals, and how noisy the machine was."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import stats
from bench.scenarios import Figure, Floor

FLOOR_NAMES = {
    "p50_ms": ("floor: one pooled requests.get and one V8 evaluation: p50", "ms"),
    "cpu_ms": ("floor: CPU", "ms"),
    "pair_per_second": ("two floor processes at once", "/s"),
}


def machine() -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%d %H:%M %Z"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load_before": os.getloadavg()[0],
    }


def settings(log: Path) -> str:
    """Return what the product said it runs."""
    return next((line.split(None, 1)[1] for line in log.read_text().splitlines() if "Runs " in line), "")


def summary(
    begun: dict[str, Any],
    floors: list[Floor],
    figures: dict[str, list[Figure]],
    *,
    rounds: int,
    stolen: float,
    settings: str,
) -> dict[str, Any]:
    """Return everything as plain data, as `--json` prints it."""
    rows = [_row(name, unit, [asdict(floor)[field] for floor in floors]) for field, (name, unit) in FLOOR_NAMES.items()]
    rows += [_row(found[0].name, found[0].unit, [one.value for one in found], found[0]) for found in figures.values()]
    noise = stats.spread([floor.p50_ms for floor in floors])
    return {
        "machine": begun,
        "settings": settings,
        "rounds": rounds,
        "noise": {"floor_high_over_low": noise.high / noise.low, "stolen_seconds": stolen, "floors": len(floors)},
        "rows": rows,
    }


def _row(name: str, unit: str, values: list[float], figure: Figure | None = None) -> dict[str, Any]:
    row = {"name": name, "unit": unit, **asdict(stats.spread(values)), "values": values}
    if figure and figure.goal:
        return {**row, "goal": figure.goal, "reached": _reached(figure, row["median"])}
    return row


def _reached(figure: Figure, value: float) -> bool:
    if figure.at_least is not None:
        return value >= figure.at_least
    return figure.at_most is None or value <= figure.at_most


def table(found: dict[str, Any]) -> str:
    """Return the medians with their ranges as a Markdown table, and the machine's noise above it."""
    lines = ["| figure | median | range | goal | |", "| --- | ---: | ---: | --- | --- |"]
    for row in found["rows"]:
        reached = {True: "reached", False: "**not reached**", None: ""}[row.get("reached")]
        value, low, high = (_number(row[name]) for name in ("median", "low", "high"))
        unit = f" {row['unit']}" if row["unit"] else ""
        lines.append(f"| {row['name']} | {value}{unit} | {low} – {high} | {row.get('goal', '')} | {reached} |")
    return "\n".join([*_heading(found), "", *lines])


def _heading(found: dict[str, Any]) -> list[str]:
    about, noise = found["machine"], found["noise"]
    return [
        f"{about['at']}: {about['cores']} cores, {about['processor']}; {about['system']}. "
        f"Load average at the start: {about['load_before']:.1f}.",
        f"Parley: {found['settings']}. {found['rounds']} rounds.",
        f"Noise: the floor's p50 varied by {noise['floor_high_over_low']:.2f}× over {noise['floors']} measurements; "
        f"{noise['stolen_seconds']:.1f} CPU seconds were stolen by the host.",
    ]


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
