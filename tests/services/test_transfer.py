"""Importing and exporting through the database."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from bots.engine import exportfile, spec
from bots.models import Bot, Dialog, Interaction
from bots.services import authoring, bots, dialogs, names, rules, transfer, versions
from credentials.models import Credential, Organization
from credentials.services import vault
from integrations.models import Environment, Integration
from tests import factories
from tests.samples import parcel_bot

FOLDER = Path(os.environ.get("PARLEY_CB_EXPORTS") or Path(__file__).parents[3] / "shared" / "cb-exports")
EXPORTS = sorted((FOLDER / "bots").glob("*.json"))


def text_of(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def imported(document: Any, organization: Organization, **options: Any) -> Bot:
    text = document if isinstance(document, str) else text_of(document)
    return transfer.import_bot(transfer.read(text.encode()), organization=organization, actor=None, **options)


@pytest.fixture
def parcel(organization: Organization) -> Bot:
    return imported(parcel_bot.document(), organization)


@pytest.mark.skipif(not EXPORTS, reason="neither PARLEY_CB_EXPORTS nor ../shared/cb-exports has a folder bots")
@pytest.mark.parametrize("file", EXPORTS, ids=lambda path: path.stem)
def test_a_real_export_comes_out_of_the_database_with_the_same_bytes(file: Path, organization: Organization) -> None:
    bot = transfer.import_bot(transfer.read(file.read_bytes()), organization=organization, actor=None)

    assert transfer.export_bot(bot).encode() == file.read_bytes()


def test_an_import_makes_every_row(parcel: Bot) -> None:
    assert [dialog.name for dialog in parcel.dialogs.all()] == ["Help", "Parcels", "Fallback"]
    assert parcel.interactions.count() == 10
    assert parcel.integrations.get().url == parcel_bot.URL
    assert parcel.interactions.get(name="look up").integration == parcel.integrations.get()
