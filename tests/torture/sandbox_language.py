"""Scripts that dig too deep, make code from text, leave the wrapper or use what was taken away."""

from __future__ import annotations

from tests.torture.sandbox_ends import CRASH, ERROR, HARMLESS, SYNTAX, TOO_MUCH, Row, case_of

DEPTH: list[Row] = [
    ("recursion without end", "function f() { f() } f()", (ERROR,)),
    ("constructor that makes itself", "class A { constructor() { new A() } } new A()", (ERROR,)),
    ("generator that delegates to itself", "(function* g() { yield* g() })().next()", (ERROR,)),
    ("toJSON that answers with itself", "var o = {toJSON: function () { return {a: o} }}; JSON.stringify(o)", (ERROR,)),
    ("a million brackets of JSON", "JSON.parse('['.repeat(1e6) + ']'.repeat(1e6)); missing()", (ERROR,)),
    (
        "variable a million levels deep",
        "var o = {}; for (var i = 0; i < 1e6; i++) o = {o: o}; botContext.setBotVariable('v', o)",
        (ERROR, TOO_MUCH, HARMLESS),
    ),
    (
        "a million proxies in a row",
        "var p = {}; for (var i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x",
        (ERROR, TOO_MUCH),
    ),
    (
        "a million prototypes in a row",
        "var p = {}; for (var i = 0; i < 1e6; i++) p = Object.create(p); p.x",
        (TOO_MUCH, ERROR, HARMLESS),
    ),
    (
        "a million bound functions in a row",
        "var f = function () {}; for (var i = 0; i < 1e6; i++) f = f.bind(null); f()",
        (HARMLESS, ERROR, TOO_MUCH, CRASH),
    ),
    (
        "text of a million pieces",
        "var r = ''; for (var i = 0; i < 1e6; i++) r = r + 'x' + i; r.indexOf('zz')",
        (HARMLESS, TOO_MUCH),
    ),
    ("source of a hundred thousand brackets", "[" * 100_000 + "]" * 100_000, (SYNTAX,)),
    ("source of a hundred thousand functions", "(function(){" * 20_000 + "})" * 20_000, (SYNTAX, ERROR)),
    ("source of one endless sum", "1" + "+1" * 100_000, (HARMLESS,)),
    ("source of a hundred thousand negations", "!" * 200_000 + "1", (SYNTAX,)),
]
CODE: list[Row] = [
    ("constructor of a function", "(function () {}).constructor('return 1')()", (ERROR,)),
    ("constructor's constructor of everything", "this.constructor.constructor('return process')()", (ERROR,)),
    (
        "constructor of an async function",
        "Object.getPrototypeOf(async function () {}).constructor('return 1')()",
        (ERROR,),
    ),
    ("constructor of a generator", "Object.getPrototypeOf(function* () {}).constructor('yield 1')()", (ERROR,)),
    (
        "constructor of an async generator",
        "new (Object.getPrototypeOf(async function* () {}).constructor)('x')",
        (ERROR,),
    ),
    ("constructor of a function of ours", "botContext.sendMessage.constructor('return this')()", (ERROR,)),
    ("constructor of our object", "botContext.constructor.constructor('return this')()", (ERROR,)),
    ("constructor of the console", "console.log.constructor('return this')()", (ERROR,)),
    (
        "constructor by its descriptor",
        "var p = Object.getPrototypeOf(function () {});"
        " Object.getOwnPropertyDescriptor(p, 'constructor').get.call(1).call(null, '1')()",
        (ERROR,),
    ),
    ("direct eval", "eval('1')", (ERROR,)),
    ("indirect eval", "(0, eval)('1')", (ERROR,)),
    ("eval by another spelling", "\\u0065val('1')", (ERROR,)),
    ("Function by reflection", "Reflect.construct(Function, ['return 1'])", (ERROR,)),
    ("Function as a parent", "new (class extends Function { constructor() { super('return 1') } })()()", (ERROR,)),
    ("dynamic import", "import('fs').then(function () { while (true) {} })", (HARMLESS,)),
    (
        "dynamic import of a data URL",
        "import('data:text/javascript,while(true){}').then(function () { while (true) {} })",
        (HARMLESS,),
    ),
]
TAKEN: list[Row] = [
    (f"use of {name}", script, (ERROR,))
    for name, script in {
        "WebAssembly": "new WebAssembly.Module(new Uint8Array(8))",
        "shared memory": "new SharedArrayBuffer(8)",
        "shared memory by another way": "new WebAssembly.Memory({initial: 1, maximum: 1, shared: true}).buffer",
        "Atomics": "Atomics.wait(new Int32Array(8), 0, 0)",
        "a timer": "setTimeout(function () {}, 1)",
        "the library's timers": "new __TimerManager()",
        "the library's timer object": "__timer_manager.setTimeout(function () {}, 1)",
        "another realm": "new ShadowRealm().evaluate('1')",
        "weak references": "new WeakRef({}).deref()",
        "finalizers": "new FinalizationRegistry(function () {})",
        "the network": "fetch('http://127.0.0.1/')",
        "a module": "require('fs')",
        "a process": "process.exit()",
        "a worker": "new Worker('x')",
        "our own entry": '$parley(\'{"do":"run"}\')',
    }.items()
]
WRAPPER: list[Row] = [
    ("bracket that closes the wrapper, then a loop", "}); while (true) {} (function () {", (SYNTAX,)),
    (
        "bracket that closes the wrapper, then a message",
        "return }); botContext.sendMessage('out'); (function () {",
        (SYNTAX,),
    ),
    ("comment that swallows the wrapper", "/*", (SYNTAX,)),
    ("comment that was opened before", "*/ while (true) {} /*", (SYNTAX,)),
    ("text that is never closed", "`", (SYNTAX,)),
    ("comment at the end of the line", "1 //", (HARMLESS,)),
    ("comment as in old pages", "<!-- while (true) {}\n--> while (true) {}", (HARMLESS,)),
    ("source that names itself ours", "null.x //# sourceURL=parley", (ERROR,)),
    ("parameters of the wrapper as constants", "let $parley = 1, __TimerManager = 2; null.x", (ERROR,)),
    ("walk up the callers", "arguments.callee.caller.caller", (ERROR, HARMLESS)),
    ("a line break that only JavaScript knows", "1\u2028null.x", (ERROR,)),
    ("a zero byte", "1\x00", (SYNTAX,)),
    ("half of a pair", "var x = '\ud800'; null.x", (ERROR,)),
]
THROWN: list[Row] = [
    ("thrown proxy whose getters throw", "throw new Proxy({}, {get: function () { throw 1 }})", (ERROR,)),
    ("thrown object without a text", "throw {toString: null, message: Symbol('x')}", (ERROR,)),
    ("thrown enormous integer", "throw 10n ** 10000n", (ERROR,)),
    ("thrown nothing", "throw undefined", (ERROR,)),
    ("thrown symbol", "throw Symbol('x')", (ERROR,)),
    ("thrown error that causes itself", "var e = new Error('x'); e.cause = e; throw e", (ERROR,)),
    ("thrown revoked proxy", "var r = Proxy.revocable({}, {}); r.revoke(); throw r.proxy", (ERROR,)),
    (
        "stack whose getter throws",
        "var e = new Error(); Object.defineProperty(e, 'stack', {get: function () { throw e }}); throw e",
        (ERROR,),
    ),
    (
        "stack that claims an enormous line",
        "throw Object.assign(new Error('x'), {stack: '\\n    at author:99999999999999999999:-1'})",
        (ERROR,),
    ),
    ("promise that nobody catches", "Promise.reject(new Error('x'.repeat(1e6)))", (HARMLESS,)),
]

CASES = [case_of(row) for table in (DEPTH, CODE, TAKEN, WRAPPER, THROWN) for row in table]
