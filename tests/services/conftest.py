"""The real Redis for service tests that need one, and a caller for those of the call pipeline."""

from tests.redis_server import redis_server, store
from tests.services.calling import api, call, sandbox
from tests.services.oauth_credentials import authority, office, server

__all__ = ["api", "authority", "call", "office", "redis_server", "sandbox", "server", "store"]
