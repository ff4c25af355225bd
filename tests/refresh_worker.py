"""A worker process for the tests of refreshing: makes calls of integrations with one credential, as turns do.

Run as `python -m tests.refresh_worker JOB`. Its database, Redis and trust store come from the environment.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402

from credentials import kinds  # noqa: E402
from credentials.models import Credential  # noqa: E402
from credentials.services import organizations, tokens, vault  # noqa: E402
from integrations.engine.scope import Scope  # noqa: E402
from integrations.engine.spec import IntegrationSpec  # noqa: E402
from integrations.services import calls  # noqa: E402
from integrations.services.edge import real_edge  # noqa: E402


def prepare(job: dict[str, Any]) -> None:
    """Store a credential that was authorized an hour ago."""
    actor = User.objects.create_user("owner")
    organization = organizations.create(name="Acme", creator=actor)
    made = vault.create(
        organization,
        actor=actor,
        name="Shop",
        kind=kinds.ALL["oauth_code"],
        values=job["values"],
        allowed_hosts=[job["host"]],
    )
    for number in range(job.get("more", 0)):
        values = {"access_token": f"t0ken {number}", "token_type": "Bearer"}
        kind = kinds.ALL["access_token"]
        vault.create(organization, actor=actor, name=f"Token {number}", kind=kind, values=values)
    now = time.time()
    held = tokens.Tokens(job["access_token"], job["refresh_token"], now - 3600, now + job["left"])
    tokens.store(made.pk, tokens=held, started_from=None, authorized=True)
    say({"key": str(made.key), "organization": organization.pk})


def work(job: dict[str, Any]) -> None:
    """Make so many calls at once when told to, and say how each ended."""
    if job.get("dies_before_saving"):
        tokens.store = _stand_still
    ready = threading.Barrier(job["calls"] + 1)

    def turn(_: int) -> list[Any]:
        spec = IntegrationSpec("k", "Order", "R", url=job["url"], credential=job["key"], retries=0)
        edge = real_edge(job["organization"])
        ready.wait()
        outcome = calls.run(spec, scope=Scope(), edge=edge, run_script=_no_script, context=calls.CallContext())
        return [outcome.ok, outcome.kind, outcome.message]

    with ThreadPoolExecutor(job["calls"]) as pool:
        turns = [pool.submit(turn, number) for number in range(job["calls"])]
        say("ready")
        sys.stdin.readline()
        ready.wait()
        say([each.result() for each in turns])


def call_on(job: dict[str, Any]) -> None:
    """Make calls in a few threads until told to stop; say how many there were, and how the bad ones ended."""
    ended, stop = [], threading.Event()
    spec = IntegrationSpec("k", "Order", "R", url=job["url"], credential=job["key"], retries=0)

    def go() -> None:
        while not stop.is_set():
            edge = real_edge(job["organization"])
            ended.append(calls.run(spec, scope=Scope(), edge=edge, run_script=_no_script, context=calls.CallContext()))

    threads = [threading.Thread(target=go) for _ in range(job["calls"])]
    for thread in threads:
        thread.start()
    say("ready")
    sys.stdin.readline()
    stop.set()
    for thread in threads:
        thread.join()
    say([len(ended), [outcome.message for outcome in ended if not outcome.ok]])


def state(job: dict[str, Any]) -> None:
    """Say what is stored."""
    credential = Credential.objects.get(key=job["key"])
    held = tokens.of(credential)
    assert held
    say({"refresh_token": held.refresh_token, "generation": held.generation, "state": credential.token_state})


def _stand_still(*args: Any, **kwargs: Any) -> bool:
    say("answered")
    threading.Event().wait()
    return False


def _no_script(script: Any) -> Any:
    raise AssertionError("no script may run here")


def say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    {"prepare": prepare, "work": work, "call_on": call_on, "state": state}[given["do"]](given)
