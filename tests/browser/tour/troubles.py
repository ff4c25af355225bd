"""Credentials of the tour as somebody finds them at three in the morning: some well, some in trouble, all made up."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import trustme
from django.utils import timezone

from bots.models import Bot
from credentials import kinds
from credentials.models import Credential, Organization
from credentials.net import oauth
from credentials.services import lastcalls, tokens, use, vault
from integrations.models import Integration
from integrations.services import definitions
from tests import certificates

LOGIN = "https://login.example.com"
SERVER = {
    "client_id": "parley",
    "client_secret": "made up",
    "auth_url": f"{LOGIN}/authorize",
    "token_url": f"{LOGIN}/token",
    "client_auth": "header",
}
TOKEN = {"access_token": "made up as well", "token_type": "Bearer"}
REVOKED = oauth.complaint("invalid_grant", "Token has been revoked")
DOWN = oauth.Refused("temporary", "The authorization server answered 503. Try again later.")


def store(organization: Organization, *, user: Any, bot: Bot) -> None:
    """Store them, with integrations that use them and the last calls of these."""

    def make(name: str, kind: str, values: dict[str, str], *hosts: str) -> Credential:
        given = {"actor": user, "name": name, "kind": kinds.ALL[kind], "values": values}
        return vault.create(organization, allowed_hosts=hosts, **given)

    crm = make("CRM", "oauth_code", SERVER, "crm.example.com")
    _authorize(crm, age=4000, left=-400, failure=REVOKED)
    _authorize(make("Calendar", "oauth_code", SERVER, "calendar.example.com"), age=1200, left=2400)
    _authorize(make("Warehouse", "oauth_client", SERVER), age=3000, left=-60, failure=DOWN)
    make("Newsletter", "oauth_code", SERVER)
    make("Bank", "mutual_tls", _certificate(days=12), "bank.example.com")
    shop = make("Shop", "access_token", TOKEN)
    make("Shop (new key)", "access_token", TOKEN, "shop.example.com")
    for credential, name, url, last in (
        (crm, "Customer", "https://crm.example.com/customers/{$botContext.id}", (0, "credential", 300)),
        (shop, "Shop_orders", "https://shop.example.com/orders", (200, "", 90)),
        (shop, "Shop_stock", "https://stock.example.com/items", (401, "http", 30)),
    ):
        _use(bot, credential, name, url, user=user, last=last)
    lastcalls.write()


def _authorize(credential: Credential, *, age: float, left: float, failure: oauth.Refused | None = None) -> None:
    now = time.time()
    held = tokens.Tokens("made up", "made up", now - age, now + left)
    tokens.store(credential.pk, tokens=held, started_from=None, authorized=True)
    if failure:
        tokens.note_failure(credential.pk, started_from=1, kind=failure.kind, message=failure.message)


def _certificate(*, days: float) -> dict[str, str]:
    leaf = trustme.CA(organization_name="Example Bank").issue_cert(
        "parley@example.com", common_name="parley", organization_name="Demo Company", not_after=certificates.day(days)
    )
    return {"key_store": certificates.text(certificates.p12(leaf)), "key_store_password": certificates.PASSWORD}


def _use(bot: Bot, credential: Credential, name: str, url: str, *, user: Any, last: tuple[int, str, float]) -> None:
    row = Integration(bot=bot, name=name, response_variable=name, url=url, credential=credential)
    definitions.save(row, actor=user)
    status, failure, ago = last
    caller = lastcalls.caller(bot=str(bot.key), integration=str(row.key))
    call = lastcalls.LastCall(time.time() - ago, status, failure)
    lastcalls.note(str(credential.key), caller=caller, call=call)
    use.write_use(credential.pk)
    Credential.objects.filter(pk=credential.pk).update(updated_at=timezone.now() - timedelta(days=40))
