"""The cast of every test: an owner (administrator), a teammate (author) and a stranger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from bots.models import Bot
from bots.runtime import limits
from bots.services import specs
from credentials.models import Membership, Organization, Role
from credentials.services import lastcalls, policies, use
from tests import factories, product


@pytest.fixture(autouse=True)
def forget_published_versions() -> None:
    """A process keeps published versions by id for good; each test's database begins its ids anew."""
    specs.published.cache_clear()


@pytest.fixture
def owner(db: None) -> User:
    return factories.make_user("owner")


@pytest.fixture
def organization(owner: User) -> Organization:
    return factories.make_organization(administrator=owner, name="Acme")


@pytest.fixture
def teammate(organization: Organization) -> User:
    user = factories.make_user("teammate")
    Membership.objects.create(organization=organization, user=user, role=Role.AUTHOR)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    user = factories.make_user("stranger")
    factories.make_organization(administrator=user, name="Elsewhere")
    return user


@pytest.fixture
def bot(organization: Organization) -> Bot:
    return factories.make_bot(organization, name="Account balance")


@pytest.fixture(autouse=True)
def _nothing_kept_from_the_test_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row numbers come back after a rollback: what a process keeps by them must not."""
    policies.forget()
    limits.forget_here()
    use.forget()
    use._used.clear()
    monkeypatch.setattr(use, "write_later", use.write_use)
    lastcalls._new.clear()
    monkeypatch.setattr(lastcalls, "write_later", lambda: None)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[product.Product]:
    """The whole running product with its demo content, for journeys and browser tests; they share it."""
    with product.running(tmp_path_factory.mktemp("served") / "data") as running:
        yield running
