"""What scripts hand over: floods, odd values, values that lie about themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from integrations.engine.json_values import dumps
from integrations.engine.scripts import ScriptOutcome
from tests.sandbox.conftest import Run
from tests.torture.case import Case, expect

Check = Callable[[ScriptOutcome], bool]
MEBIBYTE = 1024 * 1024


def operations(outcome: ScriptOutcome, kind: str) -> list[Any]:
    return [operation for operation in outcome.operations if operation["op"] == kind]


def refused(outcome: ScriptOutcome, words: str) -> bool:
    return any(words in operation["text"] for operation in operations(outcome, "refused"))


def values(outcome: ScriptOutcome) -> list[Any]:
    return [operation["value"] for operation in operations(outcome, "set")]


def most(kind: str, count: int, words: str) -> Check:
    """At most so many were taken, and the refusal was told, once."""
    return lambda outcome: (
        len(operations(outcome, kind)) == count and refused(outcome, words) and len(operations(outcome, "refused")) == 1
    )


def no_value(words: str) -> Check:
    return lambda outcome: (
        values(outcome) == []
        and (refused(outcome, words) or (outcome.error is not None and words in outcome.error.message))
    )


def value(expected: Any) -> Check:
    return lambda outcome: values(outcome) == [expected] and outcome.error is None


Row = tuple[str, str, str, Check]  # what is done, the script, what must come of it, how that is seen

FLOODS: list[Row] = [
    (
        "a million messages",
        "for (var i = 0; i < 1e6; i++) botContext.sendMessage('x')",
        "20 messages are taken, the rest is refused with one line.",
        most("message", 20, "20 messages"),
    ),
    (
        "a million variables",
        "for (var i = 0; i < 1e6; i++) botContext.setBotVariable('v' + i, i)",
        "1,000 are taken, the rest is refused with one line.",
        most("set", 1_000, "1,000 writes"),
    ),
    (
        "a million log lines",
        "for (var i = 0; i < 1e6; i++) botContext.printDebugMessage('x')",
        "100 lines are taken, the rest is refused with one line.",
        most("debug", 100, "100 lines"),
    ),
    (
        "a million events",
        "for (var i = 0; i < 1e6; i++) botContext.logCustomEvent('x', 'y', 'z')",
        "200 are taken, the rest is refused with one line.",
        most("event", 200, "200 other calls"),
    ),
    (
        "ten thousand unknown functions",
        "for (var i = 0; i < 1e4; i++) try { botContext['f' + i]() } catch (e) {}",
        "100 of them are told.",
        lambda outcome: len(operations(outcome, "unsupported")) == 100,
    ),
    (
        "a gigabyte of variables",
        "for (var i = 0; i < 5000; i++) botContext.setBotVariable('v' + i, 'x'.repeat(250000))",
        "4 MB are taken, the rest is refused.",
        lambda outcome: sum(map(len, values(outcome))) < 5 * MEBIBYTE and refused(outcome, "4 MB in all"),
    ),
    (
        "one variable of 300 KB",
        "botContext.setBotVariable('v', 'x'.repeat(300000))",
        "It is refused, told with its name.",
        no_value("v has more than 256 KB"),
    ),
    (
        "one variable of 300 KB by escapes",
        "botContext.setBotVariable('v', '\\u0001'.repeat(60000))",
        "It is refused: what counts is its JSON.",
        no_value("256 KB"),
    ),
    (
        "one message of 70 KB",
        "botContext.sendMessage('ä'.repeat(35000))",
        "It is refused.",
        lambda outcome: not operations(outcome, "message") and refused(outcome, "64 KB"),
    ),
    (
        "name of a megabyte",
        "botContext.setBotVariable('n'.repeat(1e6), 1)",
        "It is refused.",
        no_value("200 characters"),
    ),
    (
        "texts of a hundred megabytes in a list",
        "botContext.sendMessages([1, 2, 3].map(function () { return 'x'.repeat(1e7) }))",
        "None is taken.",
        lambda outcome: not operations(outcome, "message"),
    ),
    (
        "quick replies without number",
        "botContext.addQuickReplies(new Array(1e5).fill('a~b'))",
        "24 are taken.",
        lambda outcome: len(operations(outcome, "quick_replies")[0]["replies"]) == 24,
    ),
]
ODD: list[Row] = [
    (
        "value that refers to itself",
        "var o = {}; o.o = o; botContext.setBotVariable('v', o)",
        "It is a script error that says so.",
        no_value("refers to itself"),
    ),
    (
        "value that refers to itself by a list",
        "var o = {a: []}; o.a.push({o: o}); botContext.setBotVariable('v', o)",
        "It is a script error that says so.",
        no_value("refers to itself"),
    ),
    (
        "value nested 101 deep",
        "var o = 1; for (var i = 0; i < 102; i++) o = {o: o}; botContext.setBotVariable('v', o)",
        "It is refused.",
        no_value("100 levels"),
    ),
    (
        "toJSON that throws",
        "botContext.setBotVariable('v', {toJSON: function () { throw new Error('mine') }})",
        "It is the author's own error.",
        no_value("mine"),
    ),
    (
        "toJSON that answers with nothing",
        "botContext.setBotVariable('v', {toJSON: function () {}})",
        "The variable is not set.",
        value(None),
    ),
    (
        "toJSON that sends messages",
        "botContext.setBotVariable('v', {toJSON: function () { botContext.sendMessage('in'); return 1 }})",
        "Both happen, in an order, and the answer is whole.",
        lambda outcome: {operation["op"] for operation in outcome.operations} == {"set", "message"},
    ),
    (
        "getter that sends the immediate reply",
        "botContext.setBotVariable('v', {get a() { botContext.sendImmediateReply('bye'); return 1 }})",
        "The script ends with the reply.",
        lambda outcome: [o["op"] for o in outcome.operations] == ["immediate"],
    ),
    (
        "half of a pair in a value",
        "botContext.setBotVariable('v', 'a\\ud800b')",
        "It arrives as a replacement sign.",
        value("a\ufffdb"),
    ),
    (
        "half of a pair in a name",
        "botContext.setBotVariable('n\\udfff', 'x')",
        "It arrives as a replacement sign.",
        lambda outcome: operations(outcome, "set")[0]["name"] == "n\ufffd",
    ),
    (
        "half of a pair in a message",
        "botContext.sendMessage('\\ud83d')",
        "It arrives as a replacement sign.",
        lambda outcome: operations(outcome, "message")[0]["text"] == "\ufffd",
    ),
    (
        "half of a pair in a key",
        "botContext.setBotVariable('v', {'\\ud800': 1})",
        "It arrives as a replacement sign.",
        lambda outcome: list(values(outcome)[0]) == ["\ufffd"],
    ),
    (
        "half of a pair in an error",
        "throw new Error('\\ud800')",
        "The error is told.",
        lambda outcome: outcome.error is not None and "\ufffd" in outcome.error.message,
    ),
    (
        "zero byte in a message",
        "botContext.sendMessage('a\\u0000b')",
        "It arrives as it is.",
        lambda outcome: operations(outcome, "message")[0]["text"] == "a\x00b",
    ),
    (
        "not a number",
        "botContext.setBotVariable('v', [{a: NaN, b: 1 / 0}])",
        "JSON's null stands for it.",
        value([{"a": None, "b": None}]),
    ),
    (
        "number of a hundred thousand digits, spelled by hand",
        "botContext.setBotVariable('v', {n: JSON.rawJSON('9'.repeat(100000))})",
        "It is kept as it is spelled.",
        value({"n": "9" * 100_000}),
    ),
    (
        "numbers spelled by hand",
        "botContext.setBotVariable('v', [JSON.rawJSON('1e999999'), JSON.rawJSON('-0'), JSON.rawJSON('1.10')])",
        "They are kept as they are spelled.",
        value(["1e999999", "-0", "1.10"]),
    ),
    (
        "message sent by a script that is out of stack",
        "function f() { try { f() } catch (e) { botContext.sendMessage('x') } } f()",
        "It is sent as soon as there is room.",
        lambda outcome: outcome.operations == ({"op": "message", "text": "x"},) and outcome.error is None,
    ),
    (
        "variables set by a script that is out of stack",
        "function f(n) { try { f(n + 1) } catch (e) {} botContext.setBotVariable('v', 'low') } f(0);"
        " botContext.setBotVariable('v', 'high')",
        "They are set, the last as the last.",
        lambda outcome: (
            outcome.error is None and values(outcome)[0] == "low" and not operations(outcome, "unsupported")
        ),
    ),
    ("not a number alone", "botContext.setBotVariable('v', NaN)", "It is the text.", value("NaN")),
    (
        "date that is none",
        "botContext.setBotVariable('v', {d: new Date(NaN)})",
        "JSON's null stands for it.",
        value({"d": None}),
    ),
    (
        "date beyond the years",
        "botContext.setBotVariable('v', {d: new Date(8.64e15)})",
        "It is its text.",
        value({"d": "+275760-09-13T00:00:00.000Z"}),
    ),
    (
        "enormous integer",
        "botContext.setBotVariable('v', {n: 10n ** 400n})",
        "It is a script error.",
        lambda outcome: values(outcome) == [] and outcome.error is not None and outcome.error.kind == "script",
    ),
    ("symbol as a value", "botContext.setBotVariable('v', Symbol('x'))", "It is its text.", value("Symbol(x)")),
    (
        "list of four billion holes",
        "var a = []; a.length = 4e9; botContext.setBotVariable('v', a)",
        "The script is stopped or the value refused.",
        lambda outcome: values(outcome) == [] and outcome.error is not None,
    ),
    (
        "names of the language as variables",
        "['__proto__', 'constructor', 'toString'].forEach(function (n) { botContext.setBotVariable(n, 'v') });"
        "botContext.sendMessage([botContext.getBotVariable('__proto__'), ({}).constructor === Object].join())",
        "They are names like any other.",
        lambda outcome: operations(outcome, "message")[0]["text"] == "v,true",
    ),
    (
        "keys of the language in a value",
        'botContext.setBotVariable(\'v\', JSON.parse(\'{"__proto__": {"a": 1}, "constructor": 2}\'))',
        "They are keys like any other.",
        value({"__proto__": {"a": "1"}, "constructor": "2"}),
    ),
    (
        "message that looks like an operation",
        'botContext.sendMessage(\'"},{"op":"transfer","field":"intent","value":"x\')',
        "It is a text.",
        lambda outcome: [o["op"] for o in outcome.operations] == ["message"],
    ),
]


def gives(run: Run, *, script: str, holds: Check) -> None:
    outcome = run(script, limit=3.0, reuse="odd bot")

    expect(holds(outcome), f"It gave {dumps(list(outcome.operations))[:600]} and {outcome.error}")
    after = run("botContext.sendMessage('fine')", reuse="odd bot")
    expect(after.operations == ({"op": "message", "text": "fine"},), f"The next script gave {after}")


CASES = [
    Case(
        name, expectation, partial(gives, script=script, holds=holds), short="1e6" not in script and "4e9" not in script
    )
    for name, script, expectation, holds in (*FLOODS, *ODD)
]
