"""Celery tasks of the integrations app: an id in, one service call."""

from __future__ import annotations

from celery import shared_task
from kombu.exceptions import OperationalError

from integrations.services import testrunner, testruns


@shared_task(name="integrations.tasks.test_run", ignore_result=True)  # type: ignore[untyped-decorator]
def test_run(run_id: str) -> None:
    """Carry out the test run with this id. Not retried: a run that a lost worker held is shown as lost."""
    testrunner.carry_out(run_id)


def send(run_id: str) -> None:
    """Hand a test run to the workers; raises testruns.Unavailable when the queue does not answer."""
    try:
        test_run.apply_async(args=[run_id], retry=False, expires=testruns.KEPT_SECONDS)
    except OperationalError as error:
        raise testruns.Unavailable from error
