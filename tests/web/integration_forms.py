"""The integration form as a browser sends it, for the tests of its pages."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from bots.models import Bot
from integrations.models import Integration

HTMX = {"HX-Request": "true"}


def form_data(**values: Any) -> dict[str, Any]:
    data = {
        "name": "Order",
        "response_variable": "Order",
        "type": "API",
        "method": "GET",
        "url": "https://api.example.test/orders/{$botContext.order}",
        "use_default_headers": "on",
        "timeout_seconds": "20",
        "retries": "3",
        "follow_redirects": "on",
        "slow_after_seconds": "4",
    }
    return data | values


def rows(name: str, *pairs: tuple[str, str], off: tuple[int, ...] = ()) -> dict[str, Any]:
    numbers = [str(number) for number in range(1, len(pairs) + 1)]
    return {
        f"{name}.row": numbers,
        f"{name}.key": [key for key, _ in pairs],
        f"{name}.value": [value for _, value in pairs],
        f"{name}.note": ["" for _ in pairs],
        f"{name}.on": [number for number in numbers if int(number) not in off],
    }


def create(author: Client, bot: Bot, **values: Any) -> Any:
    return author.post(reverse("integration_new", args=[bot.pk]), form_data(**values))


def save(author: Client, row: Integration, **values: Any) -> Any:
    url = reverse("integration_save", args=[row.bot_id, row.pk])
    data = form_data(name=row.name, response_variable=row.response_variable, seen=row.updated_at.isoformat())
    return author.post(url, data | values, headers=HTMX)
