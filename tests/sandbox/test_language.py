"""What scripts may rely on: sloppy mode, scopes, global functions, `for each`, and true lines in errors."""

from __future__ import annotations

import pytest

from integrations.sandbox import foreach


def texts(outcome):
    assert outcome.error is None, outcome.error
    return [operation["text"] for operation in outcome.operations]


def test_undeclared_variables_work(run):
    assert texts(run("total = 2; total++; botContext.sendMessage(total)")) == ["3"]


@pytest.mark.parametrize(
    "functions",
    [
        "function f() { return 1 }",
        "var f = function () { return 1 }",
        "let f = () => 1",
        "f = function () { return 1 }",
    ],
)
def test_global_functions_are_visible(run, functions):
    assert texts(run("botContext.sendMessage(f())", functions)) == ["1"]


def test_global_functions_are_evaluated_anew_for_each_run(run):
    functions = "var count = 0; function next() { return ++count }"

    assert texts(run("next(); botContext.sendMessage(next())", functions)) == ["2"]
    assert texts(run("next(); botContext.sendMessage(next())", functions)) == ["2"]


def test_a_script_has_a_scope_of_its_own(run):
    functions = "var town = 'Ulm'; function show() { return town }"

    assert texts(run("var town = 'Bonn'; botContext.sendMessage(show())", functions)) == ["Ulm"]


def test_global_functions_may_use_botcontext(run):
    functions = "function go() { botContext.setTriggerNextMessage('back') }"

    assert run("go()", functions).operations == ({"op": "trigger", "name": "back"},)


def test_the_initial_function_runs_when_it_is_defined(run):
    functions = "function __initConversation() { botContext.sendMessage('hello') }"

    assert texts(run("", functions, place="initConversation")) == ["hello"]
    assert texts(run("", functions.replace("__init", "init"), place="initConversation")) == ["hello"]
    both = f"{functions}; function initConversation() {{ botContext.sendMessage('not this one') }}"
    assert texts(run("", both, place="initConversation")) == ["hello"]
    assert texts(run("", "var other = 1", place="initConversation")) == []


def test_a_script_may_return_early(run):
    assert texts(run("botContext.sendMessage('a'); return; botContext.sendMessage('b')")) == ["a"]


def test_a_comment_at_the_end_does_not_hide_the_wrapper(run):
    assert texts(run("botContext.sendMessage('a') // end", "function f() {} // end")) == ["a"]


@pytest.mark.parametrize(
    ("source", "functions", "message", "line", "column"),
    [
        ("null.x", "", "TypeError: Cannot read properties of null", 1, 6),
        ("var a;\n\n  missing()", "", "ReferenceError: missing is not defined", 3, 3),
        ("var a;\r\n  missing()", "var b;\r\nvar c;", "ReferenceError: missing is not defined", 2, 3),
        ("\n f()", "\n\nfunction f() { null.x }", "In the global functions: TypeError", 3, 21),
        ("1", "null.x", "In the global functions: TypeError", 1, 6),
        ("\nthrow 'no'", "", "The script threw no.", 0, 0),
        ("\nJSON.parse('{')", "", "SyntaxError: Expected property name", 2, 6),
        ("\nbotContext.nothing()", "", "Error: botContext.nothing() is not supported here.", 2, 12),
        ("throw new Error('at author:9:9')", "", "Error: at author:9:9", 1, 7),
        ("1", "return;", "The global functions end early with return", 0, 0),
    ],
)
def test_an_error_tells_its_place_in_the_authors_text(run, source, functions, message, line, column):
    error = run(source, functions).error

    assert error.kind == "script"
    assert error.message.startswith(message)
    assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize(
    ("source", "functions", "message", "line", "column"),
    [
        ("var a = ;", "", "SyntaxError: Unexpected token ';'", 1, 9),
        ("var a;\n  if (a {", "", "SyntaxError: Unexpected token '{'", 2, 9),
        ("f(\n", "", "SyntaxError: Unexpected end of input", 2, 1),
        ("var a;\n}", "", "SyntaxError: Unexpected token '}'", 2, 1),
        ("}); while (true) {} (function () {", "", "SyntaxError: Unexpected token '}'", 1, 1),
        ("/* open", "", "SyntaxError", 1, 1),
        ("1", "var a;\nvar = 1", "In the global functions: SyntaxError", 2, 5),
        ("(" * 100_000, "", "SyntaxError", 0, 0),
    ],
)
def test_a_syntax_error_tells_its_place_and_runs_nothing(run, source, functions, message, line, column):
    outcome = run(source, functions)

    assert outcome.operations == ()
    assert outcome.error.kind == "syntax"
    assert outcome.error.message.startswith(message)
    if (line, column) != (1, 1):
        assert (outcome.error.line, outcome.error.column) == (line, column)


def test_syntax_can_be_checked_without_running(pool):
    error = pool.check_syntax("botContext.sendMessage('x')\nvar = 1", place="preProcess")

    assert (error.kind, error.line, error.column) == ("syntax", 2, 5)
    assert pool.check_syntax("while (true) {} // parsed only", place="preProcess") is None
    assert pool.check_syntax("for each (var k in map.keySet()) f(k); return", place="transform") is None
    assert pool.check_syntax("x" * 600_000, place="globalFunctions").kind == "limit"


def test_for_each_loops_over_values(run):
    script = """
        for each (var key in botContext.getContextDataForUser('shop').keySet()) botContext.sendMessage(key);
        for each(item in [3, 4]) { botContext.sendMessage(item) }
        for each (var v in {a: 5}) botContext.sendMessage(v);
        for each (var n in null) botContext.sendMessage(n);
    """

    assert texts(run(script, context={"user": {"shop": {"size": 1}}})) == ["size", "3", "4", "5"]


