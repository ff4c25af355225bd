"""Who uses a credential: integrations as they stand in the editor, and those of the versions that are live.

The apps above are known here as rows only: an organization has bots, a bot has integrations and a live version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from credentials.models import Credential, Organization
from credentials.services import lastcalls


@dataclass(frozen=True, slots=True)
class Use:
    """One integration. pk: of its row, None when the editor has none or names another credential for it.

    live: the number of the version that is live and names the credential for it, None when none does.
    live_url: the URL template that this version has.
    """

    bot: int
    bot_name: str
    name: str
    caller: str
    pk: int | None = None
    url: str = ""
    live: int | None = None
    live_url: str = ""
    last: lastcalls.LastCall | None = None

    @property
    def label(self) -> str:
        return f"{self.bot_name}: {self.name}"

    @property
    def urls(self) -> tuple[str, ...]:
        """The URL templates that it leads to, each once."""
        return tuple(dict.fromkeys(url for url in (self.url, self.live_url) if url))


def of(credential: Credential) -> list[Use]:
    """Return the users of a credential by bot and name, each with its last call as far as Redis knows it."""
    found = {use.caller: use for use in _in_editor(credential)}
    for use in _live(credential):
        draft = found.get(use.caller)
        found[use.caller] = replace(draft, live=use.live, live_url=use.live_url) if draft else use
    calls = lastcalls.of([str(credential.key)]).get(str(credential.key), {})
    known = [replace(use, last=calls.get(use.caller)) for use in found.values()]
    return sorted(known, key=lambda use: (use.bot_name, use.name))


def counts(organization: Organization) -> dict[int, int]:
    """Return how many integrations in the editor name each credential, by primary key."""
    rows = Credential.objects.filter(organization=organization).values_list("pk", "integrations__pk").order_by()
    found: dict[int, int] = {}
    for credential, integration in rows:
        found[credential] = found.get(credential, 0) + (integration is not None)
    return found


def _in_editor(credential: Credential) -> Iterator[Use]:
    rows = credential.integrations.select_related("bot").only("name", "key", "url", "bot__name", "bot__key")
    for row in rows:
        name = lastcalls.caller(bot=str(row.bot.key), integration=str(row.key))
        yield Use(row.bot_id, row.bot.name, row.name, name, pk=row.pk, url=row.url)


def _live(credential: Credential) -> Iterator[Use]:
    """What published versions froze is a document: those that hold the key at all are looked at."""
    key = str(credential.key)
    organization: Any = credential.organization
    rows = organization.bots.annotate(document=Cast("live_version__spec", TextField())).filter(document__contains=key)
    columns = ("pk", "name", "key", "live_version__number", "live_version__spec__integrations")
    for pk, name, bot, number, integrations in rows.values_list(*columns):
        for each in _naming(key, integrations):
            caller = lastcalls.caller(bot=str(bot), integration=str(each.get("key")))
            url = str(each.get("url") or "")
            yield Use(pk, name, str(each.get("name")), caller, live=number, live_url=url)


def _naming(key: str, integrations: Iterable[dict[str, Any]] | None) -> Iterator[dict[str, Any]]:
    return (each for each in integrations or () if each.get("credential") == key)
