"""From a conversation in the preview to a test of the bot: real Redis, sandbox, engine and HTTP."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import yaml
from django.contrib.auth.models import User
from pytest_django import Settings

from bots.engine.state import Tap
from bots.models import Bot
from bots.runtime import exchanges, inbox, keys, leases, runner, sessions
from bots.runtime.inbox import Message
from bots.runtime.keeper import Keeper
from bots.runtime.leases import Claim
from bots.runtime.sessions import Begun
from bots.services import conversations, recording, savedtests, specs, tests, transcripts, turns, versions
from credentials import kinds
from credentials.services import vault
from integrations.models import Environment
from tests import factories, loopback_api
from tests.loopback_api import Answer, Api

_count = itertools.count(1)


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with loopback_api.running() as api:
        api.will_answer(Answer(body='{"price": 12.50}', headers={"Content-Type": "application/json; charset=utf-8"}))
        yield api


@pytest.fixture
def shop(bot: Bot, api: Api, store: redis.Redis) -> Bot:
    """Asks for an article and looks its price up."""
    bot.environment = Environment.objects.create(organization=bot.organization, name="Test", values={"shop": api.url})
    bot.save()
    dialog = factories.make_dialog(bot)
    integration = factories.make_integration(
        bot,
        name="Price",
        url="{$env.shop}/price?of={$botContext.article}",
        fields=[{"key": "p", "value": "{$.api_Price.price}"}],
    )
    factories.make_interaction(dialog, name="start", kind="starter", content={"patterns": ["price*"]})
    chips = [{"title": "A lamp", "payload": "lamp"}]
    variables = [{"name": "article", "value": "{$userMessage}"}]
    ask = {"text": "Of what?", "quick_replies": chips}
    factories.make_interaction(dialog, name="ask", kind="quick_reply", content=ask, rules=[{"variables": variables}])
    factories.make_interaction(dialog, name="look", kind="integration", integration=integration)
    factories.make_interaction(dialog, name="say", content={"text": "{Price.p} for a {$botContext.article}"})
    return bot


def say(begun: Begun, text: str = "", **tap: str) -> None:
    """Post a message and play its turn here."""
    inbox.post(begun.id, Message(f"m{next(_count)}", text or tap["payload"], Tap(**tap) if tap else None))
    play(begun)


def play(begun: Begun) -> None:
    found = leases.next_claim(keys.shard_of(begun.id), owner="owner", park=False)
    while isinstance(found, Claim):
        found = runner.answer(found, keeper=Keeper(), play=turns.play).claim or "nothing"


def talked(bot: Bot) -> Begun:
    begun = conversations.begin(bot, draft=True)
    say(begun, "price please")
    say(begun, kind="quick_reply", label="A lamp", payload="lamp")
    return begun


def test_a_recorded_conversation_holds_messages_taps_calls_and_answers(shop: Bot, api: Api) -> None:
    recorded = recording.record(talked(shop).id)

    (scenario,) = yaml.safe_load(recorded.transcript)["scenarios"]
    first, second = scenario["turns"]
    url = f"{api.url}/price?of=lamp"
    assert recorded.title == scenario["title"] == "price please"
    assert scenario["environment"] == {"shop": api.url}
    assert first == {
        "user": {"text": "price please"},
        "expect": {
            "messages": [
                {"kind": "quick_replies", "text": "Of what?", "quick_replies": [{"title": "A lamp", "payload": "lamp"}]}
            ],
            "waiting_at": "ask",
        },
    }
    assert second["user"] == {"text": "lamp", "click": {"kind": "quick_reply", "label": "A lamp", "payload": "lamp"}}
    assert second["expect"] == {
        "messages": [{"kind": "text", "text": "12.50 for a lamp"}],
        "waiting_at": None,
        "api_calls": [{"method": "GET", "url": url}],
    }
    assert yaml.safe_load(recorded.answers) == {
        "routes": [
            {
                "method": "GET",
                "url": url,
                "responses": [
                    {"status": 200, "headers": {"Content-Type": "application/json"}, "body": '{"price": 12.50}'}
                ],
            }
        ]
    }


def test_what_was_recorded_passes_and_calls_nobody(shop: Bot, api: Api) -> None:
    recorded = recording.record(talked(shop).id, variables=True)
    asked = len(api.asked)

    (report,) = played(shop, recorded)

    assert [f"{f.name}: {f.actual}" for turn in report.turns for f in turn.findings if not f.ok] == []
    assert len([f for turn in report.turns for f in turn.findings]) > 10
    assert len(api.asked) == asked


def test_a_recorded_test_fails_when_the_bot_is_changed(shop: Bot) -> None:
    recorded = recording.record(talked(shop).id)
    shop.interactions.filter(name="say").update(content={"text": "Guess!"})

    (report,) = played(shop, recorded)

    assert [f.name for turn in report.turns for f in turn.findings if not f.ok] == ["message 1"]


def test_variables_are_expected_only_if_that_was_asked_for(shop: Bot) -> None:
    begun = talked(shop)

    with_them = yaml.safe_load(recording.record(begun.id, variables=True).transcript)
    without = yaml.safe_load(recording.record(begun.id).transcript)

    expected = with_them["scenarios"][0]["turns"][-1]["expect"]["vars"]
    assert (expected["article"], expected["Price.p"]) == ("lamp", "12.50")
    assert expected["api_Price"] == {"json": {"jsonData": '{"api_Price":{"price":12.50}}'}}
    assert "vars:" not in str(without)


def test_retries_and_failures_are_recorded_as_they_came(shop: Bot, api: Api) -> None:
    shop.integrations.update(retries=1)
    api.will_answer(Answer(status=503, body="busy"), Answer(hang_up=True))

    recorded = recording.record(talked(shop).id)

    (route,) = yaml.safe_load(recorded.answers)["routes"]
    assert route["responses"] == [{"status": 503, "body": "busy"}, {"kind": "network"}]
    (report,) = played(shop, recorded)
    assert report.ok


def test_an_unfinished_turn_is_left_out_and_nothing_said_is_nothing_to_record(shop: Bot) -> None:
    begun = conversations.begin(shop, draft=True)
    with pytest.raises(recording.NothingToRecord, match="no finished turn yet"):
        recording.record(begun.id)
    say(begun, "price")
    inbox.post(begun.id, Message("late", "lamp"))

    (scenario,) = yaml.safe_load(recording.record(begun.id).transcript)["scenarios"]

    assert [turn["user"]["text"] for turn in scenario["turns"]] == ["price"]


def test_answers_are_kept_as_long_as_the_session_and_forgotten_with_it(shop: Bot, store: redis.Redis) -> None:
    begun = talked(shop)
    key = keys.part(begun.id, "calls")
    assert 0 < store.ttl(key) <= shop.session_seconds * 17 / 16

    conversations.reset(begun.id)
    assert not store.exists(key)
    say(begun, "price please")
    say(begun, "lamp")
    assert [call.url.rpartition("?")[2] for call in exchanges.read(begun.id)] == ["of=lamp"]

    conversations.end(begun.id)
    assert not store.exists(key)


def test_a_conversation_of_a_published_version_keeps_no_answers(shop: Bot, teammate: User, store: redis.Redis) -> None:
    versions.publish(shop.pk, user=teammate)
    shop.refresh_from_db()
    begun = conversations.begin(shop, draft=False)
    say(begun, "price please")
    say(begun, "lamp")

    assert sessions.variables(begun.id)["Price.p"] == "12.50"
    assert not store.exists(keys.part(begun.id, "calls"))


def test_a_credential_is_not_part_of_the_test_even_if_the_api_echoes_it(shop: Bot, api: Api, owner: User) -> None:
    values = {"access_token": "open-sesame-42", "token_type": "Bearer"}
    host = api.url.removeprefix("http://")
    credential = vault.create(
        shop.organization, actor=owner, name="Shop", kind=kinds.ALL["access_token"], values=values, allowed_hosts=[host]
    )
    shop.integrations.update(credential=credential)
    api.will_answer(Answer(body='{"price": 1, "you": "Bearer open-sesame-42"}'))

    recorded = recording.record(talked(shop).id)

    assert api.asked[0].headers["Authorization"] == "Bearer open-sesame-42"
    assert "open-sesame" not in recorded.answers + recorded.transcript
    assert "••••" in recorded.answers
    assert played(shop, recorded)[0].ok


def test_answers_beyond_the_limit_are_cut_and_counted(shop: Bot, api: Api) -> None:
    api.will_answer(Answer(body=json.dumps({"price": 1, "padding": "x" * exchanges.LONGEST_BODY})))

    recorded = recording.record(talked(shop).id)

    assert recorded.cut == 1
    assert len(recorded.answers) < 1_000


def test_all_answers_of_a_conversation_together_have_a_limit(
    shop: Bot, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "MOST_BYTES", 500)
    api.will_answer(Answer(body=json.dumps({"price": 1, "padding": "x" * 200})))
    begun = talked(shop)
    say(begun, "price again")
    say(begun, "lamp")

    assert [call.cut for call in exchanges.read(begun.id)] == [False, True]


def test_a_turn_that_ran_again_counts_its_calls_once(shop: Bot, store: redis.Redis) -> None:
    begun = talked(shop)
    (first,) = exchanges.read(begun.id)
    stored = json.loads(store.lindex(keys.part(begun.id, "calls"), 0))
    for again in ({**stored, "attempt": 2, "body": "newer"}, {**stored, "method": "POST"}):
        store.rpush(keys.part(begun.id, "calls"), json.dumps(again))

    assert [(call.method, call.body) for call in exchanges.read(begun.id)] == [("GET", "newer"), ("POST", first.body)]


def test_the_kept_test_is_the_whole_of_it(shop: Bot, teammate: User) -> None:
    begun = talked(shop)

    row, _ = savedtests.from_conversation(shop, user=teammate, conversation=begun.id)
    again, _ = savedtests.from_conversation(shop, user=teammate, conversation=begun.id)

    whole = transcripts.read(savedtests.as_file(row))
    assert (row.name, again.name) == ("price please", "price please 2")
    assert whole.routes == savedtests.read_answers(row.answers)
    assert tests.run(specs.draft(shop), transcript=whole, routes=whole.routes)[0].ok


def played(bot: Bot, recorded: recording.Recorded) -> Any:
    transcript = transcripts.read(recorded.transcript)
    return tests.run(specs.draft(bot), transcript=transcript, routes=savedtests.read_answers(recorded.answers))
