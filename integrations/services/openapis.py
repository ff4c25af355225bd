"""Integrations from an OpenAPI document: what chosen operations would become, and all of them at once or none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction

from credentials import kinds
from credentials.models import Credential
from credentials.services import audit
from integrations.engine import openapi, openapi_proposals
from integrations.engine.json_values import Json
from integrations.engine.openapi_proposals import Proposal
from integrations.engine.openapi_security import Need
from integrations.models import Integration
from integrations.services import definitions, environments, revisions, uploads

PURPOSE = "openapi"
MOST = 60  # operations at one time


class Refused(Exception):
    """Nothing was made; `field` names what in the form is meant."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class Chosen:
    """A proposal as its author wants it. fields: the keys of the suggested custom data fields to keep."""

    proposal: Proposal
    name: str
    fields: frozenset[str] = frozenset()
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """base: the address in front of each path. key: the environment key that holds it; empty: it is written out."""

    base: str
    key: str
    chosen: tuple[Chosen, ...]


def keep(user: Any, *, name: str, data: bytes) -> str:
    """Read a document and let it wait; raises openapi.NotOpenApi or uploads.NotKept."""
    root = openapi.load(data)
    openapi.read(root)
    return uploads.keep(user, name=name, data=json.dumps(root).encode(), purpose=PURPOSE)


def find(user: Any, *, token: str) -> tuple[str, dict[str, Json]] | None:
    """Return the waiting document and its file's name, or nothing when it waits no longer."""
    upload = uploads.find(user, token=token, purpose=PURPOSE)
    return (upload.name, json.loads(upload.data)) if upload else None


def proposals(bot: Any, *, root: dict[str, Json], keys: Iterable[str]) -> list[Proposal]:
    """Return what the operations become, under names that are free in the bot."""
    taken = set(bot.integrations.values_list("name", flat=True))
    found = []
    for proposal in openapi_proposals.propose(root, keys=frozenset(keys)):
        name = proposal.name if proposal.name not in taken else definitions.free_name(proposal.name, taken=taken)
        taken.add(name)
        found.append(replace(proposal, name=name))
    return found


def url_of(proposal: Proposal, *, base: str) -> str:
    """Return the URL of an integration; an operation with a server of its own keeps it."""
    own = openapi.filled(proposal.base) if proposal.base and "://" in proposal.base.url else base
    return f"{own.rstrip('/')}{proposal.path}"


def fitting(organization_id: int, *, needs: Sequence[Need]) -> list[Credential]:
    """Return the organization's credentials of a type that is asked for."""
    wanted = {need.kind for need in needs if need.kind}
    rows = Credential.objects.filter(organization=organization_id, kind__in=wanted).defer("sealed", "tokens")
    return list(rows) if wanted else []


def kind_label(need: Need) -> str:
    """Return how people know the credential type of a need."""
    kind = kinds.named(need.kind)
    return kind.label if kind else need.kind


@transaction.atomic
def create(bot: Any, *, actor: Any, plan: Plan) -> list[Integration]:
    """Make all integrations of the plan, or none; raises Refused, or vault.HostNotCovered for a credential."""
    with revisions.together():
        made = _all(bot, actor=actor, plan=plan)
    detail = {"bot": bot.name, "integrations": [row.name for row in made][:MOST]}
    audit.record(bot.organization, actor=actor, action="integration.openapi_imported", subject=bot.name, **detail)
    return made


def _all(bot: Any, *, actor: Any, plan: Plan) -> list[Integration]:
    taken = set(bot.integrations.values_list("name", flat=True))
    base = _base(bot, actor=actor, plan=plan)
    fresh = definitions.bots_for(actor).get(pk=bot.pk)  # with the environment as it is now
    made = []
    for number, chosen in enumerate(plan.chosen):
        if chosen.name in taken:
            raise Refused(
                "Another integration of this bot has this name. Choose a different one.", field=f"name-{number}"
            )
        taken.add(chosen.name)
        made.append(_made(fresh, chosen, base=base, actor=actor))
    return made


def _base(bot: Any, *, actor: Any, plan: Plan) -> str:
    """Return what stands in front of the paths, after its key is in the environment of the bot."""
    if not plan.key:
        return plan.base
    row = bot.environment
    if row is None:
        raise Refused("This bot has no environment. Link one in its settings, or write the URL out.", field="key")
    known = row.values.get(plan.key)
    if known is not None and known != plan.base:
        sentence = f"The environment {row.name} has a key {plan.key} already, with another value. Choose another key."
        raise Refused(sentence, field="key")
    if known is None:
        written = environments.Written(row.name, row.description, {**row.values, plan.key: plan.base})
        try:
            environments.change(row.pk, user=actor, written=written)
        except environments.Refused as refused:
            raise Refused(refused.sentence, field="key") from refused
    return f"{{$env.{plan.key}}}"


def _made(bot: Any, chosen: Chosen, *, base: str, actor: Any) -> Integration:
    row = Integration(bot=bot, credential=chosen.credential, **columns(chosen, base=base))
    definitions.save(row, actor=actor)
    if chosen.proposal.sample:
        definitions.pin(row, response=chosen.proposal.sample, actor=actor)
    return row


def columns(chosen: Chosen, *, base: str) -> dict[str, Any]:
    """Return the columns of the integration that a chosen operation becomes."""
    proposal = chosen.proposal
    kept = [each for each in proposal.fields if each.key in chosen.fields]
    return {
        "name": chosen.name,
        "response_variable": chosen.name,
        "method": proposal.operation.method,
        "url": url_of(proposal, base=base),
        "headers": [asdict(row) for row in proposal.headers],
        "parameters": [asdict(row) for row in proposal.parameters],
        "body": proposal.body,
        "fields": [
            {"key": each.key, "value": each.value(f"api_{chosen.name}"), "enabled": True, "note": ""} for each in kept
        ],
    }
