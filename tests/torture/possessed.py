"""Sandbox children that run Python of ours in the place of scripts: what somebody has who broke out of V8.

Everything else about them is real: the zygote, the fork, the limits and the filter of the operating system.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integrations.engine.scripts import ScriptCall, ScriptOutcome
from integrations.sandbox import nursery
from integrations.sandbox.pool import Pool

# `connection` is the child's end of its socket pair; `found` is what the worker is told; `system` calls the kernel.
_BOOT = """import sys
sys.path.insert(0, sys.argv[1])
import ctypes, json, mmap, os, resource, select, signal, socket, struct, tempfile, threading, time
from integrations.sandbox import child, wire, zygote
libc = ctypes.CDLL(None, use_errno=True)

def system(name, *arguments):
    answer = getattr(libc, name)(*arguments)
    if answer == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer

held = {"system": system, "wire": wire, "os": os, "time": time, "socket": socket, "mmap": mmap, "struct": struct}
held |= {"resource": resource, "signal": signal, "threading": threading, "ctypes": ctypes}
serve = child._serve

async def possessed(connection, sources):
    held["connection"] = connection
    await serve(connection, sources)

def answer(isolates, key, body):
    names = held | {"key": key}
    try:
        exec(json.loads(body)["source"], names)
        found = "done: " + str(names.get("found", ""))
    except BaseException as error:
        found = "refused: " + repr(error)
    return json.dumps({"operations": [{"op": "message", "text": found}], "error": None})

child._serve, child._answer = possessed, answer
zygote.main(int(sys.argv[2]))
"""


@contextmanager
def pool() -> Iterator[Pool]:
    """Yield a pool whose children are possessed; only its zygote is started so."""
    honest, nursery._BOOT = nursery._BOOT, _BOOT
    children = Pool(children=2)
    try:
        run(children, "pass")
    finally:
        nursery._BOOT = honest
    yield children
    children.close()


def run(children: Pool, code: str, *, seconds: float = 2.0, reuse: str = "possessed") -> ScriptOutcome:
    """Run Python in a child of that pool; its only message tells what came of it."""
    return children.run(
        ScriptCall(reuse=reuse, place="preProcess", source=code, time_limit_seconds=seconds, variables={})
    )
