"""Reading export files: what each part becomes, what is tolerated, and where a shape that does not fit is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bots.engine import exportcontent, exportfile, exportrules, spec
from bots.engine.exportnode import Node, UnreadableExport
from bots.engine.spec import Action, BotSpec, Button, Chip, Condition, Content, SetVariable, VariableCondition
from integrations.engine.spec import Row
from tests.samples import parcel_bot


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """Return the sample document with one place changed."""
    document = place = parcel_bot.document()
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]
    place[path[-1]] = value  # type: ignore[index]
    return document


@pytest.fixture(scope="module")
def bot() -> BotSpec:
    return exportfile.read(parcel_bot.document())


def test_the_bots_own_settings(bot: BotSpec) -> None:
    assert (bot.key, bot.name, bot.language) == (parcel_bot.BOT, "Parcel bot", "en-GB")
    assert (bot.error_text, bot.debug, bot.session_seconds) == ("Something broke here.", False, 3600)
    assert "__initConversation" in bot.global_functions
    assert bot.intents == {"intent-7": "Need help"}


def test_debug_is_on_unless_the_file_says_otherwise() -> None:
    assert exportfile.read(changed("bot", "botAttributes", value={})).debug


def test_a_session_length_is_in_minutes() -> None:
    assert exportfile.read(changed("bot", "sessionLength", value=30)).session_seconds == 1800


def test_interactions_follow_their_links_and_not_the_list(bot: BotSpec) -> None:
    dialogs = {dialog.name: dialog for dialog in bot.dialogs}

    assert [dialog.name for dialog in bot.dialogs] == ["Help", "Parcels", "Fallback"]
    assert [one.name for one in dialogs["Parcels"].interactions] == [
        "begin", "greet", "ask number", "look up", "stops", "enough", "missing",
    ]  # fmt: skip
    assert (dialogs["Fallback"].kind, dialogs["Help"].kind) == ("fallback", "standard")


def test_kinds_and_contents(bot: BotSpec) -> None:
    found = {name: one for name, (_, one) in bot.interaction_by_name.items()}

    assert found["begin"].content == Content(patterns=("(hi|hello)*", "*parcel*"))
    assert found["help"].content.intent == "intent-7"
    assert found["enough"].content.quick_replies == (Chip("Yes", "y"), Chip("No"))
    assert found["look up"].content.integration == parcel_bot.API
    assert found["stops"].kind == "structured_question"
    assert found["stops"].content.tiles[0].buttons == (
        Button("Map", "web_url", "https://maps.example.test/?q={Parcels.town}", "blank"),
    )
    assert (found["call us"].kind, found["call us"].content.skill) == ("agent_transfer", "77")
    assert found["missing"].delay_ms == 500
    assert "Digits only" in found["ask number"].process_response


def test_integrations(bot: BotSpec) -> None:
    (one,) = bot.integrations

    assert (one.key, one.name, one.response_name, one.method) == (parcel_bot.API, "Parcels", "api_Parcels", "GET")
    assert one.headers == (Row("X-Client", "parcel-bot"),)
    assert [row.key for row in one.fields] == ["town", "day"]
    assert one.transform_script.startswith("var answer")


def test_what_was_read_survives_the_specs_own_format(bot: BotSpec) -> None:
    assert spec.decode(spec.encode(bot)) == bot


def rule(**values: Any) -> spec.Rule:
    (one,) = exportrules.rules(Node([values], "responseMatches"))
    return one


@pytest.mark.parametrize(
    ("value", "action"),
    [
        ("next", Action("next")),
        ("none", Action("end")),
        ("close_conversation", Action("close_conversation")),
        ("close_dialog", Action("close_dialog")),
        ("abc", Action("interaction", "abc")),
    ],
)
def test_actions(value: str, action: Action) -> None:
    assert rule(action={"name": "INTERACTION", "value": value}).action == action


def test_an_action_may_start_a_dialog() -> None:
    assert rule(action={"name": "DIALOG", "value": "d-1"}).action == Action("dialog", "d-1")


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ({"matchType": "REGEX", "regexMatch": {"regexText": "\\d"}}, Condition("regex", ("\\d",))),
        (
            {"matchType": "PATTERN", "patternMatch": {"patterns": ["a", "b"], "excludeKeywords": ["c"]}},
            Condition("pattern", ("a", "b"), ("c",)),
        ),
        ({"matchType": "EVAL_OPTION", "evaluateOptionMatch": {"value": "Red\n"}}, Condition("option", ("Red\n",))),
        ({"matchType": "NO_MATCH", "noMatch": {}}, Condition("no_match")),
        ({"matchType": "API_RESULT", "apiResultsMatch": {"status": "SUCCESS"}}, Condition("api_result", ("SUCCESS",))),
        ({"matchType": "API_RESULT", "apiResultsMatch": {"status": "FAIL"}}, Condition("api_result", ("FAILURE",))),
        ({"matchType": "API_RESULT", "apiResultsMatch": {"status": "timeout"}}, Condition("api_result", ("timeout",))),
        ({"matchType": "EXACT_VALUE", "exactMatch": {"value": "yes"}}, Condition("exact", ("yes",))),
        ({"matchType": "INTENT", "intentMatch": {"intentId": "i-1"}}, Condition("intent", ("i-1",))),
        ({"matchType": "KB_FOUND", "x": 1}, Condition("unsupported", source={"matchType": "KB_FOUND", "x": 1})),
    ],
)
def test_conditions(condition: dict[str, Any], read: Condition) -> None:
    assert rule(conditions=[condition]).condition == read


def test_variable_conditions_and_variables() -> None:
    one = rule(
        contextConditions=[{"matchType": "NOT_CONTAINS", "contextName": "basket", "value": "{$userMessage}"}],
        contextMatchConditionType="ALL",
        contextDataVariables=[
            {"name": "a", "value": "1", "scope": "REQUEST"},
            {"name": "b", "value": "2"},
            {"name": "slot.size", "value": "L", "scope": "DIALOG"},
        ],
    )

    assert one.variable_conditions == (VariableCondition("basket", "NOT_CONTAINS", "{$userMessage}"),)
    assert one.variable_match == "all"
    assert one.variables == (SetVariable("a", "1", "request"), SetVariable("b", "2", "session"))
    assert one.slot == SetVariable("size", "L", "dialog")


def content(kind: str, tile: dict[str, Any], **more: Any) -> Content:
    node = {"interactionType": kind, "content": {"results": {"tile": {"tileData": [tile]}}}, **more}
    return exportcontent.content(Node(node), integrations={"Shops": "key-1"})


def test_further_contents() -> None:
    choice = {"multipleChoices": ["A", "B\n"], "displayChoice": "QUICK_REPLY", "textStyle": "LETTERS"}
    assert content("MULTIPLE_CHOICE_QUESTION", {"text": "?", "multipleChoice": choice}) == Content(
        text="?", choices=("A", "B\n"), display="quick_replies", text_style="letters"
    )
    rich = content("UNIVERSAL", {"universalWidget": {"leMessageJson": "{}"}}, userInputRequired=True)
    assert (rich.rich_json, rich.waits) == ("{}", True)
    assert content("IMAGE", {"url": "https://x.test/a.gif"}).url == "https://x.test/a.gif"
    buttons = content("BUTTON", {"text": "?", "buttons": [{"name": "Go", "type": "postback", "callback": "go"}]})
    assert buttons.buttons == (Button("Go", "postback", "go"),)
    assert content("APPLE_RICHLINK", {}).imported_type == "APPLE_RICHLINK"
    by_name = {"interactionType": "API_INTEGRATION", "content": {"responderName": "Shops"}}
    assert exportcontent.content(Node(by_name), integrations={"Shops": "key-1"}).integration == "key-1"
    sample = {"interactionType": "DIALOG_STARTER", "content": {"results": {"tile": {"sampleUserInput": "Hello"}}}}
    assert exportcontent.content(Node(sample), integrations={}).sample == "Hello"


def test_a_broken_chain_loses_nothing() -> None:
    document = parcel_bot.document()
    for one in document["conversationMessage"]:
        one.pop("nextMessageId", None)
        one.pop("prevMessageId", None)
    document["conversationMessage"][0] |= {"group": "gone"}
    document["conversationMessage"][1] |= {"nextMessageId": document["conversationMessage"][1]["id"]}

    bot = exportfile.read(document)

    assert len(bot.interaction_by_key) == len(document["conversationMessage"])
    assert bot.dialogs[-1].key == "gone"


def test_disabled_parts_are_read_as_such() -> None:
    assert not exportfile.read(changed("groups", 0, "status", value="DISABLED")).dialogs[0].enabled
    bot = exportfile.read(changed("conversationMessage", 0, "status", value="INACTIVE"))
    assert [one.enabled for dialog in bot.dialogs for one in dialog.interactions].count(False) == 1


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("bot", "name"), None, "bot.name: expected a text, found nothing"),
        (("bot", "botAttributes"), [], "bot.botAttributes: expected an object, found a list"),
        (("conversationMessage",), {}, "conversationMessage: expected a list, found an object"),
        (
            ("conversationMessage", 3, "content"),
            "x",
            "conversationMessage[3].content: expected an object, found a text",
        ),
        (("conversationMessage", 1, "pattern"), 5, "conversationMessage[1].pattern: expected a list, found a number"),
        (("responder", 0, "headers"), [[]], "responder[0].headers[0]: expected an object, found a list"),
        (("responder", 0, "id"), "", "responder[0].id: expected a text, found nothing"),
        (("conversationMessage", 1, "name"), {}, "conversationMessage[1].name: expected a text, found an object"),
    ],
)
def test_a_shape_that_does_not_fit_is_reported_with_its_place(
    path: tuple[str | int, ...], value: Any, complaint: str
) -> None:
    with pytest.raises(UnreadableExport) as refused:
        exportfile.read(changed(*path, value=value))

    assert str(refused.value) == complaint


@pytest.mark.parametrize("document", [{}, {"bot": {}}, {"bot": {}, "groups": []}])
def test_other_json_is_no_export(document: dict[str, Any]) -> None:
    with pytest.raises(UnreadableExport, match="no Conversation Builder export"):
        exportfile.read(document)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\xff\xfe", "not encoded in UTF-8"),
        (b'{"a": ', "not JSON: Expecting value in line 1, column 7"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 300 + b"]" * 300, "nested too deeply"),
        (b"1" * 5000, "a number that cannot be read"),
    ],
)
def test_files_that_are_no_json_are_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableExport, match=complaint):
        exportfile.parse(data)


def test_too_many_interactions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exportfile, "MAX_INTERACTIONS", 5)

    with pytest.raises(UnreadableExport, match="more than 5 interactions"):
        exportfile.read(parcel_bot.document())


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exportfile, "MAX_BYTES", 10)

    with pytest.raises(UnreadableExport, match="larger than"):
        exportfile.parse(json.dumps(parcel_bot.document()).encode())
