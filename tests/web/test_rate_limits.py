"""What may be done only so often: passwords tried, and pages that cost much. What was typed stays, and when is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from pytest_django import Settings

from bots.models import Bot
from bots.runtime import limits
from bots.services import logins
from config import ratelimits, visitors
from tests.redis_server import RedisServer

WRONG = {"username": "owner", "password": "wrong"}


@pytest.fixture(params=["with Redis", "without Redis"])
def counted(request: pytest.FixtureRequest) -> None:
    """Both ways of counting; without the fixture of a server there is none."""
    if request.param == "with Redis":
        request.getfixturevalue("store")


@pytest.fixture
def few(settings: Settings) -> None:
    settings.LOGINS_PER_NAME, settings.LOGINS_PER_ADDRESS = 3, 5


@pytest.fixture
def known(owner: User) -> User:
    owner.set_password("a long pass phrase")
    owner.save()
    return owner


@pytest.mark.usefixtures("counted", "few")
@pytest.mark.parametrize("page", ["login", "admin:login"])
def test_wrong_passwords_of_one_name_are_limited_and_the_right_one_is_not_looked_at_either(
    client: Client, known: User, page: str
) -> None:
    User.objects.filter(pk=known.pk).update(is_staff=True)

    answers = [client.post(reverse(page), WRONG) for _ in range(3)]
    refused = client.post(reverse(page), {**WRONG, "password": "a long pass phrase"})

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= logins.SECONDS
    assert "Too many attempts to log in" in refused.content.decode()
    assert 'value="owner"' in refused.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("counted", "few")
def test_an_address_is_limited_over_all_names(client: Client, known: User) -> None:
    for number in range(5):
        client.post(reverse("login"), {"username": f"somebody {number}", "password": "x"})

    assert client.post(reverse("login"), WRONG).status_code == 429
    assert client.post(reverse("login"), WRONG, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.usefixtures("counted", "few")
def test_right_passwords_are_not_counted(client: Client, known: User) -> None:
    for _ in range(8):
        answer = client.post(reverse("login"), {"username": "owner", "password": "a long pass phrase"})
        assert answer.status_code == 302
        client.post(reverse("logout"))


@pytest.mark.usefixtures("few", "db")
def test_spellings_of_one_name_share_their_limit(client: Client) -> None:
    for name in ("Owner", "OWNER", "ｏｗｎｅｒ"):
        client.post(reverse("login"), {"username": name, "password": "x"})

    assert client.post(reverse("login"), WRONG).status_code == 429


@pytest.mark.usefixtures("few")
def test_the_old_password_can_be_guessed_only_so_often(client: Client, known: User) -> None:
    client.force_login(known)
    form = {"old_password": "x", "new_password1": "another pass phrase", "new_password2": "another pass phrase"}

    answers = [client.post(reverse("password_change"), form) for _ in range(3)]
    refused = client.post(reverse("password_change"), {**form, "old_password": "a long pass phrase"})

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert refused.status_code == 429
    assert "Too many attempts with a password" in refused.content.decode()
    known.refresh_from_db()
    assert known.check_password("a long pass phrase")
    assert client.get("/admin/password_change/")["Location"] == reverse("password_change")


@pytest.mark.usefixtures("store")
def test_counters_hold_nothing_that_was_typed(client: Client, known: User, redis_server: RedisServer) -> None:
    client.post(reverse("login"), {"username": "my secret by mistake", "password": "x"})

    keys = limits.redis.client().keys("*rate:login*")

    assert len(keys) == 2
    assert not any(b"secret" in key for key in keys)
    assert all(limits.redis.client().ttl(key) > 0 for key in keys)


def test_an_unknown_name_costs_as_much_as_a_wrong_password(client: Client, known: User, monkeypatch: Any) -> None:
    from django.contrib.auth import hashers  # noqa: PLC0415

    made: list[str] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *given: made.append("once") or encode(self, *given))
    without_password = User.objects.create(username="nobody can")
    without_password.set_unusable_password()
    without_password.save()
    User.objects.create_user("gone", password="a long pass phrase", is_active=False)
    made.clear()
    cost = {}

    for name in ("owner", "stranger to all", "nobody can", "gone"):
        client.post(reverse("login"), {"username": name, "password": "x"})
        cost[name] = len(made)
        made.clear()

    assert set(cost.values()) == {1}, cost


FORWARDED = [
    ((), "203.0.113.9", "198.51.100.1", "203.0.113.9"),
    (("127.0.0.1/32",), "203.0.113.9", "198.51.100.1", "203.0.113.9"),
    (("127.0.0.1/32",), "127.0.0.1", "198.51.100.1", "198.51.100.1"),
    (("127.0.0.1/32",), "127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
    (("127.0.0.1/32", "10.0.0.0/8"), "127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.5", "198.51.100.1"),
    (("127.0.0.1/32",), "127.0.0.1", "198.51.100.1, rubbish", "127.0.0.1"),
    (("127.0.0.1/32",), "127.0.0.1", "", "127.0.0.1"),
    (("127.0.0.1/32",), "", "198.51.100.1", "198.51.100.1"),
    ((), "", "198.51.100.1", "unknown"),
    ((), "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
    ((), "::ffff:192.0.2.1", "", "192.0.2.1"),
]


@pytest.mark.parametrize(("proxies", "remote", "forwarded", "expected"), FORWARDED)
def test_only_a_named_proxy_tells_who_calls(
    proxies: tuple[str, ...], remote: str, forwarded: str, expected: str, settings: Settings, rf: Any
) -> None:
    settings.TRUSTED_PROXIES = tuple(visitors.ipaddress.ip_network(proxy) for proxy in proxies)
    request = rf.get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)

    assert visitors.place(request) == expected


def test_every_limited_page_exists() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}

    assert set(ratelimits.LIMITS) <= names


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute's share of everybody is used up."""

    def refuse(*_: Any, **__: Any) -> None:
        raise limits.TooOften(retry_after=17)

    monkeypatch.setattr(limits, "count_anyway", refuse)


