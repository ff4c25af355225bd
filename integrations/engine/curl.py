"""`Copy as cURL` and `Paste cURL`: a request as a command line, and a command line as a definition.

Pure. No secret is written into a command, and none is taken from one into a definition: those
found are handed on apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from integrations.engine import call, curl_options, curl_secrets, shell
from integrations.engine.curl_secrets import Secret
from integrations.engine.errors import IntegrationError
from integrations.engine.outcome import SentRequest
from integrations.engine.spec import Row

MASK = "••••"
_LONGEST = 200_000


class NotCurl(IntegrationError):
    """The pasted text is no cURL command that can be read."""


@dataclass(frozen=True, slots=True)
class ParsedCurl:
    """What a command fills into the form. `secrets` is what was found and left out (it belongs into a credential);
    `ignored` says, one short phrase each, what else of the command was not taken over."""

    method: str = ""
    url: str = ""
    parameters: tuple[Row, ...] = ()
    headers: tuple[Row, ...] = ()
    body: str = ""
    follow_redirects: bool = False
    timeout_seconds: int | None = None
    retries: int | None = None
    secrets: tuple[Secret, ...] = ()
    ignored: tuple[str, ...] = ()


def copy(sent: SentRequest) -> str:
    """Write a masked request as a command for a shell; each secret is a variable such as $AUTHORIZATION."""
    words = [["curl"]]
    if sent.method == "HEAD":
        words.append(["--head"])
    elif sent.method != "GET" or sent.body:
        words.append(["--request", sent.method])
    words.append([_word(_plain_mask(sent.url), "SECRET")])
    for name, value in sent.headers:
        if name.lower() not in curl_options.SET_WHEN_CALLED:
            words.append(["--header", _word(f"{name}: {value}" if value else f"{name};", _variable(name))])
    if sent.body:
        words.append(["--data-raw", _word(sent.body, "SECRET")])
    return " \\\n  ".join(" ".join(group) for group in words)


def parse(text: str) -> ParsedCurl:
    """Read a command into what the form holds; raises NotCurl with a sentence for the author."""
    if len(text) > _LONGEST:
        raise NotCurl(f"The command is longer than {_LONGEST:,} characters. Paste a shorter one.")
    words = _words(text.strip().removeprefix("$ "))
    if not words or words[0].rpartition("/")[2].lower() not in ("curl", "curl.exe"):
        raise NotCurl("This is no cURL command: it has to begin with the word curl.")
    draft = curl_options.Draft()
    _read(words[1:], draft)
    if not draft.url:
        raise NotCurl("The command names no URL.")
    return _finished(draft)


def _words(command: str) -> list[str]:
    try:
        return shell.split(command)
    except shell.Unbalanced as error:
        raise NotCurl(error.message) from error


def _read(words: list[str], draft: curl_options.Draft) -> None:
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if not word.startswith("-") or word == "-":
            curl_options.url(draft, word)
            continue
        name, value = _option(word, waiting)
        if name not in curl_options.WITH_VALUE:
            curl_options.ALONE.get(name, curl_options.not_understood)(draft, name)
        elif value is None:
            raise NotCurl(f"The option {name} has no value. Is the command complete?")
        else:
            curl_options.WITH_VALUE[name](draft, value)


def _option(word: str, waiting: list[str]) -> tuple[str, str | None]:
    """Return an option's long name and its value; short options may be written together, value included."""
    if word.startswith("--"):
        name, mark, value = word.partition("=")
        if mark and name in curl_options.WITH_VALUE:
            return name, value
        return word, waiting.pop() if word in curl_options.WITH_VALUE and waiting else None
    name, rest = curl_options.SHORT.get(word[1], word[:2]), word[2:]
    if name in curl_options.WITH_VALUE:
        return name, rest or (waiting.pop() if waiting else None)
    if rest:
        waiting.append(f"-{rest}")
    return name, None


def _finished(draft: curl_options.Draft) -> ParsedCurl:
    data = "&".join(draft.data)
    address = _with_query(draft.url, data) if draft.as_query and data else draft.url
    url, parameters, secrets, ignored = _address(address)
    body = "" if draft.as_query else data
    method = draft.method or ("POST" if body else "GET")
    if method not in call.METHODS:
        raise NotCurl(f"The method {method[:20]} is not known. Use one of {', '.join(call.METHODS)}.")
    return ParsedCurl(
        method=method,
        url=url,
        parameters=parameters,
        headers=_headers(draft, body),
        body=body,
        follow_redirects=draft.follow_redirects,
        timeout_seconds=draft.timeout_seconds,
        retries=draft.retries,
        secrets=tuple(dict.fromkeys((*draft.secrets, *secrets))),
        ignored=tuple(dict.fromkeys((*draft.ignored, *ignored))),
    )


def _headers(draft: curl_options.Draft, body: str) -> tuple[Row, ...]:
    """Data without a Content-Type is sent by curl as a form; what is plainly JSON was meant as JSON, our default."""
    rows = tuple(draft.headers)
    if body and body.lstrip()[:1] not in ("{", "[") and not any(row.key.lower() == "content-type" for row in rows):
        return (*rows, Row("Content-Type", "application/x-www-form-urlencoded"))
    return rows


def _with_query(url: str, data: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{data}"


def _address(text: str) -> tuple[str, tuple[Row, ...], list[Secret], list[str]]:
    """Split a URL into its address and its parameters; a query that is no list of pairs stays in the URL."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise NotCurl("The URL of the command cannot be read.") from error
    given, mark, location = parts.netloc.rpartition("@")
    secrets = [curl_secrets.user(unquote(given), named=" in the URL")] if mark else []
    ignored = ["the part of the URL behind #"] if parts.fragment else []
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    if not all(mark and key for key, mark, _ in pairs):
        return urlunsplit((parts.scheme, location, parts.path, parts.query, "")), (), secrets, ignored
    rows = []
    for key, _, value in pairs:
        name = _decoded(key)
        if curl_options.SECRET_NAME.search(name) and value and "{$" not in value:
            secrets.append(curl_secrets.parameter(name, _decoded(value)))
        else:
            rows.append(Row(name, _decoded(value)))
    return urlunsplit((parts.scheme, location, parts.path, "", "")), tuple(rows), secrets, ignored


def _decoded(text: str) -> str:
    return unquote(text.replace("+", " "))


def _word(text: str, variable: str) -> str:
    return shell.quoted(text, mask=MASK, placeholder=variable)


def _plain_mask(url: str) -> str:
    return re.sub(re.escape(quote(MASK)), MASK, url, flags=re.IGNORECASE)


def _variable(header: str) -> str:
    return re.sub(r"\W+", "_", header).upper().strip("_") or "SECRET"
