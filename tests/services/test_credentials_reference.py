"""The documentation of the credential types is what their declarations say."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from credentials import kinds
from tests import product

PAGE = product.ROOT / "docs" / "credential-types.md"


def test_the_page_is_what_the_declarations_say() -> None:
    printed = StringIO()

    call_command("credential_types", stdout=printed)

    assert PAGE.read_text() == printed.getvalue(), "run manage.py credential_types > docs/credential-types.md"


@pytest.mark.parametrize("kind", kinds.ALL.values(), ids=kinds.ALL)
def test_every_type_says_when_to_use_it_and_what_it_does_in_sentences(kind: kinds.Kind) -> None:
    assert kind.when.endswith(".")
    assert kind.effect.endswith(".")
    assert all(one.help == "" or one.help.endswith(".") or "-----BEGIN" in one.help for one in kind.fields)