@pytest.mark.usefixtures("counted")
def test_a_user_is_limited_and_another_is_not(client: Client, owner: User, teammate: User, bot: Bot) -> None:
    limit = ratelimits.EXPORTS.most
    client.force_login(owner)
    address = reverse("export_bot", args=[bot.pk])
    for _ in range(limit):
        limits.count_anyway(f"export:{owner.pk}", most=limit)

    assert client.get(address).status_code == 429
    client.force_login(teammate)
    assert client.get(address).status_code == 200


@pytest.mark.usefixtures("spent")
@pytest.mark.parametrize("name", sorted(ratelimits.LIMITS))
def test_each_page_of_the_table_refuses_with_a_time_and_a_sentence(name: str, author: Client, bot: Bot) -> None:
    limit = ratelimits.LIMITS[name]

    answer = author.generic(limit.methods[0], _address(name, bot))

    assert answer.status_code == 429
    assert answer["Retry-After"] == "17"
    assert limit.done in answer.content.decode()


@pytest.mark.usefixtures("spent")
def test_a_page_that_refuses_holds_what_was_typed(author: Client, bot: Bot) -> None:
    answer = author.post(reverse("integration_paste", args=[bot.pk]), {"curl": "\ncurl '<b>'", "row": ["1", "2"]})

    page = answer.content.decode()
    assert "Send it again" in page
    assert "\n\ncurl &#x27;&lt;b&gt;&#x27;</textarea>" in page
    assert page.count('name="row"') == 2


@pytest.mark.usefixtures("spent")
def test_a_fragment_that_refuses_leaves_the_page_as_it_is(author: Client, bot: Bot) -> None:
    answer = author.post(reverse("test_run_start", args=[bot.pk]), {}, headers={"HX-Request": "true"})

    assert answer["HX-Reswap"] == "none"
    assert "try again in 17 seconds" in json.loads(answer["HX-Trigger"])["toast"]["text"]


@pytest.mark.usefixtures("spent")
def test_the_api_refuses_with_a_problem_document(author: Client, bot: Bot) -> None:
    answer = author.post(reverse("api_begin", args=[bot.key]), {}, content_type="application/json")

    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["mend"] == "Send the same request again in 17 seconds."


def test_the_count_without_redis_does_not_grow_without_end() -> None:
    for number in range(limits.MOST_COUNTED_HERE + 50):
        limits._count_here(f"address {number}", most=5, seconds=60)

    assert len(limits._here) <= limits.MOST_COUNTED_HERE


KEY = "6f6f6c1e-9d0a-4b8e-8a55-0f1c1d1e1f20"


def _address(name: str, bot: Bot) -> str:
    for args in ([], [bot.pk], [bot.pk, "token"], [KEY], [1], [bot.pk, 1], [str(bot.key)], ["id"], [bot.pk, "name"]):
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    raise AssertionError(f"{name} takes arguments that this test does not know")
