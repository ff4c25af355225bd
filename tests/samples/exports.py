"""Makes export documents of every shape for property tests: known and unknown keys and types, odd texts and numbers."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "next", "{$botContext.x}", "\x00", "\ud800", "é\u2028", " ", "0" * 120]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
IDS = st.sampled_from(["a1", "b2", "c3", "d4", "e5", "with / slash", "é", "x" * 70])
GROUPS = st.sampled_from(["g1", "g2", "g3", ""])
TYPES = st.sampled_from(
    [
        "DIALOG_STARTER",
        "TEXT",
        "IMAGE",
        "TEXT_QUESTION",
        "QUICK_REPLY",
        "MULTIPLE_CHOICE_QUESTION",
        "BUTTON",
        "STRUCTURED",
        "UNIVERSAL",
        "API_INTEGRATION",
        "ESCALATION",
        "LINK",
        "STRUCTURED_STATEMENT",
        "APPLE_PAY",
        "",
    ]
)


def having(
    required: dict[str, Any], optional: dict[str, Any], *, unknown: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with those keys in any order, and now and then one that nobody knows."""
    fixed = st.fixed_dictionaries(required, optional=optional)
    more = (
        st.dictionaries(st.sampled_from(["newKey", "x-other", "ключ"]), ANYTHING, max_size=2)
        if unknown
        else st.just({})
    )
    return st.tuples(fixed, more).map(lambda pair: {**pair[1], **pair[0]})


