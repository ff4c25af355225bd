"""The processes of the sandbox: what they hold, whom they die with, and that a hostile bot stops nobody else."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from integrations.engine.scripts import ScriptCall, ScriptOutcome
from integrations.sandbox.pool import Pool
from tests import product
from tests.sandbox.test_processes import ROOT, WORKER, children_of, running, wait_for_end
from tests.torture.case import Case, expect

SECRET = "must-not-leak-by-" + "memory"
BUSY = "for (const end = Date.now() + 500; Date.now() < end;);"
FINE = ({"op": "message", "text": "fine"},)


def call(source: str, reuse: str = "bot", *, seconds: float = 1.0) -> ScriptCall:
    return ScriptCall(reuse=reuse, place="preProcess", source=source, time_limit_seconds=seconds)


def processes(pool: Pool) -> list[int]:
    """Return the zygote and its children, once a script has run."""
    pool.run(call("1"))
    assert pool._zygote.process
    zygote = pool._zygote.process.pid
    return [zygote, *children_of(zygote)]


def holds_no_secret_in_its_environment(own_pool: Pool) -> None:
    for pid in processes(own_pool):
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        names = {line.partition(b"=")[0] for line in environment}
        expect(names <= {b"", b"LD_LIBRARY_PATH", b"LC_CTYPE"}, f"Process {pid} has {names}")


def holds_no_secret_in_its_memory(own_pool: Pool) -> None:
    marks = [SECRET.encode(), os.environ["SECRET_KEY"].encode()]
    kept = SECRET + "!"  # in this process's memory, in one piece
    for pid in processes(own_pool):
        for mark in marks:
            expect(mark not in memory(pid), f"Process {pid} has {mark!r} in its memory")
    expect(marks[0] in memory(os.getpid()), f"The search does not even find {kept!r} in this process")


def memory(pid: int) -> bytes:
    """Everything that a process may read and write, as far as we may."""
    found = []
    try:
        with Path(f"/proc/{pid}/mem").open("rb", 0) as contents:
            for start, end in re.findall(r"^(\w+)-(\w+) rw", Path(f"/proc/{pid}/maps").read_text(), re.MULTILINE):
                contents.seek(int(start, 16))
                found.append(contents.read(int(end, 16) - int(start, 16)))
    except PermissionError:
        pytest.skip("Only root may read the memory of the sandbox's processes.")
    except OSError:
        pass
    return b"".join(found)


def holds_no_descriptor(own_pool: Pool) -> None:
    with Path(os.devnull).open() as extra:
        os.set_inheritable(extra.fileno(), True)
        listed = processes(own_pool)
    for pid in listed:
        targets = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        files = [target for target in targets if target.startswith("/") and target != "/dev/null"]
        expect(files == [], f"Process {pid} holds {files}")
        sockets = [target for target in targets if target.startswith("socket:")]
        expect(len(sockets) <= 3, f"Process {pid} holds {sockets}: more than its own and its event loop's pair")


def has_limits(own_pool: Pool) -> None:
    child = processes(own_pool)[-1]
    lines = Path(f"/proc/{child}/limits").read_text().splitlines()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    expected = {"Max open files": "0", "Max file size": "0", "Max core file size": "0", "Max cpu time": "60"}
    for name, most in expected.items():
        expect(limits[name] == [most, most], f"{name}: {limits[name]}")
    expect(int(limits["Max data size"][1]) < 512 * 1024 * 1024, f"Max data size: {limits['Max data size']}")


def belongs_to_nobody(own_pool: Pool) -> None:
    if os.geteuid() != 0:
        pytest.skip("The tests do not run as root, so there is no root to give up.")
    for pid in processes(own_pool):
        status = Path(f"/proc/{pid}/status").read_text()
        expect("Uid:\t65534\t65534\t65534\t65534" in status, f"Process {pid} still is root.")
        expect("Groups:\t \n" in status or "Groups:\t\n" in status, f"Process {pid} still has groups of root's.")


def has_a_network_of_its_own(own_pool: Pool) -> None:
    ours = Path("/proc/self/ns/net").readlink()
    for pid in processes(own_pool):
        try:
            theirs = Path(f"/proc/{pid}/ns/net").readlink()
        except PermissionError:
            pytest.skip("Only root may see the network of the sandbox's processes.")
        if theirs == ours and os.geteuid() != 0:
            pytest.skip("This system gives no network of its own to a process without privileges.")
        expect(theirs != ours, f"Process {pid} is in the worker's network.")


def dies_with_its_worker(*, kill: int) -> None:
    command = [sys.executable, "-c", WORKER, str(ROOT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        zygote = int(re.findall(r"\d+", worker.stdout.readline())[0])
        pids: list[int] = []
        while not any(is_at_work(pid) for pid in pids):  # the child of the loop may not even be forked yet
            time.sleep(0.01)
            pids = [zygote, *children_of(zygote)]
        worker.send_signal(kill)
    expect(len(pids) >= 2, "No child was there to die.")
    wait_for_end(pids)


def is_at_work(pid: int) -> bool:
    """Tell whether a process has worked for a while: its loop has begun."""
    with contextlib.suppress(OSError):  # a child that ended while we looked
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) > 50  # hundredths of a second
    return False


def goes_on_without(own_pool: Pool, *, which: int) -> None:
    pids = processes(own_pool)
    os.kill(pids[which], signal.SIGKILL)
    wait_for_end(pids if which == 0 else pids[which:])  # a zygote takes its children along
    outcome = own_pool.run(call("botContext.sendMessage('fine')"))
    expect(outcome.operations == FINE, f"The next script gave {outcome}")


def runs_once_more(own_pool: Pool, *, which: int) -> None:
    pids = processes(own_pool)
    outcomes: list[ScriptOutcome] = []
    thread = start(own_pool, call(f"{BUSY} botContext.sendMessage('fine')", seconds=60.0), outcomes)
    running(pids[-1])
    os.kill(pids[which], signal.SIGKILL)
    thread.join(30)
    expect(outcomes and outcomes[0].operations == FINE, f"The script gave {outcomes}")
    after = own_pool.run(call("botContext.sendMessage('fine')"))
    expect(after.operations == FINE, f"The next script gave {after}")


def start(pool: Pool, script: ScriptCall, outcomes: list[ScriptOutcome]) -> threading.Thread:
    thread = threading.Thread(target=lambda: outcomes.append(pool.run(script)), daemon=True)
    thread.start()
    return thread


def answers_others_meanwhile(own_pool: Pool, *, script: str) -> None:
    """The hostile script runs for the whole time: were it waited for, the others would not come to an end before."""
    child = processes(own_pool)[-1]
    outcomes: list[ScriptOutcome] = []
    hostile = start(own_pool, call(script, seconds=60.0), outcomes)
    running(child)
    waiting = start(own_pool, call("botContext.sendMessage('fine')"), outcomes)
    others = [own_pool.run(call("botContext.sendMessage('fine')", f"other {number}")) for number in range(40)]
    expect(outcomes == [], f"The hostile bot's scripts ended before the others: {outcomes}")
    expect(all(outcome.operations == FINE for outcome in others), f"Others got {others}")
    os.kill(child, signal.SIGXCPU)  # as the kernel does at the limit of its time: the script does not run again
    hostile.join(30)
    waiting.join(30)
    kinds = sorted(outcome.error.kind if outcome.error else "" for outcome in outcomes)
    expect(kinds == ["", "timeout"], f"The hostile bot's own scripts ended as {kinds}")


def answers_among_many_hostile_bots(own_pool: Pool) -> None:
    """More hostile bots than children, without pause: others wait for their turn, and get it."""
    done = threading.Event()

    def attack(number: int) -> None:
        while not done.is_set():
            own_pool.run(call("while (true) {}", f"hostile {number}", seconds=0.05))

    attackers = [threading.Thread(target=attack, args=(number,), daemon=True) for number in range(3)]
    for attacker in attackers:
        attacker.start()
    outcomes = [own_pool.run(call("botContext.sendMessage('fine')", "other")) for _ in range(5)]
    done.set()
    for attacker in attackers:
        attacker.join(60)
    expect(all(outcome.operations == FINE for outcome in outcomes), f"Others got {outcomes}")


RUBBISH = "var a = []; for (var i = 0; i < 3600; i++) a.push(new Array(800).fill(0))"  # 12 MB, and as much on the way
UNTIDY, ROOM = 12, 110  # bots: each child keeps six isolates; megabytes of a child that has 240


def gives_rubbish_back(own_pool: Pool) -> None:
    """What no script refers to any more must not be missing to the scripts of other bots in the same child."""
    for number in range(UNTIDY):
        outcome = own_pool.run(call(RUBBISH, f"untidy bot {number}", seconds=10.0))
        expect(outcome.error is None, f"Script {number} ended as {outcome.error}")
    for pid in processes(own_pool)[1:]:
        product.wait_for(lambda pid=pid: megabytes(pid) < ROOM, what=f"less than {ROOM} MB in the child {pid}")


def megabytes(pid: int) -> int:
    """How much of its limit of data a child has used up."""
    found = re.search(r"VmData:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0


CASES = [
    Case("a heap of rubbish left by each of twelve bots", "The children give it back.", gives_rubbish_back),
    Case("secrets in the environment", "No process of the sandbox has them.", holds_no_secret_in_its_environment),
    Case("secrets in the worker's memory", "No process of the sandbox has them.", holds_no_secret_in_its_memory),
    Case("descriptors that the worker holds open", "No process of the sandbox has them.", holds_no_descriptor),
    Case("limits of the operating system", "Files, processor time and data are bounded.", has_limits),
    Case("a worker that is root", "The sandbox's processes are nobody, in no group.", belongs_to_nobody),
    Case("the worker's network", "The sandbox's processes are in one of their own.", has_a_network_of_its_own),
    *(
        Case(
            f"worker ended by {kill.name}",
            "Zygote and looping children end with it.",
            partial(dies_with_its_worker, kill=kill),
        )
        for kill in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV)
    ),
    *(
        Case(f"idle {name} killed", "Nobody notices.", partial(goes_on_without, which=which))
        for name, which in (("zygote", 0), ("child", -1))
    ),
    *(
        Case(
            f"{name} killed during a script",
            "The script runs once more, with its effect once; the next one works.",
            partial(runs_once_more, which=which),
        )
        for name, which in (("zygote", 0), ("child", -1))
    ),
    *(
        Case(
            f"other bots during {name}",
            "They are answered while it runs.",
            partial(answers_others_meanwhile, script=script),
        )
        for name, script in {
            "an endless loop": "while (true) {}",
            "a native loop": "Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)",
            "endless promises": "(async function () { while (true) await null })()",
        }.items()
    ),
    Case(
        "other bots among more hostile ones than there are children",
        "Each is answered in its turn.",
        answers_among_many_hostile_bots,
        short=False,
    ),
]
