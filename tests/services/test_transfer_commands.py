"""`manage.py import_bot` and `manage.py export_bot`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bots.models import Bot
from credentials.models import Credential, Organization
from integrations.models import Environment
from tests import factories
from tests.samples import parcel_bot


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "parcels.json"
    path.write_text(json.dumps(parcel_bot.document(), indent=2, ensure_ascii=False), encoding="utf-8")
    return path


def run(*words: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*(str(word) for word in words), stdout=out, **options)
    return out.getvalue()


def test_a_file_comes_in_after_a_report_and_goes_out_the_same(
    file: Path, organization: Organization, tmp_path: Path
) -> None:
    said = run("import_bot", file)

    bot = Bot.objects.get()
    assert "Parcel bot: 3 dialogs, 10 interactions" in said
    assert "Uses the intent Need help" in said
    assert said.endswith(f"Imported Parcel bot as bot {bot.pk}.\n")
    run("export_bot", "Parcel bot", "-o", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() == file.read_bytes()
    assert run("export_bot", bot.pk).encode() == file.read_bytes()


def test_a_check_imports_nothing(file: Path, organization: Organization) -> None:
    assert "Kept, without effect here" in run("import_bot", file, "--check")
    assert not Bot.objects.exists()


def test_decisions_are_given_as_options(file: Path, organization: Organization) -> None:
    factories.make_organization(name="Other")
    environment = Environment.objects.create(organization=organization, name="Test")
    credential = Credential.objects.create(organization=organization, name="Key", kind="access_token")

    run(
        "import_bot", file, "--organization", "Acme", "--name", "Mine", "--environment", "Test",
        "--credential", "Parcels=Key",
    )  # fmt: skip

    bot = Bot.objects.get()
    assert (bot.name, bot.organization, bot.environment) == ("Mine", organization, environment)
    assert bot.integrations.get().credential == credential


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--organization", "Nowhere"], "Name the organization that you mean. Known here: Acme."),
        (["--environment", "Nowhere"], "Name the environment that you mean. Known here: none."),
        (["--credential", "Parcels=Nowhere"], "Name the credential that you mean. Known here: none."),
        (["--credential", "Nothing=Key"], "The file has no integration named Nothing. It has: Parcels."),
        (["--name", "x" * 101], "A name has at most 100 characters"),
    ],
)
def test_a_wrong_option_gets_a_sentence(
    file: Path, organization: Organization, options: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        run("import_bot", file, *options)

    assert not Bot.objects.exists()


def test_a_taken_name_is_refused_with_the_way_out(file: Path, organization: Organization) -> None:
    run("import_bot", file)

    with pytest.raises(CommandError, match=r"exists already.*--name"):
        run("import_bot", file)


def test_a_file_that_cannot_be_read_gets_a_sentence(tmp_path: Path, organization: Organization) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(b'{\n  "bot": ,')

    with pytest.raises(CommandError, match="in line 2, column 10"):
        run("import_bot", broken)
    with pytest.raises(CommandError, match=r"missing\.json"):
        run("import_bot", tmp_path / "missing.json")


def test_a_bot_that_does_not_exist_is_not_exported(organization: Organization) -> None:
    with pytest.raises(CommandError, match="There is no bot"):
        run("export_bot", "Nobody")
