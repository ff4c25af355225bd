"""Every botContext function that reads, with its documented answer when something and when nothing is known."""

from __future__ import annotations

import json

import pytest

FACTS = {
    "message": "Size L please. Thanks",
    "quickReplyPayload": "opt-2",
    "buttonPayload": "buy",
    "conversationId": "c-1",
    "chatBotId": 17,
    "accountId": "acme",
    "consumerId": "u-9",
    "channel": "lp_sms",
    "env": {"region": "eu"},
    "engagement": {"currentSkillId": "12"},
    "customerInfo": {"ctype": "gold"},
    "personalInfo": {"firstname": "Kim"},
    "location": {"city": "Ulm", "state": "BW", "zip": "89073", "lat": 48.4, "lng": 9.9},
    "metadata": [{"type": "ExternalId", "id": 1}, {"type": "Other"}],
    "starterIntent": "order",
    "webView": {"PaymentStatus": "ok"},
    "apiStatus": 201,
    "userName": "Kim",
    "email": "kim@example.org",
    "file": {"caption": "", "type": "pdf"},
    "context": {"global": {"shop": {"open": True}}, "user": {"shop": {"size": 42}}, "conversation": {}},
    "now": 1_700_000_000.0,
}

KNOWN = [
    ("getCurrentUserMessage()", "Size L please. Thanks"),
    ("getQuickReplyPayload()", "opt-2"),
    ("getButtonPayload()", "buy"),
    ("getConversationId()", "c-1"),
    ("getChatBotId()", "17"),
    ("getLPAccountId()", "acme"),
    ("getUserPlatformId()", "u-9"),
    ("getUserChannel()", "lp_sms"),
    ("getChannel()", "lp_sms"),
    ("getUserPlatformType()", "HTMLCLIENT"),
    ("getEnvVariable('region')", "eu"),
    ("getEnvVariable('other')", None),
    ("getLPEngagementAttribute('currentSkillId')", "12"),
    ("getLPEngagementAttribute('toString')", None),
    ("getLPCustomerInfo().ctype", "gold"),
    ("getLPUserPersonalInfo().firstname", "Kim"),
    ("getUserLocation().getCityName()", "Ulm"),
    ("getUserLocation().getState()", "BW"),
    ("getUserLocation().getZipCode()", "89073"),
    ("getUserLocation().getLatitude()", 48.4),
    ("getUserLocation().getLongitude()", 9.9),
    ("getMetadata('ExternalId')", [{"type": "ExternalId", "id": 1}]),
    ("getMetadata('None')", None),
    ("getDialogStarterIntent()", "order"),
    ("getDisambiguatedIntentName()", None),
    ("getDisambiguatedIntentId()", None),
    ("getNamedEntities('size')", []),
    ("getNlpResponse().tokens", ["Size", "L", "please.", "Thanks"]),
    ("getNlpResponse().sentences", ["Size L please", "Thanks"]),
    ("getSentiment()", "Neutral"),
    ("askMaven()", '{"rule":{"actions":null}}'),
    ("getWebViewVariable('PaymentStatus')", "ok"),
    ("getWebViewVariables()", {"PaymentStatus": "ok"}),
    ("getWebViewVariables().get('PaymentStatus')", "ok"),
    ("getWebViewVariables().keySet()", ["PaymentStatus"]),
    ("getApiStatusCode()", "201"),
    ("isApiExecutionSuccessful()", True),
    ("getUserName()", "Kim"),
    ("getEmail()", "kim@example.org"),
    ("getFileCaption()", "__EMPTYTEXT__"),
    ("getFileType()", "pdf"),
    ("isContextApiEnabled()", True),
    ("getGlobalContextData('shop', 'open')", True),
    ("getGlobalContextData('shop', 'shut')", None),
    ("getContextDataForUser('shop', 'size')", 42),
    ("getContextDataForUser('shop')", {"size": 42}),
    ("getContextDataForUser('shop').keySet()", ["size"]),
    ("getContextDataForUser('shop').containsKey('size')", True),
    ("getContextDataForUser('shop')['size']", 42),
    ("getContextDataForUser('shop').isEmpty()", False),
    ("getGlobalContextData('shop').size()", 1),
    ("getContextDataForUser('shop').toString()", "{size=42}"),
    ("getContextDataForConversation('none')", {}),
    ("getContextDataForConversation('none').isEmpty()", True),
    ("deleteContextNamespace('shop')", True),
    ("deleteContextNamespace('none')", False),
    ("deleteContextDataForUser('shop', 'size')", True),
    ("deleteContextDataForUser('shop', 'none')", False),
    ("deleteAllContextDataForUser('shop')", True),
    ("registerContextNamespace('new', 60)", True),
]

