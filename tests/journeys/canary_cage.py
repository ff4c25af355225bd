"""The canaries: a credential of each type whose secrets are easily recognised, and all that is done with them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import requests
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from credentials import kinds
from tests import authorization_server, certificates
from tests.journeys import canary_search
from tests.journeys.echo import Echo
from tests.journeys.visitor import HTMX, Visitor, link
from tests.product import Product, wait_for

STORE_PASSWORD = 'Zq7-store-"password+/canary'
SECRETS = {
    "password": 'Zq7-basic-"passwörd+/canary',
    "access token": "Zq7-access.token+/canary==",
    "key in a header": "Zq7-header&key+/canary",
    "key in the query": "Zq7 query&key+/canary%",
    "OAuth 1 client secret": "Zq7-oauth1&client+/canary",
    "OAuth 1 token": "Zq7-oauth1&token+/canary",
    "OAuth 1 token secret": "Zq7-oauth1&token-secret+/canary",
    "OAuth 2 client secret": authorization_server.CLIENT_SECRET,
    "password of the key store": STORE_PASSWORD,
}
KINDS = {
    "basic": "basic", "token": "access_token", "header": "api_key", "query": "api_key", "oauth1": "oauth1",
    "rsa": "oauth1", "store": "mutual_tls", "pem": "mutual_tls", "code": "oauth_code", "client": "oauth_client",
}  # fmt: skip
ANSWERS = ("echo", "refused", "broken", "cut", "away")
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Cage:
    """The running product, and the canaries in it: `secrets` by name, `keys` the credentials' addresses by name;
    `searched` the places looked at, by kind of place, and `found` what was found there."""

    product: Product
    echo: Echo
    server: authorization_server.Server
    authority: trustme.CA
    secrets: dict[str, bytes | str] = field(default_factory=lambda: dict(SECRETS))
    keys: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    seen: list[tuple[str, bytes]] = field(default_factory=list)
    searched: dict[str, list[str]] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)

    def visitor(self, name: str = "demo") -> Visitor:
        return Visitor(self.product, self.seen).log_in(name, "parley-demo")

    def shell(self, code: str) -> Any:
        """Run code in the product's environment that leaves `result`."""
        program = f"import json\n{code}\nprint('\\n' + json.dumps(result))"
        return json.loads(self.product.manage("shell", "-v0", "-c", program).splitlines()[-1])


def values(cage: Cage) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, Any]]]:
    """What the administrator types and which files they choose, by credential."""
    leaf = cage.authority.issue_cert("parley@acme.test", common_name="parley", key_type=trustme.KeyType.RSA)
    bare = cage.authority.issue_cert("bare@acme.test", common_name="bare")
    cage.secrets |= {"client key": _private(leaf), "bare client key": _private(bare), "RSA key": _number(RSA_KEY)}
    pem = RSA_KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    s, oauth2 = SECRETS, cage.server.settings()
    oauth1 = {"client_secret": s["OAuth 1 client secret"], "token": s["OAuth 1 token"]}
    oauth1 |= {"client_key": "client", "token_secret": s["OAuth 1 token secret"], "signature_method": "PLAINTEXT"}
    typed = {
        "basic": {"user_name": "somebody", "password": s["password"]},
        "token": {"access_token": s["access token"]},
        "header": {"name": "X-Mine", "value": s["key in a header"], "place": "header"},
        "query": {"name": "mine", "value": s["key in the query"], "place": "query"},
        "oauth1": oauth1,
        "rsa": {"client_key": "client", "signature_method": "RSA-SHA1", "private_key": pem},
        "store": {"key_store_password": STORE_PASSWORD},
        "pem": {},
        "code": oauth2 | {"auth_url": f"{cage.server.url}/authorize"},
        "client": oauth2,
    }
    files = {
        "store": {"key_store": ("keys.p12", certificates.p12(leaf, password=STORE_PASSWORD))},
        "pem": {"key_store": ("keys.pem", certificates.pem(bare))},
    }
    return typed, files


def _private(leaf: trustme.LeafCert) -> bytes:
    return _number(serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None))


