"""Answers that mean harm, to an integration, a test run and a token URL: bounded, of the right kind, in a sentence."""

from __future__ import annotations

import contextlib
import re
import resource
from functools import partial
from pathlib import Path

import pytest
import redis
from pytest_django import Settings

from bots.models import Bot
from credentials.net import oauth
from integrations import tasks
from integrations.engine.spec import IntegrationSpec
from integrations.services import testruns
from tests.services.egress_calls import Start
from tests.services.egress_servers import Handler
from tests.torture.case import Case, expect
from tests.torture.doors import LOOPBACK, Ways
from tests.torture.responses_connections import Tls
from tests.torture.responses_servers import FAILURES, SLOW

STATUS = Path("/proc/self/status")
MOST_MEMORY = 160 * 1024  # KiB that one answer of at most 5 MiB may cost while it is read


def peak() -> int:
    """Return the most memory that this process has had, in KiB, since the last `forget_the_peak`."""
    found = re.search(r"^VmHWM:\s+(\d+)", STATUS.read_text(), re.MULTILINE) if STATUS.exists() else None
    return int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_the_peak() -> int:
    """Begin to measure anew, and return what is in use: the peak of a whole life hides what comes after a high one."""
    with contextlib.suppress(OSError):  # not Linux, or not allowed: then the peak of the whole life has to do
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


def fails(start: Start, *, handler: Handler, kinds: tuple[str, ...], seconds: int) -> None:
    server, before = start(handler), forget_the_peak()
    ended = Ways(policy=LOOPBACK, seconds=seconds).by_call(server.url)
    expect(ended.kind in kinds, f"It ended as {ended.kind}: {ended.message} {ended.body[:80]!r}")
    expect(not ended.kind or ended.message.endswith("."), f"No sentence: {ended.message}")
    expect("Traceback" not in ended.message and "Error(" not in ended.message, f"No sentence: {ended.message}")
    grown = peak() - before
    expect(grown < MOST_MEMORY, f"It took {grown // 1024} MiB")


def fails_in_a_test_run(
    start: Start,
    bot: Bot,
    store: redis.Redis,
    settings: Settings,
    *,
    handler: Handler,
    kinds: tuple[str, ...],
    seconds: int,
) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    server = start(handler)
    definition = IntegrationSpec("k", "Order", "R", url=server.url, timeout_seconds=seconds, retries=0)
    run_id = testruns.order(testruns.Order(bot=bot.pk, user=1, definition=definition))
    tasks.test_run(run_id)
    found = testruns.find(run_id, bot=bot.pk)
    expect(found and found.report, "There is no report.")
    report = found.report  # type: ignore[union-attr]
    told = f"{report.kind}: {report.message}"  # type: ignore[union-attr]
    expect(report.kind in kinds, f"It says {told}")  # type: ignore[union-attr]
    expect(told.endswith((".", ": ")), f"It says {told}")


def fails_as_token(start: Start, tls: Tls, monkeypatch: pytest.MonkeyPatch, *, handler: Handler) -> None:
    monkeypatch.setattr(oauth, "SECONDS", 1.5)
    server, before = start(handler, context=tls.server("token.example.test")), forget_the_peak()
    ended = tls.ways().by_token(f"https://token.example.test:{server.port}/token")
    expect(ended.kind in ("temporary", "settings", "grant"), f"It was taken for a token: {ended}")
    expect(ended.message.endswith(".") and "s3cret" not in ended.message, f"It says {ended.message}")
    expect(peak() - before < MOST_MEMORY, f"It took {(peak() - before) // 1024} MiB")


def _seconds(name: str) -> int:
    return 1 if name in SLOW else 10


SAID = "It fails as {}, with a sentence, within its time and with bounded memory."
CASES = [
    *(
        Case(
            f"{name}, to an integration",
            SAID.format(" or ".join(kinds) or "success"),
            partial(fails, handler=handler, kinds=kinds, seconds=_seconds(name)),
            short=number % 4 == 0,
            seconds=40,
        )
        for number, (name, (handler, kinds)) in enumerate(FAILURES.items())
    ),
    *(
        Case(
            f"{name}, to a test run",
            "The report says the same as a dialog's log.",
            partial(fails_in_a_test_run, handler=handler, kinds=kinds, seconds=_seconds(name)),
            short=False,
            seconds=40,
            database=True,
        )
        for name, (handler, kinds) in FAILURES.items()
    ),
    *(
        Case(
            f"{name}, to a token URL",
            "No token comes of it, and a sentence says so.",
            partial(fails_as_token, handler=handler),
            short=number % 8 == 0,
            seconds=40,
        )
        for number, (name, (handler, _)) in enumerate(FAILURES.items())
    ),
]
