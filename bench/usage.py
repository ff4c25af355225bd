"""What the product's processes use, by role, as Linux tells in /proc: CPU seconds and memory."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
ROLES = (
    ("config.asgi", "web"),
    ("bots.demo.api", "demo API"),
    ("celery", "worker"),
    ("zygote", "sandbox"),
    ("redis-server", "redis"),
    ("manage.py", "serve"),
)


def cpu(root: int) -> Counter[str]:
    """Return the CPU seconds of a process and all that it started, by role, those of the dead with their parents."""
    seconds: Counter[str] = Counter()
    for pid in tree(root):
        fields = _read(pid, "stat").rpartition(")")[2].split()
        if fields:
            seconds[role(pid)] += sum(map(int, fields[11:15])) * TICK
    return seconds


def memory(root: int) -> Counter[str]:
    """Return the kilobytes by role; what processes share is divided among them."""
    kilobytes: Counter[str] = Counter()
    for pid in tree(root):
        found = [line.split()[1] for line in _read(pid, "smaps_rollup").splitlines() if line.startswith("Pss:")]
        kilobytes[role(pid)] += int(found[0]) if found else 0
    return kilobytes


def tree(root: int) -> list[int]:
    children = [int(child) for text in _children(root) for child in text.split()]
    return [root, *(pid for child in children for pid in tree(child))]


def role(pid: int) -> str:
    command = _read(pid, "cmdline").replace("\0", " ")
    return next((name for mark, name in ROLES if mark in command), "other")


def stolen() -> float:
    """Return the seconds that the host took away from all cores since it started, and the total of all cores."""
    return int(Path("/proc/stat").read_text().split()[8]) * TICK


def _children(pid: int) -> list[str]:
    try:
        return [listing.read_text() for listing in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
