"""Damaged exports: the importer takes them or refuses them with a sentence, and never leaves half a bot."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from bots.engine.exportfile import UnreadableExport
from bots.models import Bot, Dialog, Interaction
from bots.services import importreport, names, transfer
from credentials.models import Organization
from integrations.models import Integration
from tests.samples import exports, parcel_bot

STRANGE: list[Any] = [
    None, True, 0, -1, 10**30, 1.5, 1e308, "", " ", "x" * 5000, "\x00", "\ud800", "{$botContext.x}", [], {}, [None],
    {"id": "a"}, "next", [1, "a", {}],
]  # fmt: skip


def damaged(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a copy in which one to three random places hold something else, are gone, or are there twice."""
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(document))
        parent, key = chance.choice(places)
        match chance.randint(0, 4):
            case 0:
                del parent[key]
            case 1 if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[key]))
            case 2:
                other, which = chance.choice(places)
                parent[key] = copy.deepcopy(other[which]) if which in _keys(other) else None
            case _:
                parent[key] = copy.deepcopy(chance.choice(STRANGE))
    return document


def _places(value: Any) -> Any:
    for key in _keys(value):
        yield value, key
        yield from _places(value[key])


def _keys(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def rows() -> list[int]:
    return [model.objects.count() for model in (Bot, Dialog, Interaction, Integration)]


@pytest.mark.parametrize("seed", range(150))
def test_a_damaged_document_comes_in_whole_or_not_at_all(seed: int, organization: Organization) -> None:
    text = json.dumps(damaged(parcel_bot.document(), random.Random(seed)))

    try:
        document = transfer.read(text.encode())
        importreport.report(document, organization=organization)
        bot = transfer.import_bot(document, organization=organization, actor=None)
    except (UnreadableExport, names.Refused) as refused:
        assert str(refused)[0].isprintable() and "Traceback" not in str(refused)
        assert rows() == [0, 0, 0, 0]
    else:
        assert transfer.export_bot(bot) == text


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_text_is_refused_with_a_sentence(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(json.dumps(parcel_bot.document(), ensure_ascii=False).encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        data[at : at + chance.randint(0, 3)] = bytes(chance.choice(b'{}[]",:\\\x00\xff9eE-.') for _ in range(2))

    try:
        document = transfer.read(bytes(data))
    except UnreadableExport as refused:
        assert str(refused).count("\n") == 0
    else:
        assert document.authored.spec.name


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(exports.DOCUMENTS)
def test_any_document_goes_through_the_rows(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    with transaction.atomic():
        organization = Organization.objects.create(name="Of this example")
        read = transfer.read(text.encode())
        importreport.report(read, organization=organization)
        named = transfer.Decisions(name="Any")

        bot = transfer.import_bot(read, organization=organization, actor=None, decisions=named)

        assert transfer.authored(bot).spec.dialogs == read.authored.spec.dialogs
        wanted = json.loads(text)
        wanted["bot"]["name"] = "Any"
        assert json.loads(transfer.export_bot(bot)) == wanted
        transaction.set_rollback(True)
