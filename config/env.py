"""Reads the process environment once, into typed values.

Knows the names of the variables and what a wrong value looks like; knows nothing of Django.
Every variable is described in docs/settings.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
KEYS_FILE = "development-keys.json"
SECRET_KEY_LENGTH = 50  # as `manage.py check --deploy` demands
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SOCKET_PATH_BYTES = 100  # operating systems take 103 to 107


RATES = {  # what is counted: the variable that sets how often a minute, and its default
    "messages": ("PARLEY_RATE_MESSAGES", 3_000),
    "key": ("PARLEY_RATE_KEY_CONVERSATIONS", 3_000),
    "begin": ("PARLEY_RATE_CONVERSATIONS", 300),
    "test-run": ("PARLEY_RATE_TEST_RUNS", 60),
    "import": ("PARLEY_RATE_IMPORTS", 30),
    "curl": ("PARLEY_RATE_COMMANDS", 60),
    "credential": ("PARLEY_RATE_CREDENTIALS", 30),
    "export": ("PARLEY_RATE_EXPORTS", 60),
}


class BadEnvironment(Exception):
    """A variable is missing or malformed; the sentence says which, and the mend."""


@dataclass(frozen=True, slots=True)
class Env:
    """What the operator configured. Paths are absolute, durations are seconds."""

    production: bool
    data_dir: Path
    port: int
    demo_api_port: int
    database_url: str
    redis_url: str
    redis_socket: Path | None  # where `manage.py serve` runs a Redis of its own; None: the operator gave REDIS_URL
    secret_key: str
    encryption_keys: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    logins_per_name: int
    logins_per_address: int
    rates: Mapping[str, int]
    workers: int
    worker_threads: int
    sandbox_children: int
    sandbox_strict: bool
    import_worker_from: int
    redis_shards: int
    history_days: int
    history_revisions: int
    egress_allow_loopback: bool
    log_level: str


def read(environ: Mapping[str, str] = os.environ) -> Env:
    """Return the configuration; raises BadEnvironment with a sentence for people."""
    production = _choice(environ, "PARLEY_ENV", ("development", "production")) == "production"
    data_dir = Path(environ.get("PARLEY_DATA_DIR") or ROOT / "var").resolve()
    keys = _keys(environ, production=production, data_dir=data_dir)
    redis_socket = None if environ.get("REDIS_URL") else _redis_socket(data_dir)
    port = _number(environ, "PORT", 8000, low=1, high=65_535)
    return Env(
        production=production,
        data_dir=data_dir,
        port=port,
        demo_api_port=_number(environ, "PARLEY_DEMO_API_PORT", min(port + 1, 65_535), low=1, high=65_535),
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'parley.sqlite3'}",
        redis_url=f"unix://{quote(str(redis_socket))}" if redis_socket else environ["REDIS_URL"],
        redis_socket=redis_socket,
        secret_key=keys["secret_key"],
        encryption_keys=tuple(keys["encryption_keys"].split(",")),
        allowed_hosts=_hosts(environ, production=production),
        trusted_origins=_list(environ, "PARLEY_TRUSTED_ORIGINS"),
        trusted_proxies=_networks(environ, "PARLEY_TRUSTED_PROXIES"),
        logins_per_name=_number(environ, "PARLEY_LOGINS_PER_NAME", 10, low=1, high=10_000),
        logins_per_address=_number(environ, "PARLEY_LOGINS_PER_ADDRESS", 50, low=1, high=100_000),
        rates={what: _number(environ, name, most, low=1, high=1_000_000) for what, (name, most) in RATES.items()},
        workers=_number(environ, "PARLEY_WORKERS", os.cpu_count() or 1, low=1, high=256),
        worker_threads=_number(environ, "PARLEY_WORKER_THREADS", 300, low=2, high=512),
        sandbox_children=_number(environ, "PARLEY_SANDBOX_CHILDREN", 2, low=2, high=64),
        import_worker_from=_number(environ, "PARLEY_IMPORT_WORKER_FROM", 1_000, low=0, high=100_000),
        sandbox_strict=_choice(environ, "PARLEY_SANDBOX_STRICT", ("no", "yes")) == "yes",
        redis_shards=_number(environ, "PARLEY_REDIS_SHARDS", 1, low=1, high=1024),
        history_days=_number(environ, "PARLEY_HISTORY_DAYS", 90, low=1, high=3_650),
        history_revisions=_number(environ, "PARLEY_HISTORY_REVISIONS", 100, low=2, high=10_000),
        egress_allow_loopback=_loopback(environ, production=production),
        log_level=_choice(environ, "PARLEY_LOG_LEVEL", ("info", "debug", "warning", "error")),
    )


def _choice(environ: Mapping[str, str], name: str, options: tuple[str, ...]) -> str:
    value = environ.get(name) or options[0]
    if value not in options:
        raise BadEnvironment(f"{name} is {value!r}; it takes {' or '.join(options)}.")
    return value


def _number(environ: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadEnvironment(f"{name} is {text!r}; it takes a whole number from {low} to {high}.")
    return int(text)


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def _networks(environ: Mapping[str, str], name: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in _list(environ, name))
    except ValueError as error:
        raise BadEnvironment(
            f"{name}: {error}. It takes addresses or networks, such as 127.0.0.1,10.1.0.0/16."
        ) from error


def _hosts(environ: Mapping[str, str], *, production: bool) -> tuple[str, ...]:
    hosts = _list(environ, "PARLEY_ALLOWED_HOSTS")
    if production and not hosts:
        raise BadEnvironment("PARLEY_ALLOWED_HOSTS is empty; in production name the hosts that Parley answers for.")
    return hosts or ("localhost", "127.0.0.1", "[::1]")


def _redis_socket(data_dir: Path) -> Path:
    """Where every process of this data folder finds its Redis; a long path has to move to a short one."""
    beside_the_data = data_dir / "redis.sock"
    if len(os.fsencode(beside_the_data)) <= SOCKET_PATH_BYTES:
        return beside_the_data
    folder = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(f"/tmp/parley-{os.getuid()}-{folder}/redis.sock")  # noqa: S108 - serve checks who owns the folder


def _loopback(environ: Mapping[str, str], *, production: bool) -> bool:
    allowed = _choice(
        environ, "PARLEY_EGRESS_ALLOW_LOOPBACK", ("no" if production else "yes", "yes" if production else "no")
    )
    if production and allowed == "yes":
        raise BadEnvironment("PARLEY_EGRESS_ALLOW_LOOPBACK is yes; in production allow hosts by egress rules instead.")
    return allowed == "yes"


def _keys(environ: Mapping[str, str], *, production: bool, data_dir: Path) -> dict[str, str]:
    given = {"secret_key": environ.get("SECRET_KEY", ""), "encryption_keys": environ.get("FIELD_ENCRYPTION_KEYS", "")}
    if production:
        missing = [name.upper() for name in ("secret_key",) if not given[name]]
        missing += [] if given["encryption_keys"] else ["FIELD_ENCRYPTION_KEYS"]
        if missing:
            raise BadEnvironment(f"{' and '.join(missing)} must be set when PARLEY_ENV=production.")
        _refuse_development(environ, given, data_dir / KEYS_FILE)
    kept = {} if all(given.values()) else _development_keys(data_dir)
    keys = {name: value or kept[name] for name, value in given.items()}
    _check_encryption_keys(keys["encryption_keys"])
    return keys


def _refuse_development(environ: Mapping[str, str], given: dict[str, str], kept: Path) -> None:
    if environ.get("DEBUG", "").lower() not in ("", "0", "no", "false", "off"):
        raise BadEnvironment("DEBUG is set; Parley does not start with it when PARLEY_ENV=production. Unset it.")
    if len(given["secret_key"]) < SECRET_KEY_LENGTH:
        raise BadEnvironment(f"SECRET_KEY is too short; in production it takes {SECRET_KEY_LENGTH} random characters.")
    known = set(json.loads(kept.read_text()).values()) if kept.exists() else set()
    if known & {given["secret_key"], *given["encryption_keys"].split(",")}:
        raise BadEnvironment(
            f"SECRET_KEY or FIELD_ENCRYPTION_KEYS holds a development key of {kept}; in production make new ones."
        )


def _check_encryption_keys(text: str) -> None:
    for number, key in enumerate(text.split(","), start=1):
        try:
            Fernet(key.strip())
        except ValueError as error:
            raise BadEnvironment(
                f"FIELD_ENCRYPTION_KEYS: key {number} is not a Fernet key (32 bytes, URL-safe base64)."
            ) from error


def _development_keys(data_dir: Path) -> dict[str, str]:
    """Keys of this data folder, made at the first start, so that a development database stays readable."""
    path = data_dir / KEYS_FILE
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = {"secret_key": secrets.token_urlsafe(48), "encryption_keys": Fernet.generate_key().decode()}
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(made))
        with contextlib.suppress(FileExistsError):  # the first of several processes wins; the others read its keys
            os.link(fresh, path)
        fresh.unlink()
    stored: dict[str, str] = json.loads(path.read_text())
    return stored
