"""Environments: values by rows and by lines, CSV out, and what is refused."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from bots.models import Bot
from credentials.models import AuditEntry, Organization
from integrations.models import Environment
from integrations.services import environments

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(owner: User, organization: Organization) -> Environment:
    return environments.create(organization.pk, user=owner, name="Test")


def test_lines_add_and_replace_values(owner: User, environment: Environment) -> None:
    environments.add_lines(environment.pk, user=owner, text="base=http://a\n\n# a comment\nkey = x=y \n")
    count = environments.add_lines(environment.pk, user=owner, text="base=http://b")

    environment.refresh_from_db()
    assert count == 1
    assert environment.values == {"base": "http://b", "key": "x=y"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("base", "Line 1 has no “=”"), ("a=1\nb-c=2", "“b-c” cannot be a key"), ("=x", "cannot be a key")],
)
def test_a_wrong_line_stores_nothing(text: str, sentence: str, owner: User, environment: Environment) -> None:
    with pytest.raises(environments.Refused, match=sentence):
        environments.add_lines(environment.pk, user=owner, text=text)

    environment.refresh_from_db()
    assert environment.values == {}


def test_the_trail_names_the_keys_and_never_a_value(owner: User, environment: Environment) -> None:
    environments.add_lines(environment.pk, user=owner, text="token=s3cr3t")

    entry = AuditEntry.objects.get(action="environment.changed")
    assert entry.detail == {"keys": ["token"]}


def test_csv_quotes_and_disarms_formulas() -> None:
    text = environments.to_csv([("a", "x,y"), ("b", "=1+1"), ("c", 'say "hi"')])

    assert text.splitlines() == ["key,value", 'a,"x,y"', "b,'=1+1", 'c,"say ""hi"""']


def test_an_environment_in_use_is_not_deleted(owner: User, environment: Environment, bot: Bot) -> None:
    bot.environment = environment
    bot.save()

    with pytest.raises(environments.Refused, match="Account balance still uses it"):
        environments.delete(environment.pk, user=owner)


def test_a_name_in_use_is_refused(owner: User, environment: Environment) -> None:
    with pytest.raises(environments.Refused, match="exists already"):
        environments.create(environment.organization_id, user=owner, name="test")


def test_a_stranger_changes_nothing(stranger: User, environment: Environment) -> None:
    with pytest.raises(Environment.DoesNotExist):
        environments.change(environment.pk, user=stranger, written=environments.Written("Mine", "", {}))
