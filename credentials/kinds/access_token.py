"""Access Token: a fixed token in the Authorization header."""

from __future__ import annotations

from credentials import wire
from credentials.kinds import declaration


def _value(values: declaration.Values) -> str:
    return f"{values.get('token_type', '')} {values['access_token']}".strip()


def _sign(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    return declaration.with_header(request, "Authorization", _value(values))


def _check(values: declaration.Values) -> None:
    declaration.refuse_control_characters(values, "access_token", "token_type")


KIND = declaration.Kind(
    name="access_token",
    label="Access Token",
    when="The API gave you one long-lived token, or its documentation shows `Authorization: Bearer …`.",
    effect="Sets `Authorization: Bearer …`, or another word before the token.",
    fields=(
        declaration.Field("access_token", "Access Token", secret=True),
        declaration.Field(
            "token_type",
            "Token Type",
            required=False,
            default="Bearer",
            max_length=100,
            help="The word before the token. Leave Bearer unless the API's documentation names another; empty: none.",
        ),
    ),
    sign=_sign,
    check=_check,
)
