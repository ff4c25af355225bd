"""Secrets at rest: bound, strict, and never stored, searched or exported as something else."""

from __future__ import annotations

import pickle
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, Value

from credentials import checks, kinds, sealed, wire
from credentials.models import Credential, Organization
from credentials.services import sealing, use, vault
from tests import factories

SECRET = "pa55word-of-acme"


@pytest.fixture
def credential(organization: Organization, owner: User) -> Credential:
    return make(organization, owner)


def make(organization: Organization, owner: User, name: str = "Shop", secret: str = SECRET) -> Credential:
    values = {"user_name": "ann", "password": secret}
    made = vault.create(
        organization, actor=owner, name=name, kind=kinds.ALL["basic"], values=values, allowed_hosts=["api.example.test"]
    )
    return Credential.objects.get(pk=made.pk)


def stored(credential: Credential) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM credentials_credential WHERE id = %s", [credential.pk])
        return str(cursor.fetchone()[0])


def put(credential: Credential, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE credentials_credential SET sealed = %s WHERE id = %s", [text, credential.pk])
    use.forget()


@pytest.fixture
def other_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed.fields, "CRYPTER", MultiFernet([Fernet(Fernet.generate_key())]))
    use.forget()


def signer(credential: Credential) -> wire.Signer:
    return use.signer_for(str(credential.key), organization_id=credential.organization_id)


def test_the_database_holds_ciphertext_only(credential: Credential) -> None:
    assert SECRET not in stored(credential)
    assert stored(credential).startswith("gAAAA")


def test_a_loaded_row_holds_no_plain_text_either(credential: Credential) -> None:
    dumped = repr(credential) + repr(vars(credential)) + str(pickle.dumps(credential))

    assert isinstance(credential.sealed, sealed.Ciphertext)
    assert SECRET not in dumped


def test_what_many_calls_open_is_kept_as_ciphertext(credential: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"key": str(credential.key), "organization_id": credential.organization_id}
    reopened = sealing.Reopened(credential.sealed)
    first = sealing.unseal(reopened, **place)

    monkeypatch.setattr(sealed.fields, "CRYPTER", None)
    again = sealing.unseal(reopened, **place)

    assert first == again == {"password": SECRET}
    assert SECRET.encode() not in reopened.own
    assert SECRET not in repr(reopened) + repr(vars(reopened))
    with pytest.raises(sealing.SealBroken, match="another credential"):
        sealing.unseal(reopened, **{**place, "organization_id": 0})


def test_what_was_sealed_is_read_back(credential: Credential) -> None:
    read = sealing.unseal(credential.sealed, key=str(credential.key), organization_id=credential.organization_id)

    assert read == {"password": SECRET}


def test_the_envelope_names_version_credential_organization_and_key(credential: Credential) -> None:
    document = sealing.read(credential.sealed)

    assert document["v"] == 1
    assert document["credential"] == str(credential.key)
    assert document["organization"] == credential.organization_id
    assert document["key_id"] == sealing.current_key_id()


def test_saving_a_row_again_changes_nothing_that_is_stored(credential: Credential) -> None:
    before = stored(credential)

    credential.name = "Other"
    credential.save()

    assert stored(credential) == before


def test_a_wrong_key_is_an_error_and_what_is_stored_survives_it(credential: Credential, other_key: None) -> None:
    before = stored(credential)

    with pytest.raises(wire.CallError) as caught:
        signer(credential)
    Credential.objects.get(pk=credential.pk).save()

    assert caught.value.kind == "credential"
    assert "FIELD_ENCRYPTION_KEYS" in caught.value.message
    assert stored(credential) == before


@pytest.mark.parametrize("text", ["plain text", "gAAAAABdamaged", "{}"])
def test_a_damaged_or_plain_value_is_an_error(credential: Credential, text: str) -> None:
    put(credential, text)

    with pytest.raises(wire.CallError) as caught:
        signer(credential)

    assert text not in caught.value.message


def test_a_ciphertext_moved_to_another_row_is_refused(
    organization: Organization, owner: User, credential: Credential
) -> None:
    thief = make(organization, owner, "Thief", "x" * 10)
    put(thief, stored(credential))

    with pytest.raises(wire.CallError) as caught:
        signer(thief)

    assert "belong to another credential" in caught.value.message


