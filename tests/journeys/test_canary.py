"""Secrets, messages, variables and bodies that are easily recognised go through the whole running product, which writes
its logs at DEBUG. They are found where they belong, and nowhere else."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from tests import authorization_server, product, routes
from tests.canaries import Search
from tests.journeys import canary_cage, canary_search, echo
from tests.journeys.canary_cage import SAID, Cage
from tests.journeys.visitor import HTMX, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1_800), pytest.mark.filterwarnings("ignore:Unverified HTTPS")]
TYPED = "Zq7-typed-login-canary"
PRIVATE = {"consumer's text": SAID, "session variable": "Zq7-variable-canary", "response body": echo.BODY}
EACH = {"credential", "new_credential", "admin:credentials_credential_change", "admin:credentials_credential_history"}
ENDS = re.compile(r"delete|remove|revoke|unpublish|disable|end_stand_in|logout|password")


@pytest.fixture(scope="module")
def cage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cage]:
    folder = tmp_path_factory.mktemp("canaries")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    more = {
        "PARLEY_LOG_LEVEL": "debug",
        "SSL_CERT_FILE": str(folder / "authority.pem"),
    }
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(echo.running(authority))
        server = stack.enter_context(authorization_server.running(authority))
        running = stack.enter_context(product.running(folder / "data", **more))
        cage = Cage(running, api, server, authority)
        live(cage)
        yield cage


def live(cage: Cage) -> None:
    """Everything that people do with credentials, and what goes wrong with them."""
    canary_cage.enter(cage)
    canary_cage.seed(cage)
    cage.rows["conversation"] = canary_cage.talk(cage)
    runs = canary_cage.try_out(cage)
    cage.rows["run"] = runs[0]
    administrator = cage.visitor()
    for key in cage.keys.values():
        canary_search.forget_limits(cage.product)
        for page in ("echo", "refused", "broken", "cut", "away"):
            tried = {"url": f"{cage.echo.url}/{page}"}
            administrator.post(f"/credentials/{key}/test/", tried, headers=HTMX)
        for url in ("https://127.0.0.1:1/", "http://127.0.0.1/x", "not a URL", "https://elsewhere.test/"):
            administrator.post(f"/credentials/{key}/test/", {"url": url})
        administrator.post(f"/credentials/{key}/key-store/")
    wrong_logins(cage)
    cage.secrets |= _tokens(cage) | _product_keys(cage)
    for name in ("demo", "ada"):
        walk(cage, cage.visitor(name), posting=name == "demo")
    cage.rows["exported"] = cage.product.manage("export_bot", "Canaries")
    look(cage)


def look(cage: Cage) -> None:
    """Search every place once, before any test adds to one of them: tests run in any order."""
    for name, places in {
        "seen": [*cage.seen, ("export_bot", cage.rows["exported"])],
        "logs": canary_search.logs(cage.product),
        "tables": canary_search.sql(cage.product),
        "Redis": _redis(canary_search.store(cage.product)),
        "files": [*canary_search.files(cage.product), *canary_search.environments(cage.product)],
    }.items():
        searched = list(places)
        cage.searched[name] = [place for place, _ in searched]
        cage.found[name] = found(cage, searched)


def found(cage: Cage, places: Any) -> list[str]:
    return Search(cage.secrets | {"typed at the log-in": TYPED}).everywhere(places)


def _redis(client: Any) -> list[tuple[str, bytes]]:
    return [(f"Redis {key!r}", content) for key, _, content in canary_search.kept(client)]


def wrong_logins(cage: Cage) -> None:
    stranger = Visitor(cage.product, cage.seen)
    stranger.get("/login/")
    stranger.get("/admin/login/")
    for page in ("/login/", "/admin/login/"):
        stranger.post(page, {"username": "demo", "password": TYPED})
        stranger.post(page, {"username": "x" * 200, "password": TYPED})
    secrets = [each for each in cage.secrets.values() if isinstance(each, str)]
    for secret in [*secrets, TYPED]:
        headers = {"Authorization": f"Bearer {secret}".encode()}
        stranger.session.post(f"{cage.product.url}/api/v1/bots/1/conversations", json={}, headers=headers)
        stranger.session.get(f"{cage.product.url}/api/v1/conversations/x/messages", headers=headers)


def _tokens(cage: Cage) -> dict[str, str]:
    tokens = [*cage.server.live, *cage.server.refresh_tokens]
    assert len(tokens) > 4
    return {f"token {token}": token for token in tokens}


def _product_keys(cage: Cage) -> dict[str, str]:
    kept = json.loads((canary_search.folder(cage.product) / "development-keys.json").read_text())
    return {f"the product's {name}": value for name, value in kept.items()}


def addresses(cage: Cage) -> Iterator[tuple[str, str]]:
    """Every address of the product, about rows that there are."""
    rows, token = cage.rows, cage.rows["conversation"]
    common = {
        "<int:bot_id>": str(rows["bot"]), "<int:dialog_id>": str(rows["dialog"]), "<int:to>": "0",
        "<int:interaction_id>": str(rows["interaction"]), "key/<str:key>": rows["interaction key"],
        "rules/<str:key>": "r", "<str:tab>": "content", "<str:run_id>": rows["run"], "<int:number>": "1",
        "<int:intent_id>": "1", "<int:test_id>": "1", "<int:key_id>": "1", "<str:token>": "x",
        "environments/<int:pk>": str(rows["environment"]), "<int:environment_id>": str(rows["environment"]),
        "<int:revision_id>": "1", "members/<int:pk>": str(rows["member"]),
        "egress/<int:pk>": str(rows["rule"]), "<str:conversation>": token["id"], "{conversation}": token["id"],
        "<str:bot>": rows["key"], "{ticket}": "x", "<path:content_type_id>": "1", "<id>": "1", "<url>": "x",
        "(?P<app_label>auth|credentials|integrations|bots)": "credentials",
    }  # fmt: skip
    for route in [*routes.pages(), *routes.api()]:
        for key, kind in zip(cage.keys.values(), canary_cage.KINDS.values(), strict=True):
            several = {"<uuid:key>": key, "<slug:kind>": kind}
            if route.name.startswith("admin:credentials_credential"):
                several["<path:object_id>"] = str(rows["credentials"][_name(cage, key)])
            yield route.name, _filled(route, common | several, rows)
            if route.name not in EACH:
                break
    for pk in [pk for name, pk in rows["integrations"].items() if name.endswith("echo")]:
        yield "integration", f"/bots/{rows['bot']}/integrations/{pk}/"
        yield "admin integration", f"/admin/integrations/integration/{pk}/change/"


def _filled(route: routes.Route, given: dict[str, str], rows: dict[str, Any]) -> str:
    name, pk = next(iter(rows["integrations"].items()))
    more = {"integrations/<int:pk>": str(pk), "<str:name>": name, "<path:object_id>": "1"}
    path = route.path
    for written, row in (more | given).items():
        before, found = written[: written.find("<")], written in path
        if "<" not in written or written.startswith("(") or written.startswith("{"):
            before = ""
        path = path.replace(written, (before if "<" in written else "") + row) if found else path
    return path


def _name(cage: Cage, key: str) -> str:
    return next(name for name, one in cage.keys.items() if one == key)


def walk(cage: Cage, visitor: Visitor, *, posting: bool) -> None:
    """Every address: looked at as a page and as a fragment, then posted to where that ends nothing."""
    every = list(addresses(cage))
    token = {"Authorization": f"Bearer {cage.rows['conversation']['token']}"}
    for name, path in every:
        if path.endswith("/events") or "logout" in name:
            continue
        for headers in (*([HTMX] if posting else []), {}, *([token] if path.startswith("/api/") else [])):
            visitor.get(path, headers=headers)
    for name, path in dict(every).items() if posting else ():
        if not ENDS.search(name) and not name.startswith("asgi") and "switch" not in name:
            visitor.post(path, {}, headers=HTMX)
    for path in (
        "/nothing-here/",
        "/bots/999999/",
        "/static/no.css",
        "/api/v1/no",
        "/bots/1/dialogs/?q=%00%ff",
        "/%ff",
    ):
        visitor.get(path)


def test_each_secret_was_sent_to_the_api_in_earnest(cage: Cage) -> None:
    received = "\n".join(
        [*cage.echo.received, *(f"{one.authorization} {one.form}" for one in cage.server.token_requests)]
    )
    not_sent = {"password of the key store", "client key", "bare client key", "RSA key"}
    own = {name for name in cage.secrets if name.startswith("the product's")}

    unsent = [
        name
        for name in set(canary_cage.SECRETS) - not_sent - own
        if not Search({name: cage.secrets[name]}).hits("", received)
    ]

    assert [name for name in unsent if name not in ("password", "OAuth 2 client secret")] == []
    assert {subject for one in cage.echo.clients if one for ((_, subject),) in one["subject"][-1:]} == {
        "parley",
        "bare",
    }
    assert "RSA-SHA1" in received
    assert "Basic " in received


def test_no_page_form_fragment_export_report_or_error_shows_a_secret(cage: Cage) -> None:
    assert len(cage.searched["seen"]) > 500
    assert cage.found["seen"] == []


def test_no_log_at_debug_level_holds_a_secret(cage: Cage) -> None:
    assert " DEBUG " in cage.product.printed()
    assert cage.found["logs"] == []


def test_no_row_of_the_database_holds_a_secret_in_clear(cage: Cage) -> None:
    tables = {place.split()[1] for place in cage.searched["tables"]}

    assert tables >= {"credentials_credential", "django_admin_log", "bots_bot"}
    assert cage.found["tables"] == []


def test_redis_holds_no_secret_in_clear(cage: Cage) -> None:
    assert any("testrun" in place for place in cage.searched["Redis"])
    assert cage.found["Redis"] == []


def test_no_file_and_no_command_line_holds_a_secret(cage: Cage) -> None:
    assert any("sqlite3" in place for place in cage.searched["files"])
    assert cage.found["files"] == []


def test_a_leak_in_any_of_these_places_would_be_found(cage: Cage) -> None:
    """The mutation: put a secret where it does not belong, and look again."""
    secret = canary_cage.SECRETS["access token"]
    client = canary_search.store(cage.product)
    client.hset("parley:leak", "field", json.dumps({"a": secret}))
    cage.shell(f"from credentials.models import Organization\nresult = Organization.objects.update(name={secret!r})")
    told = f"import logging; logging.getLogger('parley').debug({secret!r})"
    with cage.product.log.open("a") as log:
        log.write(cage.product.manage("shell", "-v0", "-c", told + f"; print({secret!r})"))

    seen: list[tuple[str, bytes]] = []
    Visitor(cage.product, seen).log_in("demo", "parley-demo").get("/organization/members/")

    try:
        assert found(cage, seen)
        assert found(cage, canary_search.sql(cage.product))
        assert found(cage, canary_search.logs(cage.product))
        assert found(cage, _redis(client))
        assert found(cage, canary_search.files(cage.product))
    finally:
        client.delete("parley:leak")


def test_what_people_say_is_in_no_table_and_no_log(cage: Cage) -> None:
    search = Search(PRIVATE)
    pinned_away = [
        place
        for place in canary_search.sql(cage.product)
        if not place[0].startswith(("SQL integrations_", "SQL bots_"))
    ]

    assert search.everywhere(canary_search.logs(cage.product)) == []
    assert search.everywhere(pinned_away) == []


def test_what_people_say_is_in_redis_for_a_time_only_and_gone_with_the_conversation(cage: Cage) -> None:
    client, search = canary_search.store(cage.product), Search(PRIVATE)
    canary_search.forget_limits(cage.product)
    begun = canary_cage.talk(cage, most=2)
    holding = {key: left for key, left, content in canary_search.kept(client) if search.hits("", content)}
    assert any(begun["id"].encode() in key for key in holding)
    assert [key for key, left in holding.items() if left < 0] == []

    ended = cage.product.ask(
        "DELETE", f"/api/v1/conversations/{begun['id']}", headers={"Authorization": f"Bearer {begun['token']}"}
    )

    assert ended.status_code == 204
    assert [key for key, _, content in canary_search.kept(client) if begun["id"].encode() in key + content] == []


def test_a_deleted_bot_leaves_nothing_in_redis(cage: Cage) -> None:
    client, key = canary_search.store(cage.product), cage.rows["bot"]
    canary_search.forget_limits(cage.product)
    begun = canary_cage.talk(cage, most=2)

    cage.visitor().post(f"/bots/{key}/delete/", {"typed_name": "Canaries"})
    alive = cage.shell(f"from bots.models import Bot\nresult = Bot.objects.filter(pk={key}).count()")
    left = [(key, content) for key, _, content in canary_search.kept(client)]
    cage.rows |= canary_cage.sown(cage)  # for the tests that come after this one

    assert alive == 0
    assert [key for key, content in left if begun["id"].encode() in key + content] == []
    assert Search(PRIVATE).everywhere((str(key), content) for key, content in left) == []
