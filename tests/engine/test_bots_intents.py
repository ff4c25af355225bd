"""Intents by example phrases and patterns: the matcher itself, and how starters and rules ask it."""

from __future__ import annotations

from typing import Any

import pytest

from bots.engine import checks, intents
from bots.engine.spec import BotSpec, Condition, Content, Examples, Interaction
from integrations.engine.scripts import ScriptCall
from tests.engine.talk import Talk, dialog, fallback, question, rule, starter, text
from tests.factories import bot_spec

PHRASES = {
    "cancel": ("cancel my order", "I want to cancel an order", "please stop my order"),
    "track": ("where is my order", "track my parcel", "when will my package arrive"),
    "refund": ("I want my money back", "how do I get a refund", "refund please"),
    "hours": ("when are you open", "opening hours", "are you open on Sunday"),
}


def shop(**patterns: tuple[str, ...]) -> BotSpec:
    examples = {key: Examples(phrases, patterns.get(key, ())) for key, phrases in PHRASES.items()}
    return bot_spec(intents={key: key.title() for key in PHRASES}, intent_examples=examples)


def best(message: str, bot: BotSpec | None = None) -> intents.Candidate:
    return intents.recognise(bot or shop(), message)[0]


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("cancel order", "cancel"),
        ("I'd like to CANCEL my order!", "cancel"),
        ("Cancelling my orders", "cancel"),
        ("canel my order", "cancel"),
        ("can you cancel the order I made yesterday", "cancel"),
        ("where's my parcel", "track"),
        ("track order", "track"),
        ("refunds", "refund"),
        ("give me back my money", "refund"),
        ("I would like a refund for my broken lamp", "refund"),
        ("open on sundays?", "hours"),
        ("opening times", "hours"),
    ],
)
def test_words_in_other_forms_and_other_company_are_recognised(message: str, meant: str) -> None:
    assert best(message).id == meant
    assert best(message).good


@pytest.mark.parametrize(
    "message", ["hello", "my order", "order", "I want to buy a lamp", "change my order", "please", "!?", "", "42"]
)
def test_what_several_intents_say_or_none_is_not_good(message: str) -> None:
    assert not any(candidate.good for candidate in intents.recognise(shop(), message))


@pytest.mark.parametrize("message", ["", "x" * 5_000, "refund " * 5_000, "\ud800", "🙂", "(((|", " ", "I\u0307", "ﬁne"])
def test_a_score_is_between_nothing_and_one_whatever_the_message(message: str) -> None:
    assert all(0 <= candidate.score <= 1 for candidate in intents.recognise(shop(), message))


def test_a_phrase_itself_scores_one() -> None:
    for key, phrases in PHRASES.items():
        for phrase in phrases:
            assert (best(phrase).id, best(phrase).score, best(phrase).by) == (key, 1.0, phrase)


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("ich möchte meine Bestellung stornieren", "Bestellungen stornieren"),
        ("où est mon colis", "OU EST LE COLIS ?"),
        ("где мой заказ", "Где же мой заказ?"),
        ("我想退款", "我要退款"),
        ("注文をキャンセルしたい", "注文のキャンセル"),
        ("أين طلبي", "اين طلبي"),
    ],
)
def test_no_language_is_built_in(phrase: str, message: str) -> None:
    bot = bot_spec(intents={"one": "One"}, intent_examples={"one": Examples((phrase,))})

    assert best(message, bot).score > 0.35


def test_a_pattern_that_fits_is_certain() -> None:
    bot = shop(track=("*parcel*",), hours=("*nothing*",))

    found = best("refund my parcel please", bot)

    assert (found.id, found.score, found.by) == ("track", 1.0, "*parcel*")


def test_only_the_beginning_of_a_long_message_is_looked_at() -> None:
    beginning = ("refund please " * 100)[: intents.LONGEST_MESSAGE]

    assert intents.recognise(shop(), beginning + " cancel my order" * 1_000) == intents.recognise(shop(), beginning)


def asking(**values: Any) -> BotSpec:
    """Two dialogs that intents start, one of which asks a question with a rule for an intent."""
    refund = Interaction("refund-start", "refund-start", "starter", Content(intent="refund"))
    track = Interaction("track-start", "track-start", "starter", Content(intent="track", patterns=("parcel",)))
    stop = rule("", "stopped")
    again = question("sure", rule("yes", "paid"), with_intent(stop, "cancel"))
    return bot_spec(
        dialog("refunds", refund, again, text("paid"), text("stopped")),
        dialog("tracking", track, text("tracked")),
        dialog("plain", starter("where is my refund", key="plain-start"), text("by pattern")),
        fallback(),
        intents={key: key.title() for key in PHRASES},
        intent_examples={key: Examples(phrases) for key, phrases in PHRASES.items()},
        **values,
    )


