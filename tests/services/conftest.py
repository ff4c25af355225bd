"""The real Redis for service tests that need one, and a caller for those of the call pipeline."""

from tests.redis_server import redis_server, store
from tests.services.calling import api, call, sandbox

__all__ = ["api", "call", "redis_server", "sandbox", "store"]
