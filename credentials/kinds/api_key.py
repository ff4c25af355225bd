"""API Key: a value under a name of its own, in a header or in the query."""

from __future__ import annotations

import re

from credentials import wire
from credentials.kinds import declaration

HEADER, QUERY = "header", "query"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SHORT = 3  # what is shorter is masked together with its name: alone it would mask every second word


def _sign(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    add = declaration.with_parameter if values["place"] == QUERY else declaration.with_header
    return add(request, values["name"], values["value"])


def _masked(values: declaration.Values) -> tuple[str, ...]:
    if values["place"] != QUERY or len(values["value"]) >= _SHORT:
        return ()
    return (declaration.pair(values["name"], values["value"]),)


def _marked(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    return _sign(request, {**values, "value": wire.MASK})


def _check(values: declaration.Values) -> None:
    declaration.refuse_control_characters(values, "name", "value")
    if values["place"] == QUERY:
        return
    if not _HEADER_NAME.fullmatch(values["name"]):
        raise declaration.BadValue(
            "name", "This cannot be the name of a header. Write a name such as X-API-Key, without spaces or colons."
        )
    if values["name"].lower() in wire.CONNECTION_HEADERS:
        raise declaration.BadValue("name", "Parley sets this header itself for each connection. Choose another name.")


KIND = declaration.Kind(
    name="api_key",
    label="API Key",
    when="The API gave you a key and its documentation names the header or the query parameter that takes it.",
    effect="Sets the header or the query parameter, in place of the author's own by the same name.",
    fields=(
        declaration.Field("name", "Name", max_length=200, help="As the API's documentation has it, such as X-API-Key."),
        declaration.Field("value", "Value", secret=True),
        declaration.Field(
            "place",
            "Place",
            default=HEADER,
            choices=((HEADER, "In a header"), (QUERY, "In the query of the URL")),
            help="A header is safer where the API takes both: servers write URLs into their logs.",
        ),
    ),
    sign=_sign,
    masked=_masked,
    marked=_marked,
    check=_check,
)
