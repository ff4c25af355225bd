"""The options of a cURL command and what each means for a definition.

Pure. Secrets are named, never taken over; what has no counterpart in a definition is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from integrations.engine import curl_secrets
from integrations.engine.curl_secrets import Secret
from integrations.engine.spec import Row

SET_WHEN_CALLED = frozenset({"content-length", "accept-encoding", "user-agent", "host", "connection", "te"})
SECRET_NAME = re.compile(
    r"authorization|cookie|api[-_]?key|token|secret|passw|signature|credential|^x-auth|session", re.IGNORECASE
)


@dataclass(slots=True)
class Draft:
    """A command while it is read; `as_query` moves its data into the URL."""

    url: str = ""
    method: str = ""
    headers: list[Row] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    as_query: bool = False
    follow_redirects: bool = False
    timeout_seconds: int | None = None
    retries: int | None = None
    secrets: list[Secret] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


Handler = Callable[[Draft, str], None]


def url(draft: Draft, value: str) -> None:
    if draft.url:
        draft.ignored.append("a second URL")
        return
    draft.url = value if "://" in value or value.startswith("{$") else f"http://{value}"


def _request(draft: Draft, value: str) -> None:
    draft.method = value.upper()


def _header(draft: Draft, value: str) -> None:
    name, mark, text = value.partition(":")
    name = name.strip().removesuffix("" if mark else ";")
    if not mark and not value.strip().endswith(";"):
        draft.ignored.append(f"the header {name[:60]}, which has no value")
    elif name.lower() in SET_WHEN_CALLED or name.lower().startswith("sec-") or name.startswith(":"):
        draft.ignored.append(f"the header {name[:60]}, which is set when the call is made")
    elif SECRET_NAME.search(name) and text.strip() and "{$" not in text:
        draft.secrets.append(curl_secrets.header(name, text.strip()))
    else:
        draft.headers.append(Row(name, text.strip()))


def _data(draft: Draft, value: str) -> None:
    if value.startswith("@"):
        draft.ignored.append("a body that is read from a file")
        return
    draft.data.append(value)


def _plain_data(draft: Draft, value: str) -> None:
    if value.startswith("@"):
        _data(draft, value)
    else:
        draft.data.append(value.replace("\r", "").replace("\n", ""))


def _raw_data(draft: Draft, value: str) -> None:
    draft.data.append(value)


def _encoded_data(draft: Draft, value: str) -> None:
    name, mark, text = value.partition("=")
    if not mark and "@" in value:
        draft.ignored.append("a body that is read from a file")
    elif not mark:
        draft.data.append(quote_plus(value))
    else:
        draft.data.append(f"{name}={quote_plus(text)}" if name else quote_plus(text))


def _json(draft: Draft, value: str) -> None:
    _data(draft, value)
    for name in ("Content-Type", "Accept"):
        if not any(row.key.lower() == name.lower() for row in draft.headers):
            draft.headers.append(Row(name, "application/json"))


def _get(draft: Draft, value: str) -> None:
    draft.as_query = True


def _head(draft: Draft, value: str) -> None:
    draft.method = draft.method or "HEAD"


def _follow(draft: Draft, value: str) -> None:
    draft.follow_redirects = True


def _user(draft: Draft, value: str) -> None:
    draft.secrets.append(curl_secrets.user(value))


def _cookie(draft: Draft, value: str) -> None:
    draft.secrets.append(curl_secrets.header("Cookie", value))


def _bearer(draft: Draft, value: str) -> None:
    draft.secrets.append(curl_secrets.header("Authorization", f"Bearer {value}"))


def _certificate(draft: Draft, value: str) -> None:
    draft.secrets.append(curl_secrets.CERTIFICATE)


def _timeout(draft: Draft, value: str) -> None:
    draft.timeout_seconds = _number(draft, "the time limit", value, low=1, high=60)


def _retries(draft: Draft, value: str) -> None:
    draft.retries = _number(draft, "the number of retries", value, low=0, high=3)


def _number(draft: Draft, what: str, value: str, *, low: int, high: int) -> int | None:
    try:
        number = round(float(value))
    except (ValueError, OverflowError):
        draft.ignored.append(f"{what} {value[:20]}")
        return None
    return min(max(number, low), high)


def _agent(draft: Draft, value: str) -> None:
    draft.headers.append(Row("User-Agent", value))


def _referer(draft: Draft, value: str) -> None:
    draft.headers.append(Row("Referer", value))


def _harmless(draft: Draft, value: str) -> None:
    """Says how curl itself prints or waits; nothing in a definition corresponds to it."""


def _proxy(draft: Draft, value: str) -> None:
    draft.ignored.append("a proxy, or another address for a host name")


def _upload(draft: Draft, value: str) -> None:
    draft.ignored.append("a file to upload")


def _form(draft: Draft, value: str) -> None:
    draft.ignored.append("a multipart form (--form); write the Post Body by hand")


def _insecure(draft: Draft, value: str) -> None:
    draft.ignored.append("how certificates are checked; a credential can hold a trust certificate")


def not_understood(draft: Draft, name: str) -> None:
    draft.ignored.append(f"the option {name[:60]}")


WITH_VALUE: Mapping[str, Handler] = {
    "--url": url,
    "--request": _request,
    "--header": _header,
    "--data": _plain_data,
    "--data-ascii": _plain_data,
    "--data-binary": _data,
    "--data-raw": _raw_data,
    "--data-urlencode": _encoded_data,
    "--json": _json,
    "--form": _form,
    "--form-string": _form,
    "--upload-file": _upload,
    "--user": _user,
    "--cookie": _cookie,
    "--oauth2-bearer": _bearer,
    "--cert": _certificate,
    "--key": _certificate,
    "--pass": _certificate,
    "--cacert": _insecure,
    "--user-agent": _agent,
    "--referer": _referer,
    "--max-time": _timeout,
    "--retry": _retries,
    "--proxy": _proxy,
    "--proxy-user": _proxy,
    "--resolve": _proxy,
    "--connect-to": _proxy,
} | dict.fromkeys(
    (
        "--output", "--write-out", "--connect-timeout", "--max-redirs", "--cookie-jar", "--dump-header",
        "--retry-delay", "--retry-max-time", "--cert-type", "--key-type", "--ciphers", "--interface", "--limit-rate",
        "--stderr", "--trace",
    ),
    _harmless,
)  # fmt: skip

ALONE: Mapping[str, Handler] = {
    "--get": _get,
    "--head": _head,
    "--location": _follow,
    "--location-trusted": _follow,
    "--insecure": _insecure,
} | dict.fromkeys(
    (
        "--silent", "--show-error", "--verbose", "--include", "--compressed", "--fail", "--fail-with-body", "--globoff",
        "--http1.1", "--http2", "--http1.0", "--progress-bar", "--no-buffer", "--remote-name", "--ipv4", "--ipv6",
        "--no-progress-meter", "--path-as-is", "--basic", "--tlsv1.2", "--tlsv1.3",
    ),
    _harmless,
)  # fmt: skip

SHORT = {
    "X": "--request", "H": "--header", "d": "--data", "F": "--form", "u": "--user", "b": "--cookie",
    "A": "--user-agent", "e": "--referer",
    "m": "--max-time", "x": "--proxy", "U": "--proxy-user", "E": "--cert", "T": "--upload-file",
    "o": "--output", "w": "--write-out", "c": "--cookie-jar", "D": "--dump-header", "G": "--get", "I": "--head",
    "L": "--location", "k": "--insecure", "s": "--silent", "S": "--show-error", "v": "--verbose", "i": "--include",
    "f": "--fail", "g": "--globoff", "#": "--progress-bar", "N": "--no-buffer", "O": "--remote-name", "4": "--ipv4",
    "6": "--ipv6", "0": "--http1.0",
}  # fmt: skip
