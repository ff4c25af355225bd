"""Every botContext function that does something: the operation it becomes, and the limits on it."""

from __future__ import annotations

import pytest


def context(action, **members):
    blank = {"op": "context", "action": action, "scope": "", "namespace": "shop", "key": "", "value": None, "ttl": None}
    return {**blank, **members}


EFFECTS = [
    ("setTriggerNextMessage('ask again')", {"op": "trigger", "name": "ask again"}),
    ("setMessageDelay('800')", {"op": "delay", "ms": 800}),
    ("setAllowMaxTextResponse(true)", {"op": "allow_max", "value": True}),
    (
        "addQuickReplies(['Yes~y', 'No'])",
        {"op": "quick_replies", "replies": [{"title": "Yes", "payload": "y"}, {"title": "No", "payload": ""}]},
    ),
    ("addQuickReples('Yes~y')", {"op": "quick_replies", "replies": [{"title": "Yes", "payload": "y"}]}),
    ("sendMessage('Hi')", {"op": "message", "text": "Hi"}),
    ("sendMessages(['Hi'])", {"op": "message", "text": "Hi"}),
    (
        "sendMessageWithQuickReplies('Sure?', ['Yes~y'])",
        {"op": "message_replies", "text": "Sure?", "replies": [{"title": "Yes", "payload": "y"}]},
    ),
    ("sendImmediateReply('Digits only.')", {"op": "immediate", "texts": ["Digits only."]}),
    ("sendImmediateReply(['One', 'Two'])", {"op": "immediate", "texts": ["One", "Two"]}),
    ("sendPrivateMessage('Angry.')", {"op": "private", "text": "Angry."}),
    ("printDebugMessage('basket')", {"op": "debug", "text": "basket"}),
    ("printDebugMessage([1, true, null])", {"op": "debug", "text": "1,true,"}),
    ("printDebugMessage({a: [1]})", {"op": "debug", "text": '{"a":[1]}'}),
    ("printDebugMessage(undefined)", {"op": "debug", "text": "undefined"}),
    (
        "logCustomEvent('hi', 'Order - done', 'x')",
        {"op": "event", "message": "hi", "name": "Order - done", "detail": "x"},
    ),
    ("logCustomEvent('', 'Order')", {"op": "event", "message": "", "name": "Order", "detail": ""}),
    ("logEscalationEvent('hi', 'LivePerson')", {"op": "escalation", "message": "hi", "type": "LivePerson"}),
    ("setUserName('Kim')", {"op": "user", "field": "name", "value": "Kim"}),
    ("setEmail('k@example.org')", {"op": "user", "field": "email", "value": "k@example.org"}),
    ("setBotTransferIntentId('11aa')", {"op": "transfer", "field": "intent_id", "value": "11aa"}),
    ("setBotTransferUserMessage('where')", {"op": "transfer", "field": "message", "value": "where"}),
    ("registerContextNamespace('shop')", context("register")),
    ("registerContextNamespace('shop', 60)", context("register", ttl=60)),
    ("deleteContextNamespace('shop')", context("delete_namespace")),
    ("setGlobalContextData('shop', 'a', true)", context("set", scope="global", key="a", value=True)),
    ("setContextDataForUser('shop', 'a', '')", context("set", scope="user", key="a", value="")),
    ("setContextDataForConversation('shop', 'a', {b: 'c'})",
     context("set", scope="conversation", key="a", value={"b": "c"})),
    ("deleteGlobalContextData('shop', 'a')", context("delete", scope="global", key="a")),
    ("deleteContextDataForUser('shop', 'a')", context("delete", scope="user", key="a")),
    ("deleteContextDataForConversation('shop', 'a')", context("delete", scope="conversation", key="a")),
    ("deleteAllContextDataForUser('shop')", context("delete_all", scope="user")),
    ("deleteAllContextDataForConversation('shop')", context("delete_all", scope="conversation")),
]  # fmt: skip


@pytest.mark.parametrize(("call", "operation"), EFFECTS, ids=[call for call, _ in EFFECTS])
def test_a_call_becomes_its_operation(run, call, operation):
    outcome = run(f"botContext.{call}")

    assert outcome.error is None
    assert outcome.operations == (operation,)


def test_an_intent_is_handed_over_with_its_domain(run):
    outcome = run("botContext.setBotTransferIntentbyDomain('refund', 'Shop')")

    assert outcome.operations == (
        {"op": "transfer", "field": "intent", "value": "refund"},
        {"op": "transfer", "field": "domain", "value": "Shop"},
    )


