"""The process environment, read into settings: defaults, and a sentence for every wrong value."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config import env

KEY = Fernet.generate_key().decode()


def production(tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "PARLEY_ENV": "production",
        "PARLEY_DATA_DIR": str(tmp_path),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": KEY,
        "PARLEY_ALLOWED_HOSTS": "bots.example.com",
    } | more


def test_development_needs_nothing_and_keeps_its_keys(tmp_path: Path) -> None:
    first = env.read({"PARLEY_DATA_DIR": str(tmp_path)})
    second = env.read({"PARLEY_DATA_DIR": str(tmp_path)})

    assert (first.secret_key, first.encryption_keys) == (second.secret_key, second.encryption_keys)
    assert (tmp_path / env.KEYS_FILE).stat().st_mode & 0o077 == 0
    assert first.egress_allow_loopback
    assert not first.production


def test_the_demo_api_stands_beside_the_port(tmp_path: Path) -> None:
    read = env.read({"PARLEY_DATA_DIR": str(tmp_path), "PORT": "9100"})

    assert (read.port, read.demo_api_port) == (9100, 9101)


def test_production_starts_with_keys_and_hosts_of_its_own(tmp_path: Path) -> None:
    read = env.read(production(tmp_path))

    assert read.production
    assert not read.egress_allow_loopback
    assert read.allowed_hosts == ("bots.example.com",)


def test_how_often_somebody_may_do_something_is_a_setting(tmp_path: Path) -> None:
    read = env.read({"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_RATE_IMPORTS": "7"})

    assert (read.rates["import"], read.rates["export"]) == (7, 60)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS must be set"),
        ({"FIELD_ENCRYPTION_KEYS": f"{KEY},nonsense"}, "key 2 is not a Fernet key"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"DEBUG": "1"}, "DEBUG is set"),
        ({"PARLEY_ALLOWED_HOSTS": ""}, "PARLEY_ALLOWED_HOSTS is empty"),
        ({"PARLEY_EGRESS_ALLOW_LOOPBACK": "yes"}, "PARLEY_EGRESS_ALLOW_LOOPBACK is yes"),
        ({"PARLEY_ENV": "staging"}, "PARLEY_ENV is 'staging'"),
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"PORT": "70000"}, "PORT is '70000'"),
        ({"PARLEY_WORKERS": "-1"}, "PARLEY_WORKERS is '-1'"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(tmp_path: Path, wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(env.BadEnvironment) as refused:
        env.read(production(tmp_path) | wrong)

    assert sentence in str(refused.value)


def test_production_refuses_keys_that_were_made_for_development(tmp_path: Path) -> None:
    made = env.read({"PARLEY_DATA_DIR": str(tmp_path)})

    for name, value in (("SECRET_KEY", made.secret_key), ("FIELD_ENCRYPTION_KEYS", made.encryption_keys[0])):
        with pytest.raises(env.BadEnvironment, match="development key"):
            env.read(production(tmp_path) | {name: value})


def test_a_redis_of_the_operator_is_taken_as_it_is(tmp_path: Path) -> None:
    read = env.read({"PARLEY_DATA_DIR": str(tmp_path), "REDIS_URL": "redis://cache.example:6379/2"})

    assert read.redis_url == "redis://cache.example:6379/2"
    assert read.redis_socket is None


def test_the_socket_of_redis_always_fits(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)

    shallow, moved = env.read({"PARLEY_DATA_DIR": str(tmp_path)}), env.read({"PARLEY_DATA_DIR": str(deep)})

    assert shallow.redis_socket == tmp_path.resolve() / "redis.sock"
    assert moved.redis_socket is not None
    assert len(str(moved.redis_socket).encode()) <= env.SOCKET_PATH_BYTES
    assert moved.redis_socket == env.read({"PARLEY_DATA_DIR": str(deep)}).redis_socket
