"""Attacks on the pages and on what hides secrets: the short form of tests/web/test_routes.py and of the canaries."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from credentials import masking
from tests import canaries
from tests.torture.case import Case, expect

SECRET = 'Zq7 "canary"/+&<01>%'


def stranger_looks(bot: Bot, stranger: User, client: Client, *, address: str) -> None:
    client.force_login(stranger)
    answer = client.get(reverse(address, args=[bot.pk]))
    expect(answer.status_code == 404, f"{address} answered {answer.status_code}")


def another_site_sends(bot: Bot, owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    answer = browser.post(reverse("duplicate_bot", args=[bot.pk]), headers={"HX-Request": "true"})
    expect(answer.status_code == 403, f"answered {answer.status_code}")
    expect(Bot.objects.count() == 1, "the bot was duplicated")


def page_is_strict(client: Client) -> None:
    policy = client.get(reverse("login")).headers.get("Content-Security-Policy", "none")
    expect("script-src 'self'" in policy and "unsafe" not in policy, policy)


def secret_is_spelled(*, spelling: str) -> None:
    form = canaries.spellings(SECRET.encode())[spelling]
    text = masking.text(f"before {form.decode()} after", (SECRET,))
    expect(not canaries.Search({"it": SECRET}).hits("text", text), text)


CASES = [
    *(
        Case(f"a stranger opens {address}", "It is not found.", partial(stranger_looks, address=address), database=True)
        for address in ("bot", "versions", "export_bot", "integrations")
    ),
    Case(
        "another site sends a form with the author's session", "It does not count.", another_site_sends, database=True
    ),
    Case("a page with a script inside", "The policy of pages lets no such script run.", page_is_strict, database=True),
    *(
        Case(f"a secret spelled as {spelling}", "It is masked.", partial(secret_is_spelled, spelling=spelling))
        for spelling in ("clear", "hex", "HEX", "percent", "form", "JSON", "base64 at 0", "base64url at 0")
    ),
]
