"""Importing and exporting through the database."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db.models import JSONField, TextField

from bots.engine import exportfile, spec
from bots.models import Bot, Dialog, ImportedDocument, Interaction
from bots.services import authoring, bots, names, specs, templates, transfer
from credentials import kinds
from credentials.models import Credential, Organization
from credentials.services import vault
from integrations.models import Environment, Integration
from tests import cb_exports, factories
from tests.samples import parcel_bot
from tests.services.importing import exported, imported, text_of


@pytest.fixture
def parcel(organization: Organization) -> Bot:
    return imported(parcel_bot.document(), organization)


@pytest.mark.skipif(not cb_exports.BOTS, reason=cb_exports.MISSING)
@pytest.mark.parametrize("file", cb_exports.BOTS, ids=lambda path: path.stem)
def test_a_real_export_comes_out_of_the_database_with_the_same_bytes(file: Path, organization: Organization) -> None:
    bot = transfer.import_bot(transfer.read(file.read_bytes()), organization=organization, actor=None)

    assert transfer.export_bot(bot).encode() == file.read_bytes()


def test_an_import_makes_every_row(parcel: Bot) -> None:
    assert [dialog.name for dialog in parcel.dialogs.all()] == ["Help", "Parcels", "Fallback"]
    assert parcel.interactions.count() == 10
    assert parcel.integrations.get().url == parcel_bot.URL
    assert parcel.interactions.get(name="look up").integration == parcel.integrations.get()


def test_a_bot_comes_out_the_same_when_the_database_forgets_the_order_of_keys(parcel: Bot) -> None:
    """PostgreSQL's jsonb sorts keys by length and drops repeated ones: here every JSON column is treated so."""
    for row in (parcel, *parcel.dialogs.all(), *parcel.interactions.all(), *parcel.integrations.all()):
        for field in row._meta.get_fields():
            if isinstance(field, JSONField):
                setattr(row, field.name, as_jsonb(getattr(row, field.name)))
        row.save()

    assert transfer.export_bot(Bot.objects.get()) == text_of(parcel_bot.document())
    assert isinstance(ImportedDocument._meta.get_field("text"), TextField)


