"""Answers about texts, remembered within a bound on what they weigh: a text may be a word or 200,000 characters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from operator import itemgetter
from threading import Lock
from typing import ParamSpec, TypeVar

import cachetools

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
APIECE = 200  # characters that an answer about an empty text is taken to weigh


def by_length(most: int) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Let a function of texts remember what it answered, for texts of at most this many characters together.

    Texts themselves are not kept, only their digests. What the function raises is not remembered.
    """

    def decorate(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        kept: cachetools.LRUCache[bytes, tuple[int, Answer]] = cachetools.LRUCache(most, getsizeof=itemgetter(0))

        @cachetools.cached(kept, key=_digest, lock=Lock())
        def weighed(*texts: Asked.args, **named: Asked.kwargs) -> tuple[int, Answer]:
            return APIECE + sum(map(len, _texts(*texts, **named))), function(*texts, **named)

        @wraps(function)
        def remembering(*texts: Asked.args, **named: Asked.kwargs) -> Answer:
            return weighed(*texts, **named)[1]

        return remembering

    return decorate


def _texts(*texts: object, **named: object) -> list[str]:
    return [str(text) for text in (*texts, *named.values())]


def _digest(*texts: object, **named: object) -> bytes:
    digest = hashlib.sha256()
    for text in _texts(*texts, **named):
        part = text.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
