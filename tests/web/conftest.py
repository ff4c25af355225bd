"""The real Redis and the authorization server for tests of pages that need them."""

from tests.redis_server import redis_server, store
from tests.services.oauth_credentials import authority, office, server

__all__ = ["authority", "office", "redis_server", "server", "store"]