def _number(key: Any) -> bytes:
    """The first 24 bytes of what makes a private key private."""
    numbers = key.private_numbers()
    secret: int = numbers.d if hasattr(numbers, "d") else numbers.private_value
    return secret.to_bytes((secret.bit_length() + 7) // 8, "big")[:24]


def enter(cage: Cage) -> None:
    """Make the credentials on their pages: first refused, then stored; and in the back office, too."""
    administrator = cage.visitor()
    typed, files = values(cage)
    for name, kind in KINDS.items():
        data = {f"value_{one.name}": one.default for one in kinds.ALL[kind].fields if not one.file}
        data |= {f"value_{field}": value for field, value in typed[name].items()}
        data |= {"hosts": f"{cage.echo.url.removeprefix('https://')}\n"}
        sent = {f"value_{field}": file for field, file in files.get(name, {}).items()}
        page = f"/credentials/new/{kind}/"
        assert administrator.post(page, data, files=sent or None).status_code == 200
        for wrong in ({"name": "x" * 101}, {"name": name, "hosts": "http://:0:x"}):
            administrator.post(page, data | wrong, files=sent or None)
        made = administrator.post(page, data | {"name": name}, files=sent or None)
        assert "/credentials/new/" not in made.url, (name, re.findall("error[^<]*<[^<]*", made.text))
        cage.keys[name] = made.url.rstrip("/").rsplit("/", 1)[1]
        administrator.post(
            f"/credentials/{cage.keys[name]}/", data | {"name": name, "hosts": "http://:0:x"}, files=sent or None
        )
        admin = {"name": f"{name} too", "organization": "1", **data}
        for more in ({"name": ""}, {}):
            administrator.post(f"/admin/credentials/credential/add/?kind={kind}", admin | more, files=sent or None)
    authorize(cage, administrator)


def authorize(cage: Cage, administrator: Visitor) -> None:
    """Consent at the authorization server; then let it fail in each way that repeats what it was sent."""
    page = f"/credentials/{cage.keys['code']}/"
    for _ in range(2):
        asked = administrator.post(f"{page}authorize/").text
        consent = requests.get(link(asked, beginning=cage.server.url), verify=False, allow_redirects=False, timeout=20)
        back = consent.headers["Location"].removeprefix(cage.product.url)
        assert "is authorized" in administrator.get(back).text
        administrator.get(back)  # it counts once
    administrator.get("/credentials/oauth/callback/?state=x&error=access_denied&error_description=no")
    tokens = f"/credentials/{cage.keys['client']}/token/"
    administrator.post(tokens)
    for status, kind in ((400, "application/json"), (500, "text/html"), (200, "application/json")):
        cage.server.instead = lambda request, status=status, kind=kind: (status, {"Content-Type": kind}, _told(request))
        administrator.post(tokens)
        administrator.post(f"/credentials/{cage.keys['code']}/token/")
    cage.server.instead = lambda request: None
    administrator.post(tokens)
    administrator.post(f"/credentials/{cage.keys['code']}/token/")


def _told(request: authorization_server.Request) -> bytes:
    said = f"{request.authorization} {request.body.decode()} {request.form}"
    return json.dumps({"error": "invalid_client", "error_description": said, "error_uri": said}).encode()


SEED = """
from django.contrib.auth.models import User
from bots.engine import spec
from bots.models import Bot, Version, SavedTest
from bots.services import channel_keys, specs
from credentials.models import Credential, EgressRule, Membership, Organization
from integrations.models import Environment
from tests import factories
demo = User.objects.get(username="demo")
team = Organization.objects.get(memberships__user=demo)
made = factories.make_bot(team, name="Canaries", environment=Environment.objects.filter(organization=team).first())
REMEMBER = "botContext.setBotVariable('kept', 'Zq7-variable-canary', true, false);"
for credential in Credential.objects.filter(key__in=KEYS.values()):
    for answer in ANSWERS:
        name = f"{credential.name}{answer}"
        dialog = factories.make_dialog(made, name=name)
        factories.make_interaction(dialog, name=f"begin {name}", kind="starter", content={"patterns": [name + " *"]})
        call = factories.make_integration(
            made, name=name, url=f"URL/{answer}", credential=credential, retries=0, method="POST",
            fields=[{"key": "head", "value": "{$.api_%s.head}" % name}], body='{"said": "{$userMessage}"}',
            transform_script="var it = botContext.getBotVariable('api_%s'); botContext.printDebugMessage(it);" % name)
        factories.make_interaction(dialog, name=f"call {name}", kind="integration", integration=call)
        factories.make_interaction(dialog, name=f"say {name}", pre_process=REMEMBER, content={
            "text": "{%s.head} {$userMessage} {$botContext.kept}" % name})
made.live_version = Version.objects.create(bot=made, number=1, spec=spec.to_builtins(specs.draft(made)))
made.save()
call = made.integrations.first()
inter = made.interactions.filter(kind="text").first()
rule = EgressRule.objects.create(organization=team, destination="api.example.test")
result = {
    "bot": made.pk, "key": str(made.key), "channel": channel_keys.create(made, label="c", actor=demo)[1],
    "dialog": inter.dialog_id, "interaction": inter.pk, "interaction key": inter.key,
    "environment": made.environment_id, "member": Membership.objects.get(user__username="ada").pk, "rule": rule.pk,
    "credentials": {one.name: one.pk for one in Credential.objects.filter(key__in=KEYS.values())},
    "integrations": {one.name: one.pk for one in made.integrations.all()},
}
"""


def seed(cage: Cage) -> None:
    cage.rows = sown(cage)


def sown(cage: Cage) -> dict[str, Any]:
    """Make a bot that calls the API with each credential in each way; return the rows that tests name."""
    given = f"KEYS = {cage.keys!r}\nANSWERS = {ANSWERS!r}\n"
    return dict(cage.shell(given + SEED.replace("URL", cage.echo.url)))


SAID = "Zq7-consumers-text-canary"


def talk(cage: Cage, *, most: int = 1_000) -> dict[str, Any]:
    """One conversation in which every integration is called, or that many; returns it."""
    api, rows = Visitor(cage.product, cage.seen), cage.rows
    begun = api.session.post(
        f"{cage.product.url}/api/v1/bots/{rows['key']}/conversations",
        json={},
        headers={"Authorization": f"Bearer {rows['channel']}"},
    ).json()
    token = {"Authorization": f"Bearer {begun['token']}", "Prefer": "wait=30"}
    for number, name in enumerate([*rows["integrations"]][:most]):
        answer = api.session.post(
            f"{cage.product.url}/api/v1/conversations/{begun['id']}/messages",
            json={"message_id": f"m{number}", "text": f"{name} {SAID}"},
            headers=token,
        )
        assert answer.status_code == 200, answer.text
    api.session.get(f"{cage.product.url}/api/v1/conversations/{begun['id']}/messages", headers=token)
    author = cage.visitor("ada")
    for what in ("variables", "log"):
        author.get(f"/api/v1/conversations/{begun['id']}/{what}")
    return dict(begun)


def try_out(cage: Cage) -> list[str]:
    """Run each integration on its page, look at its report, pin it, and copy it as cURL. Returns the runs."""
    author, bot, runs = cage.visitor("ada"), f"/bots/{cage.rows['bot']}/integrations/", []
    chosen = [one for one in cage.rows["integrations"] if one.endswith("echo") or one.startswith(("token", "query"))]
    for name in chosen:
        canary_search.forget_limits(cage.product)
        pk = cage.rows["integrations"][name]
        form = _form(cage, name)
        assert "curl" in author.post(f"{bot}curl/", form).text
        started = author.post(f"{bot}test-runs/", form)
        run = started.url.partition("?run=")[2]
        assert run, started.text
        wait_for(lambda run=run: _ended(author, f"{bot}test-runs/{run}/"), what=f"the test run of {name}")
        author.get(f"{bot}{pk}/?run={run}")
        for look in ("body/", "body/?transformed=1"):
            author.get(f"{bot}test-runs/{run}/{look}")
        author.post(f"{bot}test-runs/{run}/pin/", {}, headers=HTMX)
        runs.append(run)
        asked = author.session.post(
            f"{cage.product.url}/api/v1/bots/{cage.rows['bot']}/integrations/{name}/test-runs", json={},
            headers={"X-CSRFToken": author.session.cookies["csrftoken"]},
        )  # fmt: skip
        assert asked.status_code == 202, asked.text
    return runs


def _ended(author: Visitor, page: str) -> bool:
    return "/streams/" not in author.get(page).text


def _form(cage: Cage, name: str) -> dict[str, Any]:
    kind = next(one for one in KINDS if name.startswith(one) and name.removeprefix(one) in ANSWERS)
    pk = cage.rows["credentials"][kind]
    answer = name.removeprefix(kind)
    return {
        "integration": cage.rows["integrations"][name], "name": name, "response_variable": name, "type": "API",
        "method": "POST", "url": f"{cage.echo.url}/{answer}", "credential": pk, "timeout_seconds": "20",
        "retries": "0", "follow_redirects": "on", "slow_after_seconds": "4",
        "transform_script": f"botContext.printDebugMessage(botContext.getBotVariable('api_{name}'));",
    }  # fmt: skip
