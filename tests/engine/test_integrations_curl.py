"""Copy as cURL and Paste cURL."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.engine import curl, shell
from integrations.engine.outcome import SentRequest
from integrations.engine.spec import Row

HOST = "https://api.example.test"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def test_secrets_are_copied_as_shell_variables_that_a_shell_would_fill_in() -> None:
    sent = SentRequest(
        "POST",
        f"{HOST}/x?api_key=••••&q=it's",
        (("Authorization", "Bearer ••••"), ("X-Api-Key", "••••"), ("Content-Length", "9"), ("X-Empty", "")),
        '{"a": "$HOME `id` it\'s"}',
    )

    command = curl.copy(sent)

    assert "•" not in command
    assert run_in_shell(command, SECRET="k", AUTHORIZATION="t", X_API_KEY="x") == [
        "--request", "POST", f"{HOST}/x?api_key=k&q=it's", "--header", "Authorization: Bearer t",
        "--header", "X-Api-Key: x", "--header", "X-Empty;", "--data-raw", '{"a": "$HOME `id` it\'s"}',
    ]  # fmt: skip


def test_a_masked_parameter_is_found_in_its_percent_encoded_spelling_too() -> None:
    assert curl.copy(SentRequest("GET", f"{HOST}/?k=%e2%80%a2%E2%80%A2%E2%80%A2%E2%80%A2")).endswith('?k=\'"$SECRET"')


@pytest.mark.parametrize(("method", "words"), [("GET", []), ("HEAD", ["--head"]), ("PUT", ["--request", "PUT"])])
def test_methods_are_copied(method: str, words: list[str]) -> None:
    assert shell.split(curl.copy(SentRequest(method, HOST))) == ["curl", *words, HOST]


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=25, deadline=None)
@given(texts, texts)
def test_a_shell_reads_a_copied_body_and_header_exactly(header: str, body: str) -> None:
    sent = SentRequest("POST", HOST, (("X-A", f"-{header}"),), f"-{body}")

    words = run_in_shell(curl.copy(sent))

    assert words == ["--request", "POST", HOST, "--header", f"X-A: -{header}", "--data-raw", f"-{body}"]
    assert shell.split(curl.copy(sent))[1:] == words


def run_in_shell(command: str, **variables: str) -> list[str]:
    """Return the arguments that a POSIX shell would give to curl."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{command}\n"
    done = subprocess.run(["/bin/sh"], input=script.encode(), capture_output=True, env=variables, check=True)
    return done.stdout.decode().split("\0")[:-1]


def test_a_browsers_command_fills_the_form() -> None:
    parsed = curl.parse(
        rf"""curl '{HOST}/v1/orders?limit=10&q=a+b%20c&tag=x&tag=y' \
          -X PUT -H 'Accept: application/json' -H "X-Note: it's" \
          --data-raw $'{{"a":"it\'s \u00e9\n"}}' --compressed -sSLm 5 --retry 2"""
    )

    assert parsed == curl.ParsedCurl(
        method="PUT",
        url=f"{HOST}/v1/orders",
        parameters=(Row("limit", "10"), Row("q", "a b c"), Row("tag", "x"), Row("tag", "y")),
        headers=(Row("Accept", "application/json"), Row("X-Note", "it's")),
        body='{"a":"it\'s é\n"}',
        follow_redirects=True,
        timeout_seconds=5,
        retries=2,
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("-H 'Authorization: Bearer abc-secret'", "the header Authorization"),
        ("-H 'X-API-Key: abc-secret'", "the header X-API-Key"),
        ("-H 'cookie: session=abc-secret'", "the header cookie"),
        ("-b 'session=abc-secret'", "the header Cookie"),
        ("-u kim:abc-secret", "a user name and a password"),
        ("-ukim:abc-secret", "a user name and a password"),
        ("--oauth2-bearer abc-secret", "the header Authorization"),
        ("--cert kim.pem:abc-secret", "a client certificate or key"),
        ("--url-query x", ""),
    ],
)
def test_secrets_are_named_and_never_taken_over(options: str, named: str) -> None:
    parsed = curl.parse(f"curl {HOST} {options}")

    assert "abc-secret" not in repr(parsed)
    assert [secret.label for secret in parsed.secrets] == ([named] if named else [])


@pytest.mark.parametrize(
    ("options", "kind", "values"),
    [
        ("-H 'Authorization: Bearer abc'", "access_token", {"access_token": "abc", "token_type": "Bearer"}),
        ("-H 'Authorization: abc'", "access_token", {"access_token": "abc", "token_type": ""}),
        ("-H 'Authorization: Basic a2ltOmE6Yg=='", "basic", {"user_name": "kim", "password": "a:b"}),
        ("-H 'Authorization: Basic %%'", "access_token", {"access_token": "%%", "token_type": "Basic"}),
        ("--oauth2-bearer abc", "access_token", {"access_token": "abc", "token_type": "Bearer"}),
        ("-u kim:a:b", "basic", {"user_name": "kim", "password": "a:b"}),
        ("-H 'X-API-Key: abc'", "api_key", {"name": "X-API-Key", "value": "abc", "place": "header"}),
        ("-b 'a=1'", "api_key", {"name": "Cookie", "value": "a=1", "place": "header"}),
        ("--url-query x --get -d token=a%20b", "api_key", {"name": "token", "value": "a b", "place": "query"}),
        ("-E kim.pem", "mutual_tls", {}),
    ],
)
def test_a_secret_is_what_a_credential_of_its_type_is_made_of(options: str, kind: str, values: dict[str, str]) -> None:
    [secret] = curl.parse(f"curl {HOST} {options}").secrets

    assert (secret.kind, dict(secret.values)) == (kind, values)


