"""Key files in the pages: uploaded, kept in memory, never shown again, named by their end and their owner."""

from __future__ import annotations

import pytest
import trustme
from django.contrib.auth.models import User
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from credentials import uploads
from credentials.models import Credential, Organization
from tests.certificates import PASSWORD, day, p12, pem
from tests.web.pages import beside

AUTHORITY = trustme.CA()
LEAF = AUTHORITY.issue_cert("parley@acme.test", common_name="parley", not_after=day(20))


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def given(**values: object) -> dict[str, object]:
    return {
        "name": "Bank",
        "hosts": "bank.test",
        "value_key_store": SimpleUploadedFile("keys.p12", p12(LEAF)),
        "value_key_store_password": PASSWORD,
        "value_trust": SimpleUploadedFile("ca.pem", AUTHORITY.cert_pem.bytes()),
        "value_protocols": "1.3",
    } | values


def create(page: Client, organization: Organization, **values: object) -> str:
    answer = page.post(reverse("new_credential", args=["mutual_tls"]), given(**values), follow=True)
    return str(answer.content.decode())


def test_a_key_store_is_uploaded_and_its_end_warned_of(page: Client, organization: Organization) -> None:
    shown = create(page, organization)
    made = Credential.objects.get()
    listed = page.get(reverse("credentials")).content.decode()

    assert "Certificate ends on" in shown
    assert "CN=parley" in shown
    assert "Certificate ends on" in listed
    assert made.public["protocols"] == "1.3"
    assert set(made.secrets_set_at) == {"key_store", "key_store_password", "trust"}
    assert PASSWORD not in shown


def test_saving_without_a_file_keeps_it_and_the_box_takes_the_optional_one_out(
    page: Client, organization: Organization
) -> None:
    create(page, organization)
    made = Credential.objects.get()
    url = reverse("credential", args=[made.key])

    shown = page.get(url).content.decode()
    page.post(url, {"name": "Bank 2", "hosts": "bank.test", "value_protocols": "", "remove_trust": "on"})

    after = Credential.objects.get()
    assert 'name="remove_trust"' in shown
    assert 'name="remove_key_store"' not in shown
    assert after.name == "Bank 2"
    assert after.public["certificate_of"].startswith("CN=parley")
    assert set(after.secrets_set_at) == {"key_store", "key_store_password"}


def test_a_wrong_password_is_told_beside_its_field(page: Client, organization: Organization) -> None:
    shown = create(page, organization, value_key_store_password="nope")

    assert "The file does not open: its password is wrong" in shown
    assert not Credential.objects.exists()


@pytest.mark.parametrize("size", [uploads.LIMIT + 1, 5_000_000])
def test_what_is_larger_than_any_key_store_is_not_taken(page: Client, organization: Organization, size: int) -> None:
    create(page, organization, value_key_store=SimpleUploadedFile("keys.pem", pem(LEAF) + b"x" * size))

    assert not Credential.objects.exists()


def test_an_unencrypted_key_never_goes_through_a_temporary_file(
    page: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type] = []
    clean = uploads.KeyFilesInMemory.file_complete

    def note(self: uploads.KeyFilesInMemory, size: int) -> object:
        made = clean(self, size)
        seen.append(type(made))
        return made

    monkeypatch.setattr(uploads.KeyFilesInMemory, "file_complete", note)
    create(
        page,
        organization,
        value_key_store=SimpleUploadedFile("keys.pem", pem(LEAF)),
        value_key_store_password="",
    )

    assert seen == [InMemoryUploadedFile, InMemoryUploadedFile]
    assert Credential.objects.exists()


def test_the_key_store_is_opened_as_a_test(page: Client, organization: Organization) -> None:
    create(page, organization)
    url = reverse("open_key_store", args=[Credential.objects.get().key])

    answer = page.post(url, headers={"hx-request": "true"}).content.decode()

    assert 'id="trial"' in answer
    assert "The key store opens." in answer


def test_the_back_office_takes_files_too(client: Client, organization: Organization) -> None:
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    url = f"{reverse('admin:credentials_credential_add')}?kind=mutual_tls"

    client.post(url, given(organization=organization.pk))

    assert Credential.objects.get().public["certificate_by"].startswith("OU=Testing CA")


def test_a_form_that_comes_back_asks_for_its_files_again(page: Client, organization: Organization) -> None:
    url = reverse("new_credential", args=["mutual_tls"])

    refused = page.post(url, given(value_key_store_password="wrong"))
    unnamed = page.post(url, given(name="", value_trust=""))

    assert beside(refused, "id_value_key_store") == beside(refused, "id_value_trust") == "Choose this file again."
    assert (beside(unnamed, "id_value_key_store"), beside(unnamed, "id_value_trust")) == ("Choose this file again.", "")
