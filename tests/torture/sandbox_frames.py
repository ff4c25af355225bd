"""Answers of a child that is no longer ours: forged, endless, dripping, silent. The worker takes none and goes on."""

from __future__ import annotations

from functools import partial

from integrations.sandbox.pool import Pool
from tests.torture import possessed
from tests.torture.case import Case, expect

_RAW = "connection.sendall({}); connection.close(); time.sleep(30)"
_ANSWER = "wire.send(connection, wire.ANSWER + {}); time.sleep(30)"


def operations(text: str) -> str:
    """An answer with these operations, as JSON."""
    whole = '{"operations":' + text + ',"error":null}'
    return _ANSWER.format(repr(whole.encode()))


FORGED = {
    "a frame of four gigabytes announced": _RAW.format("b'\\xff\\xff\\xff\\xff'"),
    "a frame of 100 MB announced and sent": "connection.sendall(struct.pack('!I', 10 ** 8) + bytes(10 ** 8))",
    "an empty frame": _RAW.format("bytes(4)"),
    "half of a length": _RAW.format("b'\\0\\0'"),
    "half of a frame": _RAW.format("b'\\0\\0\\0\\x09A{\"op'"),
    "nothing at all": "connection.close(); time.sleep(30)",
    "an unknown kind of frame": "wire.send(connection, b'?{}'); time.sleep(30)",
    "an answer that is no JSON": _ANSWER.format("b'<html>'"),
    "an answer that is no UTF-8": _ANSWER.format("b'\\xff\\xfe'"),
    "an answer that is a list": _ANSWER.format("b'[]'"),
    "an answer without operations": _ANSWER.format("b'{}'"),
    "a million brackets": _ANSWER.format("b'[' * 1_000_000"),
    "three thousand operations": operations("[" + ",".join(['{"op":"message","text":"x"}'] * 3_000) + "]"),
    "an operation that does not exist": operations('[{"op":"shell","text":"x"}]'),
    "an operation without its text": operations('[{"op":"message"}]'),
    "an operation with a number as its text": operations('[{"op":"message","text":5}]'),
    "an operation that is a text": operations('["message"]'),
    "a scope that does not exist": operations('[{"op":"set","name":"a","value":1,"scope":"forever","forever":false}]'),
    "a delay of a million years": operations('[{"op":"delay","ms":99999999999999}]'),
    "a delay that is negative": operations('[{"op":"delay","ms":-1}]'),
    "an error that is no object": _ANSWER.format('b\'{"operations":[],"error":"x"}\''),
    "an error whose message is a list": _ANSWER.format('b\'{"operations":[],"error":{"message":[]}\''),
    "not a number": operations('[{"op":"set","name":"a","value":NaN,"scope":"request","forever":false}]'),
    "readiness without end": "while True: wire.send(connection, wire.READY); time.sleep(0.01)",
    "readiness twice": "[wire.send(connection, wire.READY) for _ in range(2)]; time.sleep(30)",
    "silence without work": "time.sleep(60)",
    "work without an answer": "while True: pass",
    "a frame that drips": "connection.sendall(struct.pack('!I', 4000000) + b'A')\n"
    "while True: connection.sendall(b' '); time.sleep(0.2)",
    "death": "os._exit(0)",
    "death by a fault": "ctypes.string_at(1)",
}
SLOW = ("a frame that drips", "silence without work")


def is_not_taken(possessed_pool: Pool, *, code: str) -> None:
    outcome = possessed.run(possessed_pool, code, seconds=0.3)

    expect(outcome.operations == (), f"Operations were taken: {outcome.operations}")
    expect(outcome.error is not None and outcome.error.message.endswith("."), f"It ended as {outcome.error}")
    after = possessed.run(possessed_pool, "found = 'fine'")
    expect(after.operations == ({"op": "message", "text": "done: fine"},), f"The next call gave {after}")


CASES = [
    Case(
        f"forged answer, {name}",
        "Nothing of it is taken; the script ends with a sentence and the next one gets another child.",
        partial(is_not_taken, code=code),
        short=name not in SLOW,
        seconds=60,
    )
    for name, code in FORGED.items()
]
