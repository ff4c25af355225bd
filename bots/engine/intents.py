"""Which intent a message means, by the example phrases and patterns that an author attached to the bot's intents.

Pure, without a model of any language; docs/intents.md explains the score. A recogniser is a callable handed to the
turn (Effects.recognise): `recognise` is the one that comes with the product.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from threading import Lock
from typing import Any

import cachetools

from bots.engine import patterns
from bots.engine.spec import BotSpec

GOOD = 0.5
MOST_PHRASES = 100_000  # of all bots, whose vectors a process remembers
GOOD_GRADES = frozenset({"GOOD", "VERY GOOD", "EXACT"})
LONGEST_MESSAGE = 1_000  # characters that are looked at; an intent shows in the first sentences or not at all
SHOWN = 3
UNKNOWN_WEIGHT = 0.5  # of a piece that no phrase has; what one intent alone has weighs 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent and how well the message fits it, 0 to 1. by: the phrase or pattern that fitted best."""

    id: str
    name: str
    score: float
    by: str = ""

    @property
    def good(self) -> bool:
        return self.score >= GOOD


# recognise(bot, message): the intents that the message may mean, best first, each once.
Recognise = Callable[[BotSpec, str], tuple[Candidate, ...]]


def recognise(bot: BotSpec, message: str) -> tuple[Candidate, ...]:
    """Compare the message with everything that is attached to the bot's intents."""
    if not bot.intent_examples:
        return ()
    known = _index(bot)
    best = known.scores(message[:LONGEST_MESSAGE]) | _fitting(bot, message)
    found = [Candidate(key, bot.intents.get(key, key), round(score, 3), by) for key, (score, by) in best.items()]
    return tuple(sorted(found, key=lambda each: -each.score))


def given(intent: Mapping[str, Any]) -> tuple[str, str]:
    """Return id and name of an intent recognised elsewhere, if its score (a number, or a grade in words) is good."""
    score = intent.get("score")
    if isinstance(score, int | float) and not isinstance(score, bool):
        good = score >= GOOD
    else:
        good = str(score or "GOOD").upper().replace("_", " ") in GOOD_GRADES
    return (str(intent.get("id") or ""), str(intent.get("name") or "")) if good else ("", "")


def described(candidates: tuple[Candidate, ...]) -> str:
    """Say for the bot log which intents came into question."""
    if not candidates:
        return "No intent resembles the message."
    shown = ", ".join(f"{each.name} {each.score:.2f}" for each in candidates[:SHOWN])
    verdict = "good" if candidates[0].good else f"none is good (that begins at {GOOD:.2f})"
    return f"Intents: {shown} – {verdict}."


def _fitting(bot: BotSpec, message: str) -> dict[str, tuple[float, str]]:
    """Return the intents one of whose patterns the whole message fits."""
    found = {}
    for key, examples in bot.intent_examples.items():
        pattern = next((each for each in examples.patterns if patterns.fits(each, message=message)), None)
        if pattern is not None:
            found[key] = (1.0, pattern)
    return found


def words(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in kept).split()


def pieces(text: str) -> Counter[str]:
    """Return the pieces that texts are compared by: three letters in a row of each word, its edges counted as letters;
    two in scripts that write whole words as one or two signs without blanks between them."""
    return Counter(piece for word in words(text) for piece in _pieces_of(word))


def _pieces_of(word: str) -> Iterator[str]:
    if any(unicodedata.east_asian_width(char) == "W" for char in word):
        return (word[at : at + 2] for at in range(max(1, len(word) - 1)))
    padded = f" {word} "
    return (padded[at : at + 3] for at in range(len(padded) - 2))


@dataclass(frozen=True, slots=True)
class _Index:
    """All phrases of a bot as vectors of length one, to be looked up by piece."""

    phrases: tuple[tuple[str, str], ...]  # (intent, phrase)
    weights: Mapping[str, float]
    postings: Mapping[str, list[tuple[int, float]]]

    def scores(self, message: str) -> dict[str, tuple[float, str]]:
        """Return for each intent that shares a piece with the message its best phrase: the cosine, and which it was."""
        cosines: dict[int, float] = defaultdict(float)
        for piece, amount in _vector(pieces(message), self.weights).items():
            for at, its_amount in self.postings.get(piece, ()):
                cosines[at] += amount * its_amount
        best: dict[str, tuple[float, str]] = {}
        for at, cosine in cosines.items():
            intent, phrase = self.phrases[at]
            best[intent] = max(best.get(intent, (0.0, "")), (min(cosine, 1.0), phrase))
        return best


def _weight(index: _Index) -> int:
    return 1 + len(index.phrases)


@cachetools.cached(cachetools.LRUCache(MOST_PHRASES, getsizeof=_weight), key=attrgetter("fingerprint"), lock=Lock())
def _index(bot: BotSpec) -> _Index:
    phrases = tuple((key, phrase) for key, each in bot.intent_examples.items() for phrase in each.phrases)
    counts = [pieces(phrase) for _, phrase in phrases]
    owners: dict[str, set[str]] = defaultdict(set)
    for (intent, _), each in zip(phrases, counts, strict=True):
        for piece in each:
            owners[piece].add(intent)
    weights = {piece: 1 / len(intents) ** 2 for piece, intents in owners.items()}
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, each in enumerate(counts):
        for piece, amount in _vector(each, weights).items():
            postings[piece].append((at, amount))
    return _Index(phrases, weights, dict(postings))


def _vector(counts: Counter[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the vector of a text, of length one. What several intents say tells little about any of them."""
    raw = {piece: count * weights.get(piece, UNKNOWN_WEIGHT) for piece, count in counts.items()}
    length = math.hypot(*raw.values())
    return {piece: amount / length for piece, amount in raw.items()}
