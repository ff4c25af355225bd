"""The processes of the sandbox: what they hold, whom they die with, who waits for whom."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings

from integrations.engine.scripts import ScriptCall
from integrations.sandbox import child, pool, zygote
from integrations.sandbox.pool import Pool

ROOT = Path(__file__).parents[2]


def call(source, reuse="bot", limit=1.0):
    return ScriptCall(reuse=reuse, place="preProcess", source=source, time_limit_seconds=limit)


def stat(pid):
    """Parent and state of a process, as the kernel tells them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), fields[0]


def children_of(pid):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended while we looked
                parent, state = stat(entry.name)
                if parent == pid and state != "Z":
                    found.append(int(entry.name))
    return sorted(found)


def wait_for_end(pids):
    """Wait, by the kernel's own notice, until all have ended."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            assert select.select([descriptor], [], [], 20)[0], f"process {pid} still runs"
        finally:
            os.close(descriptor)


@pytest.fixture
def own_pool(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "must-not-leak")
    own = Pool(children=2)
    yield own
    own.close()


def processes(own_pool):
    zygote_pid = own_pool._zygote.process.pid
    return zygote_pid, children_of(zygote_pid)


def test_the_processes_hold_no_secret_and_no_inherited_descriptor(own_pool):
    with Path(os.devnull).open() as extra:
        os.set_inheritable(extra.fileno(), True)
        own_pool.run(call("1"))
    zygote_pid, children = processes(own_pool)

    assert len(children) == 1
    for pid in (zygote_pid, *children):
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert {line.partition(b"=")[0] for line in environment.split(b"\0")} <= {b"", b"LD_LIBRARY_PATH", b"LC_CTYPE"}
        targets = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        files = [target for target in targets if target.startswith("/") and target != "/dev/null"]
        assert files == []
        assert len([target for target in targets if target.startswith("socket:")]) <= 3  # its own, and asyncio's pair


def test_a_ctrl_c_in_the_workers_terminal_does_not_reach_the_sandbox(own_pool):
    own_pool.run(call("1"))
    zygote_pid, children = processes(own_pool)

    assert os.getpgid(0) not in {os.getpgid(pid) for pid in (zygote_pid, *children)}


def test_a_child_has_hard_limits(own_pool):
    own_pool.run(call("1"))
    _, (pid,) = processes(own_pool)
    limits = {line[:26].strip(): line[26:].split()[:2] for line in Path(f"/proc/{pid}/limits").read_text().splitlines()}

    assert limits["Max open files"] == ["0", "0"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max core file size"] == ["0", "0"]
    assert limits["Max cpu time"] == ["60", "60"]
    assert int(limits["Max data size"][1]) < 512 * 1024 * 1024
    status = Path(f"/proc/{pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    if os.geteuid() == 0:
        assert "Uid:\t65534\t65534\t65534\t65534" in status
        assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


def test_v8_knows_all_the_flags_that_it_is_started_with():
    code = f"from py_mini_racer import init_mini_racer; init_mini_racer(flags={zygote.V8_FLAGS!r})"
    ended = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)

    assert ended.returncode == 0
    assert "unrecognized" not in ended.stderr + ended.stdout


WORKER = """
import json, os, sys, threading
sys.path.insert(0, sys.argv[1])
from django.conf import settings
settings.configure(SANDBOX_CHILDREN=2)
from integrations.engine.scripts import ScriptCall
from integrations.sandbox import pool
shared = pool.shared()
loop = ScriptCall(reuse="b", place="preProcess", source="while (true) {}", time_limit_seconds=600.0)
shared.run(ScriptCall(reuse="a", place="preProcess", source="1"))
threading.Thread(target=shared.run, args=(loop,), daemon=True).start()
shared.run(ScriptCall(reuse="a", place="preProcess", source="1"))
print(json.dumps({"zygote": shared._zygote.process.pid}), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_all_processes_end_with_their_worker_even_in_a_loop(kill):
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with worker:
        zygote_pid = json.loads(worker.stdout.readline())["zygote"]
        pids = [zygote_pid, *children_of(zygote_pid)]
        assert len(pids) >= 2

        worker.send_signal(kill)

    wait_for_end(pids)


def test_closing_the_pool_ends_its_processes_and_the_next_call_starts_them_again(own_pool):
    own_pool.run(call("1"))
    zygote_pid, children = processes(own_pool)

    own_pool.close()

    wait_for_end([zygote_pid, *children])
    assert own_pool.run(call("1")).error is None


def test_a_killed_child_is_replaced_without_anyone_noticing(own_pool):
    own_pool.run(call("1"))
    _, (pid,) = processes(own_pool)

    os.kill(pid, signal.SIGKILL)
    wait_for_end([pid])

    assert own_pool.run(call("botContext.sendMessage('fine')")).operations == ({"op": "message", "text": "fine"},)


def test_a_killed_zygote_is_replaced_without_anyone_noticing(own_pool):
    own_pool.run(call("1"))
    zygote_pid, children = processes(own_pool)

    os.kill(zygote_pid, signal.SIGKILL)
    wait_for_end([zygote_pid, *children])

    assert own_pool.run(call("1")).error is None


def running(pid):
    """Wait until a thread of the process is at work."""
    while not any(state(task) == "R" for task in Path(f"/proc/{pid}/task").iterdir()):
        pass


def state(task):
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


def start(own_pool, script_call, outcomes):
    thread = threading.Thread(target=lambda: outcomes.append(own_pool.run(script_call)))
    thread.start()
    return thread


def test_a_child_that_dies_during_a_script_is_a_crash(own_pool):
    own_pool.run(call("1"))
    _, (pid,) = processes(own_pool)
    outcomes = []
    thread = start(own_pool, call("while (true) {}", limit=60.0), outcomes)
    running(pid)

    os.kill(pid, signal.SIGKILL)
    thread.join(20)

    assert outcomes[0].error.kind == "crash"
    assert own_pool.run(call("1")).error is None


def test_a_script_is_not_stopped_for_the_time_that_the_machine_gave_to_others(own_pool):
    own_pool.run(call("1"))
    _, (pid,) = processes(own_pool)
    outcomes = []
    thread = start(own_pool, call("for (var i = 0; i < 3e6; i++);", limit=0.5), outcomes)
    running(pid)

    os.kill(pid, signal.SIGSTOP)
    assert not threading.Event().wait(0.7)  # longer than the limit, while the script cannot work
    os.kill(pid, signal.SIGCONT)
    thread.join(20)

    assert outcomes[0].error is None


def test_a_looping_bot_does_not_stop_another(own_pool):
    own_pool.run(call("1", reuse="looping"))
    _, (pid,) = processes(own_pool)
    outcomes = []
    looping = start(own_pool, call("while (true) {}", reuse="looping", limit=60.0), outcomes)
    running(pid)
    waiting = start(own_pool, call("botContext.sendMessage('mine')", reuse="looping"), outcomes)

    others = [own_pool.run(call("botContext.sendMessage('fine')", reuse="other")) for _ in range(50)]

    assert all(outcome.operations == ({"op": "message", "text": "fine"},) for outcome in others)
    assert outcomes == []  # the bot that loops waits for itself only
    os.kill(pid, signal.SIGKILL)
    looping.join(20)
    waiting.join(20)
    assert sorted(outcome.error is None for outcome in outcomes) == [False, True]


def test_a_child_is_replaced_after_its_share_of_calls(own_pool):
    own_pool.run(call("1"))
    _, (first,) = processes(own_pool)

    for _ in range(child.MAX_CALLS):
        assert own_pool.run(call("1")).error is None

    assert first not in processes(own_pool)[1]


def test_many_bots_share_a_child(own_pool):
    for round_trip in range(2):
        for number in range(2 * child.MAX_ISOLATES):
            outcome = own_pool.run(call(f"botContext.sendMessage('{round_trip}')", reuse=f"bot {number}"))
            assert outcome.operations == ({"op": "message", "text": str(round_trip)},)


def test_random_numbers_differ_between_children(own_pool):
    ask = call("botContext.sendMessage(Math.random())")
    first = own_pool.run(ask).operations
    own_pool.run(call("while (true) {}", limit=0.1))  # the child is killed

    assert own_pool.run(ask).operations != first


def test_the_shared_pool_is_one_and_sized_by_the_settings():
    assert pool.shared() is pool.shared()
    assert len(pool.shared()._handout._free) == settings.SANDBOX_CHILDREN
