"""A machine that does not let the sandbox lock its processes in: said at the start, or refused."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.sandbox import confinement
from tests import product

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="acts as a machine that the filter does not know"
)
PER_LINUX32 = 8  # `uname` then tells of a machine that the filter does not know, as on any other processor


def on_another_machine(*command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    libc = ctypes.CDLL(None)
    environ = product.environment(folder, **more)
    return product.python(*command, environ=environ, before=lambda: libc.personality(PER_LINUX32))


def test_on_this_machine_nothing_is_missing() -> None:
    assert confinement.gaps() == []


def test_the_check_warns_where_the_filter_cannot_be(tmp_path: Path) -> None:
    done = on_another_machine("manage.py", "check", folder=tmp_path)

    assert done.returncode == 0
    assert "integrations.W001) The kernel refuses the filter of system calls" in done.stderr


def test_the_check_fails_where_the_filter_is_demanded(tmp_path: Path) -> None:
    done = on_another_machine("manage.py", "check", folder=tmp_path, PARLEY_SANDBOX_STRICT="yes")

    assert done.returncode == 1
    assert "integrations.E001" in done.stderr


def test_a_worker_does_not_start_where_the_filter_is_demanded(tmp_path: Path) -> None:
    worker = ("-m", "celery", "--quiet", "-A", "config", "worker", "--pool", "threads")
    done = on_another_machine(*worker, folder=tmp_path, PARLEY_SANDBOX_STRICT="yes")

    assert done.returncode != 0
    assert "Parley cannot start: The kernel refuses the filter of system calls" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="root only")
def test_script_processes_are_nobody_where_the_worker_is_root(monkeypatch: pytest.MonkeyPatch) -> None:
    assert confinement.gaps() == []
    monkeypatch.setattr("os.setresuid", lambda *_: None)

    assert "would be root" in confinement.gaps()[0]
