"""Takes from a sandbox child every system call that running scripts does not need. Linux on x86-64 and ARM64.

What is left: reading and writing the descriptors that are open, memory that cannot be executed, threads, clocks,
random numbers. So a script that breaks out of V8 can neither start nor signal a process, nor name a file, nor open a
socket. Knows nothing of V8; where the kernel or the machine is another, nothing is taken and `lock` says so.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Mapping, Sequence
from typing import Final

# Names, and their numbers on x86-64 and ARM64 (where a call is missing, that of the call which has its place).
_ALLOWED: Final[Mapping[str, tuple[int, int]]] = {
    **{"read": (0, 63), "write": (1, 64), "close": (3, 57), "sendto": (44, 206), "recvfrom": (45, 207)},
    **{"munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216), "madvise": (28, 233)},
    **{"pkey_alloc": (330, 289), "pkey_free": (331, 290), "membarrier": (324, 283)},
    **{"futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293), "gettid": (186, 178)},
    **{"getpid": (39, 172), "exit": (60, 93), "exit_group": (231, 94), "restart_syscall": (219, 128)},
    **{"rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132)},
    **{"sched_yield": (24, 124), "sched_getparam": (143, 121), "sched_getscheduler": (145, 120)},
    **{"sched_getaffinity": (204, 123), "getcpu": (309, 168), "getrusage": (98, 165), "getrandom": (318, 278)},
    **{"clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, 169)},
    **{"nanosleep": (35, 101), "clock_nanosleep": (230, 115)},
    **{"epoll_wait": (232, 22), "epoll_pwait": (281, 22), "epoll_ctl": (233, 21)},
}
_CLONE, _CLONE3, _TGKILL, _PRCTL = (56, 220), (435, 435), (234, 131), (157, 167)
_MEMORY = ((9, 222), (10, 226), (329, 288))  # mmap, mprotect, pkey_mprotect
_MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, the kernel's name for it

_CLONE_THREAD, _PROT_EXEC = 0x10000, 4
_HARMLESS_PRCTL = (15, 16, 0x53564D41)  # a thread's name, set and get; a name for memory

# The kernel's little language: `struct sock_filter`, and what a filter reads of `struct seccomp_data`.
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST, _THIRD = 0, 4, 16, 32  # offsets; arguments are 64 bits wide, their low half comes first
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_X32 = 0x40000000  # x86-64's second set of numbers

_PR_SET_SECCOMP_FILTER, _ALL_THREADS = 1, 1
_SECCOMP = (317, 277)

Step = tuple[int, int, int, int]  # operation, steps to skip when true, when false, operand


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def lock() -> bool:
    """Apply the filter to all threads of this process, for good; False where it cannot be. Needs no privilege, but
    no_new_privs must be set."""
    if platform.machine() not in _MACHINES:
        return False
    column, machine = _MACHINES[platform.machine()]
    steps = program(column, machine, pid=os.getpid())
    packed = b"".join(struct.pack("=HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    given = ctypes.byref(_Program(len(steps), packed))
    return bool(libc.syscall(_SECCOMP[column], _PR_SET_SECCOMP_FILTER, _ALL_THREADS, given) == 0)


def program(column: int, machine: int, *, pid: int) -> list[Step]:
    """Return the filter for one kind of machine. Whatever it does not name is refused as not permitted."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE | _EPERM)
    steps = [(_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    for number in sorted({numbers[column] for numbers in _ALLOWED.values()}):
        steps += [(_EQUAL, 0, 1, number), allow]
    steps += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _REFUSE | _ENOSYS)]  # the C library then takes clone
    steps += _when(_CLONE[column], _FIRST, [(_ANY_BIT, 0, 1, _CLONE_THREAD), allow, refuse])
    steps += _when(_TGKILL[column], _FIRST, [(_EQUAL, 0, 1, pid), allow, refuse])  # abort, of itself only
    for numbers in _MEMORY:
        steps += _when(numbers[column], _THIRD, [(_ANY_BIT, 0, 1, _PROT_EXEC), refuse, allow])
    harmless = [step for operand in _HARMLESS_PRCTL for step in ((_EQUAL, 0, 1, operand), allow)]
    steps += _when(_PRCTL[column], _FIRST, [*harmless, refuse])
    return [*steps, refuse]


def _when(number: int, argument: int, then: Sequence[Step]) -> list[Step]:
    """For one call, look at the low half of an argument."""
    return [(_EQUAL, 0, 1 + len(then), number), (_LOAD, 0, 0, argument), *then]
