"""The process that loads V8 once and forks sandbox children. It holds no secret and runs no author code.

Started by integrations.sandbox.nursery with an empty environment. Single-threaded, and no isolate exists here
when it forks: one that is alive across a fork hangs the child.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket

from py_mini_racer import DEFAULT_V8_FLAGS, init_mini_racer

from integrations.sandbox import box, child

V8_FLAGS = (*DEFAULT_V8_FLAGS, "--jitless")


def main(descriptor: int) -> None:
    """Serve the worker on this descriptor until it closes its end."""
    control = socket.socket(fileno=descriptor)
    sources = child.read_sources()
    init_mini_racer(flags=V8_FLAGS)
    asyncio.run(_warm(sources))
    box.enter_zygote()  # last: as `nobody` it may be unable to read the interpreter's files
    gc.freeze()
    control.send(b"{}")
    children: set[int] = set()
    while command := control.recv(4096):
        request = json.loads(command)
        if request["do"] == "fork":
            children.add(_fork(control, sources))
        else:
            control.send(json.dumps(_end(request["pid"], children)).encode())
    os._exit(0)  # the children die with us


async def _warm(sources: str) -> None:
    """Make an isolate and end it: what V8 and its language data read for the first one, no child has to read again."""
    child.Isolate(sources).close()


def _fork(control: socket.socket, sources: str) -> int:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = os.fork()
        if pid == 0:
            control.close()
            ours.close()
            child.main(theirs, sources)
        socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [ours.fileno()])
    return pid


def _end(pid: int, children: set[int]) -> dict[str, int]:
    """Kill a child and tell how it ended. Its number cannot have been given away: nobody else reaps it."""
    if pid not in children:  # another zygote's, from before this one was started
        return {"status": 0, "peak_kb": 0}
    children.discard(pid)
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return {"status": os.waitstatus_to_exitcode(status), "peak_kb": usage.ru_maxrss}
