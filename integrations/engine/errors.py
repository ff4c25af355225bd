"""What can go wrong while a definition becomes a request or a field; each message is a sentence for the author."""

from __future__ import annotations


class IntegrationError(Exception):
    """Something in an integration's definition cannot be carried out."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RequestNotBuilt(IntegrationError):
    """The request cannot be built; nothing was sent. The message names the place and how to mend it."""


class UnsafeValue(IntegrationError):
    """A variable's value may not stand where the template puts it. `name` is the variable as the author wrote it."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class MalformedPath(IntegrationError):
    """A JSON path that cannot be read. `position` counts characters from 1."""

    def __init__(self, path: str, position: int, message: str) -> None:
        super().__init__(f"The path {path} cannot be read at character {position}: {message}")
        self.path = path
        self.position = position
