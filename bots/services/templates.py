"""The built-in templates that a new bot may begin from, with the environment that their calls need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from bots.demo import bots as built_in
from bots.engine import spec
from bots.models import Bot
from bots.services import bots
from credentials.models import Organization
from integrations.models import Environment

ENVIRONMENT = "Demo"
ADDRESS_KEY = "demoApi"


@dataclass(frozen=True, slots=True)
class Template:
    label: str
    description: str
    draft: Callable[[], spec.BotSpec]


ALL = {
    "account_balance": Template(
        "Account balance",
        "Asks two questions, calls an API with the answers, says the balance.",
        built_in.account_balance,
    ),
    "order_status": Template(
        "Order status",
        "Puts an answer into a URL, reshapes the response with a script, shows cards.",
        built_in.order_status,
    ),
    "store_locator": Template("Store locator", "Wraps a list and shows its elements as cards.", built_in.store_locator),
    "faq": Template("FAQ from an API", "Sends whatever is asked to a search and says the best answer.", built_in.faq),
}


BLANK = ("", "Blank", "A welcome dialog and a fallback dialog, to write everything else yourself.")


def choices() -> list[tuple[str, str, str]]:
    """Return name, label and description of everything that a new bot may begin with; the first is a blank bot."""
    return [BLANK, *((name, template.label, template.description) for name, template in ALL.items())]


@transaction.atomic
def create_bot(new: bots.NewBot, *, template: str, user: Any, organization_id: int) -> Bot:
    """Make a bot from a template and link the organization's demo environment; raises Refused for a name in use."""
    bot = bots.create(replace(new, draft=ALL[template].draft()), user=user, organization_id=organization_id)
    return bots.change(bot.pk, user=user, values={"environment": environment(bot.organization)})


def environment(organization: Organization) -> Environment:
    """Return the organization's environment that names the address which templates call; made when it is missing."""
    found, _ = Environment.objects.get_or_create(
        organization=organization,
        name=ENVIRONMENT,
        defaults={"description": "Where the built-in bots call their API.", "values": {ADDRESS_KEY: address()}},
    )
    return found


def address() -> str:
    """Where the demo API runs; in production it does not, so there an author has to fill in an API's address."""
    return "https://api.example.com" if settings.PRODUCTION else demo_address(settings.ENV.demo_api_port)


def demo_address(port: int) -> str:
    return f"http://127.0.0.1:{port}"
