"""What the demo API knows: a few customers, orders, stores and answers. The same at every start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Account:
    account_number: str
    email: str
    holder: str
    balance: Decimal
    currency: str = "EUR"
    as_of: str = "2026-11-01"

    def as_json(self) -> Mapping[str, Any]:
        return {
            "accountNumber": self.account_number,
            "holder": self.holder,
            "balance": self.balance,
            "currency": self.currency,
            "asOf": self.as_of,
        }


ACCOUNTS = (
    Account("10024417", "ada@example.com", "Ada Okafor", Decimal("1250.40")),
    Account("10024418", "ben@example.com", "Ben Lindqvist", Decimal("0.00")),
    Account("10024419", "chloe@example.com", "Chloé Martin", Decimal("-73.15")),
    Account("90071992547409931", "dana@example.com", "Dana Novak", Decimal("12345678901234567.89"), "USD"),
)


def _item(name: str, quantity: int, price: str) -> Mapping[str, Any]:
    return {"name": name, "quantity": quantity, "price": Decimal(price)}


ORDERS: tuple[Mapping[str, Any], ...] = (
    {
        "id": "A-1001",
        "email": "ada@example.com",
        "status": "shipped",
        "placed": "2026-10-27",
        "expected": "2026-11-04",
        "carrier": "Northline Parcel",
        "total": Decimal("87.30"),
        "items": [
            _item("Walnut desk lamp", 1, "49.90"),
            _item("LED bulb, warm white", 2, "6.20"),
            _item("Linen notebook", 2, "12.50"),
        ],
    },
    {
        "id": "A-1002",
        "email": "ben@example.com",
        "status": "being packed",
        "placed": "2026-10-31",
        "expected": "2026-11-06",
        "carrier": "",
        "total": Decimal("19.00"),
        "items": [_item("Enamel mug", 2, "9.50")],
    },
    {
        "id": "A-1003",
        "email": "ada@example.com",
        "status": "delivered",
        "placed": "2026-09-12",
        "expected": "2026-09-16",
        "carrier": "Northline Parcel",
        "total": Decimal("240.00"),
        "items": [_item("Oak side table", 1, "240.00")],
    },
)

STORES: tuple[Mapping[str, Any], ...] = (
    {"id": 1, "name": "Riverside", "street": "12 Quay Street", "city": "Bristol", "phone": "+441174960100",
     "hours": "Mon-Sat 9-18"},
    {"id": 2, "name": "Old Town", "street": "3 Cornmarket", "city": "Oxford", "phone": "+441865496012",
     "hours": "Mon-Sun 10-17"},
    {"id": 3, "name": "Harbourside", "street": "40 Millennium Way", "city": "Bristol", "phone": "+441174960140",
     "hours": "Mon-Sat 8-20"},
)  # fmt: skip

FAQ: tuple[Mapping[str, str], ...] = (
    {"question": "How long does delivery take?", "answer": "Parcels arrive within three to five working days."},
    {"question": "What does delivery cost?", "answer": "Delivery is 4.90 EUR, and free for orders over 50 EUR."},
    {"question": "How do I return an item?", "answer": "Send it back within 30 days with the label from your parcel."},
    {"question": "When do I get my refund?", "answer": "We pay it within a week of receiving your return."},
    {"question": "Which payment methods do you accept?", "answer": "Card, bank transfer and gift vouchers."},
)
COMMON = "a an and are can do does for get how i is it me my of the to what when which you your"


def account(account_number: str, *, email: str) -> Account | None:
    """Return the account of that number if the e-mail address is its holder's."""
    wanted = (account_number.strip(), email.strip().casefold())
    return next((found for found in ACCOUNTS if (found.account_number, found.email) == wanted), None)


def order(order_id: str) -> Mapping[str, Any] | None:
    wanted = order_id.strip().upper()
    return next((found for found in ORDERS if found["id"] == wanted), None)


def orders(*, email: str) -> list[Mapping[str, Any]]:
    wanted = email.strip().casefold()
    return [found for found in ORDERS if wanted in ("", found["email"])]


def stores(*, city: str) -> list[Mapping[str, Any]]:
    wanted = city.strip().casefold()
    return [found for found in STORES if wanted in ("", found["city"].casefold())]


def answers(query: str) -> list[Mapping[str, str]]:
    """Return the answers that share a word with the question, the best first."""
    asked = _words(query)
    ranked = sorted(FAQ, key=lambda entry: -len(asked & _words(entry["question"] + " " + entry["answer"])))
    return [entry for entry in ranked if asked & _words(entry["question"] + " " + entry["answer"])]


def _words(text: str) -> set[str]:
    """Rough stems: "returns" finds "return"."""
    letters = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    return {word.rstrip("s") for word in letters.split()} - set(COMMON.split())