UNKNOWN = [
    ("getCurrentUserMessage()", ""),
    ("getUserChannel()", "lp_web"),
    ("getLPUserPersonalInfo()", None),
    ("getUserLocation().getCityName()", None),
    ("getApiStatusCode()", None),
    ("isApiExecutionSuccessful()", False),
    ("getWebViewVariables().size()", 0),
    ("getGlobalContextData('shop', 'open')", None),
    *[
        (f"{name}()", None)
        for name in [
            "getQuickReplyPayload",
            "getButtonPayload",
            "getConversationId",
            "getLPCustomerInfo",
            "getDialogStarterIntent",
            "getFileCaption",
            "getFileType",
            "getUserName",
            "getEmail",
        ]
    ],
]


@pytest.mark.parametrize(("call", "answer"), KNOWN, ids=[call for call, _ in KNOWN])
def test_a_known_fact_is_given(shown, call, answer):
    assert json.loads(shown(f"botContext.{call}", **FACTS)) == answer


@pytest.mark.parametrize(("call", "answer"), UNKNOWN, ids=[call for call, _ in UNKNOWN])
def test_an_unknown_fact_is_the_documented_nothing(shown, call, answer):
    assert json.loads(shown(f"botContext.{call}")) == answer


def test_a_call_without_a_response_has_status_0(shown):
    assert shown("botContext.getApiStatusCode()", apiStatus=0) == '"0"'


def test_personal_info_needs_a_name_or_a_company(shown):
    assert shown("botContext.getLPUserPersonalInfo()", personalInfo={"age": 7}) == "null"


def test_changing_a_given_object_does_not_change_the_fact(shown):
    changed = "(botContext.getLPCustomerInfo().ctype = 'x', botContext.getLPCustomerInfo().ctype)"

    assert shown(changed, **FACTS) == '"gold"'


def test_functions_without_a_meaning_here_are_told_once(run):
    outcome = run("botContext.askMaven(); botContext.askMaven(); botContext.getSentiment()")

    assert outcome.operations == ({"op": "stub", "name": "askMaven"}, {"op": "stub", "name": "getSentiment"})


OPTIONS = [
    ("a", ["A)Yes", "B)No"], "A)Yes"),
    ("A)", ["A)Yes", "B)No"], "A)Yes"),
    (" yes ", ["A)Yes", "B)No"], "A)Yes"),
    ("no", ["A) Yes", "B) No\n"], "B) No\n"),
    ("2", ["1. Tea", "2. Coffee"], "2. Coffee"),
    ("b) coffee", ["A) Tea", "B) Coffee"], "B) Coffee"),
    ("perhaps", ["A)Yes", "B)No"], None),
    ("", ["A)", "B)No"], None),
    ("12", ["1) a", "12) b"], "12) b"),
]


@pytest.mark.parametrize(("text", "options", "answer"), OPTIONS)
def test_typed_choices_are_found(shown, text, options, answer):
    call = f"botContext.evaluateOptions({json.dumps(text)}, {json.dumps(options)})"

    assert json.loads(shown(call)) == answer


# 1_700_000_000 is Tuesday, 14 November 2023, 22:13:20 UTC; 23:13 in Berlin, 07:13 on Wednesday in Tokyo.
HOURS = [
    (["OPEN~9:00~23:00"], "UTC", "OPEN"),
    (["OPEN~9:00~17:00"], "UTC", None),
    (["OPEN~9:00~17:00", "LATE~22:13~22:14"], "UTC", "LATE"),
    (["A~22:00~23:00", "B~22:00~23:00"], "UTC", "B"),
    (["EARLY~22:14~23:00"], "UTC", None),
    (["DONE~9:00~22:13"], "UTC", None),
    (["TUESDAY|T~20:00~23:59"], "Europe/Berlin", "T"),
    (["WEDNESDAY|W~7:00~8:00"], "Asia/Tokyo", "W"),
    (["TUESDAY|NIGHT~23:00~8:00"], "Asia/Tokyo", "NIGHT"),
    (["WEDNESDAY|NIGHT~23:00~8:00"], "Asia/Tokyo", None),
    (["11.14.2023|DAY~0:00~23:59"], "UTC", "DAY"),
    (["11.13.2023|DAY~0:00~23:59"], "UTC", None),
    ([], "UTC", None),
]


@pytest.mark.parametrize(("spec", "zone", "answer"), HOURS)
def test_the_type_of_hours_is_found(shown, spec, zone, answer):
    call = f"botContext.getHoursType({json.dumps(spec)}, {json.dumps(zone)})"

    assert json.loads(shown(call, now=1_700_000_000.0)) == answer


def test_an_unknown_zone_is_told_and_gives_nothing(run):
    outcome = run("if (botContext.getHoursType(['A~1:00~2:00'], 'Mars/Base') !== null) throw 1", now=0.0)

    assert outcome.error is None
    assert outcome.operations == ({"op": "debug", "text": 'getHoursType: "Mars/Base" is not a time zone.'},)


@pytest.mark.parametrize(("status", "successful"), [(200, True), (204, True), (299, True), (302, False), (0, False)])
def test_every_2xx_is_a_successful_call(run, status, successful):
    script = "botContext.setBotVariable('v', String(botContext.isApiExecutionSuccessful()))"

    outcome = run(script, apiStatus=status)

    assert outcome.operations[0]["value"] == str(successful).lower()
