"""What the two OAuth 2.0 kinds have in common: their fields, what is refused, and the header. No kind itself."""

from __future__ import annotations

import re

from credentials import wire
from credentials.kinds import declaration
from credentials.net import urls

HEADER, BODY = "header", "body"
_STATUSES = re.compile(r"[45][0-9]{2}(?:[,\s]+[45][0-9]{2})*")
# What the flow itself sends; as an extra parameter it would undo a guarantee (state, PKCE) or contradict a field.
_RESERVED = frozenset(
    {"client_id", "client_secret", "response_type", "redirect_uri", "state", "scope", "audience", "code"}
    | {"code_challenge", "code_challenge_method", "code_verifier", "grant_type", "refresh_token", "response_mode"}
)

CLIENT = (
    declaration.Field("client_id", "Client ID", max_length=1_000),
    declaration.Field("client_secret", "Client Secret", secret=True),
)
SCOPE = declaration.Field(
    "scope", "Scope", required=False, help="What the tokens are to allow, separated by spaces, as the API has it."
)
TOKEN_URL = declaration.Field(
    "token_url",
    "Token URL",
    max_length=2_000,
    help="Where tokens are fetched, such as https://login.example.com/token.",
)
CLIENT_AUTH = declaration.Field(
    "client_auth",
    "The client authenticates",
    default=HEADER,
    choices=((HEADER, "In a Basic header"), (BODY, "In the body")),
    help="The body only where the server's documentation asks for client_id and client_secret there.",
)
AUDIENCE = declaration.Field(
    "audience", "Audience", required=False, max_length=1_000, help="Only where the server's documentation asks for it."
)
RULES = (
    declaration.Field(
        "expired_statuses",
        "Also renew the token on these statuses",
        required=False,
        max_length=100,
        help="A 401 always counts. Others, such as 403, where the API answers so when a token has ended.",
    ),
    declaration.Field(
        "expired_text",
        "Also renew the token when the answer holds this text",
        required=False,
        max_length=200,
        help="For APIs that answer 200 with an error of their own, such as INVALID_SESSION_ID.",
    ),
)


def parameters(text: str) -> dict[str, str]:
    """Return the extra parameters, one `name=value` a line; raises ValueError for a line that is none."""
    found = {}
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if not line.strip():
            continue
        if not sign or not name.strip():
            raise ValueError(line)
        found[name.strip()] = value.strip()
    return found


def sign(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    return declaration.with_header(request, "Authorization", f"Bearer {values['access_token']}")


def refuses(answer: wire.Incoming, values: declaration.Values) -> bool:
    """Whether an answer means that the token does not count any more."""
    if answer.status == 401 or str(answer.status) in re.split(r"[,\s]+", values.get("expired_statuses", "")):
        return True
    text = values.get("expired_text", "")
    return bool(text) and text.encode() in answer.body


def check(values: declaration.Values) -> None:
    declaration.refuse_control_characters(values, "client_id", "client_secret", "scope", "audience")
    for name in ("auth_url", "token_url", "refresh_url"):
        if values.get(name):
            _check_url(name, values[name])
    statuses = values.get("expired_statuses", "")
    if statuses and not _STATUSES.fullmatch(statuses):
        raise declaration.BadValue("expired_statuses", "Write statuses from 400 to 599 with commas between: 403, 498.")
    _check_parameters(values.get("extra_parameters", ""))


def _check_url(name: str, url: str) -> None:
    try:
        target = urls.parse(url)
    except wire.CallError as error:
        raise declaration.BadValue(name, error.message) from error
    if target.scheme != "https":
        raise declaration.BadValue(name, "This must begin with https: secrets are sent here.")
    if "#" in url:
        raise declaration.BadValue(name, "Leave out the part from # on.")


def _check_parameters(text: str) -> None:
    try:
        given = parameters(text)
    except ValueError as error:
        raise declaration.BadValue(
            "extra_parameters", f"Write name=value, one a line. This is none: {error}"
        ) from error
    taken = sorted(_RESERVED & given.keys())
    if taken:
        raise declaration.BadValue("extra_parameters", f"Parley sends {taken[0]} itself. Leave it out here.")
