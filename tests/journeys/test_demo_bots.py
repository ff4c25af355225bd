"""The built-in bots, talked to over the JSON API of the running product: real Redis, worker, sandbox and demo API."""

from __future__ import annotations

import pytest

from tests.journeys.talk import Talk
from tests.product import Product

pytestmark = pytest.mark.journey


def test_the_account_balance_bot_says_the_balance(served: Product) -> None:
    talk = Talk(served, "Account balance")

    assert talk.hear("What is my balance?") == ["What is your account number?"]
    assert talk.hear("10024417") == ["Which e-mail address is it registered with?"]
    assert talk.hear("ada@example.com") == ["Thank you, Ada Okafor. Your balance is 1250.40 EUR."]


def test_the_account_balance_bot_asks_again_and_takes_a_failure_its_own_way(served: Product) -> None:
    talk = Talk(served, "Account balance")

    talk.hear("balance")
    refused = talk.hear("it is on my card")
    talk.hear("10024417")
    missing = talk.hear("somebody@example.com")

    assert refused == ["An account number has digits only, at least eight of them.", "What is your account number?"]
    assert missing == ["I found no account with this number and e-mail address. Ask for your balance to try again."]


def test_a_balance_keeps_every_digit(served: Product) -> None:
    talk = Talk(served, "Account balance")

    talk.hear("balance")
    talk.hear("90071992547409931")

    assert talk.hear("dana@example.com") == ["Thank you, Dana Novak. Your balance is 12345678901234567.89 USD."]


def test_the_order_bot_shows_a_card_for_each_item(served: Product) -> None:
    talk = Talk(served, "Order status")

    talk.hear("Where is my order?")
    text, cards = talk.say("a-1001")

    assert text["text"] == (
        "Your order A-1001 is shipped, expected 2026-11-04, with Northline Parcel. It holds 3 items, 87.30 EUR in all:"
    )
    assert [(tile["title"], tile["subtitle"]) for tile in cards["tiles"]] == [
        ("Walnut desk lamp", "1 × 49.90 EUR"),
        ("LED bulb, warm white", "2 × 6.20 EUR"),
        ("Linen notebook", "2 × 12.50 EUR"),
    ]


def test_the_order_bot_cannot_be_led_to_another_address(served: Product) -> None:
    talk = Talk(served, "Order status")

    talk.hear("order")

    assert talk.hear("../stores")[0] == "An order number is a letter, a dash and four digits, such as A-1001."
    assert talk.hear("A-9999") == ["I found no order with this number. Ask about your order to try another one."]


def test_the_store_bot_wraps_the_list_and_shows_it(served: Product) -> None:
    talk = Talk(served, "Store locator")

    talk.hear("Where is a store?")
    text, cards = talk.say("bristol")
    talk.hear("store")

    assert text["text"] == "Stores in bristol: 2"
    assert [tile["title"] for tile in cards["tiles"]] == ["Riverside", "Harbourside"]
    assert cards["tiles"][0]["buttons"][0]["value"] == "tel:+441174960100"
    assert talk.hear("Ulm") == ["There is no store in Ulm. Ask for a store to try another city."]


def test_the_faq_bot_answers_from_the_search(served: Product) -> None:
    talk = Talk(served, "FAQ from an API")

    assert "Parcels arrive within three to five working days." in talk.hear("How long does delivery take?")[0]
    assert talk.hear("zebra") == ["I have no answer to that. Ask me about delivery, returns or payment."]
    assert talk.hear("hello") == ["Hello! Ask me about delivery, returns and payment."]
