"""The Redis that comes with Parley: where its binary is found, and the sentence where there is none."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from config import embedded_redis


def test_an_installed_server_goes_before_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "redis-server"
    installed.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert embedded_redis.binary() == installed


def test_the_bundled_server_is_found_where_none_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert os.access(embedded_redis.binary(), os.X_OK)


def test_no_server_anywhere_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(embedded_redis.NoRedis, match=r"Install Redis .* or set REDIS_URL"):
        embedded_redis.binary()


def test_a_folder_of_somebody_else_is_no_place_for_the_socket(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "parley").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(embedded_redis.NoRedis, match="belongs to somebody else"):
        embedded_redis.own_folder(tmp_path / "parley" / "redis.sock")


def test_nothing_answers_where_nothing_runs(tmp_path: Path) -> None:
    assert not embedded_redis.answers(tmp_path / "redis.sock")
    embedded_redis.end_leftover(tmp_path / "redis.sock")