def as_jsonb(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_jsonb(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
    return [as_jsonb(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + text_of(parcel_bot.document()) + "\n",
        json.dumps(parcel_bot.document(), indent="\t").replace("\n", "\r\n"),
        json.dumps(parcel_bot.document(), separators=(",", ":")),
        text_of(parcel_bot.document()).replace('"hash": "-12345"', '"hash": 1.50e3, "hash" : -0.0'),
        text_of(parcel_bot.document()).replace("Sorry?", "\\u0000 \\ud800 \\/ \\u00e9"),
    ],
    ids=["mark and line end", "tabs, CRLF, escapes", "compact", "numbers, repeated keys", "odd escapes"],
)
def test_every_layout_comes_back_and_an_edit_touches_only_its_place(
    text: str, organization: Organization, owner: User
) -> None:
    bot = imported(text, organization)
    assert transfer.export_bot(bot) == text

    greet = bot.interactions.get(name="greet")
    authoring.change(greet.pk, user=owner, values={"content": spec.Content(text="Hello there")})

    assert transfer.export_bot(bot) == text.replace("{$botContext.greeting}! I know where parcels are.", "Hello there")


def test_a_bot_made_here_comes_back_the_same(organization: Organization, owner: User) -> None:
    made = templates.create_bot(
        bots.NewBot("Shop"), template="store_locator", user=owner, organization_id=organization.pk
    )
    row = made.integrations.first() or pytest.fail("the template has an integration")
    row.slow_message, row.retries, row.parameters = "One moment", 1, [{"key": "a", "value": "b", "enabled": False}]
    row.save()

    text = transfer.export_bot(made)
    again = imported(text, factories.make_organization())

    assert transfer.export_bot(made) == text
    assert transfer.export_bot(again) == text
    assert without_keys(again) == without_keys(made)
    assert re.fullmatch(r"-?\d{1,10}", json.loads(text)["hash"]) and abs(int(json.loads(text)["hash"])) <= 2**31


def without_keys(bot: Bot) -> spec.BotSpec:
    """Keys of rules are places in a list, and a bot's key is its own."""
    draft = specs.draft(Bot.objects.get(pk=bot.pk))
    plain = spec.to_builtins(draft) | {"key": ""}
    for dialog in plain["dialogs"]:
        for one in dialog["interactions"]:
            one["rules"] = [{**rule, "key": ""} for rule in one["rules"]]
    result: spec.BotSpec = spec.from_builtins(plain, spec.BotSpec)
    return result


def test_no_secret_is_in_an_export(parcel: Bot, organization: Organization, owner: User) -> None:
    canary = "canary-5f1e9c"
    values = {"access_token": canary}
    kind = kinds.named("access_token") or pytest.fail("there is no such type")
    credential = vault.create(organization, actor=owner, name=f"{canary}-name", kind=kind, values=values)
    environment = Environment.objects.create(organization=organization, name="Secrets", values={"key": canary})
    parcel.environment = environment
    parcel.save()
    parcel.integrations.update(credential=credential, pinned_response={"body": canary})

    assert canary not in transfer.export_bot(parcel)
    assert transfer.export_bot(parcel) == text_of(parcel_bot.document())
    made = bots.duplicate(parcel.pk, user=owner)
    ImportedDocument.objects.filter(bot=made).delete()
    assert canary not in transfer.export_bot(made)


def test_an_export_file_cannot_name_a_credential(organization: Organization, owner: User) -> None:
    credential = Credential.objects.create(organization=organization, name="Ours", kind="bearer")
    document = parcel_bot.document()
    document["responder"][0]["parley"] = {"credential": str(credential.key), "key": "x", "retries": 0}

    row = imported(document, organization).integrations.get()

    assert (row.credential, row.key, row.retries) == (None, parcel_bot.API, 0)


def test_the_same_file_comes_in_twice_under_another_name(parcel: Bot, organization: Organization) -> None:
    with pytest.raises(names.Refused, match="exists already"):
        imported(parcel_bot.document(), organization)

    second = imported(parcel_bot.document(), organization, decisions=transfer.Decisions(name="Second"))

    assert second.key != parcel.key == parcel_bot.BOT
    assert exported(second)["bot"]["id"] == parcel_bot.BOT
    assert Bot.objects.count() == 2


def test_a_failure_in_the_middle_leaves_nothing(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(bot: Bot, *, text: str) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(transfer.originals, "keep", fail)

    with pytest.raises(OSError, match="disk"):
        imported(parcel_bot.document(), organization)

    assert not any(model.objects.exists() for model in (Bot, Dialog, Interaction, Integration))


def test_a_stranger_cannot_import_into_an_organization(organization: Organization, stranger: User) -> None:
    document = transfer.read(text_of(parcel_bot.document()).encode())

    with pytest.raises(Organization.DoesNotExist):
        transfer.import_bot(document, organization=organization, actor=stranger)


def test_parts_that_share_an_id_or_a_name_come_in_and_go_out(organization: Organization) -> None:
    document = parcel_bot.document()
    first = document["conversationMessage"][0]
    document["conversationMessage"] += [{**first, "interactionType": "TEXT"}, {**first, "id": "other"}]
    document["groups"].append({**document["groups"][0], "dialogType": "FALLBACK_DIALOG"})
    document["responder"] += [document["responder"][0], {**document["responder"][0], "id": "second"}]

    bot = imported(document, organization)

    assert exported(bot) == document
    assert sorted(bot.integrations.values_list("name", flat=True)) == ["Parcels", "Parcels 2"]
    assert f"{first['name']} 2" in bot.interactions.values_list("name", flat=True)


def test_too_many_interactions_are_refused_before_the_file_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exportfile, "parse", lambda data: pytest.fail("it was parsed"))

    with pytest.raises(exportfile.UnreadableExport, match="more than 100,000 interactions"):
        transfer.read(b'{"interactionType": 1}' * 100_001)


def test_an_import_does_not_send_a_credential_where_it_may_not_go(organization: Organization, owner: User) -> None:
    values = {"access_token": "t0ken", "token_type": "Bearer"}
    kind = kinds.ALL["access_token"]
    made = vault.create(
        organization, actor=owner, name="Ours", kind=kind, values=values, allowed_hosts=["ours.example.test"]
    )
    document = transfer.read(text_of(parcel_bot.document()).encode())
    (integration,) = document.authored.spec.integrations
    decisions = transfer.Decisions(credentials={integration.key: made})

    with pytest.raises(names.Refused, match="The credential Ours may not be sent to"):
        transfer.import_bot(document, organization=organization, actor=owner, decisions=decisions)

    assert not Bot.objects.exists()


def test_an_imported_bot_begins_without_a_history_also_where_it_got_a_credential(
    organization: Organization, owner: User
) -> None:
    document = transfer.read(text_of(parcel_bot.document()).encode())
    (integration,) = document.authored.spec.integrations
    values = {"access_token": "t0ken", "token_type": "Bearer"}
    kind = kinds.ALL["access_token"]
    host = str(urlsplit(integration.url).hostname)
    made = vault.create(organization, actor=owner, name="Ours", kind=kind, values=values, allowed_hosts=[host])
    decisions = transfer.Decisions(credentials={integration.key: made})

    bot = transfer.import_bot(document, organization=organization, actor=owner, decisions=decisions)

    assert bot.integrations.get().credential == made
    assert not bot.revisions.exists()