def test_secrets_in_the_url_are_left_out() -> None:
    parsed = curl.parse("curl 'https://kim:abc-secret@api.example.test/?access_token=abc-secret&q=1'")

    assert "abc-secret" not in repr(parsed)
    labels = [secret.label for secret in parsed.secrets]
    assert labels == ["a user name and a password in the URL", "the parameter access_token"]
    assert (parsed.url, parsed.parameters) == (f"{HOST}/", (Row("q", "1"),))


def test_variables_in_secret_places_are_kept_since_they_are_no_secret() -> None:
    parsed = curl.parse("curl '{$env.base}/x?token={$env.token}' -H 'Authorization: Bearer {$env.token}'")

    assert parsed.url == "{$env.base}/x"
    assert parsed.parameters == (Row("token", "{$env.token}"),)
    assert parsed.headers == (Row("Authorization", "Bearer {$env.token}"),)


@pytest.mark.parametrize(
    ("options", "method", "headers", "body"),
    [
        ("-d a=1 -d b=2", "POST", (Row("Content-Type", FORM),), "a=1&b=2"),
        ("--data '{\"a\":1}'", "POST", (), '{"a":1}'),
        ("-XPATCH --json '{}'", "PATCH", (Row("Content-Type", JSON), Row("Accept", JSON)), "{}"),
        ("--data-urlencode 'q=a b&c'", "POST", (Row("Content-Type", FORM),), "q=a+b%26c"),
        ("-d 'a\nb' -H 'Content-Type: text/plain'", "POST", (Row("Content-Type", "text/plain"),), "ab"),
        ("--data-binary 'a\nb' -H 'Content-Type: text/plain'", "POST", (Row("Content-Type", "text/plain"),), "a\nb"),
        ("-I", "HEAD", (), ""),
        ("", "GET", (), ""),
        ("-H 'X-Empty;'", "GET", (Row("X-Empty", ""),), ""),
    ],
)  # fmt: skip
def test_methods_headers_and_bodies(options: str, method: str, headers: tuple[Row, ...], body: str) -> None:
    parsed = curl.parse(f"curl {options} {HOST}")

    assert (parsed.method, parsed.headers, parsed.body, parsed.url) == (method, headers, body, HOST)


def test_data_of_a_get_goes_into_the_parameters() -> None:
    parsed = curl.parse(f"curl -G {HOST}/x?a=0 -d b=1 --data-urlencode 'c=x y'")

    assert (parsed.method, parsed.body) == ("GET", "")
    assert parsed.parameters == (Row("a", "0"), Row("b", "1"), Row("c", "x y"))


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        ("-k", "certificates are checked"),
        ("-F file=@x", "multipart"),
        ("-d @body.json", "read from a file"),
        ("--unheard-of", "--unheard-of"),
        ("-x http://proxy", "a proxy"),
        ("-H 'Host: other'", "the header Host"),
        ("https://second.example.test", "a second URL"),
        ("-m soon", "the time limit soon"),
    ],
)
def test_what_is_not_taken_over_is_listed(options: str, phrase: str) -> None:
    (ignored,) = curl.parse(f"curl {HOST} {options}").ignored

    assert phrase in ignored


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("", "no cURL command"),
        ("wget https://x", "no cURL command"),
        ("curl", "names no URL"),
        ("curl 'https://x", "never closed"),
        ("curl https://x -H", "--header has no value"),
        ("curl -X FETCH https://x", "FETCH is not known"),
        ("curl https://[x", "cannot be read"),
        ("curl " + "a" * 300_000, "Paste a shorter one"),
    ],
)
def test_a_text_that_is_no_command_is_refused_with_a_sentence(command: str, complaint: str) -> None:
    with pytest.raises(curl.NotCurl, match=complaint):
        curl.parse(command)


@given(st.text(max_size=60) | st.text(alphabet="curl -XHdG'\"\\$@:/?=& \n", max_size=60).map(lambda t: f"curl {t}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parsed = curl.parse(text)
    except curl.NotCurl as error:
        assert error.message
    else:
        assert parsed.url


def test_a_copied_request_can_be_pasted_again() -> None:
    sent = SentRequest("PATCH", f"{HOST}/x?a=1", (("X-A", "b c"), ("Content-Type", "text/plain")), "some\ntext")

    parsed = curl.parse(curl.copy(sent))

    assert (parsed.method, parsed.url, parsed.parameters) == ("PATCH", f"{HOST}/x", (Row("a", "1"),))
    assert (parsed.headers, parsed.body) == ((Row("X-A", "b c"), Row("Content-Type", "text/plain")), "some\ntext")
