"""The conversation tests that are kept with a bot: written, copied from a preview, downloaded.

Knows rows and the text of a test; how tests are run is said in testjobs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from bots.models import Bot, SavedTest
from bots.services import conversations, names, owned, recording, revised, transcripts
from bots.services.transcripts import Route, Transcript, UnreadableTranscript
from integrations.models import Revision

MOST_TESTS = 200
LONGEST_TEXT = 1_000_000
KINDS = {
    "": "as written",
    "timeout": "time-out",
    "network": "lost connection",
    "500": "status 500",
    "garbage": "garbage",
}
EMPTY = """scenarios:
  - id: greeting
    title: says hello
    turns:
      - user: {text: hi}
        expect:
          messages:
            - {kind: text, text: Hello!}
"""
EMPTY_ANSWERS = """routes: []
"""


@dataclass(frozen=True, slots=True)
class Text:
    """What an author may change of a test."""

    name: str
    transcript: str
    answers: str = ""


@transaction.atomic
def create(bot_id: int, *, user: Any, text: Text) -> SavedTest:
    """Keep a new test; raises Refused for a name in use or too many tests, UnreadableTranscript."""
    bot = owned.bot(bot_id, user=user)
    check(text)
    if bot.saved_tests.count() >= MOST_TESTS:
        raise names.Refused(f"A bot keeps {MOST_TESTS} tests; put several scenarios into one.")
    names.check_free(text.name, taken=_names(bot), what="A test")
    row: SavedTest = SavedTest.objects.create(bot=bot, name=text.name, transcript=text.transcript, answers=text.answers)
    revised.made(row, user=user)
    return row


class Changed(Exception):
    """Somebody else saved the test since this author saw it; `theirs` is what is stored now."""

    def __init__(self, theirs: SavedTest) -> None:
        super().__init__("Somebody else changed this test since you opened it.")
        self.theirs = theirs


def revision(row: SavedTest) -> str:
    """What an open form remembers, to notice that somebody else saved in between."""
    return hashlib.sha256("\0".join([row.name, row.transcript, row.answers]).encode()).hexdigest()[:16]


@transaction.atomic
def change(test_id: int, *, user: Any, text: Text, seen: str = "") -> SavedTest:
    """Store what was typed; raises Refused for a name in use, UnreadableTranscript, Changed if it is not as `seen`."""
    row = _owned(test_id, user)
    if seen and seen != revision(row):
        raise Changed(row)
    check(text)
    if text.name != row.name:
        names.check_free(text.name, taken=_names(row.bot, besides=row), what="A test")
    if (row.transcript, row.answers) != (text.transcript, text.answers):
        row.last_ok, row.last_summary, row.last_run_at = None, "", None
    with revised.watch(row, user=user):
        row.name, row.transcript, row.answers = text.name, text.transcript, text.answers
        row.save()
    return row


@transaction.atomic
def choose_kinds(test_id: int, *, user: Any, kinds: dict[int, str]) -> SavedTest:
    """Let routes, by their place, answer as one of KINDS; raises UnreadableTranscript."""
    row = _owned(test_id, user)
    if not row.answers.strip():
        return row
    document = transcripts.document(row.answers, what="answers")
    for place, route in enumerate((document or {}).get("routes") or ()):
        route.pop("kind", None)
        if kinds.get(place):
            route["kind"] = kinds[place]
    return change(test_id, user=user, text=Text(row.name, row.transcript, transcripts.written(document)))


@transaction.atomic
def delete(test_id: int, *, user: Any) -> Revision:
    """Delete it; returns the revision that puts it back."""
    row = _owned(test_id, user)
    revision = revised.gone(row, user=user)
    row.delete()
    return revision


def from_conversation(
    bot: Bot, *, user: Any, conversation: str, variables: bool = False
) -> tuple[SavedTest, recording.Recorded]:
    """Keep what was said in a preview as a test; raises UnknownConversation, recording.NothingToRecord, Refused."""
    if conversations.check(conversation, user=user).bot != bot.pk:
        raise conversations.UnknownConversation
    recorded = recording.record(conversation, variables=variables)
    words = " ".join(recorded.title.split())[: names.LONGEST] or "Conversation"
    text = Text(names.free(words, taken=_names(bot)), recorded.transcript, recorded.answers)
    return create(bot.pk, user=user, text=text), recorded


def check(text: Text) -> None:
    """Raise UnreadableTranscript, with the place, unless transcript and answers can be played."""
    read_transcript(text.transcript)
    read_answers(text.answers)


def read_transcript(text: str) -> Transcript:
    """Return the transcript; it may not name files, which are not there in the browser."""
    found = transcripts.read(text)
    if found.api:
        raise UnreadableTranscript(
            f"api: the file {found.api[0]} cannot be read here. Put its routes into the answers."
        )
    return found


def read_answers(text: str) -> tuple[Route, ...]:
    return transcripts.answers(text) if text.strip() else ()


def played_with(row: SavedTest) -> tuple[Transcript, tuple[Route, ...]]:
    """Return what a run needs; raises UnreadableTranscript."""
    transcript = read_transcript(row.transcript)
    return transcript, (*transcript.routes, *read_answers(row.answers))


def as_file(row: SavedTest) -> str:
    """Return the whole test as one YAML text that `manage.py test_bot` runs; comments stay where they can."""
    transcript = transcripts.document(row.transcript)
    answers = transcripts.document(row.answers, what="answers") if row.answers.strip() else {}
    both = {**transcript, "routes": [*(transcript.get("routes") or ()), *(answers.get("routes") or ())]}
    joined = f"{row.transcript.rstrip()}\n{row.answers}"
    try:
        if "routes" not in transcript and transcripts.document(joined) == both:
            return joined
    except UnreadableTranscript:
        pass  # one of the two is JSON, or written in another way that does not go on below
    return transcripts.written(both)


def remember(test_id: int, *, ok: bool, summary: str, seen: str) -> None:
    """Note how the latest run ended, unless the test was edited meanwhile (`seen`: the transcript that was played)."""
    SavedTest.objects.filter(pk=test_id, transcript=seen).update(
        last_ok=ok, last_summary=summary[:200], last_run_at=timezone.now()
    )


def _owned(test_id: int, user: Any) -> SavedTest:
    bot_id = SavedTest.objects.only("bot_id").get(pk=test_id).bot_id
    locked = owned.bot(bot_id, user=user)
    row: SavedTest = SavedTest.objects.get(pk=test_id)
    row.bot = locked
    return row


def _names(bot: Bot, besides: SavedTest | None = None) -> list[str]:
    return [name for pk, name in bot.saved_tests.values_list("pk", "name") if besides is None or pk != besides.pk]