def test_reads_see_what_the_same_script_has_written(run):
    outcome = run("""
        botContext.setUserName('Kim');
        botContext.setContextDataForUser('shop', 'size', 42);
        botContext.sendMessage(botContext.getUserName() + botContext.getContextDataForUser('shop', 'size'));
        botContext.deleteContextNamespace('shop');
        botContext.sendMessage(botContext.getContextDataForUser('shop', 'size'));
    """)

    assert [operation["text"] for operation in outcome.operations if operation["op"] == "message"] == ["Kim42", ""]


def test_an_immediate_reply_ends_the_script_whatever_it_catches(run):
    outcome = run("""
        botContext.sendMessage('before');
        try { botContext.sendImmediateReply('bye') } catch (e) { botContext.sendMessage('caught') }
        finally { botContext.setBotVariable('a', 1, true) }
        botContext.sendMessage('after');
    """)

    assert outcome.error is None
    assert [operation["op"] for operation in outcome.operations] == ["message", "immediate"]


def test_a_held_function_does_nothing_after_an_immediate_reply(run):
    outcome = run("""
        var send = botContext.sendMessage, set = botContext.setBotVariable;
        try { botContext.sendImmediateReply('bye') } catch (e) {}
        try { send('after') } catch (e) {}
        try { set('a', 'b') } catch (e) {}
        Promise.resolve().then(function () { send('later') });
    """)

    assert outcome.operations == ({"op": "immediate", "texts": ["bye"]},)


def test_an_unknown_function_throws_and_is_told(run):
    outcome = run("\n  botContext.sendRichMessage({})")

    assert outcome.operations == ({"op": "unsupported", "name": "sendRichMessage"},)
    assert outcome.error.kind == "script"
    assert "botContext.sendRichMessage() is not supported here." in outcome.error.message
    assert outcome.error.line == 2


def test_effects_of_promises_count(run):
    outcome = run("(async function () { await null; botContext.sendMessage('later') })()")

    assert outcome.operations == ({"op": "message", "text": "later"},)


def test_the_console_writes_to_the_bot_log(run):
    assert run("console.log('basket', 2)").operations == ({"op": "debug", "text": "basket 2"},)


@pytest.mark.parametrize(
    ("script", "op", "most", "refusal"),
    [
        ("botContext.sendMessage('m')", "message", 20, "Refused: a script may send 20 messages."),
        ("botContext.printDebugMessage('m')", "debug", 100, "Refused: a script may log 100 lines."),
        ("botContext.setBotVariable('v' + i, i)", "set", 1000, "Refused: a script may make 1,000 writes."),
        ("botContext.setMessageDelay(1)", "delay", 200, "Refused: a script may make 200 other calls"),
    ],
)
def test_what_goes_over_a_limit_is_refused_and_told_once(run, script, op, most, refusal):
    outcome = run(f"for (var i = 0; i < 1100; i++) {script}")

    assert outcome.error is None
    assert len([operation for operation in outcome.operations if operation["op"] == op]) == most
    assert len([o for o in outcome.operations if str(o.get("text")).startswith(refusal)]) == 1


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        ("sendMessage('x'.repeat(65537))", "a message may have 64 KB"),
        ("sendMessage('ä'.repeat(32769))", "a message may have 64 KB"),
        ("setBotVariable('v', 'x'.repeat(262143))", "the value of v has more than 256 KB"),
        ("setBotVariable('n'.repeat(201), 'x')", "the name of a variable may have 200 characters"),
        ("setContextDataForUser('s', 'v', 'x'.repeat(262143))", "the value of v has more than 256 KB"),
    ],
)
def test_what_is_too_large_is_refused_and_told(run, call, refusal):
    outcome = run(f"botContext.{call}; botContext.sendMessage('on')")

    assert outcome.operations == (
        {"op": "refused", "text": f"Refused: {refusal}."},
        {"op": "message", "text": "on"},
    )


def test_a_message_of_exactly_64_kb_is_sent(run):
    assert [o["op"] for o in run("botContext.sendMessage('ä'.repeat(32768))").operations] == ["message"]


def test_a_refused_write_is_not_read_back(run):
    outcome = run("""
        for (var i = 0; i < 1001; i++) botContext.setBotVariable('v' + i, 'x');
        botContext.sendMessage(botContext.getBotVariable('v999') + botContext.getBotVariable('v1000'));
    """)

    assert outcome.operations[-1] == {"op": "message", "text": "xnull"}
