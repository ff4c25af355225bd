"""Basic Authentication: a user name and a password in one header (RFC 7617, UTF-8)."""

from __future__ import annotations

import base64

from credentials import wire
from credentials.kinds import declaration


def _encoded(values: declaration.Values) -> str:
    return base64.b64encode(f"{values['user_name']}:{values['password']}".encode()).decode()


def _sign(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    return declaration.with_header(request, "Authorization", f"Basic {_encoded(values)}")


def _check(values: declaration.Values) -> None:
    declaration.refuse_control_characters(values, "user_name", "password")
    if ":" in values.get("user_name", ""):
        raise declaration.BadValue("user_name", "A user name cannot hold a colon: the server would read it as the end.")


KIND = declaration.Kind(
    name="basic",
    label="Basic Authentication",
    when="The API asks for a user name and a password, or its documentation shows `Authorization: Basic …`.",
    effect="Sets `Authorization: Basic …`, in UTF-8.",
    fields=(
        declaration.Field("user_name", "User Name", max_length=400),
        declaration.Field("password", "User Password", secret=True, required=False, strip=False),
    ),
    sign=_sign,
    masked=lambda values: (_encoded(values),),
    check=_check,
)
