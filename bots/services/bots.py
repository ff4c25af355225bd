"""The writes that make, change, copy and delete a whole bot."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction, SavedTest
from bots.services import conversations, drafts, names, originals, owned, revised, specs
from credentials.models import Organization
from credentials.services import audit
from integrations.models import Environment
from integrations.services import revisions

SETTINGS = (
    "name", "description", "language", "environment", "session_seconds", "failure_text", "error_text",
    "fallback_text", "split_long_texts", "debug",
)  # fmt: skip

ASPECTS = {
    "settings": tuple("environment_id" if name == "environment" else name for name in SETTINGS),
    "global_functions": ("global_functions",),
}


class Changed(Exception):
    """Somebody else saved the same aspect since this author saw it; `theirs` is what is stored now."""

    def __init__(self, theirs: Bot) -> None:
        super().__init__("Somebody else changed this bot since you opened it.")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class NewBot:
    """What the author says about a bot that does not exist yet; `draft` is the template it begins from."""

    name: str
    description: str = ""
    language: str = "en-US"
    draft: spec.BotSpec | None = None


def listing(user: Any, *, organization: Organization | None, words: str = "") -> QuerySet[Bot]:
    """Return the user's bots in one organization by name, as far as name or description hold the words."""
    rows: QuerySet[Bot] = Bot.objects.for_user(user).filter(organization=organization).select_related("live_version")
    rows = rows.defer("live_version__spec", "source")
    return rows.filter(Q(name__icontains=words) | Q(description__icontains=words)) if words else rows


@transaction.atomic
def create(new: NewBot, *, user: Any, organization_id: int) -> Bot:
    """Make a bot with a welcome and a fallback dialog, or from a template; raises Refused for a name in use."""
    organization = Organization.objects.for_user(user).get(pk=organization_id)
    _check_name(new.name, organization=organization)
    bot = Bot.objects.create(
        organization=organization, name=new.name, description=new.description, language=new.language
    )
    if new.draft is None:
        _begin(bot)
    else:
        drafts.replace(bot, draft=new.draft, keep_name=True)
    audit.record(organization, actor=user, action="bot.created", subject=bot.name)
    return bot


@transaction.atomic
def change(bot_id: int, *, user: Any, values: dict[str, Any], seen: str = "") -> Bot:
    """Store some of SETTINGS; raises Refused for a name in use or an environment of another organization.

    Raises Changed when the settings are not those that were `seen`.
    """
    bot = owned.bot(bot_id, user=user)
    _check_unchanged(bot, aspect="settings", seen=seen)
    if "name" in values and values["name"] != bot.name:
        _check_name(values["name"], organization=bot.organization, besides=bot)
    environment: Environment | None = values.get("environment")
    if environment is not None and environment.organization_id != bot.organization_id:
        raise names.Refused("Choose an environment of this organization.", field="environment")
    with revisions.watched(bot, kind=revised.SETTINGS, author=user):
        for name in SETTINGS:
            if name in values:
                setattr(bot, name, values[name])
        _sign(bot, aspect="settings", user=user)
        bot.save()
    return bot


@transaction.atomic
def change_global_functions(bot_id: int, *, user: Any, source: str, seen: str = "") -> Bot:
    """Store the JavaScript that every script of the bot may call; raises Changed unless it is still what was `seen`."""
    bot = owned.bot(bot_id, user=user)
    _check_unchanged(bot, aspect="global_functions", seen=seen)
    with revisions.watched(bot, kind=revised.FUNCTIONS, author=user):
        bot.global_functions = source
        _sign(bot, aspect="global_functions", user=user)
        bot.save(update_fields=["global_functions", "editors", "updated_at"])
    return bot


def revision(bot: Bot, *, aspect: str) -> str:
    """What an open form remembers of the aspect that it edits, to notice that somebody else saved in between."""
    columns = [getattr(bot, name) for name in ASPECTS[aspect]]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]


def _check_unchanged(bot: Bot, *, aspect: str, seen: str) -> None:
    if seen and seen != revision(bot, aspect=aspect):
        raise Changed(bot)


def _sign(bot: Bot, *, aspect: str, user: Any) -> None:
    stored = Bot.objects.get(pk=bot.pk)
    if revision(stored, aspect=aspect) != revision(bot, aspect=aspect):
        bot.editors = {**bot.editors, aspect: user.get_username()}


@transaction.atomic
def duplicate(bot_id: int, *, user: Any) -> Bot:
    """Copy the draft under a free name, with its environment and tests; versions and channel keys stay behind."""
    bot = owned.bot(bot_id, user=user)
    copy = Bot.objects.create(
        organization=bot.organization,
        name=names.copy_of(bot.name, taken=_taken(bot.organization)),
        description=bot.description,
        environment=bot.environment,
    )
    drafts.replace(copy, draft=specs.draft(bot), keep_name=True)
    originals.copy(bot, into=copy)
    tests = bot.saved_tests.values("name", "transcript", "answers")
    SavedTest.objects.bulk_create(SavedTest(bot=copy, **test) for test in tests)
    return copy


@transaction.atomic
def delete(bot_id: int, *, user: Any, typed_name: str) -> None:
    """Delete the bot and all that is in it for good; raises Refused unless its name was typed."""
    bot = owned.bot(bot_id, user=user)
    if typed_name.strip() != bot.name:
        raise names.Refused(f"Type the name of the bot, {bot.name}, exactly. Nothing was deleted.", field="typed_name")
    audit.record(bot.organization, actor=user, action="bot.deleted", subject=bot.name)
    transaction.on_commit(lambda: conversations.end_all(bot_id))
    bot.interactions.all().delete()  # first, since they protect the integrations that they call
    bot.delete()


@transaction.atomic
def take_back_import(bot_id: int, *, user: Any, seen: str) -> None:
    """Delete a bot that was just imported; raises Refused when anything was done with it since (`seen`: updated_at)."""
    bot = owned.bot(bot_id, user=user)
    if bot.updated_at.isoformat() != seen or bot.versions.exists():
        raise names.Refused(f"{bot.name} was worked on since it was imported. Delete it by hand if you want it gone.")
    delete(bot_id, user=user, typed_name=bot.name)


def _taken(organization: Organization, besides: Bot | None = None) -> list[str]:
    rows = Bot.objects.filter(organization=organization).values_list("pk", "name")
    return [name for pk, name in rows if besides is None or pk != besides.pk]


def _check_name(name: str, *, organization: Organization, besides: Bot | None = None) -> None:
    names.check_free(name, taken=_taken(organization, besides), what="A bot")


def _begin(bot: Bot) -> None:
    welcome = Dialog.objects.create(bot=bot, name="Welcome", position=0)
    fallback = Dialog.objects.create(bot=bot, name="Fallback", position=1, kind=Dialog.Kind.FALLBACK)
    _tile(welcome, 0, "Welcome starter", "starter", {"patterns": ["hi", "hello"]})
    _tile(welcome, 1, "Welcome text", "text", {"text": "Hello! What can I do for you?"})
    _tile(fallback, 0, "Fallback text", "text", {"text": bot.fallback_text})


def _tile(dialog: Dialog, position: int, name: str, kind: str, content: dict[str, Any]) -> None:
    Interaction.objects.create(bot=dialog.bot, dialog=dialog, position=position, name=name, kind=kind, content=content)
