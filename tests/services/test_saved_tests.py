"""Saved tests: what is kept, what is refused with its place, how runs end, and what a file for the shell holds."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.core.management import call_command

from bots.models import Bot, SavedTest
from bots.services import names, savedtests, testjobs, transcripts
from bots.services.savedtests import Text
from bots.services.transcripts import UnreadableTranscript
from integrations.models import Environment
from tests import factories
from tests.samples import parcel_bot

ANSWERS = """# what the shop says
routes:
  - {method: GET, url: "http://shop.example.test/price", responses: [{json: {price: 3}}, {kind: 500}]}
"""


def transcript(text: str = "3", **more: Any) -> str:
    expect = {"messages": [{"kind": "text", "text": text}]} | more
    return "# a comment\n" + transcripts.written(
        {"scenarios": [{"id": "price", "title": "", "turns": [{"user": {"text": "price"}, "expect": expect}]}]}
    )


@pytest.fixture
def shop(bot: Bot) -> Bot:
    bot.environment = Environment.objects.create(
        organization=bot.organization, name="E", values={"host": "shop.example.test"}
    )
    bot.save()
    dialog = factories.make_dialog(bot)
    fields = [{"key": "p", "value": "{$.api_Price.price}"}]
    look = factories.make_integration(bot, name="Price", url="http://{$env.host}/price", fields=fields, retries=0)
    factories.make_interaction(dialog, name="start", kind="starter", content={"patterns": ["price"]})
    factories.make_interaction(dialog, name="look", kind="integration", integration=look)
    factories.make_interaction(dialog, name="say", content={"text": "{Price.p}"})
    return bot


def keep(bot: Bot, user: User, name: str = "Price", **values: Any) -> SavedTest:
    return savedtests.create(bot.pk, user=user, text=Text(name, values.get("transcript", transcript()), ANSWERS))


def run(bot: Bot, *rows: SavedTest) -> testjobs.Run:
    run_id = testjobs.order(bot, chosen=[row.pk for row in rows])
    testjobs.carry_out(run_id)
    found = testjobs.find(run_id, bot=bot.pk)
    assert found
    return found


def test_a_run_plays_the_draft_with_its_environment_and_the_written_answers(
    shop: Bot, teammate: User, store: redis.Redis
) -> None:
    row = keep(shop, teammate)

    found = run(shop, row)

    row.refresh_from_db()
    assert (found.ok, found.over, found.status) == (True, True, "done")
    assert (row.last_ok, row.last_summary) == (True, "1 of 1 expectations hold")
    assert row.last_run_at


def test_a_red_test_says_what_was_expected_and_what_came(shop: Bot, teammate: User, store: redis.Redis) -> None:
    row, fine = keep(shop, teammate, transcript=transcript("4", waiting_at=None)), keep(shop, teammate, name="Fine")

    found = run(shop, row, fine)

    row.refresh_from_db()
    (red,) = found.red
    first, second = red["scenarios"][0]["turns"][0]["expectations"]
    assert (first["ok"], first["expected"]["text"], first["actual"]["text"]) == (False, "4", "3")
    assert second["ok"]
    assert (found.ok, row.last_ok, row.last_summary) == (False, False, "1 of 2 expectations hold")


@pytest.mark.parametrize(
    ("kind", "failure"), [("timeout", "timeout"), ("network", "network"), ("500", "http"), ("garbage", "")]
)
def test_a_route_can_let_the_bot_down_and_come_back(
    shop: Bot, teammate: User, store: redis.Redis, kind: str, failure: str
) -> None:
    expected = transcript(**{"messages_rest": "any", "messages": [], "vars": {"Price.$error": failure}})
    row = keep(shop, teammate, transcript=expected)

    changed = savedtests.choose_kinds(row.pk, user=teammate, kinds={0: kind})
    found = run(shop, changed)
    back = savedtests.choose_kinds(row.pk, user=teammate, kinds={0: ""})

    assert found.ok, found.results
    assert savedtests.read_answers(back.answers) == savedtests.read_answers(ANSWERS)


def test_a_kind_can_stand_among_the_answers_of_a_route(shop: Bot, teammate: User, store: redis.Redis) -> None:
    asks = {"user": {"text": "price"}, "expect": "any"}
    twice = {"user": {"text": "price"}, "expect": {"vars": {"Price.$status": 500}}}
    row = keep(shop, teammate, transcript=transcripts.written({"scenarios": [{"id": "a", "turns": [asks, twice]}]}))

    assert run(shop, row).ok


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("scenarios: [", "The transcript is no YAML: line 1, column 13"),
        ("just words", "the document: expected an object"),
        ("scenarios: [{id: a, turns: [{user: 5}]}]", "scenarios[0].turns[0].user: expected an object"),
        (
            "scenarios: [{id: a, turns: [{expect: {messages: 5}}]}]",
            "scenarios[0].turns[0].expect.messages: expected a list",
        ),
        ("scenarios: [{id: a, turns: [{expect: {messages: [5]}}]}]", "expect.messages[0]: expected an object"),
        ("scenarios: [{id: a, turns: [{expect: {vars: [5]}}]}]", "expect.vars: expected an object"),
        (
            "scenarios: [{id: a, turns: [{expect: {api_calls: [{headers: 5}]}}]}]",
            "api_calls[0].headers: expected an object",
        ),
        (
            "scenarios: [{id: a, turns: [{expect: {context_store: {user: {shop: 5}}}}]}]",
            "context_store.user.shop: expected",
        ),
        ("scenarios: [{id: a, turns: [{expect: {1: 5}}]}]", "1 is nothing that can be expected"),
        (
            "scenarios: [{id: a, api_override: [{method: GET}]}]",
            "scenarios[0].api_override[0]: Object missing required",
        ),
        ("a: &a [1]\nb: [*a, *a]", "uses YAML references"),
        ("scenarios: [{id: !!int x}]", "holds a value that cannot be read"),
        ("scenarios: [{id: a, session: {a: !!set {b}}}]", "holds a value that cannot be read"),
        ("scenarios: [{id: a, session: {a: .nan}}]", "holds a value that cannot be read"),
        ("[" * 5_000 + "]" * 5_000, "nested too deeply"),
        ("api: answers.json\nscenarios: [{id: a}]", "the file answers.json cannot be read here"),
    ],
)
def test_a_transcript_that_cannot_be_played_is_refused_with_the_place(
    bot: Bot, teammate: User, text: str, complaint: str
) -> None:
    with pytest.raises(UnreadableTranscript) as refused:
        savedtests.create(bot.pk, user=teammate, text=Text("One", text))

    assert complaint in str(refused.value)
    assert not bot.saved_tests.exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("routes: [{url: x}]", "missing required field `method` - at `$.routes[0]`"),
        ("routes: [{method: GET, url: x, kind: sulk}]", "Invalid enum value 'sulk' - at `$.routes[0].kind`"),
        ("routes: [{method: GET, url: x, responses: [{status: many}]}]", "at `$.routes[0].responses[0].status`"),
        ("routes: {", "The file of answers is no YAML: line 1"),
        ("5", "Expected `object`, got `int`"),
    ],
)
def test_answers_that_do_not_fit_are_refused_with_the_place(
    bot: Bot, teammate: User, text: str, complaint: str
) -> None:
    with pytest.raises(UnreadableTranscript) as refused:
        savedtests.create(bot.pk, user=teammate, text=Text("One", transcript(), text))

    assert complaint in str(refused.value)


def test_names_are_unique_and_an_edit_forgets_the_last_result(shop: Bot, teammate: User, store: redis.Redis) -> None:
    row = keep(shop, teammate)
    with pytest.raises(names.Refused, match="exists already"):
        keep(shop, teammate, name="price")
    run(shop, row)

    renamed = savedtests.change(row.pk, user=teammate, text=Text("New", row.transcript, row.answers))
    assert renamed.last_ok is None or renamed.last_ok
    edited = savedtests.change(row.pk, user=teammate, text=Text("New", transcript("5"), row.answers))

    assert (edited.name, edited.last_ok, edited.last_summary) == ("New", None, "")


def test_a_test_that_was_edited_while_it_ran_keeps_no_result(shop: Bot, teammate: User) -> None:
    row = keep(shop, teammate)

    savedtests.remember(row.pk, ok=True, summary="fine", seen="what it said before")

    row.refresh_from_db()
    assert row.last_ok is None


def test_a_run_is_done_once_and_known_to_its_bot_only(shop: Bot, teammate: User, store: redis.Redis) -> None:
    row = keep(shop, teammate)
    found = run(shop, row)

    testjobs.carry_out(found.id)

    assert len(testjobs.find(found.id, bot=shop.pk).results) == 1
    assert testjobs.find(found.id, bot=shop.pk + 1) is None
    assert testjobs.find("nonsense", bot=shop.pk) is None


def test_a_cancelled_run_stops_before_the_next_scenario(shop: Bot, teammate: User, store: redis.Redis) -> None:
    row = keep(shop, teammate)
    waiting = testjobs.order(shop, chosen=[row.pk])
    testjobs.cancel(waiting)
    testjobs.carry_out(waiting)

    found = testjobs.find(waiting, bot=shop.pk)
    assert (found.status, found.results, found.ok) == ("cancelled", (), False)


def test_a_run_clears_the_draft_that_it_tested_with_all_tests_and_no_other(
    shop: Bot, teammate: User, store: redis.Redis
) -> None:
    one, other = keep(shop, teammate), keep(shop, teammate, name="Other")

    whole, part = run(shop, one, other), run(shop, one)

    assert testjobs.clears(whole, bot=shop)
    assert not testjobs.clears(part, bot=shop)
    assert not testjobs.clears(None, bot=shop)
    shop.interactions.filter(name="say").update(content={"text": "It is {Price.p}"})
    assert not testjobs.clears(whole, bot=shop)


def test_a_damaged_bot_and_a_deleted_test_end_the_run_red(shop: Bot, teammate: User, store: redis.Redis) -> None:
    row = keep(shop, teammate)
    gone = testjobs.order(shop, chosen=[row.pk, row.pk + 1])
    testjobs.carry_out(gone)
    assert not testjobs.find(gone, bot=shop.pk).ok

    shop.interactions.filter(name="say").update(content={"text": 5})
    found = run(shop, row)

    assert "cannot be read" in found.red[0]["error"]


def test_a_downloaded_test_runs_from_the_shell(teammate: User, bot: Bot, tmp_path: Path) -> None:
    samples = Path(parcel_bot.__file__).parent
    said = (samples / "parcel_bot.yaml").read_text().replace("api: parcel_answers.json\n", "")
    text = Text("Parcels", said, (samples / "parcel_answers.json").read_text())
    row = savedtests.create(bot.pk, user=teammate, text=text)
    (tmp_path / "bot.json").write_text(json.dumps(parcel_bot.document()))
    (tmp_path / "test.yaml").write_text(savedtests.as_file(row))
    out = StringIO()

    call_command("test_bot", str(tmp_path / "bot.json"), str(tmp_path / "test.yaml"), stdout=out)

    assert "29 of 29 expectations hold" in out.getvalue()


def test_a_downloaded_test_keeps_comments_where_it_can(shop: Bot, teammate: User) -> None:
    text = savedtests.as_file(keep(shop, teammate))

    assert "# a comment" in text
    assert "# what the shop says" in text
    assert transcripts.read(text).routes == savedtests.read_answers(ANSWERS)


def test_a_date_is_the_text_that_it_is_written_as() -> None:
    found = transcripts.read("scenarios: [{id: 2026-11-23, turns: [{user: {text: 2026-11-24}}]}]")

    assert (found.scenarios[0].id, found.scenarios[0].turns[0].text) == ("2026-11-23", "2026-11-24")
