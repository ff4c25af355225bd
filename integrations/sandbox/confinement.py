"""Whether this machine lets the sandbox lock its processes in. Told at the start, not found out later.

Knows no script; tries it in a process of its own, which ends at once.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from django.conf import settings
from django.core import checks

from integrations.sandbox import box, syscalls

_UNLOCKED, _ROOT = 1, 2

_SENTENCES: Final = {
    _UNLOCKED: "The kernel refuses the filter of system calls (seccomp): a script that broke out of V8 could start "
    "processes and open files and sockets.",
    _ROOT: "Parley runs as root and cannot make its script processes another user: a script that broke out of V8 "
    "would be root.",
}
_MEND = (
    "Run Parley on Linux (x86-64 or ARM64) where seccomp filters are allowed, and as a user of its own. "
    "docs/security.md says what this protects from."
)


class Refused(Exception):
    """The operator demands a whole sandbox, and this machine gives none; the sentence says what is missing."""


def gaps() -> list[str]:
    """Try it, and return a sentence for each thing that does not hold. To be called while there is one thread only."""
    if not sys.platform.startswith("linux"):
        return [_SENTENCES[_UNLOCKED]]
    pid = os.fork()
    if pid == 0:
        os._exit(_try())
    found = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    missing = _UNLOCKED if found < 0 else found
    return [sentence for gap, sentence in _SENTENCES.items() if missing & gap]


def demand() -> list[str]:
    """Return the gaps for the log; raises Refused where PARLEY_SANDBOX_STRICT allows none."""
    found = gaps()
    if found and settings.SANDBOX_STRICT:
        raise Refused(" ".join([*found, "PARLEY_SANDBOX_STRICT is yes, so Parley does not start.", _MEND]))
    return found


def check(**_: Any) -> list[checks.CheckMessage]:
    """Django's system check: a warning for each gap, or an error where none is allowed."""
    kind, letter = (checks.Error, "E") if settings.SANDBOX_STRICT else (checks.Warning, "W")
    return [kind(gap, hint=_MEND, id=f"integrations.{letter}001") for gap in gaps()]


def _try() -> int:
    try:
        box.give_up_root()
        root = _ROOT if os.geteuid() == 0 else 0
        return root if syscalls.lock() else root | _UNLOCKED
    except OSError:
        return _UNLOCKED
