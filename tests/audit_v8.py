"""The part of `make audit` about V8: the pinned mini-racer is at most 90 days older than the newest of the index."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[1]
INDEX = "https://pypi.org/simple/mini-racer/"
MEDIA_TYPE = "application/vnd.pypi.simple.v1+json"
MOST_DAYS = 90
FINE, OLD, UNKNOWN = 0, 1, 2
_FILE = re.compile(r"mini_racer-(\d[0-9.]*)(?:-|\.tar)")


def pinned() -> str:
    found = re.search(r"^mini-racer==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert found, "requirements.txt pins no mini-racer"
    return found[1]


def asked() -> Mapping[str, Any] | None:
    """Return the index' page of the package as JSON; None where it cannot be reached or has none."""
    try:
        answer = requests.get(INDEX, headers={"Accept": MEDIA_TYPE}, timeout=20)
        answer.raise_for_status()
        page: Mapping[str, Any] = answer.json()
    except (requests.RequestException, ValueError):
        return None
    return page


def verdict(page: Mapping[str, Any] | None, *, version: str) -> tuple[int, str]:
    """Return the exit status and what to say."""
    released = _released(page or {})
    if version not in released:
        return UNKNOWN, f"How old mini-racer {version} is could not be asked: run this where pypi.org can be reached."
    newest = max(released, key=lambda one: released[one])
    days = (released[newest] - released[version]).days
    said = f"mini-racer {version} is {days} days older than the newest, {newest}."
    return (OLD, f"{said} At most {MOST_DAYS} are allowed: pin the newest.") if days > MOST_DAYS else (FINE, said)


def _released(page: Mapping[str, Any]) -> dict[str, datetime.datetime]:
    """Return when each version that was not withdrawn came out."""
    found: dict[str, datetime.datetime] = {}
    for file in page.get("files", ()):
        match, uploaded = _FILE.match(file.get("filename", "")), file.get("upload-time")
        if match and uploaded and not file.get("yanked"):
            moment = datetime.datetime.fromisoformat(uploaded)
            found[match[1]] = min(moment, found.get(match[1], moment))
    return found
