"""Scripts that mean harm: each ends in its documented outcome, and the next script works."""

from __future__ import annotations

import pytest

LIMIT = 0.25  # seconds for scripts that never end, so that the table stays quick

HOSTILE = [
    # endless work
    ("while (true) {}", "timeout"),
    ("(async function () { while (true) await null })(); 'answered'", "timeout"),
    ("function f() { Promise.resolve().then(f) } f()", "timeout"),
    ("function f() { try { f() } finally { f() } } f()", "timeout"),
    ("try { botContext.sendImmediateReply('x') } finally { while (true) {} }", "timeout"),
    ("/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", "timeout"),
    ("throw new Proxy({}, {get: function () { while (true) {} }})", "timeout"),
    ("botContext.setBotVariable('v', {toJSON: function () { while (true) {} }})", "timeout"),
    # native loops that V8 does not interrupt
    ("new Array(1e9).indexOf(1)", "timeout"),
    ("Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)", "timeout"),
    (
        "var a = []; for (var i = 0; i < 1e6; i++) a.push(i); a.sort(function () { return Math.random() - 0.5 })",
        "timeout",
    ),
    ("var x = 2n; while (true) x = x * x", ("timeout", "script", "memory")),
    # memory
    ("var a = []; while (true) a.push(new Array(1000).fill(1.5))", "memory"),
    ("var a = []; while (true) a.push('x'.repeat(1e6) + Math.random())", ("memory", "timeout")),
    ("'x'.repeat(5e8).indexOf('y')", "memory"),
    ("var m = new Map(); for (var i = 0; ; i++) m.set(i, {})", "memory"),
    ("for (var i = 0; ; i++) globalThis['g' + i] = [i]", ("memory", "timeout")),
    ("JSON.parse('[' + '{},'.repeat(5e7) + '{}]')", "memory"),
    ("'x'.repeat(1e8).split('')", "memory"),
    ("throw new Error('x'.repeat(5e8))", "memory"),
    ("throw 'x'.repeat(5e8)", "memory"),
    ("var a = []; while (true) a.push(new Uint8Array(1e7))", "script"),
    ("var a = []; while (true) a.push(new ArrayBuffer(1e6, {maxByteLength: 1e9}))", ("script", "memory")),
    ("var s = 'x'; while (true) s += s + 'y'", "script"),
    # depth
    ("function f() { f() } f()", "script"),
    ("JSON.parse('['.repeat(1e6) + ']'.repeat(1e6)); missing()", "script"),
    (
        "var o = {}; for (var i = 0; i < 1e6; i++) o = {o: o}; botContext.setBotVariable('v', o)",
        ("script", "memory", None),
    ),
    # code from text, and what has been taken away
    ("(function () {}).constructor('return 1')()", "script"),
    ("Object.getPrototypeOf(async function () {}).constructor('return 1')()", "script"),
    ("Object.getPrototypeOf(function* () {}).constructor('yield 1')()", "script"),
    ("eval('1')", "script"),
    ("(0, eval)('1')", "script"),
    ("Reflect.construct(Function, ['return 1'])", "script"),
    ("new WebAssembly.Module(new Uint8Array(8))", "script"),
    ("new SharedArrayBuffer(8)", "script"),
    ("Atomics.wait(new Int32Array(8), 0, 0)", "script"),
    ("setTimeout(function () {}, 1)", "script"),
    ("new __TimerManager()", "script"),
    ("import('fs').then(function () { while (true) {} })", None),
    ("}); while (true) {} (function () {", "syntax"),
    ("return }); botContext.sendMessage('out'); (function () {", "syntax"),
    # errors that bite when they are read
    ("throw new Proxy({}, {get: function () { throw 1 }})", "script"),
    ("throw {toString: null, message: Symbol('x')}", "script"),
    ("throw 10n ** 10000n", "script"),
    ("throw undefined", "script"),
    ("var e = new Error(); Object.defineProperty(e, 'stack', {get: function () { throw e }}); throw e", "script"),
    ("throw Object.assign(new Error('x'), {stack: '\\n    at author:99999999999999999999:-1'})", "script"),
]


@pytest.mark.parametrize(("script", "kind"), HOSTILE, ids=[script[:70] for script, _ in HOSTILE])
def test_a_hostile_script_ends_as_documented_and_the_next_one_works(run, script, kind):
    expected = kind if isinstance(kind, tuple) else (kind,)

    outcome = run(script, limit=LIMIT if expected[0] == "timeout" else 10.0, reuse="hostile bot")

    assert (outcome.error and outcome.error.kind) in expected, outcome.error
    assert outcome.error is None or 0 < len(outcome.error.message) < 1_200
    after = run("botContext.sendMessage('fine')", reuse="hostile bot")
    assert (after.operations, after.error) == (({"op": "message", "text": "fine"},), None)


def test_operations_before_an_exception_are_kept(run):
    outcome = run("botContext.sendMessage('kept'); null.x")

    assert outcome.operations == ({"op": "message", "text": "kept"},)
    assert outcome.error.kind == "script"


def test_a_stopped_script_has_no_effect_at_all(run):
    assert run("botContext.sendMessage('lost'); while (true) {}", limit=LIMIT).operations == ()


def test_a_flood_of_output_is_cut(run):
    outcome = run("for (var i = 0; i < 200; i++) botContext.setBotVariable('v' + i, 'x'.repeat(250000))")

    assert outcome.error is None
    assert 10 < len([operation for operation in outcome.operations if operation["op"] == "set"]) < 20
    assert {"op": "refused", "text": "Refused: a script may give 4 MB in all."} in outcome.operations


def test_a_script_that_is_too_long_is_not_run(run):
    outcome = run("x" * 600_000)

    assert (outcome.error.kind, outcome.error.message) == ("limit", "The script has more than 512 KB.")


def test_variables_beyond_16_mb_are_refused(run):
    assert run("1", variables={"v": "x" * (17 * 1024 * 1024)}).error.kind == "limit"
