"""A conversation over the JSON API, as a channel has it."""

from __future__ import annotations

import itertools
from typing import Any

from tests.product import Product

_count = itertools.count(1)


class Talk:
    """Begins a conversation with a bot by a channel key; `say` returns the bot's messages of the turn."""

    def __init__(self, parley: Product, bot: str) -> None:
        self.parley = parley
        key = parley.manage("channel_key", bot).strip()
        find = f"from bots.models import Bot; print(Bot.objects.get(name={bot!r}).key)"
        address = parley.manage("shell", "-v0", "-c", find).strip()
        answer = parley.post(f"/api/v1/bots/{address}/conversations", json={}, headers=_bearer(key))
        assert answer.status_code == 201, answer.text
        self.id, self.token = answer.json()["id"], answer.json()["token"]

    def say(self, text: str) -> list[dict[str, Any]]:
        answer = self.parley.post(
            f"/api/v1/conversations/{self.id}/messages",
            json={"message_id": f"m{next(_count)}", "text": text},
            headers=_bearer(self.token) | {"Prefer": "wait=20"},
        )
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def hear(self, text: str) -> list[str]:
        """Say something and return the texts of what comes back."""
        return [message.get("text", "") for message in self.say(text)]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
