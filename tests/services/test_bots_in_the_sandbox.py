"""Every operation that a real script can ask for is understood by the engine."""

from __future__ import annotations

from bots.services import tests
from bots.services.transcripts import PlannedTurn, Scenario
from tests.engine.talk import dialog, starter, text
from tests.factories import bot_spec

EVERYTHING = """
var c = botContext;
c.registerContextNamespace('shop', 60);
c.setContextDataForConversation('shop', 'n', 42);
c.setContextDataForUser('shop', 'b', true);
c.setGlobalContextData('flags', 'on', {a: [1, 2]});
c.setContextDataForUser('old', 'x', 1);
c.deleteContextNamespace('old');
c.setMessageDelay(800);
c.sendMessage('one {$botContext.size}');
c.sendMessages(['two', 'three']);
c.sendMessageWithQuickReplies('Sure?', ['Yes~y', 'No']);
c.addQuickReplies(['More~m']);
c.setAllowMaxTextResponse(true);
c.sendPrivateMessage('angry');
c.logCustomEvent('m', 'Order', 'd');
c.logEscalationEvent('m', 'LivePerson');
c.setUserName('Kim');
c.setBotTransferIntentbyDomain('refund', 'Shop');
c.setBotVariable('count', 10, true, false);
c.setBotVariable('things', [{id: 1.5}], true, true);
c.printDebugMessage({a: 1});
c.askMaven();
"""
BOT = bot_spec(
    dialog(
        "d",
        starter("hi"),
        text("t", "last", pre_process=EVERYTHING),
        text("u", "{$firstname} {$botContext.count}"),
        text("w", "x", pre_process="botContext.sendImmediateReply(['bye', 'bye']); botContext.sendMessage('never');"),
    ),
    global_functions="function __initConversation() { botContext.setBotVariable('size', 'L', true, false); }",
)
CHIPS = {"kind": "quick_replies", "text": "Sure?"}


def test_what_scripts_ask_for_happens() -> None:
    expect = {
        "messages": [
            {"text": "one L"},
            {"text": "two"},
            {"text": "three"},
            CHIPS | {"quick_replies": [{"title": "Yes", "payload": "y"}, {"title": "No", "payload": "No"}]},
            {"kind": "quick_replies", "text": "last", "quick_replies": [{"title": "More", "payload": "m"}]},
            {"text": "Kim 10"},
            {"text": "bye"},
            {"text": "bye"},
        ],
        "vars": {"count": "10", "things": {"json": [{"id": 1.5}]}},
        "events": [{"type": "private_message"}, {"type": "custom_event", "name": "Order"}, {"type": "escalation"}],
        "context_store": {
            "conversation": {"shop": {"n": 42}},
            "user": {"shop": {"b": True}, "old": {"x": None}},
            "global": {"flags": {"on": {"a": [1, 2]}}},
        },
    }

    report = tests.run_scenario(BOT, scenario=Scenario("s", turns=(PlannedTurn("hi", expect=expect),)))

    assert [finding for finding in report.turns[0].findings if not finding.ok] == []
    assert [line.text for line in report.turns[0].log if line.error] == []
