"""Channel keys: with one, a channel begins conversations with one bot. Shown once; only a digest is kept."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bots.models import Bot, ChannelKey
from bots.runtime import limits, sessions
from credentials.services import audit

MARK = "parley_"
MOST_A_MINUTE: int = settings.RATES["key"]


class UnknownKey(Exception):
    """No bot has this key, or it was revoked, or it is another bot's."""


@transaction.atomic
def create(bot: Bot, *, label: str, actor: Any) -> tuple[ChannelKey, str]:
    """Make a key; returns its row, and the key itself for the only time."""
    secret = MARK + secrets.token_urlsafe(32)
    row = ChannelKey.objects.create(bot=bot, label=label or "Channel", digest=sessions.digest(secret))
    audit.record(bot.organization, actor=actor, action="channel_key.created", subject=bot.name, label=row.label)
    return row, secret


@transaction.atomic
def revoke(row: ChannelKey, *, actor: Any) -> None:
    """Let the key begin nothing more; conversations that it began go on."""
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    audit.record(row.bot.organization, actor=actor, action="channel_key.revoked", subject=row.bot.name, label=row.label)


def bot_for(secret: str, *, bot: str) -> Bot:
    """Return the bot of that key (`bot`: its key or number) and count the use; raises UnknownKey, limits.TooOften."""
    row = (
        ChannelKey.objects.filter(digest=sessions.digest(secret), revoked_at=None)
        .select_related("bot__environment")
        .first()
    )
    if row is None or bot not in (str(row.bot.key), str(row.bot.pk)):
        raise UnknownKey
    limits.count(f"key:{row.pk}", most=MOST_A_MINUTE)
    return row.bot
