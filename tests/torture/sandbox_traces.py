"""What one script may leave behind: the next one, of the same bot or of another, finds nothing of it."""

from __future__ import annotations

from functools import partial

from tests.sandbox.conftest import Run
from tests.torture.case import Case, expect

# What is left, and where the next script looks for it.
LEFTOVERS: list[tuple[str, str]] = [
    ("leak = 'secret'", "typeof leak"),
    ("this.leak = 'secret'", "typeof leak"),
    ("globalThis.leak = 'secret'", "typeof globalThis.leak"),
    ("Object.defineProperty(globalThis, 'leak', {value: 's', configurable: true})", "typeof leak"),
    ("Object.defineProperty(globalThis, 'leak', {value: 's', configurable: false})", "typeof leak"),
    ("Object.defineProperty(globalThis, 'leak', {get: function () { return 's' }})", "typeof leak"),
    ("globalThis[Symbol.for('leak')] = 's'", "typeof globalThis[Symbol.for('leak')]"),
    ("Object.setPrototypeOf(globalThis, {leak: 's'})", "typeof globalThis.leak"),
    ("Object.setPrototypeOf(globalThis, new Proxy({}, {has: function () { return true }}))", "'leak' in globalThis"),
    ("Object.preventExtensions(globalThis)", "(ok = 'works', typeof ok)"),
    ("Object.prototype.leak = 's'", "typeof ({}).leak"),
    ("({}).__proto__.leak = 's'", "typeof ({}).leak"),
    ("Array.prototype.leak = 's'", "typeof [].leak"),
    ("Array.prototype[0] = 's'", "typeof [][0]"),
    ("Function.prototype.leak = 's'", "typeof (function () {}).leak"),
    ("String.prototype.trim = function () { return 's' }", "' a '.trim()"),
    ("JSON.stringify = function () { return '\"s\"' }", "JSON.stringify({a: 1})"),
    ("JSON.parse = function () { return 's' }", "JSON.parse('1')"),
    ("Date.now = function () { return 's' }", "typeof Date.now()"),
    ("Date = function () { return 's' }", "typeof new Date().getTime"),
    ("Math.leak = 's'", "typeof Math.leak"),
    ("Promise.prototype.then = function () { return 's' }", "typeof Promise.resolve().then(function () {})"),
    ("Object.getPrototypeOf(function* () {}).leak = 's'", "typeof Object.getPrototypeOf(function* () {}).leak"),
    ("Object.getPrototypeOf([][Symbol.iterator]()).next = null", "[...[1]].length"),
    (
        "Object.getPrototypeOf(async function () {}).leak = 's'",
        "typeof Object.getPrototypeOf(async function () {}).leak",
    ),
    (
        "Object.getPrototypeOf(new Intl.Segmenter().segment('')).leak = 's'",
        "typeof Object.getPrototypeOf(new Intl.Segmenter().segment('')).leak",
    ),
    (
        "/(s)ecret/.exec('secret')",
        "typeof RegExp.$1 + typeof RegExp.lastMatch + typeof RegExp['$_'] + typeof RegExp.input",
    ),
    ("Error.prepareStackTrace = function () { return 's' }", "typeof new Error('x').stack"),
    ("Error.stackTraceLimit = 0", "Error.stackTraceLimit"),
    ("botContext.getBotVariable = function () { return 's' }", "botContext.getBotVariable('none')"),
    ("botContext.leak = 's'", "typeof Object.keys(botContext).find(function (k) { return k === 'leak' })"),
    ("botContext.sendMessage.leak = 's'", "typeof botContext.sendMessage.leak"),
    ("console.leak = 's'", "typeof console.leak"),
    ("$parleyEach.leak = 's'", "typeof $parleyEach.leak"),
    ("$parleyRun.leak = 's'", "typeof $parleyRun.leak"),
    ("eval.leak = 's'; Function.leak = 's'", "typeof eval.leak + typeof Function.leak"),
    (
        "function f() { return f.caller } (f() || {}).leak = 's'",
        "typeof (function f() { return f.caller || {} })().leak",
    ),
    ("(function (t) { t.leak = 's' })(((x) => x)`a`)", "typeof ((x) => x)`a`.leak"),
    ("__defineGetter__('leak', function () { return 's' })", "typeof leak"),
    ("var leak = 's'; function leaking() {} class Leaking {} let other = leak", "typeof leak + typeof leaking"),
    ("Object.freeze(globalThis)", "(ok = 'works', typeof ok)"),
    ("Object.seal(globalThis); undeclared = 1", "(ok = 'works', typeof ok)"),
    ("Error.captureStackTrace(globalThis); leak = stack", "typeof globalThis.stack + typeof leak"),
    ("Object.defineProperty(Array.prototype, Symbol.iterator, {value: null})", "[...[1, 2]].length"),
    ("Array.prototype[Symbol.unscopables].leak = 's'", "typeof Array.prototype[Symbol.unscopables].leak"),
    ("Array[Symbol.species] = null; RegExp.prototype.exec = null", "/a/.test('a')"),
    ("RegExp.prototype[Symbol.replace] = function () { return 's' }", "'a'.replace(/a/, 'b')"),
    ("Number.prototype.toString = String.prototype.valueOf = null", "(5).toString() + 'a'.valueOf()"),
    ("Object.setPrototypeOf(Array.prototype, {leak: 's'})", "typeof [].leak"),
    ("Object.setPrototypeOf(Object.prototype, {leak: 's'})", "typeof ({}).leak"),
    ("Object.setPrototypeOf(JSON, {leak: 's'})", "typeof JSON.leak"),
    ("Reflect.setPrototypeOf(botContext, {leak: 's'})", "typeof (Object.getPrototypeOf(botContext) || {}).leak"),
    ("Object.prototype.toJSON = function () { return 's' }", "JSON.stringify({a: 1})"),
    ("Intl.NumberFormat.prototype.format = null", "typeof new Intl.NumberFormat().format"),
    ("Object.getPrototypeOf(Int8Array).leak = 's'", "typeof Int8Array.leak"),
    ("Object.getPrototypeOf(Object.getPrototypeOf([].values())).leak = 's'", "typeof [].values().leak"),
    ("Object.getPrototypeOf(new Map().entries()).next = null", "[...new Map([[1, 2]])].length"),
    ("(async function () { await null; await null; leak = 's' })()", "typeof leak"),
    ("Promise.resolve().then(function () { globalThis.leak = 's' })", "typeof leak"),
    ("import('x').then(null, function () { leak = 's' })", "typeof leak"),
    ("(function f(n) { if (n) import('x').then(null, function () { leak = 's'; f(n - 1) }) })(50)", "typeof leak"),
    (
        "(function () { 'use strict'; Object.getOwnPropertyDescriptor(arguments, 'callee').get.leak = 's' })()",
        "typeof (function () { 'use strict'; return Object.getOwnPropertyDescriptor(arguments, 'callee').get })().leak",
    ),
    (
        "(function f() { for (var c = f.caller; c; c = c.caller) c.leak = 's' })()",
        "(function f() { return typeof f.caller.leak })()",
    ),
    ("Object.getPrototypeOf([].values().map(String)).leak = 's'", "typeof [].values().map(String).leak"),
    ("Object.getPrototypeOf(Iterator.from({next() {}})).leak = 's'", "typeof Iterator.from({next() {}}).leak"),
    (
        "Object.getPrototypeOf((async function* () {})()).leak = 's'",
        "typeof Object.getPrototypeOf((async function* () {})()).leak",
    ),
    ("DisposableStack.prototype.leak = 's'", "typeof new DisposableStack().leak"),
    (
        "Intl.leak = 's'; Reflect.leak = 's'; JSON.leak = 's'",
        "typeof Intl.leak + typeof Reflect.leak + typeof JSON.leak",
    ),
    ("JSON.rawJSON('1').leak = 's'", "typeof JSON.rawJSON('1').leak"),
    ("botContext.then = function () { leak = 's' }; (async function () { await botContext })()", "typeof leak"),
    ("Proxy.prototype = {leak: 's'}", "typeof Proxy.prototype"),
    ("Infinity = 1; NaN = 1; undefined = 1", "[String(Infinity), String(NaN), String(undefined)]"),
    ("try { null.x } catch (e) { e.constructor.leak = 's' }", "typeof TypeError.leak"),
    ("try { f = function () { f() }; f() } catch (e) { e.constructor.leak = 's' }", "typeof RangeError.leak"),
    ("Object.defineProperty(Object.prototype, '__proto__', {value: 's'})", "typeof ({}).__proto__"),
    ("Date.prototype[Symbol.toPrimitive] = function () { return 's' }", "typeof (new Date() - 0)"),
    ("botContext.getContextDataForUser('n').keySet().constructor.leak = 's'", "typeof Array.leak"),
    ("botContext.setUserName('secret')", "botContext.getUserName()"),
    ("botContext.setContextDataForUser('n', 'k', 'secret')", "botContext.getContextDataForUser('n', 'k')"),
    ("botContext.setBotVariable('__proto__', {leak: 's'}, true)", "typeof ({}).leak"),
    ("botContext.setBotVariable('constructor', 's', true)", "typeof ({}).constructor"),
    ("botContext.setBotVariable('toString', 's', true)", "typeof botContext.toString"),
]


def looks(run: Run, probe: str, bot: str) -> str:
    outcome = run(f"botContext.printDebugMessage(String(JSON.stringify({probe})))", reuse=bot)
    expect(outcome.error is None, f"The probe in {bot} ended as {outcome.error}")
    return str(outcome.operations[-1]["text"])


def leaves_nothing(lone_run: Run, *, script: str, probe: str) -> None:
    clean = looks(lone_run, probe, f"clean {script}")

    lone_run(script, reuse=f"bot {script}")

    for bot in (f"bot {script}", f"other {script}"):
        found = looks(lone_run, probe, bot)
        expect(found == clean, f"In {bot} the probe gave {found}, in a fresh isolate {clean}")


CASES = [
    Case(
        f"leaving {script[:100]}",
        "The next script of this bot, and one of another bot, sees what it sees in a fresh isolate.",
        partial(leaves_nothing, script=script, probe=probe),
    )
    for script, probe in LEFTOVERS
]
