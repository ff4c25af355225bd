"""Celery tasks of the bots app: a wake-up, and the thread that a worker keeps beside its tasks."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from bots.runtime import wake
from bots.services import turns


@shared_task(name=wake.TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def run_conversations(shard: int) -> None:
    """Play the turns of a shard that are ready. Never retried: the keeper wakes again for whatever is left."""
    turns.serve(shard)


@worker_ready.connect  # type: ignore[untyped-decorator]
def _keep(**_: Any) -> None:
    turns.shared_keeper().start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop(**_: Any) -> None:
    turns.shared_keeper().stop()
