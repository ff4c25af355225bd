"""What somebody who broke out of V8 can do in a sandbox child: nothing but compute and answer."""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path

import pytest

from integrations.sandbox.pool import Pool
from tests.torture import possessed
from tests.torture.case import Case, expect

ATTEMPTS = {
    # files
    "reading a file": "open('/etc/passwd').read()",
    "reading the worker's environment": "open('/proc/%d/environ' % os.getppid()).read()",
    "reading its own memory map": "open('/proc/self/maps').read()",
    "asking for a file's size": "os.stat('/etc/passwd')",
    "listing a folder": "os.listdir('/')",
    "writing a file": "open('FOLDER/out', 'w')",
    "making a folder": "os.mkdir('FOLDER/out')",
    "making a link": "os.symlink('/etc', 'FOLDER/out')",
    "removing a file": "os.unlink('FOLDER/victim')",
    "emptying a file": "os.truncate('FOLDER/victim', 0)",
    "renaming a file": "os.rename('FOLDER/victim', 'FOLDER/out')",
    "changing a file's rights": "os.chmod('FOLDER/victim', 0)",
    "making a file in memory": "system('memfd_create', b'x', 0)",
    "watching files": "system('inotify_init')",
    # network
    "opening a socket": "socket.socket()",
    "opening a local socket": "socket.socket(socket.AF_UNIX)",
    "opening a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "opening a kernel socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "making a pair of sockets": "socket.socketpair()",
    "looking up a name": "socket.getaddrinfo(b'127.0.0.1.example', 80)",
    "connecting its own socket elsewhere": "connection.connect('FOLDER/out')",
    "listening on its own socket": "connection.listen()",
    "taking descriptors from the worker": "socket.recv_fds(connection, 10, 1, socket.MSG_DONTWAIT)",
    # processes
    "forking": "os.fork()",
    "forking by another call": "system('vfork')",
    "starting a program": "os.execv('/bin/true', ['true'])",
    "signalling its worker": "os.kill(WORKER, 0)",
    "signalling its zygote": "os.kill(os.getppid(), 0)",
    "killing everything": "os.kill(-1, 0)",
    "signalling its siblings": "os.kill(0, 0)",
    "signalling a thread of another process": "system('syscall', 234, 1, 1, 0)",
    "reading another process's memory": "system('process_vm_readv', os.getppid(), None, 0, None, 0, 0)",
    "tracing another process": "system('ptrace', 16, os.getppid(), 0, 0)",
    "taking another process's descriptor": "system('syscall', 434, os.getppid(), 0)",
    "outliving its parent": "system('prctl', 1, 0, 0, 0)",
    "leaving its session": "os.setsid()",
    "becoming somebody else": "os.setresuid(0, 0, 0)",
    "joining other groups": "os.setgroups([0])",
    "making a user namespace": "system('unshare', 0x10000000)",
    "raising its limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))",
    "raising its memory limit": "resource.setrlimit(resource.RLIMIT_DATA, (2 ** 40, 2 ** 40))",
    "taking a higher priority": "os.setpriority(os.PRIO_PROCESS, 0, -5)",
    "slowing others down": "os.setpriority(os.PRIO_USER, 0, 19)",
    # memory
    "making memory executable": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "making its own memory executable": "b = mmap.mmap(-1, 4096)\n"
    "system('mprotect', ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(b))), 4096, 7)",
    "sharing memory with others": "system('shmget', 4711, 4096, 0o1666)",
    "keeping notes in the kernel's key ring": "system('syscall', 248, b'user', b'a', b'b', 1, -3)",
    "leaving a message queue": "system('msgget', 4711, 0o1666)",
    "taking all memory": "bytearray(600_000_000)",
    "locking memory": "system('mlockall', 3)",
    # the kernel's rarer doors
    "asynchronous input and output": "system('syscall', 425, 8, ctypes.create_string_buffer(200))",
    "programs in the kernel": "system('syscall', 321, 0, ctypes.create_string_buffer(200), 100)",
    "faults handled by itself": "system('syscall', 323, 0)",
    "performance counters": "system('syscall', 298, ctypes.create_string_buffer(200), 0, -1, -1, 0)",
    "loosening its filter": "system('syscall', 317, 1, 0, ctypes.create_string_buffer(16))",
    "mounting": "system('mount', b'none', b'/tmp', b'tmpfs', 0, None)",
    "changing the root": "os.chroot('/tmp')",
    "setting the clock": "time.clock_settime(time.CLOCK_REALTIME, 0)",
}

# How the kernel says no. Anything else may be a mistake of the attempt, which would hide that it could have worked.
REFUSALS = (
    "refused: PermissionError(1, 'Operation not permitted')",
    "refused: ValueError('not allowed to raise maximum limit')",
    "refused: MemoryError()",
    "refused: gaierror(-3, 'Temporary failure in name resolution')",  # of the system's library, which got no socket
)


def is_refused(possessed_pool: Pool, *, code: str) -> None:
    with tempfile.TemporaryDirectory(prefix="parley-broken-out-") as name:
        folder = Path(name)
        victim = folder / "victim"
        victim.write_text("whole")
        for path in (folder, victim):
            path.chmod(0o777)  # nothing but the sandbox's own walls is in the way

        outcome = possessed.run(possessed_pool, code.replace("WORKER", str(os.getpid())).replace("FOLDER", name))

        told = outcome.operations[0]["text"] if outcome.operations else str(outcome.error)
        expect(told in REFUSALS, f"It went through, or failed for another reason: {told}")
        expect(list(folder.iterdir()) == [victim] and victim.read_text() == "whole", "A file was changed.")


def knows_nothing(possessed_pool: Pool) -> None:
    outcome = possessed.run(possessed_pool, "found = sorted(os.environ)")

    told = outcome.operations[0]["text"]
    allowed = {"LC_CTYPE", "LD_LIBRARY_PATH"}
    expect(set(eval(told.removeprefix("done: "))) <= allowed, f"Its environment has {told}")


def is_filtered(possessed_pool: Pool) -> None:
    status = Path(f"/proc/{possessed_pool._handout._free[-1][0]._child.pid}/status").read_text()

    if "Seccomp:" not in status:
        pytest.skip("This kernel has no system call filters.")
    expect("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status, "Its process status tells of no filter.")
    expect("CapEff:\t0000000000000000" in status or os.geteuid() != 0, "It has capabilities.")


CASES = [
    *(
        Case(
            f"broken out, {name}",
            "The kernel refuses it.",
            partial(is_refused, code=code),
            short=number % 3 == 0,
        )
        for number, (name, code) in enumerate(ATTEMPTS.items())
    ),
    Case("broken out, reading the environment", "There is nothing in it.", knows_nothing),
    Case("broken out, using privileges", "It has none, and a filter of system calls.", is_filtered),
]