BUTTONS = st.lists(
    having(
        {"name": TEXTS, "type": st.sampled_from(["web_url", "postback", "other"])},
        {
            "callback": TEXTS,
            "target": TEXTS,
            "metadata": st.lists(st.dictionaries(TEXTS, ANYTHING, max_size=2), max_size=2),
        },
    ),
    max_size=2,
)
CHOICES = having(
    {"multipleChoices": st.lists(TEXTS, max_size=3)},
    {"displayChoice": TEXTS, "textStyle": st.sampled_from(["NUMBERS", "LETTERS", "?"])},
)
TILES = having(
    {},
    {
        "text": TEXTS,
        "title": TEXTS,
        "subTitle": TEXTS,
        "image": TEXTS,
        "url": TEXTS,
        "buttons": BUTTONS,
        "multipleChoice": CHOICES,
        "quickReplyList": st.just([]),
        "universalWidget": having({}, {"leMessageJson": TEXTS}),
        "escalation": having({}, {"agentSkillId": TEXTS, "agentId": TEXTS, "tangoContextEnabled": st.booleans()}),
    },
)
CONTENTS = having(
    {"contentType": TEXTS},
    {
        "results": having(
            {}, {"type": TEXTS, "tile": having({}, {"tileData": st.lists(TILES, max_size=2), "sampleUserInput": TEXTS})}
        ),
        "responderName": st.sampled_from(["Api", "Other"]),
        "responderId": st.sampled_from(["r1", "r2"]),
    },
)
CONDITIONS = st.one_of(
    having(
        {
            "matchType": st.just("PATTERN"),
            "patternMatch": having(
                {"patterns": st.lists(TEXTS, max_size=2)}, {"excludeKeywords": st.lists(TEXTS, max_size=2)}
            ),
        },
        {},
    ),
    having({"matchType": st.just("REGEX"), "regexMatch": having({"regexText": TEXTS}, {})}, {}),
    having({"matchType": st.just("NO_MATCH")}, {"noMatch": having({}, {"fallbackMessage": TEXTS})}),
    having({"matchType": st.just("API_RESULT"), "apiResultsMatch": having({"status": TEXTS}, {})}, {}),
    having({"matchType": st.just("EVAL_OPTION"), "evaluateOptionMatch": having({"value": TEXTS}, {})}, {}),
    having({"matchType": st.just("SOME_INTENT"), "intentMatch": having({"intentId": TEXTS}, {})}, {}),
    having({"matchType": TEXTS}, {"strange": ANYTHING}),
)
RULES = having(
    {
        "conditions": st.lists(CONDITIONS, max_size=2),
        "contextConditions": st.lists(
            having({"matchType": TEXTS, "contextName": TEXTS.filter(bool), "value": TEXTS}, {}), max_size=2
        ),
        "action": having(
            {
                "name": st.sampled_from(["INTERACTION", "DIALOG", "FLY"]),
                "value": IDS | st.sampled_from(["next", "none", "gone"]),
            },
            {},
        ),
        "contextDataVariables": st.lists(
            having(
                {
                    "name": TEXTS.filter(bool) | st.just("slot.who"),
                    "value": TEXTS,
                    "scope": st.sampled_from(["SESSION", "REQUEST"]),
                },
                {},
            ),
            max_size=2,
        ),
    },
    {"name": TEXTS, "contextMatchConditionType": st.sampled_from(["ANY", "ALL"])},
)
INTERACTIONS = having(
    {
        "id": IDS,
        "name": TEXTS,
        "group": GROUPS,
        "content": CONTENTS,
        "interactionType": TYPES,
        "responseMatches": st.lists(RULES, max_size=3),
    },
    {
        "nextMessageId": IDS,
        "prevMessageId": IDS,
        "pattern": st.lists(TEXTS, max_size=2),
        "intentId": TEXTS,
        "status": TEXTS,
        "preProcessMessage": TEXTS,
        "postProcessMessage": TEXTS,
        "processUserResponse": TEXTS,
        "interactionDelay": TEXTS | st.integers(-5, 99999),
        "quickReplies": st.lists(having({"type": TEXTS, "title": TEXTS}, {"payload": TEXTS}), max_size=2),
        "userInputRequired": st.booleans(),
        "comment": having({}, {"content": TEXTS}),
    },
)
RESPONDERS = having(
    {"id": st.sampled_from(["r1", "r2"]), "name": st.sampled_from(["Api", "Other"])},
    {
        "webhook": TEXTS,
        "method": st.sampled_from(["GET", "post", "FETCH"]),
        "headers": st.lists(having({"key": TEXTS, "value": TEXTS}, {}), max_size=2),
        "postBody": TEXTS,
        "customDataFields": st.lists(having({"key": TEXTS, "value": TEXTS}, {}), max_size=2),
        "transformResultsScript": TEXTS,
        "responseDataVariable": TEXTS.map(lambda text: text[:100]),
        "integrationType": TEXTS,
    },
)
BOTS = having(
    {"id": st.sampled_from(["bot-1", "bot/2"]), "name": TEXTS.filter(lambda text: bool(text.strip()))},
    {
        "description": TEXTS,
        "language": TEXTS,
        "sessionLength": st.integers(-3, 10**9),
        "botAttributes": having(
            {}, {"DEFAULT_ERROR_MESSAGE": TEXTS, "ENABLE_DEBUG": st.sampled_from(["true", "false"])}
        ),
    },
)
DOCUMENTS = having(
    {
        "bot": BOTS,
        "conversationMessage": st.lists(INTERACTIONS, max_size=5),
        "groups": st.lists(
            having(
                {"id": st.sampled_from(["g1", "g2", "g3"]), "name": TEXTS},
                {"dialogType": st.sampled_from(["DIALOG", "FALLBACK_DIALOG", "SURVEY"]), "description": TEXTS},
            ),
            max_size=3,
        ),
    },
    {
        "hash": TEXTS,
        "responder": st.lists(RESPONDERS, max_size=2),
        "menus": st.just([]),
        "platforms": st.lists(ANYTHING, max_size=1),
        "globalFunctions": having({}, {"methods": TEXTS}),
        "associatedIntents": st.lists(having({"id": TEXTS.filter(bool), "name": TEXTS}, {}), max_size=1),
    },
)
LAYOUTS = st.sampled_from(
    [
        {"indent": 2, "ensure_ascii": False},
        {"indent": 2},
        {"indent": "\t"},
        {},
        {"separators": (",", ":")},
        {"indent": 1, "separators": (" ,", " : ")},
    ]
)


def written(document: Any, layout: dict[str, Any]) -> str:
    """Write a document in a layout; half of a surrogate pair can only be written as an escape."""
    text = json.dumps(document, **layout)
    return text if layout.get("ensure_ascii", True) else text.encode("utf-8", "backslashreplace").decode()
