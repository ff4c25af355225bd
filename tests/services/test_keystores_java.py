"""Java's old key stores, whole and damaged: opened, or refused in a sentence."""

from __future__ import annotations

import contextlib
import random

import pytest
import trustme

from credentials.net import keystores
from tests.certificates import KEYTOOL_JKS, PASSWORD, jks, jks_trust

AUTHORITY = trustme.CA()
LEAF = AUTHORITY.issue_cert("parley@acme.test", common_name="parley")


def test_what_javas_own_tool_wrote_is_read_as_it_was_meant() -> None:
    found = keystores.key_store(KEYTOOL_JKS, password="changeit")

    assert found.certificate.subject.rfc4514_string() == "CN=parley"
    assert found.key.key_size == 256
    assert found.ends_at.year == 2126


def test_a_key_comes_with_its_chain_and_is_not_shown() -> None:
    found = keystores.key_store(jks(AUTHORITY.create_child_ca().issue_cert("a@b.test")), password=PASSWORD)

    assert len(found.chain) == 1
    assert "Private" not in repr(found)


@pytest.mark.parametrize("password", ["p\u00e4ss w\u00f6rd", "\u5bc6\u7801", "\U0001f511"])
def test_a_password_may_hold_any_character(password: str) -> None:
    assert keystores.key_store(jks(LEAF, password=password), password=password).certificate


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_store_is_a_sentence_and_never_a_crash(seed: int) -> None:
    chance, files = random.Random(seed), (KEYTOOL_JKS, jks_trust(AUTHORITY), jks(LEAF))
    refused = 0
    for number in range(300):
        damaged = bytearray(files[number % 3])
        damaged[chance.randrange(4, len(damaged))] ^= chance.randrange(1, 256)
        whole = bytes(damaged if number % 2 else damaged[: chance.randrange(4, len(damaged))])
        for opened in (keystores.key_store, keystores.trusted):
            try:
                opened(whole, password="changeit")
            except keystores.Unusable as error:
                refused += str(error).endswith(".")
            with contextlib.suppress(keystores.Unusable):
                opened(whole, password="")

    assert refused == 600
