"""An eighth type is one file: put beside the others, all that a type needs follows from it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from credentials import kinds, wire
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import policies, reference
from integrations.engine.scope import Scope
from integrations.services import calls, curls, definitions
from integrations.services.edge import real_edge
from tests import factories
from tests.loopback_api import Api, running
from tests.redis_server import redis_server, store  # noqa: F401
from tests.services.calling import no_script
from tests.web.pages import beside, text_of, value_of

SECRET = "s3cr3t-of-the-eighth"
FILE = '''
"""Signed Path: the path of each request, signed with a shared key."""

import hashlib
import hmac
from urllib.parse import urlsplit

from credentials import wire
from credentials.kinds import declaration


def _signature(request, values):
    return hmac.new(values["shared_key"].encode(), urlsplit(request.url).path.encode(), hashlib.sha256).hexdigest()


def _sign(request, values):
    return declaration.with_header(request, "X-Signature", f"{values['key_id']}:{_signature(request, values)}")


def _check(values):
    declaration.refuse_control_characters(values, "key_id", "shared_key")
    if ":" in values["key_id"]:
        raise declaration.BadValue("key_id", "A key number holds no colon.")


KIND = declaration.Kind(
    name="signed_path",
    label="Signed Path",
    when="The API wants `X-Signature` with the signed path.",
    effect="Sets `X-Signature`.",
    fields=(
        declaration.Field("key_id", "Key number", max_length=40),
        declaration.Field("shared_key", "Shared key", secret=True, help="As the API shows it once."),
    ),
    sign=_sign,
    check=_check,
    marked=lambda request, values: declaration.with_header(request, "X-Signature", f"{values['key_id']}:{wire.MASK}"),
)
'''


@pytest.fixture(autouse=True)
def _eighth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing but the file: the product finds it where it looks for types."""
    (tmp_path / "signed_path.py").write_text(FILE)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    monkeypatch.setattr(kinds, "ALL", kinds._discover())
    monkeypatch.setattr(policies, "policy_for", lambda organization: wire.Policy(loopback=True))
    yield
    sys.modules.pop("credentials.kinds.signed_path", None)


@pytest.fixture
def api() -> Iterator[Api]:
    with running() as server:
        yield server


@pytest.fixture
def page(client: Client, owner: User, store: redis.Redis) -> Client:  # noqa: F811
    client.force_login(owner)
    return client


def given(api: Api, **values: str) -> dict[str, str]:
    return {"name": "Depot", "value_key_id": "k7", "value_shared_key": SECRET, "hosts": api.url} | values


def make(page: Client, api: Api) -> Credential:
    page.post(reverse("new_credential", args=["signed_path"]), given(api))
    made: Credential = Credential.objects.get()
    return made


def everything_stored() -> str:
    """The whole database as text."""
    with connection.cursor() as cursor:
        rows: list[Any] = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return repr(rows)


def test_the_wizard_has_it_with_a_form_of_its_own_fields(page: Client, api: Api, organization: Organization) -> None:
    types = text_of(page.get(reverse("credential_types")))
    refused = page.post(reverse("new_credential", args=["signed_path"]), given(api, value_key_id="a:b"))

    assert "Signed Path" in types
    assert "The API wants X-Signature with the signed path." in types
    assert "As the API shows it once." in text_of(refused)
    assert beside(refused, "id_value_key_id") == "A key number holds no colon."
    assert value_of(refused, "value_shared_key") == ""
    assert SECRET not in refused.content.decode()


def test_it_is_stored_encrypted_and_shown_masked(page: Client, api: Api, organization: Organization) -> None:
    made = make(page, api)
    shown = page.get(reverse("credential", args=[made.key]))

    assert made.public == {"key_id": "k7"}
    assert set(made.secrets_set_at) == {"shared_key"}
    assert shown.content.decode().count("•••• set on") == 1
    assert value_of(shown, "value_key_id") == "k7"
    assert SECRET not in everything_stored() + shown.content.decode()
    assert "Ready" in text_of(page.get(reverse("credentials")))


def test_calls_are_signed_and_what_the_api_repeats_is_masked(
    page: Client, api: Api, bot: Bot, organization: Organization
) -> None:
    made = make(page, api)
    row = factories.make_integration(bot, credential=made, url=f"{api.url}/stock?key={SECRET}")
    spec = definitions.to_spec(row)
    edge = real_edge(organization.pk)

    outcome = calls.run(spec, scope=Scope(), edge=edge, run_script=no_script, context=calls.CallContext())

    assert outcome.ok, outcome
    assert api.asked[0].headers["X-Signature"].startswith("k7:")
    assert len(api.asked[0].headers["X-Signature"]) == len("k7:") + 64
    assert SECRET in api.asked[0].path
    assert SECRET not in repr(outcome)


def test_the_test_button_calls_with_it(page: Client, api: Api, organization: Organization) -> None:
    made = make(page, api)

    answer = page.post(reverse("test_credential", args=[made.key]), {"url": f"{api.url}/me"})

    assert "it takes the credential" in text_of(answer)
    assert api.asked[0].headers["X-Signature"].startswith("k7:")


def test_a_copied_request_has_its_mark_and_no_secret(
    page: Client, api: Api, bot: Bot, organization: Organization
) -> None:
    row = factories.make_integration(bot, credential=make(page, api), url=f"{api.url}/stock")

    command = curls.command(row, definition=definitions.to_spec(row), values={}, environment={})

    assert """X-Signature: k7:'"$X_SIGNATURE""" in command


def test_the_back_office_adds_changes_and_lists_it(client: Client, api: Api, organization: Organization) -> None:
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    add = reverse("admin:credentials_credential_add")

    types = client.get(add).content.decode()
    client.post(f"{add}?kind=signed_path", given(api, organization=str(organization.pk)))
    made = Credential.objects.get()
    change = reverse("admin:credentials_credential_change", args=[made.pk])
    client.post(change, given(api, name="Depot 2", value_key_id="k8", value_shared_key=""))
    listed = client.get(reverse("admin:credentials_credential_changelist")).content.decode()

    made.refresh_from_db()
    assert "Signed Path" in types
    assert "Signed Path" in listed
    assert (made.name, made.public) == ("Depot 2", {"key_id": "k8"})
    assert SECRET not in types + listed + client.get(change).content.decode() + everything_stored()
    assert LogEntry.objects.exists()


def test_its_history_says_what_was_done_and_no_value(page: Client, api: Api, organization: Organization) -> None:
    made = make(page, api)
    page.post(reverse("credential", args=[made.key]), given(api, value_key_id="k8", value_shared_key="0ther"))

    entry = AuditEntry.objects.get(action="credential.changed")

    assert entry.detail == {"changed": ["Key number", "Shared key"]}


def test_the_documentation_describes_it() -> None:
    page = reference.markdown()

    assert "[Signed Path](#signed-path) | The API wants `X-Signature`" in page
    assert "| Shared key | secret: encrypted, never shown again | Needed. As the API shows it once. |" in page
