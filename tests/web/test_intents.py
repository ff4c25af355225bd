"""The intents of a bot: the list, one with its examples, trying a message, and choosing one in starters and rules."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.engine import exportfile, spec
from bots.models import Bot, Intent
from bots.services import comparing, drafts, rules, specs, versions
from tests import factories
from tests.samples import parcel_bot

HTMX = {"HX-Request": "true"}


@pytest.fixture
def author(client: Client, teammate: User) -> Client:
    client.force_login(teammate)
    return client


@pytest.fixture
def refund(bot: Bot) -> Intent:
    return Intent.objects.create(
        bot=bot, key="intent-7", name="Refund", phrases=["refund please"], patterns=["*money*"]
    )


def test_the_list_shows_each_intent_with_its_examples_and_who_asks_for_it(
    author: Client, bot: Bot, refund: Intent
) -> None:
    Intent.objects.create(bot=bot, name="Imported one")
    dialog = factories.make_dialog(bot)
    factories.make_interaction(dialog, name="Refund starter", kind="starter", content={"intent": "intent-7"})
    rule = spec.Rule(condition=spec.Condition("intent", ("intent-7",)))
    factories.make_interaction(dialog, name="What then", kind="text_question", rules=spec.to_builtins([rule]))

    page = author.get(reverse("intents", args=[bot.pk])).text

    assert ">Refund starter</a>, <a" in page
    assert ">What then</a>" in page
    assert page.count("no examples yet") == 1
    assert page.index("Imported one") < page.index("no examples yet") < page.index("<strong>Refund")


def test_an_author_adds_an_intent_and_what_is_typed_is_saved(author: Client, bot: Bot) -> None:
    answer = author.post(reverse("add_intent", args=[bot.pk]), {"name": "Cancel"})
    row = bot.intents.get()
    saved = author.post(
        reverse("save_intent", args=[bot.pk, row.pk]),
        {"name": "Cancel order", "phrases": "cancel my order\n\n stop it \ncancel my order", "patterns": "*cancel*"},
        headers=HTMX,
    )

    row.refresh_from_db()
    assert answer.url == reverse("intent", args=[bot.pk, row.pk])
    assert (row.name, row.phrases, row.patterns) == ("Cancel order", ["cancel my order", "stop it"], ["*cancel*"])
    assert 'id="save-state"' in saved.text
    assert "Saved" in saved.text


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "refund"}, "An intent named “refund” exists already"),
        ({"name": "x", "phrases": "y" * 501}, "is too long: 500 characters"),
        ({"name": "x", "phrases": "\n".join(map(str, range(201)))}, "There are 201 lines"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_nothing_is_stored(
    author: Client, bot: Bot, refund: Intent, typed: dict[str, str], complaint: str
) -> None:
    row = Intent.objects.create(bot=bot, name="Cancel")

    answer = author.post(reverse("save_intent", args=[bot.pk, row.pk]), typed, headers=HTMX)

    assert complaint in answer.text
    assert "Not saved" in answer.text
    row.refresh_from_db()
    assert (row.name, row.phrases) == ("Cancel", [])


def test_a_message_is_tried_and_the_scores_are_shown(author: Client, bot: Bot, refund: Intent) -> None:
    def tries(message: str) -> str:
        return author.post(reverse("try_intents", args=[bot.pk]), {"message": message}, headers=HTMX).text

    assert 'id="intent-trial"' in tries("refund")
    assert "good</span>" in tries("a refund, please")
    assert "1.00 good" in tries("my money!")
    assert "closest to “*money*”" in tries("my money!")
    assert "No intent resembles this message" in tries("qqq")
    assert "This field is required" in tries("")


def test_a_deleted_intent_leaves_a_problem_with_those_that_ask_for_it(author: Client, bot: Bot, refund: Intent) -> None:
    starter = factories.make_interaction(
        factories.make_dialog(bot), name="Starter", kind="starter", content={"intent": "intent-7"}
    )

    author.post(reverse("delete_intent", args=[bot.pk, refund.pk]))

    problems = author.get(reverse("problems", args=[bot.pk])).text
    assert not bot.intents.exists()
    assert "Starter asks for an intent that does not exist: intent-7." in problems
    panel = author.get(reverse("panel", args=[bot.pk, starter.pk])).text
    assert '<option value="intent-7" selected>intent-7 (does not exist)</option>' in panel


def test_a_starter_takes_an_intent_and_keeps_it_when_something_else_is_edited(
    author: Client, bot: Bot, refund: Intent
) -> None:
    row = factories.make_interaction(factories.make_dialog(bot), name="Starter", kind="starter")
    save = reverse("save_interaction", args=[bot.pk, row.pk, "content"])

    author.post(save, {"name": "Starter", "patterns": "", "intent": "intent-7"}, headers=HTMX)

    row.refresh_from_db()
    assert row.content == {"intent": "intent-7"}
    assert "Intent Refund" in author.get(reverse("dialog", args=[bot.pk, row.dialog_id])).text


def test_a_rule_takes_an_intent(author: Client, bot: Bot, refund: Intent) -> None:
    row = factories.make_interaction(factories.make_dialog(bot), name="Question", kind="text_question")
    rule = rules.add(row.pk, user=factories.User.objects.get(username="teammate"), condition="pattern")

    author.post(
        reverse("save_rule", args=[bot.pk, row.pk, rule.key]),
        {"condition": "intent", "intent": "intent-7", "action": "next"},
        headers=HTMX,
    )

    row.refresh_from_db()
    (stored,) = rules.of(row)
    assert stored.condition == spec.Condition("intent", ("intent-7",))
    assert "Intent Refund" in author.get(reverse("dialog", args=[bot.pk, row.dialog_id])).text


def test_intents_are_frozen_restored_and_compared_with_the_rest_of_the_bot(
    teammate: User, bot: Bot, refund: Intent
) -> None:
    frozen = versions.publish(bot.pk, user=teammate)
    before = specs.draft(bot)
    refund.phrases = ["give it back"]
    refund.save()
    Intent.objects.create(bot=bot, name="Later")

    (added, changed) = comparing.compare(versions.read(frozen), new=specs.draft(bot))
    versions.restore(bot.pk, user=teammate, number=1)

    assert (added.verb, added.kind, added.name) == ("added", "Intent", "Later")
    (change,) = changed.changes
    assert (change.label, change.before, change.after) == ("Example phrases", "refund please", "give it back")
    assert specs.draft(bot) == before
    assert before.intent_examples == {"intent-7": spec.Examples(("refund please",), ("*money*",))}


def test_an_imported_bots_intents_become_its_own(bot: Bot) -> None:
    imported = factories.bot_spec(intents={"a" * 36: "Need help"})

    drafts.replace(bot, draft=imported)

    row = bot.intents.get()
    assert (row.key, row.name, row.phrases, row.patterns) == ("a" * 36, "Need help", [], [])
    assert specs.draft(bot).intents == imported.intents


def test_a_stranger_sees_nothing_and_changes_nothing(client: Client, stranger: User, bot: Bot, refund: Intent) -> None:
    addresses = [
        ("get", reverse("intents", args=[bot.pk])),
        ("get", reverse("intent", args=[bot.pk, refund.pk])),
        ("post", reverse("add_intent", args=[bot.pk])),
        ("post", reverse("save_intent", args=[bot.pk, refund.pk])),
        ("post", reverse("delete_intent", args=[bot.pk, refund.pk])),
        ("post", reverse("try_intents", args=[bot.pk])),
    ]
    assert all(getattr(client, method)(url).url.startswith(reverse("login")) for method, url in addresses)
    client.force_login(stranger)

    assert [getattr(client, method)(url, {"name": "x"}).status_code for method, url in addresses] == [404] * 6
    assert bot.intents.get().name == "Refund"


def test_an_intent_of_another_bot_is_not_found_under_this_one(author: Client, bot: Bot, refund: Intent) -> None:
    other = factories.make_bot(bot.organization)

    assert author.get(reverse("intent", args=[other.pk, refund.pk])).status_code == 404


def test_an_intent_that_a_file_asks_for_without_naming_it_can_be_given_examples(bot: Bot) -> None:
    document = parcel_bot.document()
    document["associatedIntents"] = []

    drafts.replace(bot, draft=exportfile.read(document))

    assert [(row.key, row.name) for row in bot.intents.all()] == [("intent-7", "intent-7")]
