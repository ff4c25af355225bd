"""Scripts that want all the memory there is: by objects, texts, buffers, expressions, Intl's library, errors."""

from __future__ import annotations

from tests.torture.sandbox_ends import CRASH, ERROR, HARMLESS, TOO_LONG, TOO_MUCH, Row, case_of

OBJECTS: list[Row] = [
    ("arrays without end", "var a = []; while (true) a.push(new Array(1000).fill(1.5))", (TOO_MUCH,)),
    ("map without end", "var m = new Map(); for (var i = 0; ; i++) m.set(i, {})", (TOO_MUCH,)),
    ("globals without end", "for (var i = 0; ; i++) globalThis['g' + i] = [i]", (TOO_MUCH, TOO_LONG)),
    ("properties without end", "var o = {}; for (var i = 0; ; i++) o['k' + i] = i", (TOO_MUCH, TOO_LONG)),
    ("symbols without end", "var a = []; while (true) a.push(Symbol.for('x' + a.length))", (TOO_MUCH, TOO_LONG)),
    ("functions without end", "var a = []; while (true) a.push(function () { return a })", (TOO_MUCH, TOO_LONG)),
    (
        "promises without end",
        "var a = []; while (true) a.push(Promise.resolve(a).then(function () {}))",
        (TOO_MUCH, TOO_LONG),
    ),
    ("list of an iterator without end", "Iterator.from({next() { return {value: 1} }}).toArray()", (TOO_MUCH,)),
    (
        "disposals without end",
        "var s = new DisposableStack(); while (true) s.use({[Symbol.dispose]() {}})",
        (TOO_MUCH, TOO_LONG),
    ),
    ("arguments without end", "Math.max.apply(null, new Array(1e8))", (TOO_MUCH, ERROR)),
    ("spread without end", "(function () {})(...new Array(1e7))", (TOO_MUCH, ERROR)),
    ("fifty million objects from JSON", "JSON.parse('[' + '{},'.repeat(5e7) + '{}]')", (TOO_MUCH,)),
]
TEXTS: list[Row] = [
    ("strings without end", "var a = []; while (true) a.push('x'.repeat(1e6) + Math.random())", (TOO_MUCH, TOO_LONG)),
    ("half a gigabyte of one letter", "'x'.repeat(5e8).indexOf('y')", (TOO_MUCH,)),
    ("hundred million parts of a split", "'x'.repeat(1e8).split('')", (TOO_MUCH,)),
    (
        "indented JSON",
        "var o = []; for (var i = 0; i < 3000; i++) o = [o, 1, 1, 1, 1]; JSON.stringify([o, o, o, o], null, 10)",
        (TOO_MUCH, ERROR),
    ),
    ("string that doubles", "var s = 'x'; while (true) s += s + 'y'", (ERROR, TOO_MUCH)),
    ("text that grows by upper case", "'ß'.repeat(1e8).toUpperCase()", (TOO_MUCH, ERROR)),
    ("text that grows by normal form", "'ﷺ'.repeat(3e7).normalize('NFKD')", (TOO_MUCH, ERROR, TOO_LONG)),
    ("text that grows by encoding", "encodeURIComponent('ä'.repeat(5e7))", (TOO_MUCH, ERROR)),
    ("text that grows by replacing", "'a'.repeat(2 ** 28).replace(/a/g, 'bb')", (TOO_MUCH,)),
    ("name of a property of hundred megabytes", "var o = {}; o['x'.repeat(1e8)] = 1", (TOO_MUCH, ERROR, HARMLESS)),
]
ERRORS: list[Row] = [
    ("half a gigabyte of error text", "throw new Error('x'.repeat(5e8))", (TOO_MUCH,)),
    ("half a gigabyte thrown", "throw 'x'.repeat(5e8)", (TOO_MUCH,)),
    (
        "many errors of ten megabytes",
        "throw new AggregateError([new Error('x'.repeat(1e7))], 'y'.repeat(1e7))",
        (ERROR, TOO_MUCH),
    ),
    (
        "function's name of ten megabytes in the stack",
        "var f = {['n'.repeat(1e7)]: function () { throw new Error('x') }}['n'.repeat(1e7)]; f()",
        (ERROR, TOO_MUCH),
    ),
    ("error text of the engine's own", "null['x'.repeat(1e8)]", (ERROR, TOO_MUCH)),
]
BUFFERS: list[Row] = [
    ("typed arrays without end", "var a = []; while (true) a.push(new Uint8Array(1e7))", (ERROR, TOO_MUCH)),
    ("views without end", "var a = []; while (true) a.push(new DataView(new ArrayBuffer(1e6)))", (ERROR, TOO_MUCH)),
    (
        "resizable buffers without end",
        "var a = []; while (true) a.push(new ArrayBuffer(1e6, {maxByteLength: 1e9}))",
        (ERROR, TOO_MUCH),
    ),
    (
        "buffer that grows without end",
        "var b = new ArrayBuffer(8, {maxByteLength: 2 ** 31});"
        " for (var n = 1; ; n *= 2) { b.resize(n); new Uint8Array(b).fill(1) }",
        (ERROR, TOO_MUCH),
    ),
    (
        "buffers handed on without end",
        "var b = new ArrayBuffer(1e6), a = []; while (true) { b = b.transfer(b.byteLength * 2); a.push(b) }",
        (ERROR, TOO_MUCH),
    ),
    ("three hundred megabytes of base64", "Uint8Array.fromBase64('A'.repeat(4e8))", (TOO_MUCH, ERROR)),
    ("a gigabyte at once", "new ArrayBuffer(1e9)", (ERROR,)),
]
LIBRARY: list[Row] = [
    (
        "calendars without end",
        "var a = []; while (true) a.push(new Intl.DateTimeFormat('ar-u-nu-arab'))",
        (TOO_LONG, TOO_MUCH, CRASH),
    ),
    (
        "segmenters without end",
        "var a = []; while (true) a.push(new Intl.Segmenter('ja', {granularity: 'word'}).segment('x'.repeat(1e5)))",
        (TOO_MUCH, TOO_LONG, CRASH),
    ),
    (
        "expressions without end",
        "var a = []; while (true) a.push(new RegExp('(?:a|b)*x{1,50}' + a.length, 'u').test('ab'))",
        (TOO_LONG, TOO_MUCH),
    ),
    ("matches without end", "var a = []; while (true) a.push('x'.repeat(1e5).match(/x/g))", (TOO_MUCH, TOO_LONG)),
    (
        "numbers spelled by locale",
        "while (true) Number.MAX_VALUE.toLocaleString('ar', {minimumFractionDigits: 100})",
        (TOO_LONG,),
    ),
    ("expression of enormous counts", "/((a{1000}){1000}){1000}/.test('a')", (ERROR, HARMLESS, TOO_MUCH, TOO_LONG)),
]

CASES = [
    case_of(row, short=number < 1)
    for table in (OBJECTS, TEXTS, ERRORS, BUFFERS, LIBRARY)
    for number, row in enumerate(table)
]
