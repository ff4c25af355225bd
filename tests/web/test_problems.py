"""Problems of a draft: on the bot's pages and beside the item, each leading to the field, and new with every save."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction
from bots.services import authoring
from integrations.models import Integration
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}


@pytest.fixture
def dialog(bot: Bot) -> Dialog:
    dialog = factories.make_dialog(bot, name="Orders")
    factories.make_interaction(dialog, name="Start", kind="starter", content={"patterns": ["orders"]})
    return dialog


@pytest.fixture
def ask(dialog: Dialog) -> Interaction:
    sets = {"key": "k1", "condition": {"kind": "pattern", "values": ["*"]}, "variables": [{"name": "size"}]}
    return factories.make_interaction(dialog, name="Ask", kind="text_question", content={"text": "?"}, rules=[sets])


@pytest.fixture
def tell(dialog: Dialog, ask: Interaction) -> Interaction:
    return factories.make_interaction(dialog, name="Tell", content={"text": "It is {$botContext.size}."})


def at(name: str, row: Interaction, *more: object) -> str:
    return reverse(name, args=[row.bot_id, row.pk, *more])


def test_a_save_shows_and_hides_what_it_changes_about_another_tile(
    author: Client, ask: Interaction, tell: Interaction
) -> None:
    rule = {"condition": "pattern", "patterns": "*", "action": "next", "variables.name": "length"}
    rule |= {"variables.value": "1", "variables.scope": "dialog"}

    broken = author.post(at("save_rule", ask, "k1"), rule, headers=HTMX)
    mended = author.post(at("save_rule", ask, "k1"), rule | {"variables.name": "size"}, headers=HTMX)

    assert "Tell: nothing sets the variable size." in pages.inside(broken, "bot-problems")
    assert "Nothing sets the variable size." in pages.inside(broken, "problems-now")
    assert "1 problem" in pages.inside(broken, "bot-state")
    assert "Nothing" not in pages.inside(mended, "problems-now")
    assert "nothing" not in pages.inside(mended, "bot-problems")


def test_beside_the_tile_a_problem_leads_to_its_field(author: Client, tell: Interaction) -> None:
    factories.make_interaction(tell.dialog, name="Say", content={"text": "{$botContext.none}"})
    row = Interaction.objects.get(name="Say")

    page = author.get(reverse("dialog", args=[row.bot_id, row.dialog_id])).content.decode()

    assert f'href="{at("interaction", row)}?tab=content#id_text"' in page
    assert f'href="{reverse("interaction_by_key", args=[row.bot_id, row.key])}?tab=content#id_text"' in page


def test_a_problem_of_a_rule_opens_that_rule(author: Client, ask: Interaction, tell: Interaction) -> None:
    ask.rules = [*ask.rules, {"key": "k2", "condition": {"kind": "pattern", "values": ["no"]}}]
    ask.save()

    page = author.get(reverse("problems", args=[ask.bot_id])).content.decode()
    followed = author.get(f"{reverse('interaction_by_key', args=[ask.bot_id, ask.key])}?tab=rules&rule=k2")

    assert "?tab=rules&amp;rule=k2#id_patterns" in page
    assert followed.headers["Location"] == f"{at('interaction', ask)}?tab=rules&rule=k2"


@pytest.mark.parametrize("name", ["toggle_interaction", "duplicate_interaction", "delete_interaction"])
def test_what_is_done_to_a_tile_refreshes_the_problems(author: Client, tell: Interaction, name: str) -> None:
    answer = author.post(at(name, tell), headers=HTMX)

    assert {"tiles", "bot-state", "bot-problems"} <= set(pages.ids_of(answer))


def test_a_dialog_that_is_switched_off_is_refreshed_with_its_tiles_and_its_problems(
    author: Client, tell: Interaction
) -> None:
    other = factories.make_dialog(tell.bot, name="Other")
    leads = {"key": "k3", "action": {"kind": "dialog", "target": str(other.key)}}
    Interaction.objects.filter(pk=tell.pk).update(rules=[leads])

    answer = author.post(reverse("toggle_dialog", args=[tell.bot_id, other.pk]), headers=HTMX)

    assert "leads to the dialog Other, which is switched off" in pages.inside(answer, "bot-problems")
    assert {"dialog-list", "tiles", "bot-state"} <= set(pages.ids_of(answer))


def test_an_integration_shows_its_problems_and_again_after_a_save(author: Client, integration: Integration) -> None:
    page = author.get(reverse("integration", args=[integration.bot_id, integration.pk]))
    address = f"{reverse('problems', args=[integration.bot_id])}?integration={integration.key}"
    fresh = author.get(address, headers=HTMX)

    assert "No interaction uses the integration Balance." in pages.inside(page, "integration-problems")
    assert "No interaction uses the integration Balance." in pages.inside(fresh, "integration-problems")
    assert "1 problem" in pages.inside(fresh, "bot-state")


def test_the_problem_of_an_integration_leads_to_it_by_its_key(author: Client, integration: Integration) -> None:
    address = reverse("integration_by_key", args=[integration.bot_id, integration.key])

    listed = author.get(reverse("integrations", args=[integration.bot_id])).content.decode()
    followed = author.get(address)
    lost = author.get(reverse("integration_by_key", args=[integration.bot_id, "gone"]))

    assert address in listed
    assert followed.headers["Location"] == reverse("integration", args=[integration.bot_id, integration.pk])
    assert lost.headers["Location"] == reverse("integrations", args=[integration.bot_id])


def test_a_stranger_is_led_to_no_integration_and_sees_no_problem(
    client: Client, stranger: object, integration: Integration
) -> None:
    client.force_login(stranger)  # type: ignore[arg-type]

    for name, args in (("integration_by_key", [integration.bot_id, "x"]), ("problems", [integration.bot_id])):
        assert client.get(reverse(name, args=args)).status_code == 404


def test_global_functions_that_do_not_parse_lead_there(author: Client, bot: Bot) -> None:
    bot.global_functions = "function ("
    bot.save()

    page = author.get(reverse("problems", args=[bot.pk])).content.decode()

    assert re.search(rf'href="{reverse("global_functions", args=[bot.pk])}\?at=1%3A\d+#id_source"', page)


def test_the_problem_of_a_script_leads_to_its_line(
    author: Client, bot: Bot, ask: Interaction, integration: Integration
) -> None:
    broken = "var a = 1;\nvar = 2;\n"
    Bot.objects.filter(pk=bot.pk).update(global_functions=broken)
    Interaction.objects.filter(pk=ask.pk).update(pre_process=broken)
    Integration.objects.filter(pk=integration.pk).update(transform_script=broken)

    page = author.get(reverse("problems", args=[bot.pk])).text
    links = re.findall(r'href="([^"]+at=2%3A5[^"]*)"', page)
    paths = [html.unescape(link).partition("#")[0] for link in links]
    led = [author.get(path) for path in paths]

    assert [link.partition("#")[2] for link in links] == ["id_source", "id_pre_process", "id_transform_script"]
    assert led[0].status_code == 200
    assert led[1].headers["Location"] == f"{at('interaction', ask)}?tab=code&at=2%3A5"
    assert led[2].headers["Location"] == f"{reverse('integration', args=[bot.pk, integration.pk])}?at=2%3A5"
    beside = author.get(reverse("dialog", args=[bot.pk, ask.dialog_id])).text
    assert 'data-then-show="id_pre_process" data-then-at="2:5"' in beside


def test_an_open_page_of_problems_is_answered_only_when_there_is_something_else(
    author: Client, teammate: User, tell: Interaction
) -> None:
    address = reverse("problems", args=[tell.bot_id])
    seen = re.search(r'data-seen="([^"]+)"', author.get(address).text)
    assert seen

    same = author.get(address, {"seen": seen[1]})
    authoring.change(tell.pk, user=teammate, values={"content": spec.Content(text="{$botContext.none}")})
    other = author.get(address, {"seen": seen[1]})

    assert (same.status_code, same.content) == (204, b"")
    assert {"problem-list", "bot-state"} <= set(pages.ids_of(other))
    assert "nothing sets the variable none" in pages.text_of(other)
    assert "toasts" not in pages.ids_of(other)
