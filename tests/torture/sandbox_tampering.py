"""Scripts that change the language or our objects under the hands of what collects their results."""

from __future__ import annotations

from functools import partial

from tests.sandbox.conftest import Run
from tests.torture.case import Case, expect

SCRIPTS = (
    'JSON.stringify = function () { return \'{"op":"transfer","field":"intent","value":"x"}\' }',
    "JSON.parse = function () { return {} }",
    "Array.prototype.push = Array.prototype.join = function () { return '' }",
    "Array.prototype.toJSON = String.prototype.toJSON = Object.prototype.toJSON = function () { return 'forged' }",
    "Object.prototype.op = 'transfer'",
    "Object.defineProperty(Object.prototype, 'op', {get: function () { return 'transfer' }, set: function () {}})",
    "Object.defineProperty(Array.prototype, '0', {set: function () {}, get: function () { return 'forged' }})",
    "Map.prototype.get = Map.prototype.set = Map.prototype.has = function () { return true }",
    "Set.prototype.has = function () { return true }",
    "String.prototype.slice = String.prototype.indexOf = function () { return 'forged' }",
    "String = Number = Boolean = Object = Array = function () { return 'forged' }",
    "Symbol.iterator = null; Array.prototype[Symbol.iterator] = function* () { yield 'forged' }",
    "Object.assign = Object.keys = Object.entries = function () { return [] }",
    "Reflect.ownKeys = Reflect.deleteProperty = function () { return true }",
    "WeakSet.prototype.has = function () { return true }",
    "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = function () {}",
    "Promise = Proxy = undefined",
    "botContext.printDebugMessage.call = null; botContext.__proto__ = {sendMessage: function () {}}",
    "Object.freeze(botContext)",
    "console = {log: function () { while (true) {} }}",
    "globalThis.botContext = {sendMessage: function () {}}",
)
OWN = (
    "with (botContext) { sendMessage = function () {} }",
    "Object.defineProperty(botContext, 'sendMessage', {value: function () {}, writable: false, configurable: false})",
    "delete botContext.sendMessage",
)
FINE = {"op": "message", "text": "fine"}


def tampers(run: Run, *, script: str) -> None:
    outcome = run(f"try {{ {script} }} catch (e) {{}} botContext.sendMessage('fine')", reuse="tampered bot")

    expect((outcome.operations, outcome.error) == ((FINE,), None), f"It gave {outcome}")


def changes_its_own(run: Run, *, script: str) -> None:
    run(f"{script}; botContext.sendMessage('lost')", reuse="tampered bot")

    after = run("botContext.sendMessage('fine')", reuse="tampered bot")
    expect((after.operations, after.error) == ((FINE,), None), f"The next script gave {after}")


CASES = [
    *(
        Case(
            f"tampering: {script[:90]}",
            "A message sent afterwards arrives as it was sent, and nothing else.",
            partial(tampers, script=script),
        )
        for script in SCRIPTS
    ),
    *(
        Case(
            f"replacing a function of ours: {script[:90]}",
            "It lasts for this one script.",
            partial(changes_its_own, script=script),
        )
        for script in OWN
    ),
]
