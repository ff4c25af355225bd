"""Which process is at the other end of a loopback connection. Linux tells."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def owner(port: int, *, among: Iterable[int]) -> int | None:
    """Return which of the processes has the connection that begins at this local port."""
    inode = _inode(port)
    return next((pid for pid in among if inode and f"socket:[{inode}]" in _open_files(pid)), None)


def _inode(port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        row = line.split()
        if row[1].endswith(f":{port:04X}") and row[9] != "0":
            return row[9]
    return ""


def _open_files(pid: int) -> set[str]:
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(path.readlink()))
        except OSError:  # closed meanwhile
            continue
    return found
