"""Scripts that never end: in loops of their own, in the promises they queue, in native code, in our own functions."""

from __future__ import annotations

from tests.torture.sandbox_ends import CRASH, ERROR, HARMLESS, TOO_LONG, TOO_MUCH, Row, case_of

LOOPS: list[Row] = [
    ("endless loop", "while (true) {}", (TOO_LONG,)),
    ("recursion that finally undoes", "function f() { try { f() } finally { f() } } f()", (TOO_LONG,)),
    (
        "loop after the immediate reply",
        "try { botContext.sendImmediateReply('x') } finally { while (true) {} }",
        (TOO_LONG,),
    ),
    ("loop that catches everything", "while (true) { try { null.x } catch (e) { continue } }", (TOO_LONG,)),
    ("generator without end in for each", "for each (x in (function* () { while (true) yield 1 })()) {}", (TOO_LONG,)),
    ("ever larger integers", "var x = 2n; while (true) x = x * x", (TOO_LONG, ERROR, TOO_MUCH)),
]
QUEUED: list[Row] = [
    ("endless loop of awaits", "(async function () { while (true) await null })(); 'answered'", (TOO_LONG,)),
    ("promise that queues itself", "function f() { Promise.resolve().then(f) } f()", (TOO_LONG,)),
    ("promise of a thenable that loops", "Promise.resolve({then: function () { while (true) {} }})", (TOO_LONG,)),
    (
        "thenable that resolves to itself",
        "new Promise(function (r) { r({then: function (f) { f(this) }}) })",
        (TOO_LONG,),
    ),
    (
        "endless async generator",
        "(async function () { for await (var x of (async function* () { while (true) yield 1 })()); })()",
        (TOO_LONG,),
    ),
    (
        "import that loops once it is refused",
        "import('fs').then(null, function () { while (true) {} })",
        (TOO_LONG, HARMLESS),
    ),
]
QUEUED += [
    (
        "imports that follow each other",
        "(function f(n) { import('x' + n).then(null, function () { f(n + 1) }) })(0)",
        (TOO_LONG,),
    ),
    (
        "endless generator for Array.fromAsync",
        "Array.fromAsync((function* () { while (true) yield 1 })())",
        (TOO_LONG, TOO_MUCH),
    ),
    (
        "promise by a name that is put together",
        "(function f() { this['Pro' + 'mise'].resolve().then(f) })()",
        (TOO_LONG,),
    ),
    (
        "promise by its property's getter",
        "var P = Object.getOwnPropertyDescriptor(this, 'Prom' + 'ise').get(); (function f() { P.resolve().then(f) })()",
        (TOO_LONG,),
    ),
    (
        "Array.fromAsync by a name that is put together",
        "[]['const' + 'ructor']['fromAs' + 'ync']((function* () { while (true) yield 1 })())",
        (TOO_LONG, TOO_MUCH),
    ),
    (
        "disposal that awaits for ever",
        "(async function () { await using x = {async [Symbol.asyncDispose]() { while (true) await null }} })()",
        (TOO_LONG,),
    ),
]
NATIVE: list[Row] = [
    ("native indexOf that ignores the stop", "new Array(1e9).indexOf(1)", (TOO_LONG,)),
    ("native includes over a fake length", "Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)", (TOO_LONG,)),
    ("native reverse over a fake length", "Array.prototype.reverse.call({length: 2 ** 53 - 1})", (TOO_LONG,)),
    (
        "native copyWithin over a fake length",
        "Array.prototype.copyWithin.call({length: 2 ** 53 - 1}, 1, 0)",
        (TOO_LONG,),
    ),
    (
        "native lastIndexOf over a fake length",
        "Array.prototype.lastIndexOf.call({length: 2 ** 53 - 1}, 1)",
        (TOO_LONG,),
    ),
    ("native fill over a fake length", "Array.prototype.fill.call({length: 2 ** 53 - 1}, 1)", (TOO_LONG,)),
    ("native splice over a fake length", "Array.prototype.splice.call({length: 2 ** 53 - 1}, 0, 1)", (TOO_LONG,)),
    ("native String.raw over a fake length", "String.raw({raw: {length: 2 ** 53 - 1}})", (TOO_LONG,)),
    (
        "native drop that is never done",
        "Iterator.from({next() { return {value: 1} }}).drop(Infinity).next()",
        (TOO_LONG,),
    ),
    (
        "native union with a set that lies",
        "new Set([1]).union({size: Infinity, has() {}, keys() { return {next() { return {value: Math.random()} }} }})",
        (TOO_LONG, TOO_MUCH),
    ),
    ("sort of a billion holes", "new Array(1e9).sort()", (TOO_LONG, TOO_MUCH)),
    (
        "sort that never agrees",
        "var a = []; for (var i = 0; i < 1e6; i++) a.push(i); a.sort(function () { return Math.random() - 0.5 })",
        (TOO_LONG,),
    ),
    ("enormous number from text", "while (true) BigInt('9'.repeat(1e7))", (TOO_LONG,)),
    ("enormous number to text", "while (true) (10n ** 3000000n).toString()", (TOO_LONG,)),
    ("comparison of enormous texts", "var a = 'a'.repeat(3e6); while (true) a.localeCompare(a + 'b')", (TOO_LONG,)),
    (
        "text that is replaced piece by piece",
        "while (true) 'a'.repeat(2 ** 22).replace(/a/g, 'b')",
        (TOO_LONG, TOO_MUCH),
    ),
]
EXPRESSIONS: list[Row] = [
    ("exploding regular expression", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", (TOO_LONG,)),
    ("exploding alternatives", "/(?:a|aa)+$/.test('a'.repeat(60) + 'b')", (TOO_LONG,)),
    ("exploding blanks", "/(.*)*x/.test('a'.repeat(40))", (TOO_LONG,)),
    ("exploding look-behind", "/(?<=(a+)+b)c/.test('a'.repeat(40) + 'c')", (TOO_LONG, HARMLESS)),
    (
        "expression of a million alternatives",
        "while (true) new RegExp('(?:' + 'a|'.repeat(1e6) + ')').test('b')",
        (TOO_LONG, TOO_MUCH, ERROR),
    ),
    (
        "expression of a million brackets",
        "new RegExp('('.repeat(1e6) + ')'.repeat(1e6)).test('a')",
        (ERROR, TOO_LONG, TOO_MUCH, CRASH),
    ),
]
# Our own functions call back into what the author hands them.
TRAPS: list[Row] = [
    (
        "loop in the getter of what is thrown",
        "throw new Proxy({}, {get: function () { while (true) {} }})",
        (TOO_LONG,),
    ),
    ("loop in the stack of what is thrown", "throw {get stack() { while (true) {} }, message: 'm'}", (TOO_LONG,)),
    (
        "loop in the message of what is thrown",
        "throw new (class extends Error { get message() { while (true) {} } })()",
        (TOO_LONG,),
    ),
    (
        "loop in toJSON of a variable",
        "botContext.setBotVariable('v', {toJSON: function () { while (true) {} }})",
        (TOO_LONG,),
    ),
    (
        "loop in the name of a variable",
        "botContext.setBotVariable({toString: function () { while (true) {} }}, 1)",
        (TOO_LONG,),
    ),
    (
        "loop in the keys of a variable",
        "botContext.setBotVariable('v', new Proxy({}, {ownKeys: function () { while (true) {} }}))",
        (TOO_LONG,),
    ),
    (
        "loop in the text of an array's element",
        "botContext.setBotVariable('v', [Object.assign(new String(''), {toString: function () { while (true) {} }})])",
        (TOO_LONG,),
    ),
    (
        "loop in the length of quick replies",
        "botContext.addQuickReplies({get length() { while (true) {} }})",
        (TOO_LONG,),
    ),
    (
        "loop in the name of what is thrown",
        "var e = new Error('x'); e.name = {toString() { while (true) {} }}; throw e",
        (TOO_LONG,),
    ),
    ("loop in the text of what is thrown", "throw {toString() { while (true) {} }}", (TOO_LONG,)),
    ("loop at the end of a scope", "{ using x = {[Symbol.dispose]() { while (true) {} }} }", (TOO_LONG,)),
    ("loop in a class that is made", "class A { static { while (true) {} } }", (TOO_LONG,)),
    ("loop in a reviver", "JSON.parse('[1]', function () { while (true) {} })", (TOO_LONG,)),
    ("four billion messages at once", "botContext.sendMessages(new Array(4e9))", (TOO_LONG,)),
    (
        "loop in the iterator of for each",
        "for each (x in {get [Symbol.iterator]() { while (true) {} }}) {}",
        (TOO_LONG,),
    ),
    (
        "loop in the time zone of the opening hours",
        "botContext.getHoursType('a~1:00~2:00', {toString: function () { while (true) {} }})",
        (TOO_LONG,),
    ),
    (
        "loop in a context key",
        "botContext.setGlobalContextData('n', {toString: function () { while (true) {} }}, 1)",
        (TOO_LONG,),
    ),
]

CASES = [
    case_of(row, short=number < 3)
    for table in (LOOPS, QUEUED, NATIVE, EXPRESSIONS, TRAPS)
    for number, row in enumerate(table)
]
