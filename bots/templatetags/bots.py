"""What the bar of every page inside a bot says about the bot, without each view having to fetch it."""

from __future__ import annotations

from django.template import Context, Library

from bots.models import Bot, Version
from bots.services import problems as found
from bots.services import transcripts

register = Library()


@register.simple_tag(takes_context=True)
def problems(context: Context, bot: Bot) -> found.Problems:
    """Return what is wrong with the draft, as the view found it if it did."""
    known: found.Problems | None = context.get("problems")
    return found.of(bot) if known is None else known


@register.simple_tag
def live_number(bot: Bot) -> int | None:
    """Return the number of the version that is live, without reading what it froze."""
    return Version.objects.filter(pk=bot.live_version_id or 0).values_list("number", flat=True).first()


@register.filter
def pretty(value: object) -> str:
    """Write what a test expected or got, for people."""
    if value is None or value == "":
        return "nothing" if value is None else "(an empty text)"
    return value if isinstance(value, str) else transcripts.written(value).removesuffix("...\n").strip()


@register.filter
def about(problems: found.Problems, interaction_key: str) -> found.Problems:
    """Return the problems of one interaction."""
    return tuple(problem for problem in problems if problem.interaction == interaction_key)


@register.filter
def within(text: str, name: str) -> str:
    """Leave out the name before a sentence that stands beside what bears the name."""
    begin = f"{name}: "
    if not text.startswith(begin):
        return text
    rest = text.removeprefix(begin)
    return rest[:1].upper() + rest[1:]
