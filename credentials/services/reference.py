"""The documentation of the credential types, written from their declarations: docs/credential-types.md."""

from __future__ import annotations

from collections.abc import Iterator

from credentials import kinds

_HEAD = """# Credential types

Written from the declarations in `credentials/kinds/` by `manage.py credential_types`; a test compares the two.
What happens to credentials afterwards is in [credentials](credentials.md).

| type | when to use it | what it does to a call |
| --- | --- | --- |
"""


def markdown() -> str:
    """Return the whole page."""
    table = "".join(f"| [{kind.label}](#{_anchor(kind.label)}) | {kind.when} | {kind.effect} |\n" for kind in _all())
    return _HEAD + table + "".join(f"\n## {kind.label}\n\n{_fields(kind)}" for kind in _all())


def _all() -> Iterator[kinds.Kind]:
    return iter(kinds.ALL.values())


def _anchor(label: str) -> str:
    return "".join(sign for sign in label.lower().replace(" ", "-") if sign.isalnum() or sign == "-")


def _fields(kind: kinds.Kind) -> str:
    rows = [f"| {one.label} | {_kept(one)} | {' '.join(_said(one))} |\n" for one in kind.fields]
    return "| field | kept | what to enter |\n| --- | --- | --- |\n" + "".join(rows)


def _kept(one: kinds.Field) -> str:
    return "secret: encrypted, never shown again" if one.secret else "shown"


def _said(one: kinds.Field) -> Iterator[str]:
    yield "Needed." if one.required else "May be left empty."
    if one.file:
        yield "A file."
    if one.help:
        yield one.help
    if one.choices:
        yield f"One of: {'; '.join(label for _, label in one.choices)}."
    elif one.default:
        yield f"{one.default} unless you change it."
