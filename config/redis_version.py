"""Whether a Redis server is recent enough: asked wherever Parley starts, so that no turn finds it out.

Knows the version and the words; who asks decides what follows from it.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

OLDEST = (6, 2)
ASKED_SECONDS = 10
_NUMBERS = re.compile(r"(\d+)\.(\d+)")


def objection(version: str) -> str:
    """Return in a sentence why this version cannot be used; nothing for one that can, or that is no version."""
    if not is_old(version):
        return ""
    return (
        f"The Redis of REDIS_URL is version {version}, and Parley needs 6.2 or later. Update it, or name another "
        "with REDIS_URL."
    )


def is_old(version: str) -> bool:
    """Tell whether the version is below the oldest that will do; a text that is no version tells nothing."""
    found = _NUMBERS.match(version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST


def asking(url: str) -> redis.Redis:
    """Return a client that an old server understands, too; it answers or raises within a few seconds."""
    return redis.Redis.from_url(
        url, socket_timeout=3, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0), protocol=2
    )


def of(client: redis.Redis) -> str:
    """Return the version of the server; nothing where it is away or keeps it to itself."""
    try:
        told: dict[str, object] = client.info("server")
    except redis.RedisError:
        return ""
    return str(told.get("redis_version", ""))


def of_program(path: Path) -> str:
    """Return the version of an installed `redis-server`; nothing where it does not tell."""
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=ASKED_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\bv=(\S+)", told.stdout)
    return found[1] if found else ""
