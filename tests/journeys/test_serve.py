"""`manage.py serve` as an operator meets it: it comes up, stays up, and goes without leaving anything behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import product

pytestmark = pytest.mark.journey
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and relies on parent-death signals")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[product.Product]:
    with product.running(tmp_path_factory.mktemp("serve") / "data") as started:
        yield started


@linux
def test_one_ctrl_c_ends_everything_and_the_data_survive(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"

    with product.running(data_dir) as first:
        bots_before = first.manage("shell", "-v0", "-c", COUNT)
        started = first.descendants()
        status = first.interrupt()

    assert status == 0
    assert len(started) >= 4
    assert not [pid for pid in started if product.is_alive(pid)]
    with product.running(data_dir) as second:
        assert second.manage("shell", "-v0", "-c", COUNT) == bots_before
        assert "Preparing the database" not in second.printed()


COUNT = "from bots.models import Bot, Version; print(Bot.objects.count(), Version.objects.count())"


@linux
def test_a_killed_worker_is_replaced_and_that_is_said(running: product.Product) -> None:
    worker = next(pid for pid in running.descendants() if "worker1@" in _command(pid))

    os.kill(worker, signal.SIGKILL)

    product.wait_for(lambda: "Worker 1 ended (killed by SIGKILL)" in running.printed(), what="the message")
    product.wait_for(lambda: running.get("/readyz").status_code == 200, what="the new worker")


def test_another_one_runs_beside_it_in_a_long_folder_with_blanks_and_a_kill_leaves_nothing(
    running: product.Product, tmp_path: Path
) -> None:
    data_dir = tmp_path / ("a folder with blanks and a name that is longer than a socket's path may be " + "x" * 60)

    with product.running(data_dir) as other:
        assert other.get("/readyz").status_code == running.get("/readyz").status_code == 200
        started = other.descendants()
        other.process.kill()
        other.process.wait(10)
        if sys.platform == "linux":
            product.wait_for(lambda: not any(map(product.is_alive, started)), what="the end of all processes")


def test_a_second_serve_on_the_same_data_is_refused(running: product.Product) -> None:
    data_dir = Path(running.environ["PARLEY_DATA_DIR"])

    refused = product.manage("serve", environ=product.environment(data_dir))

    assert "Parley already runs with the data folder" in refused.stderr


def test_a_second_demo_changes_nothing(running: product.Product) -> None:
    running.manage(
        "shell",
        "-v0",
        "-c",
        "from bots.models import Bot; Bot.objects.filter(name='Store locator').update(name='Mine')",
    )
    before = running.manage("shell", "-v0", "-c", COUNT)

    running.manage("demo")

    assert running.manage("shell", "-v0", "-c", COUNT) == before


def test_the_demo_bots_follow_the_demo_api_to_its_new_port(tmp_path: Path) -> None:
    environ = product.environment(tmp_path / "data")
    product.manage("demo", environ=environ)
    moved = environ | {"PARLEY_DEMO_API_PORT": str(product.free_port())}
    show = "from integrations.models import Environment as E; print(E.objects.get(name='Demo').values)"

    product.manage("demo", environ=moved)

    assert moved["PARLEY_DEMO_API_PORT"] in product.manage("shell", "-v0", "-c", show, environ=moved).stdout


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    environ = product.environment(tmp_path / "data")
    with product.socket.create_server(("127.0.0.1", int(environ["PORT"]))):
        refused = product.manage("serve", environ=environ)

    assert refused.returncode == 1
    assert f"Port {environ['PORT']} is taken" in refused.stderr
    assert "Choose another with PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_redis_url_where_nothing_answers_is_refused(tmp_path: Path) -> None:
    nowhere = f"redis://127.0.0.1:{product.free_port()}/0"

    refused = product.manage("serve", environ=product.environment(tmp_path / "data", REDIS_URL=nowhere))

    assert "The Redis of REDIS_URL does not answer" in refused.stderr
    assert "Traceback" not in refused.stderr


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
