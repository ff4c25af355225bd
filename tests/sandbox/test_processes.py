"""The processes of the sandbox at work; tests/torture/sandbox_processes.py has what they hold and die with."""

from __future__ import annotations

import contextlib
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
from integrations.sandbox import child, nursery, pool, zygote
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


def test_a_ctrl_c_in_the_workers_terminal_does_not_reach_the_sandbox(own_pool):
    own_pool.run(call("1"))
    zygote_pid, children = processes(own_pool)

    assert os.getpgid(0) not in {os.getpgid(pid) for pid in (zygote_pid, *children)}


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


def test_closing_the_pool_ends_its_processes_and_the_next_call_starts_them_again(own_pool):
    own_pool.run(call("1"))
    zygote_pid, children = processes(own_pool)

    own_pool.close()

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


def the_running_child(own_pool):
    """The child that runs a script now."""
    while True:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # one that ends just now
            for pid in processes(own_pool)[1]:
                if any(state(task) == "R" for task in Path(f"/proc/{pid}/task").iterdir()):
                    return pid


BUSY = "for (const end = Date.now() + 300; Date.now() < end;); botContext.setBotVariable('n', '1', true, false);"


@pytest.mark.parametrize("victim", ["child", "zygote"])
def test_a_script_whose_process_is_killed_from_outside_runs_once_more_and_has_its_effect_once(own_pool, caplog, victim):
    own_pool.run(call("1"))
    outcomes = []
    thread = start(own_pool, call(BUSY), outcomes)
    pid = the_running_child(own_pool)
    os.kill(pid if victim == "child" else own_pool._zygote.process.pid, signal.SIGKILL)
    thread.join()

    assert outcomes[0].error is None
    assert [(each["op"], each["name"]) for each in outcomes[0].operations] == [("set", "n")]
    assert "killed from outside" in caplog.text


def test_a_script_whose_processes_are_killed_twice_ends_with_a_sentence(own_pool):
    own_pool.run(call("1"))
    outcomes = []
    thread = start(own_pool, call("while (true) {}", limit=20.0), outcomes)
    first = the_running_child(own_pool)
    os.kill(first, signal.SIGKILL)
    while (second := the_running_child(own_pool)) == first or nursery._cpu_seconds(second) < 0.5:
        pass  # until it is past its warming up, and in the script
    os.kill(second, signal.SIGKILL)
    thread.join()

    assert outcomes[0].error.kind == "crash"
    assert "killed from outside" in outcomes[0].error.message
    assert own_pool.run(call("1")).error is None


def test_a_script_that_meets_what_others_left_in_memory_runs_once_more_in_a_process_of_its_own(own_pool):
    own_pool.run(call("1"))
    _, (pid,) = processes(own_pool)
    outcomes = []
    thread = start(own_pool, call(BUSY), outcomes)
    running(pid)

    os.kill(pid, signal.SIGABRT)  # as V8 ends when it gets no memory
    thread.join(20)

    assert outcomes[0].error is None
    assert [operation["op"] for operation in outcomes[0].operations] == ["set"]


def test_a_script_that_wants_too_much_by_itself_is_told_so(own_pool):
    own_pool.run(call("1"))

    outcome = own_pool.run(call("var a = []; while (true) a.push(new Array(1e5).fill(a.length))", limit=5.0))

    assert outcome.error.kind == "memory"
    assert own_pool.run(call("1")).error is None
