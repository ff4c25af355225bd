"""The real Redis and authorization server for tests that need them, a logged-in author, and an integration."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from bots.models import Bot
from integrations.models import Integration
from tests import factories
from tests.redis_server import redis_server, store
from tests.services.oauth_credentials import authority, office, server

__all__ = ["authority", "office", "redis_server", "server", "store"]


@pytest.fixture
def author(client: Client, teammate: User) -> Client:
    client.force_login(teammate)
    return client


@pytest.fixture
def integration(bot: Bot) -> Integration:
    return factories.make_integration(bot, name="Balance", url="https://api.example.test/balance")
