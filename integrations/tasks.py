"""Celery tasks of the integrations app: an id in, one service call."""

from __future__ import annotations

from celery import shared_task

from integrations.services import testrunner


@shared_task(name="integrations.tasks.test_run", ignore_result=True)
def test_run(run_id: str) -> None:
    """Carry out the test run with this id. Not retried: a run that a lost worker held is shown as lost."""
    testrunner.carry_out(run_id)