UNCHANGED = [
    "for (var each in list) f(each)",
    "// for each (x in y)",
    "/* for each (x in y) */",
    "'for each (x in y)'",
    "var r = /for each (x in y)/;",
    "`for each (x in y)`",
    "for each (nothing)",
    "for each (x in y",
]


@pytest.mark.parametrize("source", UNCHANGED)
def test_what_is_no_for_each_loop_stays_as_it_is(source):
    assert foreach.rewrite(source) == source


@pytest.mark.parametrize(
    ("source", "rewritten"),
    [
        ("for each (var x in f(a, [b])) g(x)", "for      (var x of $parleyEach( f(a, [b]))) g(x)"),
        ("a / b; for each (x in y) c / d", "a / b; for      (x of $parleyEach( y)) c / d"),
        ("for\neach (x in\n'a)b') g", "for\n     (x of $parleyEach(\n'a)b')) g"),
        (
            "for each (x in y) for each (z in x) f",
            "for      (x of $parleyEach( y)) for      (z of $parleyEach( x)) f",
        ),
    ],
)
def test_a_for_each_loop_is_rewritten_in_its_line(source, rewritten):
    assert foreach.rewrite(source) == rewritten


IDIOMS = [
    "var o = {}; o.toString = function () { return 'o' }; return '' + o",
    "function P() {} P.prototype.toString = function () { return 'o' }; return String(new P())",
    "function Q() {} Q.prototype = Object.create(Array.prototype); Q.prototype.push = 'o'; return new Q().push",
    "function Q() {} Q.prototype = {}; Q.prototype.constructor = Q; return new Q().constructor === Q && 'o'",
    "var e = new Error('x'); e.name = 'o'; return e.name",
    "var e = new Error('x'); e.message = 'o'; return e.message",
    "function E() {} E.prototype = new Error(); E.prototype.name = 'o'; return new E().name",
    "var a = []; a.toString = function () { return 'o' }; return String(a)",
    "var o = Object.create({}); o.hasOwnProperty = 'o'; return o.hasOwnProperty",
    "var d = new Date(0); d.toJSON = function () { return 'o' }; return JSON.parse(JSON.stringify(d))",
    "return Object.prototype.hasOwnProperty.call({a: 1}, 'a') && 'o'",
    "return Array.prototype.slice.call((function () { return arguments })('o'))[0]",
    "class A extends Array { push() { return 'o' } } return new A().push()",
    "with ({o: 'o'}) return o",
    "return 'abc'.replace(/b/, function () { return 'o' })[1]",
    "if (!String.prototype.trim) String.prototype.trim = function () {}; return ' o '.trim()",
    "return (function () {}) instanceof Function && 'o'",
    "return [...new Set(['o'])].concat([]).map(function (x) { return x }).join('')",
    "var f = function () { return this.o }.bind({o: 'o'}); return f()",
]


@pytest.mark.parametrize("body", IDIOMS)
def test_ordinary_idioms_work_although_the_language_is_frozen(run, body):
    assert texts(run(f"botContext.sendMessage((function () {{ {body} }})())")) == ["o"]


@pytest.mark.parametrize(
    ("thrown", "sentence"),
    [
        ("[1, 2, 3]", "The script threw the list [1,2,3]."),
        ("[]", "The script threw the list []."),
        ("{a: 1}", 'The script threw the object {"a":1}.'),
        ("{}", "The script threw the object {}."),
        ("null", "The script threw null."),
        ("undefined", "The script threw undefined."),
        ("0", "The script threw 0."),
        ("''", "The script threw an empty text."),
        ("' \\n '", "The script threw an empty text."),
        ("Symbol('x')", "The script threw Symbol(x)."),
        ("function () {}", "The script threw a function."),
        ("new Error()", "The script threw Error without a message."),
        ("new TypeError('')", "The script threw TypeError without a message."),
        ("Object.assign(new Error(), {name: ''})", "The script threw Error without a message."),
        ("Object.assign(new Error('x'), {name: ''})", "x"),
        ("{message: 'm'}", "Error: m"),
        ("{message: ' '}", 'The script threw the object {"message":" "}.'),
        ("{toString: function () { return 'mine' }}", "The script threw the object mine."),
        ("{a: 1, toString: function () { throw 1 }}", 'The script threw the object {"a":1}.'),
        ("{toJSON: function () { throw 1 }}", "The script threw something that cannot be read."),
        ("Object.create(null)", "The script threw the object {}."),
        ("new Proxy({a: 1}, {})", 'The script threw the object {"a":1}.'),
        ("new Proxy({}, {get: function () { throw 1 }})", "The script threw something that cannot be read."),
        ("new Map([[1, 2]])", "The script threw the object {}."),
        ("new Date(0)", "The script threw the object Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)."),
        ("'x'.repeat(5000)", f"The script threw {'x' * 1000}…."),
        ("Array(5000).fill(7)", f"The script threw the list [{'7,' * 499}7…."),
        ("{message: 'x'.repeat(5000)}", f"Error: {'x' * 993}…"),
        ("'\\ud800'", "The script threw \ufffd."),
    ],
)
def test_whatever_is_thrown_is_told_in_a_bounded_sentence(run, thrown, sentence):
    error = run(f"throw {thrown if not thrown.startswith('{') else f'({thrown})'}").error

    assert error.kind == "script"
    assert error.message == sentence
