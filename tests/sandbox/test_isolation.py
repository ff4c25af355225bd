"""What scripts share, and what they do not. What one of them may leave behind is in tests/torture/sandbox_traces.py."""

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


def test_nothing_but_what_is_watched_queues_work(shown):
    """A script without `async` and `import` that asked for none of the watched ones is answered in one step of V8."""
    queues = """(function () {
        var seen = new Set(), found = [], queue = [[globalThis, 'globalThis', null]];
        var given = [[], [[1]], [function () {}], [{}, function () {}], ['a', {}]];
        function look(path, call) {
            try { if (typeof call().then === 'function') found.push(path) } catch (e) {}
        }
        while (queue.length) {
            var [value, path, holder] = queue.pop();
            if (value !== Object(value) || seen.has(value)) continue;
            seen.add(value);
            if (typeof value === 'function') given.forEach(function (values) {
                [holder, {}, [1]].forEach(function (self) { look(path, () => Reflect.apply(value, self, values)) });
                look(path, () => Reflect.construct(value, values));
            });
            queue.push([Object.getPrototypeOf(value), path + '.__proto__', null]);
            for (var key of Reflect.ownKeys(value)) {
                if (WATCHED.includes(key)) continue;
                var property = Object.getOwnPropertyDescriptor(value, key), way = path + '.' + String(key);
                for (var part of ['value', 'get', 'set']) queue.push([property[part], way, value]);
                try { queue.push([value[key], way, value]) } catch (e) {}
            }
        }
        return found.concat(seen.size > 900 ? [] : ['walked too little']);
    })()"""
    watched = ["Promise", "AsyncDisposableStack", "fromAsync"]

    assert shown(queues.replace("WATCHED", json.dumps(watched))) == "[]"
    assert '"globalThis.Promise.resolve"' in shown(queues.replace("WATCHED", "[]"))
