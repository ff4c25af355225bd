"""The real Redis for service tests that need one."""

from tests.redis_server import redis_server, store

__all__ = ["redis_server", "store"]
