"""New keys while the product runs: calls go on in other processes, and a rotation that is killed is gone on with."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.fernet import Fernet

from tests import authorization_server, product
from tests.redis_server import RedisServer
from tests.services.test_oauth_processes import Workers, prepared

__all__ = ["prepared"]

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
CREDENTIALS = 60  # and the one that calls are made with


@pytest.fixture
def workers(
    prepared: Path,
    tmp_path: Path,
    authority: trustme.CA,
    redis_server: RedisServer,
    store: object,
) -> Iterator[Workers]:
    """Everything is stored under the old key; what starts from now on has the new one before it."""
    for path in prepared.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    trust = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trust))
    more = {"REDIS_URL": redis_server.url, "SSL_CERT_FILE": str(trust), "FIELD_ENCRYPTION_KEYS": OLD}
    with authorization_server.running(authority) as server:
        server.lasts = 2  # so that tokens are renewed all the while
        running = Workers(server, product.environment(tmp_path, **more), -5.0, more=CREDENTIALS)
        running.environ["FIELD_ENCRYPTION_KEYS"] = f"{NEW},{OLD}"
        yield running
        running.end()


def rotated(workers: Workers) -> int:
    """How many credentials the trail says were re-encrypted."""
    path = Path(workers.environ["PARLEY_DATA_DIR"]) / "parley.sqlite3"
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
        question = "SELECT count(*) FROM credentials_auditentry WHERE action = 'credential.rotated'"
        return int(database.execute(question).fetchone()[0])


def test_no_call_fails_while_keys_are_rotated_and_a_killed_rotation_is_gone_on_with(workers: Workers) -> None:
    worker = workers.start(calls=4, do="call_on")
    command = [sys.executable, str(product.ROOT / "manage.py"), "rotate_credentials"]
    with subprocess.Popen(command, env=workers.environ, stdout=subprocess.DEVNULL) as first:
        product.wait_for(lambda: rotated(workers) > 3, what="the beginning of a rotation")
        first.kill()
    after_the_kill = rotated(workers)

    second = product.manage("rotate_credentials", environ=workers.environ)
    third = product.manage("rotate_credentials", environ=workers.environ)
    Workers.go(worker)
    made, failed = Workers.listen(worker)
    workers.environ["FIELD_ENCRYPTION_KEYS"] = NEW
    check = product.manage("check", "--database", "default", environ=workers.environ)

    assert failed == []
    assert made > 20
    assert workers.server.refreshes > 1
    assert 3 < after_the_kill < CREDENTIALS + 1
    assert f"Already current: {CREDENTIALS + 1}." in third.stdout, second.stdout + third.stdout
    assert "Re-encrypted: 0." in third.stdout
    assert check.returncode == 0, check.stderr
    assert workers.stored()["refresh_token"].startswith("r3fresh-")
