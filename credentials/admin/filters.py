"""Filters of the back office that say in words what the database keeps as a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib import admin

from credentials import kinds
from credentials.services import audit


class _Worded(admin.AllValuesFieldListFilter):
    say: ClassVar[Callable[[str], str]]

    def choices(self, changelist: Any) -> Iterator[Any]:
        every, *values = super().choices(changelist)
        yield every
        for choice in values:
            yield {**choice, "display": type(self).say(str(choice["display"]))}


def _type(key: str) -> str:
    kind = kinds.named(key)
    return kind.label if kind else key


class Types(_Worded):
    """By the type of a credential."""

    say = _type


class Actions(_Worded):
    """By what was done, as the trail tells it."""

    say = audit.words
