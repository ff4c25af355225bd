"""Celery tasks of the bots app: a wake-up, runs of saved tests, and the thread that a worker keeps beside its tasks."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_init, worker_ready, worker_shutting_down
from kombu.exceptions import OperationalError

from bots.runtime import wake
from bots.services import importing, importjobs, testjobs, turns, uploads
from config import redis
from integrations.sandbox import confinement

log = logging.getLogger(__name__)


@shared_task(name=wake.TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def run_conversations(shard: int) -> None:
    """Play the turns of a shard that are ready. Never retried: the keeper wakes again for whatever is left."""
    turns.serve(shard)


@shared_task(name="bots.tasks.run_tests", ignore_result=True)  # type: ignore[untyped-decorator]
def run_tests(run_id: str) -> None:
    """Carry out the run of saved tests with this id. Not retried: what a lost worker held is shown as lost."""
    testjobs.carry_out(run_id)


def send_tests(run_id: str) -> None:
    """Hand a run to the workers; raises testjobs.Unavailable when the queue does not answer."""
    try:
        run_tests.apply_async(args=[run_id], retry=False, expires=testjobs.KEPT_SECONDS)
    except OperationalError as error:
        raise testjobs.Unavailable from error


@shared_task(name="bots.tasks.run_import", ignore_result=True)  # type: ignore[untyped-decorator]
def run_import(run_id: str) -> None:
    """Carry out the run of an import with this id. Not retried: what a lost worker held is shown as lost."""
    importing.carry_out(run_id)


def send_import(run_id: str) -> None:
    """Hand a run to the workers; raises importjobs.Unavailable when the queue does not answer."""
    try:
        run_import.apply_async(args=[run_id], retry=False, expires=uploads.SECONDS)
    except OperationalError as error:
        raise importjobs.Unavailable from error


@worker_init.connect  # type: ignore[untyped-decorator]
def _confine(**_: Any) -> None:
    try:
        for gap in confinement.demand():
            log.warning("%s", gap)
    except confinement.Refused as refused:
        raise SystemExit(f"Parley cannot start: {refused}") from refused


@worker_init.connect  # type: ignore[untyped-decorator]
def _ask_redis(**_: Any) -> None:
    """A server that is too old would refuse the first turn; one that is away is waited for."""
    if objection := redis.objection():
        raise SystemExit(f"Parley cannot start: {objection}")


@worker_ready.connect  # type: ignore[untyped-decorator]
def _keep(**_: Any) -> None:
    turns.shared_keeper().start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop(**_: Any) -> None:
    turns.shared_keeper().stop()