def with_intent(plain: Any, intent: str) -> Any:
    return type(plain)(condition=Condition("intent", (intent,)), action=plain.action)


def lines(talk: Talk, code: str = "intent") -> list[str]:
    return [line.text for line in talk.log if line.code == code]


def test_an_intent_starts_its_dialog_and_the_log_shows_the_best_candidates_with_their_scores() -> None:
    talk = Talk(asking())

    assert talk.texts("I'd like my money back") == ["sure?"]
    assert lines(talk) == ["Intents: Refund 0.91, Track 0.02, Cancel 0.01 – good."]
    assert "The intent Refund starts refunds." in lines(talk, "rule")


def test_a_pattern_goes_before_an_intent_and_then_nobody_is_asked() -> None:
    talk = Talk(asking())

    assert talk.texts("where is my refund") == ["<by pattern>"]
    assert lines(talk) == []


def test_without_a_good_intent_the_fallback_runs_and_the_log_says_why() -> None:
    talk = Talk(asking())

    assert talk.texts("my order") == ["<sorry>"]
    assert lines(talk)[0].endswith("– none is good (that begins at 0.50).")
    talk.say("qqq")
    assert lines(talk) == ["No intent resembles the message."]


def test_a_rule_with_an_intent_goes_before_the_others() -> None:
    talk = Talk(asking())
    talk.say("refund please")

    assert talk.texts("please cancel my order") == ["<stopped>"]


def test_an_intent_recognised_elsewhere_wins() -> None:
    talk = Talk(asking())

    assert talk.texts("refund please", intent={"id": "track", "score": "GOOD"}) == ["<tracked>"]
    assert lines(talk) == []
    assert talk.texts("refund please", intent={"id": "track", "score": 0.2}) == ["<sorry>"]
    assert talk.texts("nothing like it", intent={"name": "Track", "score": 0.93}) == ["<tracked>"]


def test_a_script_is_told_the_name_of_the_intent() -> None:
    told: list[Any] = []

    def tell(call: ScriptCall) -> list[dict[str, Any]]:
        told.append(call.facts.get("starterIntent"))
        return []

    wanted = Interaction("s", "s", "starter", Content(intent="refund"), pre_process="tell")
    bot = bot_spec(
        dialog("d", wanted, text("t"), text("u", pre_process="tell")),
        fallback(text("f", pre_process="tell")),
        intents={"refund": "Money back"},
        intent_examples={"refund": Examples(("refund please",))},
    )

    talk = Talk(bot, scripts={"tell": tell})
    talk.say("a refund please")
    talk.say("something else")

    assert told == ["Money back", "Money back", None]


def test_another_recogniser_can_be_handed_in() -> None:
    class Stubborn(Talk):
        def _effects(self) -> Any:
            made = super()._effects()
            always = (intents.Candidate("track", "Track", 0.9),)
            return type(made)(made.run_script, made.match_regex, made.call, made.log, lambda bot, message: always)

    assert Stubborn(asking()).texts("anything") == ["<tracked>"]


def test_the_checks_name_a_phrase_that_stands_for_two_intents() -> None:
    examples = {"a": Examples(("Give me money!", "pay")), "b": Examples(("give  me MONEY",))}
    bot = bot_spec(intents={"a": "Refund", "b": "Loan"}, intent_examples=examples)

    found = [p.text for p in checks.check(bot, parses=lambda source: None) if p.kind == "same_phrase"]

    assert found == ["The phrase “give  me MONEY” stands for two intents, Refund and Loan."]


def test_the_checks_name_intents_that_nobody_can_recognise() -> None:
    bot = bot_spec(
        dialog("a", Interaction("a", "a", "starter", Content(intent="known")), text("t")),
        dialog("b", Interaction("b", "b", "starter", Content(intent="gone")), text("u")),
        dialog("c", Interaction("c", "c", "starter", Content(intent="known", patterns=("c",))), text("v")),
        dialog("d", starter("d", key="d"), question("q", with_intent(rule("", "end"), "trained"), rule("x"))),
        intents={"known": "Known", "trained": "Trained"},
        intent_examples={"trained": Examples(("yes please",))},
    )

    found = [p.text for p in checks.check(bot, parses=lambda source: None) if p.kind == "untrained_intent"]

    assert found == [
        "a asks for the intent Known, which has no example phrase and no pattern.",
        "b asks for an intent that does not exist: gone.",
    ]
