"""New keys for old: everything is re-encrypted once, nothing is lost, and what cannot be read is named."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from credentials import kinds, sealed
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import rotation, sealing, use, vault


@pytest.fixture
def credentials(organization: Organization, owner: User) -> list[Credential]:
    values = {"access_token": "t0ken-of-the-shop", "token_type": "Bearer"}
    kind = kinds.ALL["access_token"]
    return [vault.create(organization, actor=owner, name=f"Shop {n}", kind=kind, values=values) for n in range(3)]


@pytest.fixture
def new_key(credentials: list[Credential], settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new first key, with the old one behind it."""
    fresh = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEY = [fresh, *settings.FIELD_ENCRYPTION_KEY]
    use_keys(settings.FIELD_ENCRYPTION_KEY, monkeypatch)
    return fresh


def use_keys(keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed.fields, "CRYPTER", MultiFernet([Fernet(key) for key in keys]))
    use.forget()


def test_after_a_rotation_the_old_key_is_not_needed(new_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = rotation.rotate()

    use_keys([new_key], monkeypatch)
    read = [
        sealing.unseal(row.sealed, key=str(row.key), organization_id=row.organization_id)
        for row in Credential.objects.all()
    ]
    assert (done.rotated, done.current, done.unreadable) == (3, 0, [])
    assert read == [{"access_token": "t0ken-of-the-shop"}] * 3


def test_a_second_run_finds_nothing_to_do(new_key: str) -> None:
    rotation.rotate(Credential.objects.all()[:2])

    done = rotation.rotate()
    again = rotation.rotate()

    assert (done.rotated, done.current) == (1, 2)
    assert (again.rotated, again.current) == (0, 3)


def test_each_rotation_is_recorded_without_values(new_key: str) -> None:
    rotation.rotate()

    entries = AuditEntry.objects.filter(action="credential.rotated")
    assert entries.count() == 3
    assert {entry.actor_name for entry in entries} == {"Parley"}


def test_the_command_names_what_no_key_decrypts_and_leaves_it(
    credentials: list[Credential], settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(Credential.objects.values_list("sealed", flat=True))
    settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode()]
    use_keys(settings.FIELD_ENCRYPTION_KEY, monkeypatch)

    with pytest.raises(CommandError) as caught:
        call_command("rotate_credentials", stdout=StringIO())

    assert "Acme: Shop 1" in str(caught.value)
    assert list(Credential.objects.values_list("sealed", flat=True)) == before


def test_the_command_counts_rows_by_key(new_key: str) -> None:
    out = StringIO()

    call_command("rotate_credentials", stdout=out)

    assert "Re-encrypted: 3." in out.getvalue()
    assert ": 3\n" in out.getvalue()
