"""How commands find the bot that somebody names in the shell."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import Q

from bots.models import Bot

BOT = "the bot's name, key or number"


def bot(named: str) -> Bot:
    """Return the bot; raises CommandError when there is none, or several have that name."""
    by_number = named.isascii() and named.isdigit() and len(named) < 18
    number = Q(pk=int(named)) if by_number else Q(pk=None)
    found = list(
        Bot.objects.filter(Q(key=named) | Q(name=named) | number).select_related("environment", "organization")
    )
    if not found:
        known = ", ".join(Bot.objects.values_list("name", flat=True)[:10])
        raise CommandError(f"There is no bot {named!r}. " + (f"Bots here: {known}." if known else "There are no bots."))
    if len(found) > 1:
        keys = ", ".join(f"{each.key} ({each.organization})" for each in found)
        raise CommandError(f"Several bots are meant by {named!r}; give the key of one: {keys}.")
    return found[0]
