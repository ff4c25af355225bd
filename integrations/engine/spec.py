"""What an author writes down about one API integration, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass


class Damaged(ValueError):
    """What is stored does not have the shape that it should; the text says where, for people."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key/value row of headers, parameters or custom data fields; a switched-off row is kept but not used."""

    key: str
    value: str = ""
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class IntegrationSpec:
    """Times are seconds. `credential` is the key of a credential or nothing; never the credential itself."""

    key: str
    name: str
    response_variable: str
    method: str = "GET"
    url: str = ""
    credential: str | None = None
    type: str = "API"
    use_default_headers: bool = True
    headers: tuple[Row, ...] = ()
    parameters: tuple[Row, ...] = ()
    body: str = ""
    transform_script: str = ""
    fields: tuple[Row, ...] = ()
    timeout_seconds: int = 20
    retries: int = 3
    follow_redirects: bool = True
    slow_message: str = ""
    slow_after_seconds: int = 4

    @property
    def response_name(self) -> str:
        """The session variable that holds the response."""
        return f"api_{self.response_variable}"
