"""Test runs on an integration's page. The task runs at once, in this process; all else is real."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from bots.models import Bot
from config.celery import app
from integrations.models import Integration, SampleValues
from integrations.services import testruns
from tests import factories
from tests.web.test_integrations import form_data, rows

pytestmark = pytest.mark.usefixtures("store")

HTMX = {"HX-Request": "true"}
BODY = b'{"total": 1.10, "note": "<script>alert(1)</script>"}'


@pytest.fixture
def api(settings: Settings) -> Iterator[str]:
    settings.EGRESS_ALLOW_LOOPBACK = True

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *args: object) -> None:
            """The test's output stays quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


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
def integration(bot: Bot) -> Integration:
    return factories.make_integration(bot, name="Order")


def start(author: Client, bot: Bot, **values: Any) -> Any:
    return author.post(reverse("test_run_start", args=[bot.pk]), form_data(**values), headers=HTMX)


def run_id(answer: Any) -> str:
    return str(answer.headers["HX-Replace-Url"]).partition("?run=")[2]


def finished(author: Client, row: Integration, api: str, **values: Any) -> str:
    values = {"integration": str(row.pk), "url": f"{api}/orders"} | values
    return run_id(start(author, row.bot, **values))


def show(author: Client, bot: Bot, run: str) -> Any:
    return author.get(reverse("test_run", args=[bot.pk, run]))


@pytest.mark.usefixtures("at_once")
def test_what_is_not_saved_yet_is_run(author: Client, bot: Bot, api: str) -> None:
    fields = rows("fields", ("total", "{$.api_Order.total}"), ("gone", "{$.api_Order.gone}"))

    answer = start(author, bot, url=f"{api}/orders", **fields)
    report = show(author, bot, run_id(answer)).text

    assert not Integration.objects.exists()
    assert 'id="run"' in report
    assert "1.10" in report
    assert "there is no gone in" in report


@pytest.mark.usefixtures("at_once")
def test_what_an_api_answers_is_shown_and_never_run(author: Client, integration: Integration, api: str) -> None:
    report = show(author, integration.bot, finished(author, integration, api)).text

    assert "<script>alert(1)" not in report
    assert "&lt;script&gt;alert(1)" in report


@pytest.mark.usefixtures("at_once")
def test_the_page_survives_a_reload(author: Client, integration: Integration, api: str) -> None:
    run = finished(author, integration, api)

    page = author.get(reverse("integration", args=[integration.bot_id, integration.pk]), {"run": run}).text

    assert "Request as sent" in page
    assert 'role="tablist"' in page


@pytest.mark.usefixtures("at_once")
def test_a_reload_keeps_a_definition_that_was_run_but_never_saved(author: Client, bot: Bot, api: str) -> None:
    headers = rows("headers", ("X-Kept", "yes"), ("X-Off", "no"), off=(2,))
    sample = {"sample.name": ["$botContext.order"], "sample.value": ["A-17"]}
    url = f"{api}/unsaved/{{$botContext.order}}"
    answer = start(author, bot, name="Unsaved", url=url, method="PUT", **headers, **sample)

    page = author.get(answer.headers["HX-Replace-Url"])

    form = page.context["form"]
    assert (form["name"].value(), form["url"].value(), form["method"].value()) == ("Unsaved", url, "PUT")
    assert [(row["key"], row["enabled"]) for row in form["headers"].value()] == [("X-Kept", True), ("X-Off", False)]
    assert [(sample.name, sample.value) for sample in page.context["samples"]] == [("$botContext.order", "A-17")]
    assert "not saved yet" in page.text


def test_a_run_that_waits_shows_that_it_works_and_can_be_cancelled(author: Client, integration: Integration) -> None:
    run = testruns.order(testruns.Order(bot=integration.bot_id, user=1, definition=factories.integration_spec()))

    waiting = show(author, integration.bot, run).text
    cancelled = author.post(reverse("test_run_cancel", args=[integration.bot_id, run]), headers=HTMX).text

    assert "Waiting for a worker" in waiting
    assert 'data-stream="/api/v1/streams/' in waiting
    assert "Cancelled before a worker began" in cancelled


@pytest.mark.usefixtures("at_once")
def test_sample_values_are_remembered_for_this_user_but_not_what_the_environment_says(
    author: Client, teammate: User, owner: User, integration: Integration, api: str
) -> None:
    bot = integration.bot
    bot.environment = bot.organization.environments.create(name="Test", values={"base": api, "region": "eu"})
    bot.save()
    integration.url = "{$env.base}/{$env.region}/{$botContext.order}"
    integration.save()
    names = ["$env.base", "$env.region", "$botContext.order"]
    given = {"sample.name": names, "sample.value": [api, "us", "A-17"]}

    finished(author, integration, api, url=integration.url, **given)

    assert SampleValues.objects.get().values == {"$env.region": "us", "$botContext.order": "A-17"}
    page = reverse("integration", args=[bot.pk, integration.pk])
    assert 'value="A-17"' in author.get(page).text
    author.force_login(owner)
    assert 'value="A-17"' not in author.get(page).text


