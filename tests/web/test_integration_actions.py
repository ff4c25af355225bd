"""What else can be done with an integration: delete, duplicate, cURL, its script checked."""

from __future__ import annotations

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import Integration
from tests import factories
from tests.web.integration_forms import HTMX, form_data, rows

pytestmark = pytest.mark.usefixtures("store")


def test_the_page_names_the_interactions_that_use_it(author: Client, integration: Integration) -> None:
    dialog = factories.make_dialog(integration.bot, name="Money")
    caller = factories.make_interaction(dialog, name="Ask the bank", kind="integration", integration=integration)
    factories.make_interaction(dialog, name="Show it", content={"text": "You have {Balance.total}"})
    factories.make_interaction(dialog, name="Say hello", content={"text": "Hello"})

    page = author.get(reverse("integration", args=[integration.bot_id, integration.pk])).text

    assert reverse("interaction_by_key", args=[integration.bot_id, caller.key]) in page
    assert "Show it" in page
    assert "Say hello" not in page


def test_an_integration_in_use_is_not_deleted(author: Client, integration: Integration) -> None:
    dialog = factories.make_dialog(integration.bot, name="Money")
    caller = factories.make_interaction(dialog, name="Ask the bank", kind="integration", integration=integration)

    answer = author.post(reverse("integration_delete", args=[integration.bot_id, integration.pk]))

    assert answer.status_code == 409
    assert "was not deleted" in answer.text
    assert reverse("interaction_by_key", args=[integration.bot_id, caller.key]) in answer.text
    assert Integration.objects.exists()


def test_an_integration_that_nothing_uses_is_deleted(author: Client, integration: Integration) -> None:
    answer = author.post(reverse("integration_delete", args=[integration.bot_id, integration.pk]), follow=True)

    assert "Balance was deleted." in answer.text
    assert not Integration.objects.exists()


def test_a_duplicate_has_a_name_of_its_own_and_the_same_definition(author: Client, integration: Integration) -> None:
    for expected in ("Balance_2", "Balance_3"):
        answer = author.post(reverse("integration_duplicate", args=[integration.bot_id, integration.pk]))

        copy = Integration.objects.get(name=expected)
        assert answer.url == reverse("integration", args=[copy.bot_id, copy.pk])
        assert (copy.url, copy.response_variable) == (integration.url, "Balance")
        assert copy.key != integration.key


def test_the_form_is_a_command_line_with_the_sample_values(author: Client, integration: Integration) -> None:
    data = form_data(integration=str(integration.pk), **rows("headers", ("X-Api-Key", "verysecretvalue")))
    samples = {"sample.name": ["$botContext.order"], "sample.value": ["a b"]}

    answer = author.post(reverse("integration_curl", args=[integration.bot_id]), data | samples, headers=HTMX)

    assert "https://api.example.test/orders/a%20b" in answer.text
    assert "verysecretvalue" not in answer.text
    assert "$X_API_KEY" in answer.text


def test_a_command_line_fills_the_form_and_saves_nothing(author: Client, integration: Integration) -> None:
    command = "curl -X POST 'https://api.example.test/things?a=1' -H 'X-Trace: 7' -d '{\"b\": 2}'"
    data = form_data(integration=str(integration.pk), name="half typed!", curl=command)

    answer = author.post(reverse("integration_paste", args=[integration.bot_id]), data, headers=HTMX)

    assert "https://api.example.test/things" in answer.text
    assert "X-Trace" in answer.text
    assert "half typed!" in answer.text
    assert "not saved yet" in answer.text
    assert Integration.objects.get().url == "https://api.example.test/balance"


def test_what_is_no_command_line_changes_nothing_in_the_form(author: Client, integration: Integration) -> None:
    data = form_data(integration=str(integration.pk), url="https://typed.example.test/", curl="wget http://x")

    answer = author.post(reverse("integration_paste", args=[integration.bot_id]), data, headers=HTMX)

    assert "This is no cURL command" in answer.text
    assert "https://typed.example.test/" in answer.text


def test_the_list_shows_how_the_latest_test_run_ended(
    author: Client, integration: Integration, store: redis.Redis
) -> None:
    store.set(f"parley:testrun-last:{integration.pk}", b'{"ok":false,"text":"HTTP 503"}')

    page = author.get(reverse("integration_list", args=[integration.bot_id]))

    assert 'id="integration-list"' in page.text
    assert "Last test run: HTTP 503" in page.text


def test_a_script_is_checked_while_it_is_written(author: Client, integration: Integration) -> None:
    url = reverse("script_check", args=[integration.bot_id])

    broken = author.post(url, {"source": "var a = 1;\nvar b = ;", "place": "transform"})
    right = author.post(url, {"source": "var a = 1; return a;", "place": "preProcess"})
    empty = author.post(url, {"source": " ", "place": "nowhere"})

    [problem] = broken.json()["problems"]
    assert (problem["line"], problem["column"]) == (2, 9)
    assert "Unexpected token" in problem["message"]
    assert right.json() == empty.json() == {"problems": []}


def test_a_stranger_has_no_script_checked(client: Client, stranger: User, integration: Integration) -> None:
    client.force_login(stranger)

    assert client.post(reverse("script_check", args=[integration.bot_id])).status_code == 404
