"""What the bar of every page inside a bot says about the bot, without each view having to fetch it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.template import Context, Library
from django.urls import reverse

from bots.engine import checks, usage
from bots.models import Bot, Version
from bots.services import problems as found
from bots.services import transcripts

PAGES_OF_PARTS = {"source": "global_functions", **dict.fromkeys(dict(usage.SETTINGS), "bot_settings")}
PAGES = {"same_phrase": "intents"}  # of problems that belong to no one item
register = Library()


@register.simple_tag(takes_context=True)
def problems(context: Context, bot: Bot) -> found.Problems:
    """Return what is wrong with the draft, as the view found it if it did."""
    known: found.Problems | None = context.get("problems")
    if known is None:
        known = context.dicts[0]["problems"] = found.of(bot)  # asked for again further down the page
    return known


@register.simple_tag
def problem_url(bot: Bot, problem: checks.Problem) -> str:
    """Return the address of the very field where the problem is mended; nothing for one that has no place."""
    anchor = f"#{field_id(problem)}" if problem.part else ""
    at = f"?{urlencode({'at': line_of(problem)})}" if problem.line else ""
    if problem.interaction:
        return f"{reverse('interaction_by_key', args=[bot.pk, problem.interaction])}{query(problem)}{anchor}"
    if problem.integration:
        return f"{reverse('integration_by_key', args=[bot.pk, problem.integration])}{at}{anchor}"
    page = PAGES_OF_PARTS.get(problem.part) or PAGES.get(problem.kind, "")
    return f"{reverse(page, args=[bot.pk])}{at}{anchor}" if page else ""


@register.filter
def query(problem: checks.Problem) -> str:
    """Return tab, rule and line of an interaction's panel that hold the problem, as the end of an address."""
    asked = {"tab": problem.tab, "rule": problem.rule, "at": line_of(problem)}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}" if problem.tab else ""


@register.filter
def field_id(problem: checks.Problem) -> str:
    """Return the id of the field that the problem is about, as forms give it."""
    return problem.part if problem.part == "next_action" or not problem.part else f"id_{problem.part}"


@register.filter
def line_of(problem: checks.Problem) -> str:
    """Return line and column of a script's error as addresses say them; nothing for any other problem."""
    return f"{problem.line}:{problem.column}" if problem.line else ""


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
def about_integration(problems: found.Problems, key: str) -> found.Problems:
    """Return the problems of one integration."""
    return tuple(problem for problem in problems if key and problem.integration == key)


@register.filter
def within(text: str, name: str) -> str:
    """Leave out the name before a sentence that stands beside what bears the name."""
    begin = f"{name}: "
    if not text.startswith(begin):
        return text
    rest = text.removeprefix(begin)
    return rest[:1].upper() + rest[1:]
