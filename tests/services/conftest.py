"""The real Redis for service tests that need one, a caller for those of the call pipeline, and items with a history."""

from tests.redis_server import redis_server, store
from tests.services.calling import api, call, sandbox
from tests.services.oauth_credentials import authority, office, server
from tests.services.revised_items import items, stores, tile

__all__ = [
    "api", "authority", "call", "items", "office", "redis_server", "sandbox", "server", "store", "stores", "tile",
]  # fmt: skip
