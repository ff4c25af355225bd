"""Large imports in a worker: all or nothing, whoever ends them, and however."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.db import OperationalError

from bots.models import Bot
from bots.services import importing, importjobs, transfer, uploads
from bots.services.importjobs import Job
from credentials.models import Credential, Organization
from integrations.models import Environment
from tests import factories
from tests.samples import large_bot

pytestmark = pytest.mark.usefixtures("store")

SIZE = 40
CHOSEN = {"name": "Large", "environment": None, "credentials": {}}


@pytest.fixture
def token(teammate: User, organization: Organization) -> str:
    """A file whose reading was ordered."""
    data = large_bot.data(SIZE)
    token = uploads.keep(teammate, name="large.json", data=data)
    importjobs.begin(teammate, organization=organization.pk, token=token, name="large.json", total=transfer.size(data))
    return token


@pytest.fixture
def looked(teammate: User, token: str) -> Job:
    """The file was read: its author decides."""
    importing.carry_out(job(teammate, token).run)
    return job(teammate, token)


def job(user: User, token: str) -> Job:
    found = importjobs.find(user, token=token)
    assert found
    return found


def stored(looked: Job, **decisions: Any) -> str:
    return importjobs.store(looked, decisions=CHOSEN | decisions, posted={"name": "Large"})


def silence(store: redis.Redis, run: str) -> None:
    """Nothing has been heard of the run for longer than anything lasts."""
    store.hset(f"parley:import-run:{run}", "heard", 0)


def test_the_reading_waits_for_a_worker_and_leaves_a_report(teammate: User, token: str) -> None:
    before = job(teammate, token)
    importing.carry_out(before.run)
    after = job(teammate, token)

    assert (before.status, before.doing, before.total) == ("queued", "Waiting for a worker …", SIZE)
    assert after.status == "done"
    report = importjobs.report(after)
    assert report
    assert report.counts["interactions"] == SIZE
    assert not Bot.objects.exists()


def test_the_import_makes_the_bot_with_all_that_was_decided(
    teammate: User, organization: Organization, looked: Job
) -> None:
    environment = Environment.objects.create(organization=organization, name="Live")
    credential = Credential.objects.create(organization=organization, name="Parcels key", kind="bearer")
    report = importjobs.report(looked)
    assert report
    call = report.calls[0]

    importing.carry_out(stored(looked, environment=environment.pk, credentials={call.key: credential.pk}))

    done = job(teammate, looked.token)
    bot = Bot.objects.get()
    assert (done.status, done.bot, bot.name, bot.environment) == ("done", bot.pk, "Large", environment)
    assert bot.interactions.count() == SIZE
    assert bot.integrations.get(key=call.key).credential == Credential.objects.get()


def test_somebody_else_s_import_is_not_found(stranger: User, token: str) -> None:
    assert importjobs.find(stranger, token=token) is None


def test_a_second_worker_with_the_same_run_does_nothing(teammate: User, looked: Job) -> None:
    run = stored(looked)
    importing.carry_out(run)
    importing.carry_out(run)

    assert Bot.objects.count() == 1


def test_what_was_cancelled_before_a_worker_took_it_is_not_begun(teammate: User, looked: Job) -> None:
    run = stored(looked)

    assert importjobs.cancel(job(teammate, looked.token))
    importing.carry_out(run)

    assert job(teammate, looked.token).status == "cancelled"
    assert not Bot.objects.exists()


@pytest.mark.parametrize("moment", ["stored", "last_word"])
@pytest.mark.parametrize("fate", ["cancelled", "lost"])
def test_what_is_ended_in_the_middle_leaves_nothing(
    teammate: User, store: redis.Redis, looked: Job, monkeypatch: pytest.MonkeyPatch, moment: str, fate: str
) -> None:
    """Cancelled, or given up by a page that heard nothing for too long although the worker lives."""
    run, asked = stored(looked), getattr(importjobs, {"stored": "tell", "last_word": "seal"}[moment])

    def end_first(*args: Any, **values: Any) -> None:
        if fate == "lost":
            silence(store, run)
            job(teammate, looked.token)
        elif values.get("done") != 0:
            importjobs.cancel(job(teammate, looked.token))
        asked(*args, **values)

    monkeypatch.setattr(importjobs, asked.__name__, end_first)
    importing.carry_out(run)

    assert job(teammate, looked.token).status == fate
    assert not Bot.objects.exists()


def test_a_run_whose_worker_died_is_lost_and_can_be_ordered_again(
    teammate: User, store: redis.Redis, looked: Job
) -> None:
    dead = stored(looked)
    importjobs.claim(dead)
    silence(store, dead)
    assert job(teammate, looked.token).status == "lost"

    importing.carry_out(stored(looked))

    assert job(teammate, looked.token).status == "done"
    assert Bot.objects.count() == 1


def test_a_worker_that_died_between_its_last_word_and_the_database_is_lost(
    teammate: User, store: redis.Redis, looked: Job
) -> None:
    run = stored(looked)
    importjobs.claim(run)
    importjobs.seal(run, bot=Bot(pk=4711, name="Large"))
    assert job(teammate, looked.token).status == "running"
    silence(store, run)

    assert job(teammate, looked.token).status == "lost"


def test_what_the_database_refuses_after_the_last_word_is_refused_with_its_sentence(
    teammate: User, looked: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stored(looked)

    def refusing(*given: Any, watch: transfer.Watch, **more: Any) -> None:
        watch.last_word(Bot(pk=1, name="Large"))
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(transfer, "import_bot", refusing)
    importing.carry_out(run)
    after = job(teammate, looked.token)

    assert (after.status, after.sentence) == ("refused", importing.BUSY)
    assert not Bot.objects.exists()


def test_a_worker_that_died_after_the_database_had_the_bot_is_done(
    teammate: User, looked: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importjobs, "over", lambda run: None)
    importing.carry_out(stored(looked))

    assert job(teammate, looked.token).status == "done"


def test_a_name_in_use_is_refused_with_its_field(teammate: User, organization: Organization, looked: Job) -> None:
    factories.make_bot(organization, name="large")
    importing.carry_out(stored(looked))

    refused = job(teammate, looked.token)
    assert (refused.status, refused.place) == ("refused", "name")
    assert "exists already" in refused.sentence
    assert refused.posted == {"name": "Large"}
    assert Bot.objects.count() == 1


def test_a_file_that_cannot_be_read_is_refused_with_its_place(teammate: User, organization: Organization) -> None:
    token = uploads.keep(teammate, name="broken.json", data=b'{"bot": []}')
    run = importjobs.begin(teammate, organization=organization.pk, token=token, name="broken.json", total=0)
    importing.carry_out(run)

    assert (job(teammate, token).status, "This is no Conversation Builder export" in job(teammate, token).sentence) == (
        "refused",
        True,
    )


def test_who_left_the_organization_imports_nothing(teammate: User, organization: Organization, looked: Job) -> None:
    run = stored(looked)
    organization.memberships.filter(user=teammate).delete()
    importing.carry_out(run)

    assert "no member" in job(teammate, looked.token).sentence
    assert not Bot.objects.exists()


def test_a_defect_is_logged_and_said(
    teammate: User, looked: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(transfer, "import_bot", fail)
    importing.carry_out(stored(looked))

    assert "ZeroDivisionError" in job(teammate, looked.token).sentence
    assert "an import ended in a defect" in caplog.text


def test_everything_it_keeps_has_an_end(teammate: User, store: redis.Redis, looked: Job) -> None:
    importing.carry_out(stored(looked))

    assert [key for key in store.scan_iter(match="parley:import*") if store.ttl(key) < 0] == []
