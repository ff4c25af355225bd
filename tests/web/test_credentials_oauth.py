"""Authorizing in the browser: to the authorization server and back, once, in this session, in plain words."""

from __future__ import annotations

import html
import logging
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
import requests
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from credentials.models import AuditEntry, Credential
from credentials.services import authorize, use
from tests.authorization_server import CLIENT_ID, CLIENT_SECRET
from tests.services.oauth_credentials import Office, again, held

CALLBACK = "http://testserver/credentials/oauth/callback/"
SECRETS = (CLIENT_SECRET, "acc3ss-", "r3fresh-")


@pytest.fixture
def page(client: Client, owner: User, settings: object) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    client.force_login(owner)
    return client


def begin(page: Client, credential: Credential) -> str:
    """Press Authorize and return where it leads."""
    answer = page.post(reverse("authorize_credential", args=[credential.key]))
    found = re.search(r'content="0;url=([^"]+)"', answer.content.decode())
    assert found
    return html.unescape(found.group(1))


def consent(url: str) -> dict[str, str]:
    """Do as the browser does at the authorization server, and return what it sends back."""
    answer = requests.get(url, verify=False, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def come_back(page: Client, answer: dict[str, str]) -> tuple[str, str]:
    """Return where the callback leads and what it says."""
    response = page.get(reverse("oauth_callback"), answer)
    said = [str(message) for message in get_messages(response.wsgi_request)]
    return response.url, said[-1]


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
@pytest.mark.parametrize("client_auth", ["header", "body"])
def test_an_administrator_authorizes_a_credential_and_calls_use_it(
    page: Client, office: Office, client_auth: str
) -> None:
    credential = office.code(client_auth=client_auth, scope="read", extra_parameters="access_type=offline\nurl=x")

    url = begin(page, credential)
    to, said = come_back(page, consent(url))

    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (to, said) == (reverse("credential", args=[credential.key]), "Shop is authorized.")
    assert (
        asked.items()
        >= {
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "scope": "read",
            "access_type": "offline",
            "url": "x",
            "code_challenge_method": "S256",
        }.items()
    )
    assert office.call(credential).ok
    assert held(credential).refresh_token.startswith("r3fresh-")
    entry = AuditEntry.objects.get(action="credential.authorized")
    assert (entry.actor, entry.detail) == (office.owner, {})


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_a_state_counts_once(page: Client, office: Office) -> None:
    answer = consent(begin(page, office.code()))
    come_back(page, answer)
    generation = held(office.organization.credentials.get()).generation

    to, said = come_back(page, answer)

    assert to == reverse("credentials")
    assert "does not count" in said
    assert held(office.organization.credentials.get()).generation == generation


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_a_state_counts_in_the_session_that_began_only(page: Client, office: Office) -> None:
    answer = consent(begin(page, office.code()))
    another_browser = Client()
    another_browser.force_login(office.owner)

    _, said = come_back(another_browser, answer)

    assert "does not count" in said
    assert not AuditEntry.objects.filter(action="credential.authorized").exists()


def test_a_state_counts_for_ten_minutes(page: Client, office: Office, store: redis.Redis) -> None:
    begin(page, office.code())

    (name,) = store.keys("parley:oauth:state:*")

    assert 590 < store.ttl(name) <= 600
    store.delete(name)
    with pytest.raises(authorize.Failed, match="last ten minutes"):
        authorize.finish({"state": "whatever", "code": "c"}, visitor=office.visitor)


@pytest.mark.parametrize("answer", [{}, {"code": "stolen"}, {"code": "stolen", "state": ""}, {"state": "made-up"}])
def test_an_answer_that_nobody_asked_for_changes_nothing(page: Client, office: Office, answer: dict[str, str]) -> None:
    office.code()

    _, said = come_back(page, answer)

    assert "does not count" in said
    assert office.server.token_requests == []


REFUSALS = [
    ({"error": "access_denied"}, "The authorization server answered access_denied. Somebody declined"),
    ({"error": "invalid_scope", "error_description": "<b>no</b>"}, "answered invalid_scope: <b>no</b>. Check Scope."),
    ({}, "sent no code back"),
    ({"code": "never-issued"}, "answered invalid_grant: Code, verifier or redirect URI do not match"),
]


@pytest.mark.parametrize(("answer", "sentence"), REFUSALS)
def test_a_refusal_comes_back_to_the_credentials_page_in_plain_words(
    page: Client, office: Office, answer: dict[str, str], sentence: str
) -> None:
    credential = office.code()
    state = parse_qs(urlsplit(begin(page, credential)).query)["state"][0]

    response = page.get(reverse("oauth_callback"), answer | {"state": state}, follow=True)

    assert response.redirect_chain == [(reverse("credential", args=[credential.key]), 302)]
    assert "Not authorized. " in response.content.decode()
    assert html.escape(sentence) in response.content.decode()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_the_verifier_is_checked_by_the_server(page: Client, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = consent(begin(page, office.code()))
    monkeypatch.setattr(authorize, "_verifier", lambda state: "x" * 43)

    _, said = come_back(page, answer)

    assert "verifier" in said


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_reauthorizing_mends_a_dead_grant(page: Client, office: Office) -> None:
    credential = office.authorized(left=-1)
    office.server.end_grant()
    office.call(credential)
    dead = page.get(reverse("credential", args=[credential.key])).content.decode()

    come_back(page, consent(begin(page, credential)))
    alive = page.get(reverse("credential", args=[credential.key])).content.decode()

    assert "Refreshing failed: reauthorize" in dead
    assert "Reauthorize</button>" in dead
    assert "Authorized, access token ends at" in alive
    assert office.call(credential).ok


def test_the_pages_show_the_redirect_uri_and_the_state_of_things(page: Client, office: Office) -> None:
    wizard = page.get(reverse("new_credential", args=["oauth_code"])).content.decode()
    shown = page.get(reverse("credential", args=[office.code().key])).content.decode()

    assert CALLBACK in wizard
    assert CALLBACK in shown
    assert "Not authorized" in shown
    assert "Authorize</button>" in shown


def test_a_client_credential_has_nothing_to_authorize(page: Client, office: Office) -> None:
    credential = office.client()

    shown = page.get(reverse("credential", args=[credential.key])).content.decode()

    assert "Redirect URI" not in shown
    assert page.post(reverse("authorize_credential", args=[credential.key])).status_code == 404


def test_fetching_a_token_answers_with_its_fragment(page: Client, office: Office) -> None:
    credential = office.client()

    answer = page.post(reverse("fetch_token", args=[credential.key]), headers={"hx-request": "true"}).content.decode()

    assert 'id="trial"' in answer
    assert "gave a token that lasts 60 min" in answer


@pytest.mark.parametrize("name", ["authorize_credential", "fetch_token"])
@pytest.mark.parametrize("who", ["stranger", "teammate"])
def test_nobody_but_an_administrator_authorizes(
    client: Client, office: Office, name: str, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.post(reverse(name, args=[office.code().key])).status_code == 404
    assert office.server.token_requests == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_no_page_log_store_or_trail_holds_a_secret(
    page: Client, office: Office, store: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _everything_at_debug()
    credential = office.code()
    url = begin(page, credential)
    come_back(page, consent(url))
    office.server.revoke()
    outcome = office.call(credential)
    office.server.end_grant()
    use.forget()
    page.post(reverse("fetch_token", args=[credential.key]))

    pages = [page.get(reverse(name)).content.decode() for name in ("credentials", "activity")]
    pages.append(page.get(reverse("credential", args=[credential.key])).content.decode())
    trail = repr(list(AuditEntry.objects.values()))
    kept = repr([store.dump(key) for key in store.keys("*")])
    rows = repr(list(Credential.objects.values()))
    for text in (*pages, trail, caplog.text, kept, rows, repr(outcome), repr(again(credential)), url):
        assert not [secret for secret in SECRETS if secret in text]


def _everything_at_debug() -> None:
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("requests_oauthlib", "oauthlib", "requests", "urllib3", "credentials")):
            logging.getLogger(name).setLevel(logging.DEBUG)


def test_the_back_office_makes_one_shows_how_it_is_and_fetches_tokens(client: Client, office: Office) -> None:
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    listing = reverse("admin:credentials_credential_changelist")
    given = {f"value_{name}": value for name, value in office.server.settings(scope="read").items()}
    given |= {"organization": office.organization.pk, "name": "Partner", "hosts": office.server.host}

    client.post(f"{reverse('admin:credentials_credential_add')}?kind=oauth_client", given)
    made = Credential.objects.get(name="Partner")
    chosen = [made.pk, office.code().pk]
    answer = client.post(listing, {"action": "fetch_tokens", "_selected_action": chosen}, follow=True)

    shown = (
        answer.content.decode()
        + client.get(reverse("admin:credentials_credential_change", args=[made.pk])).content.decode()
    )
    assert "Partner: The authorization server gave a token that lasts 60 min." in shown
    assert "Shop is not authorized yet" in shown
    assert "Authorized, access token ends at" in shown
    assert not [secret for secret in SECRETS if secret in shown]
