"""The part of the JSON API that Django answers: beginning, looking inside, ending; who may and who may not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.urls import get_resolver, resolve
from starlette.routing import Route

from bots.api import application, docs
from bots.engine import spec
from bots.models import Bot, Version
from bots.runtime import limits, sessions
from bots.services import channel_keys, conversations, specs
from credentials.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def live(bot: Bot) -> Bot:
    bot.live_version = Version.objects.create(bot=bot, number=1, spec=spec.to_builtins(specs.draft(bot)))
    bot.save()
    return bot


def ask(client: Client, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Any:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return client.generic(method, path, data, "application/json", headers=headers)


def key_of(bot: Bot, owner: User) -> str:
    return channel_keys.create(bot, label="Web", actor=owner)[1]


def path_of(bot: Bot) -> str:
    return f"/api/v1/bots/{bot.key}/conversations"


def test_a_channel_key_begins_a_conversation_with_the_live_version(store: redis.Redis, live: Bot, owner: User) -> None:
    body = {"consumer": {"id": "c1", "name": "Ada"}, "customer_info": {"tier": "gold"}, "variables": {"city": "Ulm"}}

    answer = ask(Client(), "POST", path_of(live), body, token=key_of(live, owner))

    assert answer.status_code == 201
    begun = answer.json()
    assert begun.keys() == {"id", "token", "expires_at"}
    kept = sessions.opening(begun["id"])
    assert kept.spec_ref == f"v:{live.live_version_id}"
    assert kept.facts["consumerId"] == "c1"
    assert kept.facts["customerInfo"] == {"tier": "gold"}
    assert sessions.variables(begun["id"]) == {"city": "Ulm"}


def test_neither_key_nor_token_is_stored_as_it_is(store: redis.Redis, live: Bot, owner: User) -> None:
    key = key_of(live, owner)
    begun = ask(Client(), "POST", path_of(live), token=key).json()

    kept = [store.dump(name) or b"" for name in store.scan_iter("*")]
    assert not any(begun["token"].encode() in value for value in kept)
    assert key not in str(list(live.channel_keys.values()))


def test_an_author_begins_with_the_draft_and_needs_the_csrf_token(
    store: redis.Redis, bot: Bot, owner: User, author: Client
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)

    refused = ask(strict, "POST", path_of(bot), {"draft": True})
    begun = ask(author, "POST", f"/api/v1/bots/{bot.pk}/conversations", {"draft": True})

    assert (refused.status_code, refused.json()["place"]) == (403, "X-CSRFToken")
    assert begun.status_code == 201
    assert sessions.opening(begun.json()["id"]).spec_ref.startswith("d:")


def test_a_channel_key_does_not_open_the_draft_nor_another_bot(store: redis.Redis, live: Bot, owner: User) -> None:
    key = key_of(live, owner)
    other = factories.make_bot(live.organization)

    assert ask(Client(), "POST", path_of(live), {"draft": True}, token=key).status_code == 403
    assert ask(Client(), "POST", path_of(other), token=key).status_code == 401


def test_a_revoked_key_begins_nothing(store: redis.Redis, live: Bot, owner: User) -> None:
    row, key = channel_keys.create(live, label="Web", actor=owner)
    channel_keys.revoke(row, actor=owner)

    assert ask(Client(), "POST", path_of(live), token=key).status_code == 401
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "channel_key.created",
        "channel_key.revoked",
    ]


def test_a_stranger_does_not_find_the_bot(store: redis.Redis, bot: Bot, stranger: User) -> None:
    client = Client()
    client.force_login(stranger)

    assert ask(client, "POST", path_of(bot), {"draft": True}).status_code == 404
    assert ask(Client(), "POST", path_of(bot), {"draft": True}).status_code == 401


def test_a_bot_without_a_live_version_says_so(store: redis.Redis, bot: Bot, owner: User) -> None:
    answer = ask(Client(), "POST", path_of(bot), token=key_of(bot, owner))

    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "The bot has no live version."


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        (b"not json", 400, None),
        (b'{"variables":' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}", 400, None),
        ({"consumer": {"id": 7}}, 422, "/consumer/id"),
        ({"unknown": 1}, 422, "/"),
        ({"variables": {"big": "x" * 300_000}}, 422, "/variables"),
        ({"variables": {f"v{n}": 1 for n in range(1001)}}, 422, "/variables"),
        ({"variables": {"huge": "x" * 1_100_000}}, 413, None),
    ],
)
def test_a_bad_opening_is_refused_with_its_place(
    store: redis.Redis, live: Bot, owner: User, body: Any, status: int, place: str | None
) -> None:
    answer = ask(Client(), "POST", path_of(live), body, token=key_of(live, owner))

    assert (answer.status_code, answer.json().get("place")) == (status, place)
    assert list(store.scan_iter("*:c:*")) == []


def test_a_channel_key_that_begins_too_much_is_told_when_to_come_back(
    store: redis.Redis, live: Bot, owner: User
) -> None:
    row, key = channel_keys.create(live, label="Web", actor=owner)
    with pytest.raises(limits.TooOften):
        for _ in range(channel_keys.MOST_A_MINUTE + 1):
            limits.count(f"key:{row.pk}", most=channel_keys.MOST_A_MINUTE)

    answer = ask(Client(), "POST", path_of(live), token=key)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60


def test_what_an_author_may_see_a_teammate_may_and_a_stranger_may_not(
    store: redis.Redis, bot: Bot, author: Client, teammate: User, stranger: User
) -> None:
    begun = conversations.begin(bot, draft=True, variables={"city": "Ulm"})

    seen = {}
    for user in (teammate, stranger):
        client = Client()
        client.force_login(user)
        seen[user.username] = [
            ask(client, method, f"/api/v1/conversations/{begun.id}{rest}").status_code
            for method, rest in (("GET", "/variables"), ("GET", "/log"), ("POST", "/reset"), ("DELETE", ""))
        ]

    assert seen == {"teammate": [200, 200, 204, 204], "stranger": [404] * 4}


def test_a_reset_takes_the_draft_as_it_stands_now(store: redis.Redis, bot: Bot, author: Client) -> None:
    begun = conversations.begin(bot, draft=True, variables={"city": "Ulm"})
    before = sessions.opening(begun.id).spec_ref
    factories.make_dialog(bot, name="New")

    answer = ask(author, "POST", f"/api/v1/conversations/{begun.id}/reset")

    assert answer.status_code == 204
    assert sessions.opening(begun.id).spec_ref not in (before, "")
    assert sessions.variables(begun.id) == {}


def test_the_environment_is_that_of_the_beginning(store: redis.Redis, bot: Bot) -> None:
    environment = bot.organization.environments.create(name="Test", values={"host": "one"})
    bot.environment = environment
    bot.save()
    begun = conversations.begin(bot, draft=True)

    environment.values = {"host": "two"}
    environment.save()

    assert sessions.opening(begun.id).environment == {"host": "one"}


def test_a_method_that_is_not_possible_says_which_are(store: redis.Redis) -> None:
    answer = ask(Client(), "PUT", "/api/v1/bots/x/conversations")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_an_address_that_is_none_answers_with_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/nothing/here")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_every_described_call_exists_and_every_call_is_described() -> None:
    async def no_app(*_: Any) -> None: ...

    described = {
        (method.upper(), _shape(path)) for path, methods in docs.document()["paths"].items() for method in methods
    }
    hot = {
        (method, _shape(route.path))
        for route in application.build(static=no_app, pages=no_app).routes
        if isinstance(route, Route) and route.name != application.IMPOSSIBLE
        for method in route.methods or ()
        if method != "HEAD"
    }

    own = {call for call in described if call not in hot}
    assert hot - described == {("GET", "/api/v1/streams/{}")}  # for our own pages only
    assert all(resolve(path.replace("{}", "x")).url_name.startswith("api_") for _, path in own)
    patterns = [name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("api_")]
    assert len(patterns) == len({path for _, path in own}) + 2  # the two that describe


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_the_page_for_people_lists_every_call(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()

    assert page.count("<h2>") == len(list(docs.calls()))
    assert client.get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (OperationalError("database or disk is full"), 503, "The database takes nothing at present"),
        (OperationalError("no such table: bots_bot"), 500, "Something is wrong with this installation"),
        (ZeroDivisionError(), 500, "Something is wrong with this installation"),
    ],
)
def test_what_no_view_expects_is_a_problem_document_too(
    bot: Bot, owner: User, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, sentence: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(conversations, "begin", fail)
    client = Client(raise_request_exception=False)
    client.force_login(owner)

    answer = client.post(f"/api/v1/bots/{bot.pk}/conversations", "{}", content_type="application/json")

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(sentence)
    assert ("Retry-After" in answer.headers) is (status == 503)
