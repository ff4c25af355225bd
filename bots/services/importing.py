"""Carries out a large import in a worker: reads the file, or makes the bot of it, telling how far it is."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import OperationalError
from redis.exceptions import RedisError

from bots.engine.exportfile import UnreadableExport
from bots.services import importjobs, importreport, names, transfer, uploads
from bots.services.importjobs import Order, Stopped
from config import collector
from credentials.models import Credential, Organization
from integrations.models import Environment

log = logging.getLogger(__name__)

TELL_SECONDS = 0.3
BEAT_SECONDS = 1.0
GONE = "The file waits no longer. Choose it again."
LEFT_OUT = "You are no member of this organization any more, so nothing was imported."
BUSY = (
    "The database takes nothing just now (its disk may be full, or somebody else writes for long), so nothing was "
    "imported. Try again in a minute; if this stays, tell the operator."
)
DEFECT = "The import ended in a defect of Parley, {}, which was logged. Nothing was imported; tell the operator."


def carry_out(run: str) -> None:
    """Do what was ordered. A second worker with the same run does nothing."""
    order = importjobs.claim(run)
    if order is None:
        return
    try:
        with _beating(run), collector.held_back():
            KINDS[order.kind](run, order)
    except Stopped:
        log.info("an import was cancelled or given up")
    except names.Refused as refused:
        importjobs.refuse(run, sentence=refused.sentence, place=refused.field)
    except (UnreadableExport, uploads.NotKept) as error:
        importjobs.refuse(run, sentence=str(error))
    except OperationalError:
        log.exception("the database refused an import")
        importjobs.refuse(run, sentence=BUSY)
    except RedisError:
        raise
    except Exception as error:
        log.exception("an import ended in a defect")
        importjobs.refuse(run, sentence=DEFECT.format(type(error).__name__))


def _look(run: str, order: Order) -> None:
    user, organization = _who(order)
    document = transfer.read(_data(user, order), tell=_counter(run, "Reading"))
    importjobs.tell(run, phase="Looking at names and scripts", done=0)
    report = importreport.report(document, organization=organization)
    importjobs.found(run, token=order.token, report=report)


def _store(run: str, order: Order) -> None:
    user, organization = _who(order)
    document = transfer.read(_data(user, order), tell=_counter(run, "Reading"))
    importjobs.tell(run, phase="Storing", done=0)
    watch = transfer.Watch(_counter(run, "Storing"), lambda bot: importjobs.seal(run, bot=bot))
    decisions = _decisions(order.decisions, organization)
    transfer.import_bot(document, organization=organization, actor=user, decisions=decisions, watch=watch)
    importjobs.over(run)


KINDS: Mapping[str, Callable[[str, Order], None]] = {"look": _look, "store": _store}


def _who(order: Order) -> tuple[User, Organization]:
    user = User.objects.filter(pk=order.user, is_active=True).first()
    organization = Organization.objects.for_user(user).filter(pk=order.organization).first() if user else None
    if user is None or organization is None:
        raise names.Refused(LEFT_OUT)
    return user, organization


def _data(user: User, order: Order) -> bytes:
    upload = uploads.find(user, token=order.token)
    if upload is None:
        raise names.Refused(GONE)
    return upload.data


def _decisions(plain: Mapping[str, Any], organization: Organization) -> transfer.Decisions:
    """Return what was decided; what was deleted meanwhile is as if it had not been chosen."""
    chosen = Credential.objects.filter(organization=organization, pk__in=plain["credentials"].values())
    by_pk = {row.pk: row for row in chosen}
    credentials = {key: by_pk[pk] for key, pk in plain["credentials"].items() if pk in by_pk}
    environment = Environment.objects.filter(organization=organization, pk=plain["environment"] or 0).first()
    return transfer.Decisions(plain["name"], environment, credentials)


def _counter(run: str, phase: str) -> Callable[[], None]:
    """Return what counts interactions, and tells now and then how many there were."""
    count, told_at = 0, 0.0

    def tell() -> None:
        nonlocal count, told_at
        count += 1
        if time.monotonic() - told_at > TELL_SECONDS:
            told_at = time.monotonic()
            with contextlib.suppress(RedisError):  # what must be known is asked for at the end
                importjobs.tell(run, phase=phase, done=count)

    return tell


@contextlib.contextmanager
def _beating(run: str) -> Iterator[None]:
    """Show life from a thread of its own, as parsing and committing say nothing for seconds."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            with contextlib.suppress(RedisError):
                importjobs.beat(run)

    thread = threading.Thread(target=beat, name="parley-import", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
