"""Scripts that mean harm, each in the real sandbox: it ends as documented, and the next script of the bot works."""

from __future__ import annotations

from functools import partial

from tests.sandbox.conftest import Run
from tests.torture.case import Case, expect

LIMIT = 0.25  # seconds for scripts that never end, so that the table stays quick

TOO_LONG, TOO_MUCH, ERROR, SYNTAX, HARMLESS = "timeout", "memory", "script", "syntax", None
Kinds = tuple[str | None, ...]

_ENDS = {
    TOO_LONG: "is stopped at its time limit",
    TOO_MUCH: "is stopped for its memory",
    ERROR: "ends in a script error",
    SYNTAX: "does not parse",
    HARMLESS: "ends without effect",
}

# What is done, the script, how it may end. Where several ends are right, the machine decides which wall is met first.
ENDLESS: list[tuple[str, str, Kinds]] = [
    ("endless loop", "while (true) {}", (TOO_LONG,)),
    ("endless loop of awaits", "(async function () { while (true) await null })(); 'answered'", (TOO_LONG,)),
    ("promise that queues itself", "function f() { Promise.resolve().then(f) } f()", (TOO_LONG,)),
    ("recursion that finally undoes", "function f() { try { f() } finally { f() } } f()", (TOO_LONG,)),
    ("loop after the immediate reply",
     "try { botContext.sendImmediateReply('x') } finally { while (true) {} }", (TOO_LONG,)),
    ("exploding regular expression", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", (TOO_LONG,)),
    ("loop in the getter of what is thrown",
     "throw new Proxy({}, {get: function () { while (true) {} }})", (TOO_LONG,)),
    ("loop in toJSON of a variable",
     "botContext.setBotVariable('v', {toJSON: function () { while (true) {} }})", (TOO_LONG,)),
    ("native indexOf that ignores the stop", "new Array(1e9).indexOf(1)", (TOO_LONG,)),
    ("native includes over a fake length",
     "Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)", (TOO_LONG,)),
    ("sort that never agrees",
     "var a = []; for (var i = 0; i < 1e6; i++) a.push(i); a.sort(function () { return Math.random() - 0.5 })",
     (TOO_LONG,)),
    ("ever larger integers", "var x = 2n; while (true) x = x * x", (TOO_LONG, ERROR, TOO_MUCH)),
]  # fmt: skip
MEMORY: list[tuple[str, str, Kinds]] = [
    ("arrays without end", "var a = []; while (true) a.push(new Array(1000).fill(1.5))", (TOO_MUCH,)),
    ("strings without end", "var a = []; while (true) a.push('x'.repeat(1e6) + Math.random())", (TOO_MUCH, TOO_LONG)),
    ("half a gigabyte of one letter", "'x'.repeat(5e8).indexOf('y')", (TOO_MUCH,)),
    ("map without end", "var m = new Map(); for (var i = 0; ; i++) m.set(i, {})", (TOO_MUCH,)),
    ("globals without end", "for (var i = 0; ; i++) globalThis['g' + i] = [i]", (TOO_MUCH, TOO_LONG)),
    ("fifty million objects from JSON", "JSON.parse('[' + '{},'.repeat(5e7) + '{}]')", (TOO_MUCH,)),
    ("hundred million parts of a split", "'x'.repeat(1e8).split('')", (TOO_MUCH,)),
    ("half a gigabyte of error text", "throw new Error('x'.repeat(5e8))", (TOO_MUCH,)),
    ("half a gigabyte thrown", "throw 'x'.repeat(5e8)", (TOO_MUCH,)),
    ("typed arrays without end", "var a = []; while (true) a.push(new Uint8Array(1e7))", (ERROR,)),
    ("resizable buffers without end",
     "var a = []; while (true) a.push(new ArrayBuffer(1e6, {maxByteLength: 1e9}))", (ERROR, TOO_MUCH)),
    ("string that doubles", "var s = 'x'; while (true) s += s + 'y'", (ERROR,)),
]  # fmt: skip
DEPTH: list[tuple[str, str, Kinds]] = [
    ("recursion without end", "function f() { f() } f()", (ERROR,)),
    ("a million brackets of JSON", "JSON.parse('['.repeat(1e6) + ']'.repeat(1e6)); missing()", (ERROR,)),
    ("variable a million levels deep",
     "var o = {}; for (var i = 0; i < 1e6; i++) o = {o: o}; botContext.setBotVariable('v', o)",
     (ERROR, TOO_MUCH, HARMLESS)),
]  # fmt: skip
FORBIDDEN: list[tuple[str, str, Kinds]] = [
    ("constructor of a function", "(function () {}).constructor('return 1')()", (ERROR,)),
    ("constructor of an async function",
     "Object.getPrototypeOf(async function () {}).constructor('return 1')()", (ERROR,)),
    ("constructor of a generator", "Object.getPrototypeOf(function* () {}).constructor('yield 1')()", (ERROR,)),
    ("direct eval", "eval('1')", (ERROR,)),
    ("indirect eval", "(0, eval)('1')", (ERROR,)),
    ("Function by reflection", "Reflect.construct(Function, ['return 1'])", (ERROR,)),
    ("WebAssembly", "new WebAssembly.Module(new Uint8Array(8))", (ERROR,)),
    ("shared memory", "new SharedArrayBuffer(8)", (ERROR,)),
    ("Atomics", "Atomics.wait(new Int32Array(8), 0, 0)", (ERROR,)),
    ("timer", "setTimeout(function () {}, 1)", (ERROR,)),
    ("timer of the library", "new __TimerManager()", (ERROR,)),
    ("dynamic import", "import('fs').then(function () { while (true) {} })", (HARMLESS,)),
    ("bracket that closes the wrapper, then a loop", "}); while (true) {} (function () {", (SYNTAX,)),
    ("bracket that closes the wrapper, then a message",
     "return }); botContext.sendMessage('out'); (function () {", (SYNTAX,)),
]  # fmt: skip
THROWN: list[tuple[str, str, Kinds]] = [
    ("thrown proxy whose getters throw", "throw new Proxy({}, {get: function () { throw 1 }})", (ERROR,)),
    ("thrown object without a text", "throw {toString: null, message: Symbol('x')}", (ERROR,)),
    ("thrown enormous integer", "throw 10n ** 10000n", (ERROR,)),
    ("thrown nothing", "throw undefined", (ERROR,)),
    ("stack whose getter throws",
     "var e = new Error(); Object.defineProperty(e, 'stack', {get: function () { throw e }}); throw e", (ERROR,)),
    ("stack that claims an enormous line",
     "throw Object.assign(new Error('x'), {stack: '\\n    at author:99999999999999999999:-1'})", (ERROR,)),
]  # fmt: skip


def ends(run: Run, *, script: str = "", kinds: Kinds = ()) -> None:
    outcome = run(script, limit=LIMIT if kinds[0] == TOO_LONG else 10.0, reuse="hostile bot")

    kind = outcome.error and outcome.error.kind
    expect(kind in kinds, f"It ended as {kind}: {outcome.error}")
    expect(outcome.error is None or 0 < len(outcome.error.message) < 1_200, f"The sentence is {outcome.error}")
    for bot in ("hostile bot", "another bot"):
        after = run("botContext.sendMessage('fine')", reuse=bot)
        fine = (after.operations, after.error) == (({"op": "message", "text": "fine"},), None)
        expect(fine, f"The next script of {bot} gave {after}")


def case_of(row: tuple[str, str, Kinds]) -> Case:
    name, script, kinds = row
    how = " or ".join(_ENDS[kind] for kind in kinds)
    expectation = f"The script {how}, with a sentence; the next scripts of this bot and of another work."
    return Case(name, expectation, partial(ends, script=script, kinds=kinds))


CASES = [case_of(row) for table in (ENDLESS, MEMORY, DEPTH, FORBIDDEN, THROWN) for row in table]
