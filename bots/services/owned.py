"""Rows that a write begins from: only the user's own, locked until the transaction ends.

An absent row and somebody else's raise the same DoesNotExist, so nobody learns what other organizations have.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from bots.models import Bot, Dialog, Interaction
from credentials.models import Organization


def bot(bot_id: int, *, user: Any) -> Bot:
    """Return the bot, locked: every write inside a bot takes this lock first, so orders and names stay whole."""
    found: Bot = Bot.objects.select_for_update().get(pk=bot_id, organization__in=Organization.objects.for_user(user))
    return found


def dialog(dialog_id: int, *, user: Any) -> Dialog:
    """Return the dialog of a locked bot."""
    found: Dialog = Dialog.objects.for_user(user).get(pk=dialog_id)
    found.bot = bot(found.bot_id, user=user)
    return found


def interaction(interaction_id: int, *, user: Any) -> Interaction:
    """Return the interaction, as it is stored after its bot has been locked."""
    found: Interaction = Interaction.objects.for_user(user).only("bot_id").get(pk=interaction_id)
    locked = bot(found.bot_id, user=user)
    fresh: Interaction = Interaction.objects.select_related("dialog", "integration").get(pk=interaction_id)
    fresh.bot = locked
    return fresh


def touch(row: Bot) -> None:
    """Remember that something in the bot was edited just now."""
    row.updated_at = timezone.now()
    Bot.objects.filter(pk=row.pk).update(updated_at=row.updated_at)
