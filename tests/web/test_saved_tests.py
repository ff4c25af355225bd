"""The Tests pages, saving a preview as a test, and publishing a bot that has tests. Runs happen at once, in here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot, SavedTest
from bots.runtime import inbox
from bots.runtime.inbox import Message
from bots.services import conversations, savedtests, testjobs
from config.celery import app
from credentials.models import AuditEntry
from tests import factories
from tests.services.test_recording import play

pytestmark = pytest.mark.usefixtures("store")

HTMX = {"HX-Request": "true"}
HELLO = "scenarios: [{id: a, turns: [{user: {text: hi}, expect: {messages: [{kind: text, text: Hello}]}}]}]"
ROUTES = "routes: [{method: GET, url: 'http://shop.example.test/', responses: [{status: 200}]}]"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def at_once() -> Iterator[None]:
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def author(client: Client, teammate: User) -> Client:
    client.force_login(teammate)
    return client


@pytest.fixture
def greeter(bot: Bot) -> Bot:
    dialog = factories.make_dialog(bot)
    factories.make_interaction(dialog, name="start", kind="starter", content={"patterns": ["hi"]})
    factories.make_interaction(dialog, name="say", content={"text": "Hello"})
    return bot


@pytest.fixture
def saved(greeter: Bot) -> SavedTest:
    return SavedTest.objects.create(bot=greeter, name="Greeting", transcript=HELLO, answers=ROUTES)


def break_(bot: Bot) -> None:
    bot.interactions.filter(name="say").update(content={"text": f"Go away {EVIL}"})


def test_an_empty_list_says_how_to_begin(author: Client, bot: Bot) -> None:
    page = author.get(reverse("tests", args=[bot.pk])).text

    assert "No test yet" in page
    assert reverse("new_test", args=[bot.pk]) in page
    assert "Run all" not in page


def test_a_test_is_written_by_hand(author: Client, bot: Bot) -> None:
    page = author.get(reverse("new_test", args=[bot.pk])).text
    answer = author.post(reverse("new_test", args=[bot.pk]), {"name": "One", "transcript": HELLO, "answers": ""})

    row = bot.saved_tests.get()
    assert "scenarios:" in page
    assert answer.url == reverse("test", args=[bot.pk, row.pk])
    assert (row.name, row.transcript) == ("One", HELLO)


def test_what_does_not_fit_is_said_with_its_place_and_what_was_typed_stays(author: Client, saved: SavedTest) -> None:
    typed = {"name": "Greeting", "transcript": "scenarios: [{id: a, turns: 5}]", "answers": "routes: [{url: x}]"}

    page = author.post(reverse("test", args=[saved.bot_id, saved.pk]), typed).text

    assert "scenarios[0].turns: expected a list" in page
    assert "at `$.routes[0]`" in page
    assert "scenarios: [{id: a, turns: 5}]" in page
    saved.refresh_from_db()
    assert saved.transcript == HELLO


@pytest.mark.usefixtures("at_once")
def test_save_and_run_shows_each_expectation(author: Client, saved: SavedTest) -> None:
    typed = {"name": "Greeting", "transcript": HELLO, "answers": ROUTES, "run": "1"}

    page = author.post(reverse("test", args=[saved.bot_id, saved.pk]), typed, follow=True).text

    assert "1 test passed." in page
    assert "message 1" in page


@pytest.mark.usefixtures("at_once")
def test_a_red_run_shows_expected_and_actual_as_text_only(author: Client, saved: SavedTest) -> None:
    break_(saved.bot)

    page = author.post(reverse("run_tests", args=[saved.bot_id]), follow=True).text

    assert "1 of 1 test failed" in page
    assert "Go away &lt;script&gt;" in page
    assert EVIL not in page
    assert 'id="tests-run"' in page
    assert '<span class="badge bad">failed</span>' in page


def test_a_run_that_waits_shows_that_it_does_and_can_be_cancelled(author: Client, saved: SavedTest) -> None:
    run_id = testjobs.order(saved.bot, chosen=[saved.pk])
    waiting = author.get(reverse("tests_run", args=[saved.bot_id, run_id]), headers=HTMX).text

    cancelled = author.post(reverse("cancel_tests", args=[saved.bot_id, run_id]), headers=HTMX).text

    assert "Waiting for a worker" in waiting
    assert "hx-trigger" in waiting
    assert "Cancelled after 0 of 1 tests" in cancelled
    assert "hx-trigger" not in cancelled


def test_a_run_that_is_not_kept_any_more_says_so(author: Client, saved: SavedTest) -> None:
    page = author.get(reverse("test", args=[saved.bot_id, saved.pk]), {"run": "gone"}).text

    assert "is not kept any more" in page


@pytest.mark.usefixtures("at_once")
def test_a_route_is_let_down_by_choice(author: Client, saved: SavedTest) -> None:
    kinds = reverse("test_kinds", args=[saved.bot_id, saved.pk])

    page = author.post(kinds, {"route0": "timeout"}, follow=True).text
    refused = author.post(kinds, {"route0": "sulk"}, follow=True).text

    saved.refresh_from_db()
    assert savedtests.read_answers(saved.answers)[0].kind == "timeout"
    assert '<option value="timeout" selected>' in page
    assert "Choose one of the answers that are offered" in refused


def test_a_test_is_downloaded_and_deleted(author: Client, saved: SavedTest) -> None:
    download = author.get(reverse("download_test", args=[saved.bot_id, saved.pk]))
    author.post(reverse("delete_test", args=[saved.bot_id, saved.pk]))

    assert download["Content-Disposition"] == 'attachment; filename="greeting.yaml"'
    assert download.content.decode() == f"{HELLO}\n{ROUTES}"
    assert not saved.bot.saved_tests.exists()


@pytest.mark.usefixtures("at_once")
def test_a_preview_becomes_a_test_and_runs(author: Client, greeter: Bot) -> None:
    begun = conversations.begin(greeter, draft=True)
    inbox.post(begun.id, Message("m1", "hi"))
    play(begun)

    page = author.post(reverse("record_test", args=[greeter.pk]), {"conversation": begun.id}, follow=True).text

    row = greeter.saved_tests.get()
    assert "The conversation is kept as the test hi." in page
    assert "1 test passed." in page
    assert (row.name, row.last_ok) == ("hi", True)


def test_a_preview_without_a_word_or_that_is_over_makes_no_test(
    author: Client, greeter: Bot, organization: object
) -> None:
    record = reverse("record_test", args=[greeter.pk])
    silent = conversations.begin(greeter, draft=True)
    of_another = conversations.begin(factories.make_bot(greeter.organization), draft=True)

    assert "no finished turn yet" in author.post(record, {"conversation": silent.id}, follow=True).text
    for conversation in ("", "nonsense", of_another.id):
        assert "That conversation is over" in author.post(record, {"conversation": conversation}, follow=True).text
    assert not greeter.saved_tests.exists()


def publish(author: Client, bot: Bot, **values: str) -> str:
    page = author.post(reverse("publish", args=[bot.pk]), {"note": "New", **values}, follow=True)
    return page.text


@pytest.mark.usefixtures("at_once")
def test_a_bot_is_tested_and_then_published(author: Client, saved: SavedTest) -> None:
    gate = publish(author, saved.bot)
    run = gate.partition('name="run" value="')[2].partition('"')[0]

    assert "All tests passed. Publishing" in gate
    assert 'hx-trigger="load, submit"' in gate
    assert not saved.bot.versions.exists()
    page = publish(author, saved.bot, run=run)
    assert "Version 1 is live" in page
    assert AuditEntry.objects.get(action="bot.published").detail == {"version": 1, "tests": "passed"}
    again = author.get(reverse("publish", args=[saved.bot_id]), {"run": run}).text
    assert "hx-trigger" not in again.partition('id="publish-gate"')[2].partition("</form>")[0]


@pytest.mark.usefixtures("at_once")
def test_a_red_test_asks_before_publishing(author: Client, saved: SavedTest) -> None:
    break_(saved.bot)

    gate = publish(author, saved.bot)

    assert "1 of 1 tests failed. The bot is not published yet." in gate
    assert ">\nNew</textarea>" in gate
    assert not saved.bot.versions.exists()
    assert "Version 1 is live" in publish(author, saved.bot, confirmed="1")
    detail = AuditEntry.objects.get(action="bot.published").detail
    assert detail == {"version": 1, "tests": "published without their passing"}


@pytest.mark.usefixtures("at_once")
def test_tests_that_passed_before_an_edit_do_not_count(author: Client, saved: SavedTest) -> None:
    run = publish(author, saved.bot).partition('name="run" value="')[2].partition('"')[0]
    break_(saved.bot)

    page = publish(author, saved.bot, run=run)

    assert "1 of 1 tests failed" in page
    assert not saved.bot.versions.exists()


def test_without_a_worker_the_author_may_publish_all_the_same(
    author: Client, saved: SavedTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> str:
        raise testjobs.Unavailable

    monkeypatch.setattr(testjobs, "order", unavailable)

    gate = publish(author, saved.bot)

    assert "The queue does not answer, so nothing was run." in gate
    assert "Publish all the same" in gate
    assert "Version 1 is live" in publish(author, saved.bot, confirmed="1")


def test_a_bot_without_tests_is_published_at_once(author: Client, greeter: Bot) -> None:
    assert "Version 1 is live" in publish(author, greeter)
    assert AuditEntry.objects.get(action="bot.published").detail == {"version": 1}


def test_a_stranger_sees_nothing_and_runs_nothing(client: Client, stranger: User, saved: SavedTest) -> None:
    run_id = testjobs.order(saved.bot, chosen=[saved.pk])
    bot, pk = saved.bot_id, saved.pk
    addresses = [
        *(("get", reverse(name, args=[bot])) for name in ("tests", "new_test")),
        *(("post", reverse(name, args=[bot])) for name in ("run_tests", "record_test")),
        *(("get", reverse(name, args=[bot, pk])) for name in ("test", "download_test")),
        *(("post", reverse(name, args=[bot, pk])) for name in ("test", "test_kinds", "delete_test")),
        ("get", reverse("tests_run", args=[bot, run_id])),
        ("post", reverse("cancel_tests", args=[bot, run_id])),
    ]
    assert all(getattr(client, method)(url).url.startswith(reverse("login")) for method, url in addresses)
    client.force_login(stranger)

    assert {getattr(client, method)(url).status_code for method, url in addresses} == {404}
    assert testjobs.find(run_id, bot=bot).status == "queued"


def test_a_run_of_another_bot_is_not_shown(author: Client, saved: SavedTest) -> None:
    other = factories.make_bot(saved.bot.organization)
    run_id = testjobs.order(saved.bot, chosen=[saved.pk])

    assert "Waiting" not in author.get(reverse("tests_run", args=[other.pk, run_id])).text
    assert author.post(reverse("cancel_tests", args=[other.pk, run_id])).status_code == 404
    assert author.get(reverse("test", args=[other.pk, saved.pk])).status_code == 404
