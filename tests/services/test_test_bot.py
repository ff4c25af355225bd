"""`manage.py test_bot`: through the real engine, sandbox and call pipeline; what it reports, and that it can fail."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from bots.engine.state import Occurrence, Reply
from bots.services import canned, expectations
from bots.services.expectations import Outcome
from bots.services.transcripts import Answer, Route
from credentials import wire
from tests.samples import parcel_bot

SAMPLES = Path(parcel_bot.__file__).parent
TRANSCRIPT = SAMPLES / "parcel_bot.yaml"


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    path = tmp_path / "bot.json"
    path.write_text(json.dumps(parcel_bot.document(), indent=2))
    return path


def run(*arguments: object) -> tuple[int, str]:
    """Run the command; return its exit status and what it printed."""
    out = StringIO()
    try:
        call_command("test_bot", *map(str, arguments), stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def changed(path: Path, change: Any) -> Path:
    """Write the sample transcript, changed, into a folder whose parent holds the answers."""
    folder = path.parent / "conversations"
    folder.mkdir()
    (path.parent / "parcel_answers.json").write_text((SAMPLES / "parcel_answers.json").read_text())
    document = yaml.safe_load(TRANSCRIPT.read_text())
    change(document)
    (folder / "t.yaml").write_text(yaml.safe_dump(document))
    return folder / "t.yaml"


def test_every_expectation_of_the_sample_holds(bot: Path) -> None:
    status, printed = run(bot, TRANSCRIPT)

    assert "not ok" not in printed
    assert status == 0
    assert printed.startswith("TAP version 13\n1..")
    assert "ok 1 - found turn 1: message 1" in printed
    assert "# SKIP it requires telepathy" in printed
    assert printed.endswith("# 4 scenarios (1 skipped), 9 turns, 29 of 29 expectations hold\n")


def test_a_difference_is_shown_and_ends_with_status_one(bot: Path) -> None:
    def other_town(document: Any) -> None:
        document["scenarios"][0]["turns"][2]["expect"]["messages"][0]["tiles"][1]["title"] = "Wien"

    status, printed = run(bot, changed(bot, other_town))

    assert status == 1
    assert "not ok 9 - found turn 3: message 1" in printed
    assert '"title": "Wien"' in printed
    assert '"title": "Linz"' in printed
    assert "28 of 29 expectations hold" in printed


def test_json_holds_the_same(bot: Path) -> None:
    status, printed = run(bot, TRANSCRIPT, "--format", "json")

    report = json.loads(printed)
    assert (status, report["ok"], report["scenarios"][3]["ok"]) == (0, True, True)
    first = report["scenarios"][0]["turns"][0]
    assert first["expectations"][0] == {
        "name": "message 1",
        "ok": True,
        "expected": {"kind": "text", "text": "Hello! I know where parcels are."},
        "actual": {
            "kind": "text",
            "text": "Hello! I know where parcels are.",
            "html": "Hello! I know where parcels are.",
        },
    }


def test_answers_of_the_command_line_go_before_those_of_the_transcript(bot: Path, tmp_path: Path) -> None:
    answers = tmp_path / "other.json"
    url = "https://parcels.example.test/v1/parcels/42"
    answers.write_text(json.dumps({"routes": [{"method": "GET", "url": url, "responses": [{"status": 500}]}]}))

    status, printed = run(bot, TRANSCRIPT, "--api", answers)

    assert status == 1
    assert "not ok" in printed.split("found turn 3", 1)[0].rsplit("\n", 1)[1]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("bot.json", "{", "The file is not JSON"),
        ("bot.json", "[]", "expected an object, found a list"),
        ("bot.json", '{"bot": {}, "groups": [], "conversationMessage": []}', "bot.id: expected a text"),
        ("t.yaml", "scenarios: {", "The transcript is no YAML"),
        ("t.yaml", "scenarios: []", "no scenarios"),
        ("t.yaml", "scenarios: [{id: a, turns: [{user: 5}]}]", "scenarios[0].turns[0].user: expected an object"),
        ("t.yaml", "scenarios: [{id: a, turns: [{expect: {wating_at: x}}]}]", "wating_at is nothing that can be"),
        ("t.yaml", "api: none.json\nscenarios: [{id: a}]", "none.json, named in t.yaml, is neither beside it"),
        ("answers.json", '{"routes": [{"url": "x"}]}', "missing required field `method`"),
    ],
)
def test_files_that_do_not_fit_are_reported_with_the_place(
    bot: Path, tmp_path: Path, name: str, content: str, complaint: str
) -> None:
    (tmp_path / "t.yaml").write_text("scenarios: [{id: a}]")
    (tmp_path / "answers.json").write_text('{"routes": []}')
    (tmp_path / name).write_text(content)

    with pytest.raises(CommandError) as refused:
        run(bot, tmp_path / "t.yaml", "--api", tmp_path / "answers.json")

    assert complaint in str(refused.value)


OUTCOME = Outcome(
    replies=[Reply("text", {"text": "One. "}), Reply("text", {"text": "Two."})],
    waiting_at="q",
    variables={"n": 10, "list": '["a"]', "empty": ""},
    occurrences=[Occurrence("custom_event", {"name": "a"}), Occurrence("close", {"how": "close_dialog"})],
    context={"user": {"shop": {"size": 42}}},
)


@pytest.mark.parametrize(
    ("expect", "ok"),
    [
        ({"messages": [{"kind": "text", "text": "One."}, {"text": "Two."}]}, True),
        ({"messages": [{"kind": "text", "text": "One."}]}, False),
        ({"messages": [{"kind": "text", "text": "One."}], "messages_rest": "any"}, True),
        ({"messages": []}, False),
        ({"messages": [{"text": "Two."}, {"text": "One."}]}, False),
        ({"messages": [{"text": "One."}, {"text": "Two."}, {"text": "Three."}]}, False),
        ({"messages": [{"kind": "image", "text": "One."}, {"text": "Two."}]}, False),
        ({"waiting_at": "q"}, True),
        ({"waiting_at": None}, False),
        ({"vars": {"n": "10", "list": {"json": ["a"]}, "empty": "any"}}, True),
        ({"vars": {"n": "11"}}, False),
        ({"vars": {"list": {"json": ["b"]}}}, False),
        ({"vars": {"nothing": "any"}}, False),
        ({"vars_unset": ["nothing"]}, True),
        ({"vars_unset": ["empty"]}, False),
        ({"events": [{"type": "custom_event"}, {"type": "close", "how": "close_dialog"}]}, True),
        ({"events": [{"type": "close"}, {"type": "custom_event"}]}, False),
        ({"events": [{"type": "close", "how": "close_conversation"}]}, False),
        ({"context_store": {"user": {"shop": {"size": 42}}}}, True),
        ({"context_store": {"user": {"shop": {"size": "42"}}}}, False),
        ({"api_calls": []}, True),
        ({"api_calls": [{"method": "GET", "url": "https://x.test/"}]}, False),
    ],
)
def test_each_kind_of_expectation_can_hold_and_can_fail(expect: dict[str, Any], ok: bool) -> None:
    findings = expectations.check(expect, outcome=OUTCOME)

    assert findings
    assert all(finding.ok for finding in findings) == ok


def test_the_nth_call_gets_the_nth_answer_and_the_last_one_again() -> None:
    route = Route("GET", "https://x.test/", [Answer(body="one"), Answer(status=201, json={"two": 2})])
    edge = canned.Answers((route,)).edge()
    options = wire.SendOptions(deadline=0)

    def ask(url: str = "https://x.test/") -> tuple[int, bytes]:
        answer = edge.send(wire.Outgoing("GET", url), wire.Policy(), None, options)
        return answer.status, answer.body

    assert [ask(), ask(), ask()] == [(200, b"one"), (201, b'{"two": 2}'), (201, b'{"two": 2}')]
    assert ask("https://x.test/?page=2") == (404, b"")
