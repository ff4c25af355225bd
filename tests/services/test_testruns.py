"""Test runs: ordered, carried out by the task itself against a real server, a real Redis and the real sandbox."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import redis
from pytest_django import Settings

from bots.models import Bot
from integrations import tasks
from integrations.engine.outcome import ReceivedResponse
from integrations.engine.spec import IntegrationSpec, Row
from integrations.services import streams, testruns
from integrations.services.reports import Report
from tests import factories

ORDER = b'{"total": 1.10, "id": 1234567890123456789, "items": [{"title": "Tea"}, {"title": "Cup"}, {}]}'


class Api:
    """Answers on loopback; remembers what was asked. A path beginning with /hang waits to be released."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.arrived, self.release = threading.Event(), threading.Event()
        self.status = 200
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.asked.append(self.path)
                api.arrived.set()
                if self.path.startswith("/hang"):
                    api.release.wait(20)
                self.send_response(api.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(ORDER)))
                self.end_headers()
                self.wfile.write(ORDER)

            def log_message(self, *args: object) -> None:
                """The test's output stays quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    settings.EGRESS_ALLOW_LOOPBACK = True
    api = Api()
    yield api
    api.release.set()
    api.server.shutdown()
    api.server.server_close()


Run = Callable[..., Report]


@pytest.fixture
def run(bot: Bot, store: redis.Redis) -> Run:
    """Order a test run, do what a worker does with it, and return the report."""

    def run(definition: IntegrationSpec, **values: object) -> Report:
        run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=definition, **values))
        tasks.test_run(run_id)
        found = testruns.find(run_id, bot=bot.pk)
        assert found and found.status == "done" and found.report
        return found.report

    return run


def order_spec(url: str, **values: object) -> IntegrationSpec:
    values.setdefault("retries", 0)
    return factories.integration_spec("Order", url=url, **values)


def test_a_run_makes_the_call_with_the_sample_values(api: Api, run: Run) -> None:
    spec = order_spec(api.url + "/orders/{$botContext.order}", parameters=(Row("q", "{$userMessage}"),))

    report = run(spec, values={"$botContext.order": "a/b", "$userMessage": "x&y"})

    assert api.asked == ["/orders/a%2Fb?q=x%26y"]
    assert (report.ok, report.status, report.kind) == (True, 200, "")
    assert report.response and report.response.body == ORDER.decode()
    assert report.attempts[0].status == 200


def test_environment_values_come_from_the_bot_unless_a_sample_says_otherwise(bot: Bot, api: Api, run: Run) -> None:
    bot.environment = bot.organization.environments.create(name="Test", values={"base": api.url, "region": "eu"})
    bot.save()
    spec = order_spec("{$env.base}/{$env.region}")

    run(spec)
    run(spec, values={"$env.region": "us"})

    assert api.asked == ["/eu", "/us"]


def test_fields_are_shown_with_value_and_count_and_numbers_keep_their_spelling(api: Api, run: Run) -> None:
    fields = (
        Row("total", "{$.api_Order.total}"),
        Row("id", "{$.api_Order.id}"),
        Row("titles", "{$.api_Order.items[i].title}"),
        Row("nothing", "{$.api_Order.itmes[i].title}"),
    )

    report = run(order_spec(api.url, fields=fields))

    shown = {field.name: (field.value, field.count, field.found) for field in report.fields}
    assert shown["total"] == ("1.10", 1, True)
    assert shown["id"] == ("1234567890123456789", 1, True)
    assert shown["titles"] == ('["Tea","Cup",null]', 3, True)
    assert shown["nothing"][1:] == (0, False)
    assert "itmes" in report.fields[3].problem


def test_the_transform_runs_in_the_sandbox_and_its_debug_messages_are_in_the_log(api: Api, run: Run) -> None:
    script = """
        var order = JSON.parse(botContext.getBotVariable("api_Order").jsonData).api_Order;
        botContext.printDebugMessage("items: " + order.items.length);
        botContext.setBotVariable("seen", botContext.getBotVariable("who"), true, false);
    """

    report = run(order_spec(api.url, transform_script=script), values={"$botContext.who": "me"})

    assert report.ok
    assert "items: 3" in [line.text for line in report.log if line.code == "debug"]
    changes = {each.name: (each.before, each.after, each.change) for each in report.variables}
    assert changes["who"] == ("me", "me", "")
    assert changes["seen"] == ("", "me", "added")
    assert changes["api_OrderStatus"] == ("", "200", "added")


def test_an_error_of_the_transform_is_told_with_its_line(api: Api, run: Run) -> None:
    report = run(order_spec(api.url, transform_script="var a = 1;\nnope();"))

    assert (report.ok, report.kind) == (False, "transform")
    assert "line 2" in report.message
    assert "nope is not defined" in report.message
    assert any(line.error for line in report.log)


def test_what_the_transform_made_of_the_response_is_kept_beside_it(api: Api, run: Run) -> None:
    script = """
        var response = botContext.getBotVariable("api_Order");
        response.jsonData = JSON.stringify({api_Order: {wrapped: [1, 2]}});
        botContext.setBotVariable("api_Order", response, true, false);
    """

    report = run(order_spec(api.url, transform_script=script, fields=(Row("all", "{$.api_Order.wrapped[i]}"),)))

    assert report.transformed == '{"wrapped":[1,2]}'
    assert report.fields[0].count == 2


def test_a_failure_says_its_kind_and_a_sentence(api: Api, run: Run) -> None:
    api.status = 503

    failed = run(order_spec(api.url))
    refused = run(order_spec("http://10.0.0.5/orders"))
    unbuilt = run(order_spec("https://api.example.test/{$botContext.order}/x"), values={"$botContext.order": ".."})

    assert (failed.kind, failed.headline) == ("http", "HTTP 503")
    assert refused.kind == "egress"
    assert "10.0.0.5" in refused.message
    assert unbuilt.kind == "request"
    assert not unbuilt.attempts


def test_a_pinned_sample_goes_through_transform_and_fields_without_a_call(api: Api, run: Run) -> None:
    sample = ReceivedResponse(status=200, body='{"total": 7}', size=12)

    report = run(order_spec(api.url, fields=(Row("total", "{$.api_Order.total}"),)), response=sample)

    assert api.asked == []
    assert report.ok
    assert report.fields[0].value == "7"


def test_a_page_can_follow_the_run_from_its_beginning_to_its_end(bot: Bot, api: Api, store: redis.Redis) -> None:
    spec = order_spec(api.url, fields=(Row("total", "{$.api_Order.total}"),))
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=spec))
    tasks.test_run(run_id)

    entries = streams.read(testruns.stream_key(run_id))

    assert [entry.event for entry in entries if entry.event != "log"] == ["started", "attempt", "end"]
    assert "answered 200" in json.loads(next(e for e in entries if e.event == "attempt").data)["text"]
    assert any("Field Order.total" in entry.data for entry in entries)


def test_a_doubled_celery_message_makes_one_call(bot: Bot, api: Api, store: redis.Redis) -> None:
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=order_spec(api.url)))

    tasks.test_run(run_id)
    tasks.test_run(run_id)

    assert len(api.asked) == 1


def test_a_run_that_was_cancelled_before_a_worker_began_sends_nothing(bot: Bot, api: Api, store: redis.Redis) -> None:
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=order_spec(api.url)))

    testruns.cancel(run_id)
    tasks.test_run(run_id)

    found = testruns.find(run_id, bot=bot.pk)
    assert found and found.status == "cancelled"
    assert api.asked == []
    assert [entry.event for entry in streams.read(testruns.stream_key(run_id))] == ["end"]


@pytest.mark.django_db(transaction=True)
def test_a_running_call_can_be_cancelled(bot: Bot, api: Api, store: redis.Redis) -> None:
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=order_spec(f"{api.url}/hang")))
    worker = threading.Thread(target=tasks.test_run, args=[run_id])
    worker.start()
    assert api.arrived.wait(20)

    testruns.cancel(run_id)
    worker.join(20)

    found = testruns.find(run_id, bot=bot.pk)
    assert found and found.report
    assert not found.report.ok
    assert found.report.message.startswith("Cancelled.")


def test_a_run_is_kept_for_an_hour_and_belongs_to_its_bot(bot: Bot, api: Api, store: redis.Redis) -> None:
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=order_spec(api.url)))
    tasks.test_run(run_id)

    assert testruns.find(run_id, bot=bot.pk + 1) is None
    assert testruns.find("nonsense", bot=bot.pk) is None
    assert all(0 < store.ttl(key) <= 3600 for key in store.keys("parley:*testrun*"))


def test_the_list_learns_how_the_latest_call_ended(bot: Bot, api: Api, store: redis.Redis) -> None:
    row = factories.make_integration(bot, name="Order")
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=order_spec(api.url), integration=row.pk))
    tasks.test_run(run_id)

    assert testruns.latest([row.pk, row.pk + 1])[row.pk].ok
    assert row.pk + 1 not in testruns.latest([row.pk, row.pk + 1])


def test_a_defect_ends_the_run_with_a_sentence(bot: Bot, store: redis.Redis) -> None:
    order = testruns.Order(bot=bot.pk + 1, user=1, definition=order_spec("http://127.0.0.1/"))
    run_id = testruns.order(order)

    with pytest.raises(Bot.DoesNotExist):
        tasks.test_run(run_id)

    found = testruns.find(run_id, bot=bot.pk + 1)
    assert found and found.report
    assert "defect" in found.report.message
