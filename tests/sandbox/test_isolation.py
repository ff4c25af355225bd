"""What one script leaves behind must not reach the next, of the same bot or of another."""

from __future__ import annotations

import json

import pytest

from integrations.sandbox.pool import Pool


@pytest.fixture(scope="module")
def pool():
    """One child only, so that a bot's scripts are sure to meet in the same isolate."""
    pool = Pool(children=1)
    yield pool
    pool.close()


# Each leaves something; the probe must not find it: `x` is what a clean run of the probe gives.
LEFTOVERS = [
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
    ("Object.getPrototypeOf(async function () {}).leak = 's'",
     "typeof Object.getPrototypeOf(async function () {}).leak"),
    ("Object.getPrototypeOf(new Intl.Segmenter().segment('')).leak = 's'",
     "typeof Object.getPrototypeOf(new Intl.Segmenter().segment('')).leak"),
    ("/(s)ecret/.exec('secret')",
     "typeof RegExp.$1 + typeof RegExp.lastMatch + typeof RegExp['$_'] + typeof RegExp.input"),
    ("Error.prepareStackTrace = function () { return 's' }", "typeof new Error('x').stack"),
    ("Error.stackTraceLimit = 0", "Error.stackTraceLimit"),
    ("botContext.getBotVariable = function () { return 's' }", "botContext.getBotVariable('none')"),
    ("botContext.leak = 's'", "typeof Object.keys(botContext).find(function (k) { return k === 'leak' })"),
    ("botContext.sendMessage.leak = 's'", "typeof botContext.sendMessage.leak"),
    ("console.leak = 's'", "typeof console.leak"),
    ("$parleyEach.leak = 's'", "typeof $parleyEach.leak"),
    ("$parleyRun.leak = 's'", "typeof $parleyRun.leak"),
    ("eval.leak = 's'; Function.leak = 's'", "typeof eval.leak + typeof Function.leak"),
    ("function f() { return f.caller } (f() || {}).leak = 's'",
     "typeof (function f() { return f.caller || {} })().leak"),
    ("(function (t) { t.leak = 's' })(((x) => x)`a`)", "typeof ((x) => x)`a`.leak"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "probe"), LEFTOVERS, ids=[script[:60] for script, _ in LEFTOVERS])
def test_nothing_stays_behind_for_the_next_script(run, shown, script, probe):
    clean = shown(probe, reuse=f"clean {script}")

    run(script, reuse=f"bot {script}")

    assert shown(probe, reuse=f"bot {script}") == clean


def test_global_functions_hold_nothing_from_run_to_run(run, shown):
    functions = (
        "var seen = []; function note(x) { seen.push(x); note.last = x; return seen.length } var self = note.caller"
    )

    run("note('secret'); note.leak = 1", functions)

    assert shown("[note('x'), typeof note.leak]", functions=functions) == '[1,"undefined"]'


def test_a_wrapper_found_by_way_of_caller_takes_no_property(run):
    functions = "function f() { return f.caller } var wrapper = f();"
    script = "botContext.sendMessage(typeof wrapper + typeof wrapper.leak); wrapper.leak = 's'"  # compiled once

    for _ in range(2):
        assert run(script, functions).operations == ({"op": "message", "text": "functionundefined"},)


def test_variables_of_one_conversation_do_not_reach_another(run, shown):
    run("botContext.setBotVariable('v', 'secret', true); keep = botContext", variables={"w": "secret"})

    assert json.loads(shown("[typeof keep, botContext.getBotVariable('v'), botContext.getBotVariable('w')]")) == [
        "undefined", None, None,
    ]  # fmt: skip


def test_what_a_promise_does_later_is_its_own_scripts(run):
    run("(async function () { for (var i = 0; i < 50; i++) await null; botContext.sendMessage('late') })()")

    assert run("botContext.sendMessage('mine')").operations == ({"op": "message", "text": "mine"},)


def test_two_bots_never_share_an_isolate(run, shown):
    run("Object.defineProperty(globalThis, 'leak', {value: 's', configurable: false})", reuse="bot 1")

    assert shown("typeof leak", reuse="bot 2") == '"undefined"'


@pytest.mark.parametrize(
    "name",
    [
        "WebAssembly",
        "SharedArrayBuffer",
        "Atomics",
        "WeakRef",
        "FinalizationRegistry",
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "__timer_manager",
        "__TimerManager",
        "$parley",
        "fetch",
        "XMLHttpRequest",
        "require",
        "process",
        "module",
        "ShadowRealm",
    ],
)
def test_scripts_find_nothing_dangerous(shown, name):
    assert shown(f"typeof {name}") == '"undefined"'


def test_every_shared_object_is_frozen(shown):
    open_ones = """(function () {
        var seen = new Set(), open = [], queue = [[globalThis, 'globalThis']];
        while (queue.length) {
            var [value, path] = queue.pop();
            if (value !== Object(value) || seen.has(value)) continue;
            seen.add(value);
            if (value !== globalThis && !Object.isFrozen(value)) open.push(path);
            queue.push([Object.getPrototypeOf(value), path + '.__proto__']);
            for (var key of Reflect.ownKeys(value)) {
                var property = Object.getOwnPropertyDescriptor(value, key);
                for (var part of ['value', 'get', 'set']) queue.push([property[part], path + '.' + String(key)]);
            }
        }
        return open.concat(seen.size > 900 ? [] : ['walked too little']);
    })()"""

    assert shown(open_ones) == "[]"


def test_scripts_cannot_reassign_the_languages_own_names(shown):
    names = "Reflect.ownKeys(globalThis).filter(function (k) {"
    names += " return Object.getOwnPropertyDescriptor(globalThis, k).configurable })"

    assert shown(names) == "[]"
