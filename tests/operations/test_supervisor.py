"""The supervisor against real processes: stubborn ones, dying ones, and those that they leave behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.supervisor import Program, Supervisor
from tests import product

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
STUBBORN = 'trap "" TERM INT; sleep 100 & echo $! > child; while :; do sleep 0.1; done'


class Told(list[str]):
    """What the supervisor said."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def supervisor(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.chdir(tmp_path)
    started = Supervisor(environ=os.environ, say=told.append)
    yield started
    started.stop(hurry=lambda: True)


def shell(name: str, script: str, **options: float) -> Program:
    return Program(name, ("/bin/sh", "-c", script), **options)  # type: ignore[arg-type]


def read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


@linux
def test_a_program_that_will_not_end_is_killed_with_all_that_it_started(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(shell("Stubborn", STUBBORN, patience=0.2))
    product.wait_for(lambda: read(tmp_path / "child"), what="its child")

    supervisor.stop(hurry=lambda: False)

    product.wait_for(lambda: not product.is_alive(int(read(tmp_path / "child"))), what="the child's end")


@linux
def test_a_second_request_does_not_wait_for_patience(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(shell("Stubborn", STUBBORN, patience=1000))
    product.wait_for(lambda: read(tmp_path / "child"), what="its child")

    supervisor.stop(hurry=lambda: True)

    product.wait_for(lambda: not product.is_alive(int(read(tmp_path / "child"))), what="the child's end")


def test_a_program_that_dies_is_started_again_and_that_is_said(
    supervisor: Supervisor, told: Told, tmp_path: Path
) -> None:
    supervisor.start(shell("Short", "echo again >> starts; exit 3"))

    def started_twice() -> bool:
        supervisor.tend()
        return len(read(tmp_path / "starts").split()) >= 2

    product.wait_for(started_twice, what="the second start")
    assert told[0] == "Short ended (exit status 3); starting it again in 0.5 s."
    assert supervisor.failures() >= 1


def test_a_program_that_ran_for_a_while_starts_again_at_once_however_often_it_dies(
    supervisor: Supervisor, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.supervisor.STEADY_SECONDS", 0)
    supervisor.start(shell("Steady", "echo again >> starts; exit 3"))

    def started_often() -> bool:
        supervisor.tend()
        return len(read(tmp_path / "starts").split()) >= 6

    product.wait_for(started_often, what="the sixth start")
    assert set(told) == {"Steady ended (exit status 3); starting it again at once."}
    assert supervisor.failures() == 0


def test_the_lowest_stage_ends_last(supervisor: Supervisor, tmp_path: Path) -> None:
    for name, stage in (("store", 0), ("worker", 1)):
        ends = f'trap "echo {name} >> order; exit" TERM; touch {name}; while :; do sleep 0.05; done'
        supervisor.start(shell(name, ends, stage=stage))
    product.wait_for(lambda: (tmp_path / "store").exists() and (tmp_path / "worker").exists(), what="both")

    supervisor.stop(hurry=lambda: False)

    assert read(tmp_path / "order").split() == ["worker", "store"]


def test_a_terminal_that_is_gone_does_not_keep_anything_running(tmp_path: Path) -> None:
    with product.running(tmp_path / "data") as running:
        running.process.send_signal(1)  # SIGHUP: the window was closed

        assert running.process.wait(30) == 0