def test_a_ciphertext_moved_to_another_organization_is_refused(credential: Credential) -> None:
    elsewhere = factories.make_organization()
    Credential.objects.filter(pk=credential.pk).update(organization=elsewhere)

    with pytest.raises(wire.CallError) as caught:
        use.signer_for(str(credential.key), organization_id=elsewhere.pk)

    assert "belong to another credential" in caught.value.message


def test_a_ciphertext_pasted_as_a_password_stays_what_it_is(
    organization: Organization, owner: User, credential: Credential
) -> None:
    pasted = stored(credential)

    made = make(organization, owner, "Pasted", pasted)

    read = sealing.unseal(made.sealed, key=str(made.key), organization_id=made.organization_id)
    assert read == {"password": pasted}


@pytest.mark.parametrize("value", ["text", F("name"), Value("text"), None])
def test_update_takes_nothing_but_envelopes(credential: Credential, value: object) -> None:
    before = stored(credential)

    with pytest.raises(sealed.Refused), transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(sealed=value)

    assert stored(credential) == before


def test_bulk_update_is_refused(credential: Credential) -> None:
    with pytest.raises(sealed.Refused):
        Credential.objects.bulk_update([credential], ["sealed"])


def test_a_plain_text_cannot_be_saved(organization: Organization) -> None:
    with pytest.raises(sealed.Refused):
        Credential.objects.create(organization=organization, name="x", kind="basic", sealed="password")


def test_secrets_cannot_be_searched(credential: Credential) -> None:
    with pytest.raises(sealed.Refused):
        Credential.objects.filter(sealed="x").exists()


def test_a_fixture_holds_no_secret_and_no_ciphertext(credential: Credential) -> None:
    out = StringIO()

    call_command("dumpdata", "credentials", stdout=out)

    assert SECRET not in out.getvalue()
    assert stored(credential) not in out.getvalue()
    assert "Shop" in out.getvalue()


def test_loading_a_fixture_keeps_the_secrets_that_are_stored(credential: Credential, tmp_path: Path) -> None:
    fixture, before = tmp_path / "fixture.json", stored(credential)
    call_command("dumpdata", "credentials", output=str(fixture))
    Credential.objects.filter(pk=credential.pk).update(name="Changed")

    call_command("loaddata", str(fixture), stdout=StringIO())
    use.forget()

    assert Credential.objects.get(pk=credential.pk).name == "Shop"
    assert stored(credential) == before
    assert signer(credential).secrets[0] == SECRET


def test_a_fixture_in_another_database_claims_no_secret(credential: Credential, tmp_path: Path) -> None:
    fixture = tmp_path / "fixture.json"
    call_command("dumpdata", "credentials", output=str(fixture))
    Credential.objects.all().delete()

    call_command("loaddata", str(fixture), stdout=StringIO())

    assert Credential.objects.get().secrets_set_at == {}


def test_a_full_clean_neither_reveals_nor_changes(credential: Credential) -> None:
    before = stored(credential)

    credential.full_clean()
    credential.save()

    assert stored(credential) == before


def test_the_check_at_the_start_counts_what_cannot_be_read(credential: Credential, other_key: None) -> None:
    found = checks.secrets_are_readable(databases=["default"])

    assert [one.id for one in found] == ["credentials.E001"]
    assert "1 of 1 credentials" in found[0].msg


def test_the_check_is_content_with_the_right_key(credential: Credential) -> None:
    assert checks.secrets_are_readable(databases=["default"]) == []


def test_an_unreadable_secret_must_be_entered_again_and_then_works(
    credential: Credential, owner: User, other_key: None
) -> None:
    change = {"actor": owner, "name": "Shop", "allowed_hosts": []}

    with pytest.raises(kinds.BadValue):
        vault.change(credential, values={"user_name": "ann", "password": ""}, **change)
    vault.change(credential, values={"user_name": "ann", "password": "new-pass-word"}, **change)

    use.forget()
    assert "new-pass-word" in signer(credential).secrets
