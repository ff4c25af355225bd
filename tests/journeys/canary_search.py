"""Where a secret could have gone: every row, every key, every file and every line that a product writes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import redis

from tests.product import Product

Place = tuple[str, bytes | str]
_READ = {
    b"string": lambda store, key: [store.get(key)],
    b"hash": lambda store, key: [part for pair in store.hgetall(key).items() for part in pair],
    b"list": lambda store, key: store.lrange(key, 0, -1),
    b"set": lambda store, key: store.smembers(key),
    b"zset": lambda store, key: store.zrange(key, 0, -1),
    b"stream": lambda store, key: [part for _, row in store.xrange(key) for pair in row.items() for part in pair],
}


def folder(product: Product) -> Path:
    return Path(product.environ["PARLEY_DATA_DIR"])


def sql(product: Product) -> Iterator[Place]:
    """Every row of every table."""
    with sqlite3.connect(folder(product) / "parley.sqlite3") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for number, row in enumerate(database.execute(f'SELECT * FROM "{table}"')):
                for value in row:
                    if isinstance(value, str | bytes):
                        yield f"SQL {table} row {number}", value


def store(product: Product) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(folder(product) / "redis.sock"))


def forget_limits(product: Product) -> None:
    """Let a test do more in a minute than people may."""
    client = store(product)
    for key in client.scan_iter("*rate*"):
        client.delete(key)


def kept(client: redis.Redis) -> Iterator[tuple[bytes, int, bytes]]:
    """Every key with its time to live (-1: none) and all that it holds."""
    for key in client.scan_iter("*"):
        kind, left = client.type(key), client.ttl(key)
        if kind in _READ:
            yield key, left, b"\n".join(_READ[kind](client, key))


def logs(product: Product) -> Iterator[Place]:
    yield "the log of all processes", product.printed()
    for path in folder(product).rglob("*.log"):
        yield f"log {path.name}", path.read_bytes()


def files(product: Product) -> Iterator[Place]:
    """Every file of the data folder, among them the database and Redis' own, as their bytes are; not the keys' file."""
    for path in folder(product).rglob("*"):
        if path.is_file() and "static" not in path.parts and path.name != "development-keys.json":
            yield f"file {path.name}", path.read_bytes()


def environments(product: Product) -> Iterator[Place]:
    """What each process was started with."""
    for pid in product.descendants():
        for name in ("cmdline", "environ"):
            try:
                yield f"{name} of {pid}", Path(f"/proc/{pid}/{name}").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                assert pid != os.getpid()
