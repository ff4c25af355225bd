"""What the operating system holds back from the sandbox's processes. Linux; knows nothing of scripts.

What holds: the processes die with their parent, open no descriptor beyond those they have, write no file, have a
bounded data segment and CPU time, cannot gain privileges, and are `nobody` when the worker is root. Where the
system permits, they also have a network of their own with nothing in it; elsewhere the lack of any socket and
RLIMIT_NOFILE keep them from the network. Where syscalls.lock holds (all usual Linux kernels), a child also starts
and signals no process, names no file and makes no memory executable.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path

from integrations.sandbox import syscalls

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_NOBODY = 65534

DATA_BUDGET = 192 * 1024 * 1024
CPU_SECONDS = 60

_libc = ctypes.CDLL(None, use_errno=True)


def enter_zygote() -> None:
    """Give up the network and root, and die with the worker. To be called while there is one thread only."""
    if _libc.unshare(_CLONE_NEWNET) != 0:
        _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # refused in some containers: see the module's first lines
    give_up_root()
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def give_up_root() -> None:
    """Become `nobody`, and nothing more, ever."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # a user namespace without these ids
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends. Does not outlive a change of user: call it after."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter_child() -> None:
    """Bound what a script can take. To be called when V8 is warm: its own reservations do not count as the script's."""
    data = _data_bytes() + DATA_BUDGET
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # those that are open stay open
    syscalls.lock()


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_bytes().splitlines():
        if line.startswith(b"VmData:"):
            return int(line.split()[1]) * 1024
    raise OSError("the kernel does not tell VmData")
