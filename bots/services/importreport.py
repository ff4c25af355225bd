"""What an author must know about an export before it is imported: what comes in, what has no effect, what to decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bots.engine import exportkept, exportwarnings, usage
from bots.engine.exportkept import Kept
from bots.engine.exportnode import Node
from bots.engine.spec import BotSpec
from bots.services import scripts, variables
from bots.services.transfer import Document
from credentials.models import Credential, Organization
from credentials.services import forecast, hosts
from integrations.models import Environment

MOST_SCRIPTS = 500


@dataclass(frozen=True, slots=True)
class Call:
    """An integration that may need a credential. blocked: what the egress policy says of its address, if anything.
    suggested: the credential that goes to its host, by its id."""

    key: str
    name: str
    method: str
    url: str
    blocked: str = ""
    suggested: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An environment key that scripts or texts read, and where."""

    name: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it in plain sentences and names. `counts` are in the order in which they are shown."""

    name: str
    name_is_taken: bool
    counts: Mapping[str, int]
    kept: tuple[Kept, ...]
    warnings: tuple[str, ...]
    calls: tuple[Call, ...]
    intents: tuple[str, ...]
    environment_keys: tuple[Asked, ...]

    @property
    def decisions(self) -> int:
        """How many things the author has to decide or do, sooner or later."""
        return self.name_is_taken + len(self.calls) + len(self.intents) + bool(self.environment_keys)


def report(document: Document, *, organization: Organization) -> Report:
    """Look at a document that was read, for one organization; stores nothing and calls nobody."""
    spec = document.authored.spec
    taken = organization.bots.filter(name__iexact=spec.name).exists()
    return Report(
        name=spec.name,
        name_is_taken=taken,
        counts=_counts(spec),
        kept=tuple(exportkept.kept(document.json, spec=spec)),
        warnings=(*exportwarnings.warnings(document.json), *_renamed(document), *_scripts(spec)),
        calls=tuple(_calls(spec, organization)),
        intents=tuple(sorted({name or key for key, name in spec.intents.items()} | _unnamed_intents(spec))),
        environment_keys=environment_keys(spec),
    )


def environment_keys(spec: BotSpec) -> tuple[Asked, ...]:
    """Return what the bot reads as {$env.…} or by getEnvVariable."""
    label = variables.KINDS["env"]
    entries = dict(variables.listing(spec, environment={})).get(label, [])
    return tuple(Asked(one.name, tuple(dict.fromkeys(spot.where for spot in one.reads))) for one in entries)


def missing_keys(report: Report, *, environment: Environment) -> list[str]:
    """Return the keys that the bot asks for and the environment does not have."""
    return [one.name for one in report.environment_keys if one.name not in environment.values]


def _counts(spec: BotSpec) -> dict[str, int]:
    tiles = [one for dialog in spec.dialogs for one in dialog.interactions]
    return {
        "dialogs": len(spec.dialogs),
        "interactions": len(tiles),
        "rules": sum(len(one.rules) for one in tiles),
        "integrations": len(spec.integrations),
        "scripts": sum(1 for _ in usage.scripts(spec)),
    }


def _calls(spec: BotSpec, organization: Organization) -> Iterable[Call]:
    by_host: dict[str, int] = {}
    usable = Credential.objects.filter(organization=organization, disabled=False, replaced_by=None)
    for credential in usable.defer("sealed", "tokens"):
        by_host |= {host: credential.pk for host in hosts.effective(credential) if host not in by_host}
    for one in spec.integrations:
        suggested = next((by_host[host] for host in hosts.of_urls([one.url]) if host in by_host), None)
        blocked = forecast.refusal(one.url, organization_id=organization.pk)
        yield Call(one.key, one.name, one.method, one.url, blocked=blocked, suggested=suggested)


def _unnamed_intents(spec: BotSpec) -> set[str]:
    used = {one.content.intent for dialog in spec.dialogs for one in dialog.interactions}
    for dialog in spec.dialogs:
        for one in dialog.interactions:
            for rule in one.rules:
                used |= set(rule.condition.values) if rule.condition and rule.condition.kind == "intent" else set()
    return used - spec.intents.keys() - {""}


def _renamed(document: Document) -> Iterable[str]:
    """Say which names had to give way to what can be stored."""
    elements = Node(document.json).get("conversationMessage").items()
    named = {one.get("id").text(): one.get("name").text() for one in elements}
    for dialog in document.authored.spec.dialogs:
        for one in dialog.interactions:
            name = named.get(one.key)
            if name and name != one.name:
                why = "names differ, and have at most 100 characters"
                yield f"The interaction {_short(name)} is called {_short(one.name)} here: {why}."


def _short(name: str) -> str:
    return f"{name[:60]}…" if len(name) > 60 else name


def _scripts(spec: BotSpec) -> Iterable[str]:
    """Parse every script in the sandbox; nothing of it is run."""
    found = list(usage.scripts(spec))
    for script in found[:MOST_SCRIPTS]:
        error = scripts.warning(script.source, place=script.place)
        if error:
            place = f" in line {error.line}, column {error.column}" if error.line else ""
            yield f"{script.where}: the script has an error{place}: {error.message}"
    if len(found) > MOST_SCRIPTS:
        yield f"Only {MOST_SCRIPTS} of {len(found):,} scripts were checked; the bot's problems show the others."
