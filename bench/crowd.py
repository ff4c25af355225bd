"""What ten thousand bots, and conversations that have ended, leave behind: times of pages, memory, database.

A million conversations take hours; here two thousand begin, talk and end by the HTTP API, and what each left is told.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from bench import pages
from bench.http import Connection
from bench.plant import Failed, Plant

BOTS = (100, 10_000)
LISTS = {
    "list of bots": "/bots/",
    "search in it": "/bots/?q=Crowd+77",
    "list of credentials": "/credentials/",
    "environments": "/environments/",
    "activity": "/activity/",
    "bots in the back office": "/admin/bots/bot/",
}
AT_ONCE = 20
CONVERSATIONS = 2_400  # fewer than a channel key begins a minute
MILLION = 1_000_000
MINUTE = 62


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored: the bytes of data in Redis and its keys, the bytes of the database."""

    redis: int
    keys: int
    sql: int


def kept(plant: Plant) -> Kept:
    """Tell what is stored once the counts of messages a minute have gone by themselves."""
    time.sleep(MINUTE)
    return Kept(**plant.seed("kept"))


def list_times(plant: Plant, bots: int) -> dict[str, float]:
    """Fill the organization up to so many bots; return the milliseconds of each list page, the fastest of nine."""
    plant.seed("crowd", str(bots))
    return {name: min(pages.seconds(plant, path, times=9)) * 1000 for name, path in LISTS.items()}


def talk(plant: Plant, conversations: int) -> None:
    """Let so many conversations begin, say one thing and end."""
    to = plant.bots["turn 0"]
    asyncio.run(_all(plant.url, to["bot"], to["key"], conversations))


async def _all(url: str, bot: str, key: str, conversations: int) -> None:
    share = conversations // AT_ONCE
    await asyncio.gather(*(_one_after_the_other(url, bot, key, share) for _ in range(AT_ONCE)))


async def _one_after_the_other(url: str, bot: str, key: str, number: int) -> None:
    connection = await Connection.open(url)
    for _ in range(number):
        begun = await _ask(connection, 201, "POST", f"/api/v1/bots/{bot}/conversations", token=key, body={})
        path, token = f"/api/v1/conversations/{begun['id']}", begun["token"]
        said = {"message_id": "m1", "text": "go"}
        await _ask(connection, 200, "POST", f"{path}/messages", token=token, body=said, wait=20)
        await _ask(connection, 204, "DELETE", path, token=token)
    connection.close()


async def _ask(connection: Connection, expected: int, method: str, path: str, **options: Any) -> Any:
    status, content = await connection.ask(method, path, **options)
    if status != expected:
        raise Failed(f"{method} {path} answered {status}: {content}")
    return content
