"""Attempts to log in, limited by user name and by address. Knows no form and no password."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

from django.conf import settings

from bots.runtime import limits

SECONDS = 300


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `name` as typed, `place` of config.visitors. Its names of counters hold no text that was typed."""

    name: str
    place: str

    @property
    def by_name(self) -> str:
        folded = unicodedata.normalize("NFKC", self.name).casefold()
        return f"login:name:{hashlib.sha256(folded.encode('utf-8', 'replace')).hexdigest()}"

    @property
    def by_place(self) -> str:
        return f"login:place:{self.place}"


def begin(attempt: Attempt) -> None:
    """Count it before the password is looked at; raises limits.TooOften. Without Redis, each process counts alone."""
    limits.count_anyway(attempt.by_place, most=settings.LOGINS_PER_ADDRESS, seconds=SECONDS)
    limits.count_anyway(attempt.by_name, most=settings.LOGINS_PER_NAME, seconds=SECONDS)


def succeeded(attempt: Attempt) -> None:
    """Only wrong passwords stay counted."""
    limits.forgive(attempt.by_place, attempt.by_name)