def test_sample_values_are_asked_of_exactly_the_variables_that_the_form_uses(
    author: Client, integration: Integration
) -> None:
    data = form_data(
        integration=str(integration.pk),
        url="https://api.example.test/{$botContext.order}",
        body="{$botContext.unsent}",
        transform_script='botContext.getBotVariable("who"); botContext.getBotVariable("api_Order");',
        **rows("headers", ("X-A", "{$userMessage}"), ("X-B", "{$botContext.off}"), off=(2,)),
        **rows("fields", ("total", "{$.api_Order.total}")),
    )
    typed = {"sample.name": ["$botContext.order"], "sample.value": ["typed & kept"]}

    fragment = author.post(reverse("test_run_samples", args=[integration.bot_id]), data | typed, headers=HTMX)

    asked = [sample.name for sample in fragment.context["samples"]]
    assert asked == ["$botContext.order", "$userMessage", "$botContext.who"]
    assert 'value="typed &amp; kept"' in fragment.text
    assert 'id="samples"' in fragment.text


def test_a_bad_form_is_not_run_and_says_why_in_both_places(author: Client, integration: Integration) -> None:
    answer = start(author, integration.bot, integration=str(integration.pk), url="nowhere", body="what I typed")

    assert "Nothing was run" in answer.text
    assert answer.text.count("http:// or https://") >= 2
    assert 'id="run"' in answer.text
    assert 'hx-swap-oob="outerHTML"' in answer.text
    assert "what I typed" in answer.text


def test_a_queue_that_does_not_answer_is_told(author: Client, bot: Bot) -> None:
    """The tests' broker is a socket on which nobody listens."""
    answer = start(author, bot, body="what I typed")

    assert "The queue does not answer, so nothing was run" in answer.text
    assert "what I typed" in answer.text


@pytest.mark.usefixtures("at_once")
def test_a_response_is_stored_only_when_it_is_pinned_and_no_longer_when_unpinned(
    author: Client, integration: Integration, api: str
) -> None:
    run = finished(author, integration, api)
    assert Integration.objects.get().pinned_response is None

    pinned = author.post(reverse("test_run_pin", args=[integration.bot_id, run]), headers=HTMX).text
    stored = Integration.objects.get()
    unpinned = author.post(reverse("test_run_unpin", args=[integration.bot_id, integration.pk]), headers=HTMX).text

    assert stored.pinned_response["body"] == BODY.decode()
    assert stored.updated_at == integration.updated_at
    assert "Stored with the integration in the database until you unpin it." in pinned
    assert 'id="sample-response"' in unpinned
    assert Integration.objects.get().pinned_response is None


@pytest.mark.usefixtures("at_once")
def test_the_transform_alone_runs_on_the_sample_as_edited(author: Client, integration: Integration, api: str) -> None:
    sample = {"mode": "transform", "response-status": "200", "response-body": '{"total": "edited"}'}
    fields = rows("fields", ("total", "{$.api_Order.total}"))

    report = show(author, integration.bot, finished(author, integration, api, **sample, **fields)).text

    assert "Transform and fields ran" in report
    assert "edited" in report
    assert "Request as sent" not in report


@pytest.mark.usefixtures("at_once")
def test_the_whole_body_is_plain_text(author: Client, integration: Integration, api: str) -> None:
    run = finished(author, integration, api)

    answer = author.get(reverse("test_run_body", args=[integration.bot_id, run]))

    assert answer.content == BODY
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.usefixtures("at_once")
def test_a_long_body_is_folded(author: Client, integration: Integration, store: redis.Redis) -> None:
    sample = {"mode": "transform", "response-status": "200", "response-body": f'["{"x" * 70_000}"]'}
    data = {"integration": str(integration.pk), "url": "https://api.example.test/"}

    report = show(author, integration.bot, run_id(start(author, integration.bot, **data, **sample))).text

    assert "characters more" in report
    assert "x" * 66_000 not in report


@pytest.mark.parametrize("name", ["test_run", "test_run_body"])
def test_a_stranger_sees_no_run(client: Client, stranger: User, integration: Integration, name: str) -> None:
    run = testruns.order(testruns.Order(bot=integration.bot_id, user=1, definition=factories.integration_spec()))
    url = reverse(name, args=[integration.bot_id, run])

    assert client.get(url).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["test_run_start", "test_run_samples", "integration_curl", "integration_paste"])
def test_a_stranger_starts_nothing(client: Client, stranger: User, integration: Integration, name: str) -> None:
    url = reverse(name, args=[integration.bot_id])

    assert client.post(url, form_data()).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert client.post(url, form_data()).status_code == 404


@pytest.mark.usefixtures("at_once")
def test_a_run_of_one_bot_is_not_shown_under_another(author: Client, integration: Integration, api: str) -> None:
    run = finished(author, integration, api)
    other = factories.make_bot(integration.bot.organization)

    assert author.get(reverse("test_run_body", args=[other.pk, run])).status_code == 404
    assert "1.10" not in show(author, other, run).text


@pytest.mark.usefixtures("at_once")
def test_the_response_is_shown_as_received_and_as_the_transform_left_it(
    author: Client, integration: Integration, api: str
) -> None:
    script = 'var r = botContext.getBotVariable("api_Order"); r.jsonData = JSON.stringify({api_Order: {wrapped: [7]}});'
    script += 'botContext.setBotVariable("api_Order", r, true, false);'
    run = finished(author, integration, api, transform_script=script)
    body = reverse("test_run_body", args=[integration.bot_id, run])

    report = show(author, integration.bot, run).text

    assert "After the transform" in report
    assert author.get(body).content == BODY
    assert author.get(body, {"transformed": ""}).content == b'{"wrapped":[7]}'
