"""The demo content of a fresh data folder: an organization, two log-ins, credentials, and the built-in bots, published.

Made by the same services as a user's own, once: what people change or delete afterwards stays as they left it.
"""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from bots.demo import api
from bots.models import Bot
from bots.services import bots, templates, versions
from credentials import kinds
from credentials.models import Credential, Organization, Role
from credentials.services import members, organizations, vault
from integrations.models import Environment

ORGANIZATION = "Demo Company"
ADMINISTRATOR, AUTHOR = "demo", "ada"
PASSWORD = "parley-demo"  # noqa: S105 - printed at every start, and never made in production
LOG_IN = f"{ADMINISTRATOR} / {PASSWORD} (an administrator), or {AUTHOR} / {PASSWORD} (an author)"
CREDENTIALS = {
    "Demo user": ("basic", {"user_name": api.USER, "password": api.PASSWORD}),
    "Demo token": ("access_token", {"access_token": api.TOKEN, "token_type": "Bearer"}),
}
NOTE = "demo-api-port"  # the file that remembers the port that the content was made for


def bring_up(data_dir: Path, *, port: int) -> None:
    """Add the demo content if it is not there, and let it call the demo API where that runs now."""
    note = data_dir / NOTE
    if not install(port=port) and note.exists() and int(note.read_text()) != port:
        follow_port(port, before=int(note.read_text()))
    note.write_text(str(port))


@transaction.atomic
def install(*, port: int) -> bool:
    """Add the demo content unless it was added before; say whether it was."""
    if Organization.objects.filter(name=ORGANIZATION).exists() or User.objects.filter(username=ADMINISTRATOR).exists():
        return False
    administrator = User.objects.create_superuser(ADMINISTRATOR, password=PASSWORD)
    author = User.objects.create_user(AUTHOR, password=PASSWORD)
    organization = organizations.create(name=ORGANIZATION, creator=administrator)
    members.add(organization, actor=administrator, username=author.username, role=Role.AUTHOR)
    _credentials(organization, administrator, port=port)
    for template in templates.ALL:
        _bot(template, organization, administrator)
    return True


@transaction.atomic
def follow_port(port: int, *, before: int) -> None:
    """Let environments and credentials that still name the demo API's old port name the new one."""
    old, new = templates.demo_address(before), templates.demo_address(port)
    for environment in Environment.objects.filter(name=templates.ENVIRONMENT):
        if environment.values.get(templates.ADDRESS_KEY) == old:
            environment.values[templates.ADDRESS_KEY] = new
            environment.save()
    administrator = User.objects.filter(username=ADMINISTRATOR).first()
    for credential in Credential.objects.filter(name__in=CREDENTIALS, organization__name=ORGANIZATION):
        if credential.allowed_hosts == [_host(before)]:
            values = {str(name): str(value) for name, value in credential.public.items()}
            vault.change(
                credential, actor=administrator, name=credential.name, values=values, allowed_hosts=[_host(port)]
            )


def _host(port: int) -> str:
    return f"127.0.0.1:{port}"


def _credentials(organization: Organization, administrator: User, *, port: int) -> None:
    for name, (kind, values) in CREDENTIALS.items():
        vault.create(
            organization,
            actor=administrator,
            name=name,
            kind=kinds.ALL[kind],
            values=values,
            allowed_hosts=[_host(port)],
        )


def _bot(template: str, organization: Organization, administrator: User) -> Bot:
    chosen = templates.ALL[template]
    new = bots.NewBot(name=chosen.label, description=chosen.description)
    bot = templates.create_bot(new, template=template, user=administrator, organization_id=organization.pk)
    versions.publish(bot.pk, user=administrator, note="The built-in template")
    return bot
