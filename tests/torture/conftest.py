"""What cases may ask for by the names of their parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.sandbox.pool import Pool
from tests.redis_server import redis_server, store
from tests.sandbox.conftest import Run, runner_of
from tests.services.egress_calls import running_servers
from tests.services.egress_servers import Exchange, RawServer
from tests.torture import possessed, responses_connections
from tests.torture import strict_server as strict
from tests.torture import turns_system as turns_system_module

__all__ = ["redis_server", "running_servers", "store"]


@pytest.fixture(scope="session")
def sandbox_pool() -> Iterator[Pool]:
    """The real sandbox with two children, shared by all cases."""
    children = Pool(children=2)
    yield children
    children.close()


@pytest.fixture(scope="session")
def turns_system() -> Iterator[turns_system_module.System]:
    """A whole running Parley with two workers, for cases that break its parts and leave it whole."""
    system = turns_system_module.start()
    yield system
    system.close()


@pytest.fixture
def soak_system() -> Iterator[turns_system_module.System]:
    """One of its own, so that nothing which a former case broke shows in its figures."""
    system = turns_system_module.start()
    yield system
    system.close()


@pytest.fixture
def run(sandbox_pool: Pool) -> Run:
    """Run a script: run(source, functions="", reuse="bot 1", variables={}, limit=2.0, **facts)."""
    return runner_of(sandbox_pool)


@pytest.fixture(scope="session")
def lone_run() -> Iterator[Run]:
    """As `run`, with one child only, so that a bot's scripts are sure to meet in the same isolate."""
    children = Pool(children=1)
    yield runner_of(children)
    children.close()


@pytest.fixture(scope="session")
def possessed_pool() -> Iterator[Pool]:
    """Children that run Python of the case in the place of scripts, behind all real walls."""
    with possessed.pool() as children:
        yield children


@pytest.fixture
def own_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A pool of the case's own, started by a process that has secrets in its environment and memory."""
    monkeypatch.setenv("SECRET_KEY", "must-not-leak-" + "by-environment")
    children = Pool(children=2)
    yield children
    children.close()


@pytest.fixture(scope="session")
def canary() -> Iterator[RawServer]:
    """A server on every loopback address that nothing may reach; it counts connections."""
    try:
        server = RawServer(Exchange.answer, host="::")
    except OSError:  # no IPv6 here
        server = RawServer(Exchange.answer, host="0.0.0.0")
    yield server
    server.close()


@pytest.fixture(scope="session")
def tls() -> responses_connections.Tls:
    """An authority of the cases' own, for servers with certificates."""
    return responses_connections.Tls()


@pytest.fixture(scope="session")
def strict_server() -> Iterator[strict.StrictServer]:
    """A server that takes nothing but exactly one well-formed request."""
    with strict.running() as server:
        yield server
