"""Creates, changes, disables and deletes credentials, and tells who uses them. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from credentials import kinds
from credentials.models import Credential, Organization
from credentials.services import audit, health, hosts, sealing, standins, tokens, use, uses

CIPHERTEXT = ("sealed", "tokens", "replaced_by__sealed", "replaced_by__tokens")


class NameTaken(Exception):
    """Another credential of the organization has this name."""


class HostNotCovered(Exception):
    """The credential may not be sent to the host of an integration's URL; only an administrator can change that."""


class InUse(Exception):
    """The credential cannot be deleted; `uses` names the integrations, in the editor and in live versions."""

    def __init__(self, found: list[uses.Use]) -> None:
        super().__init__("Integrations use this credential. Replace it by another one first, or disable it instead.")
        self.uses = found


@dataclass(frozen=True, slots=True)
class Listed:
    """What an author may know of a credential."""

    key: str
    name: str
    type: str
    status: str
    organization_id: int


@transaction.atomic
def create(
    organization: Organization,
    *,
    actor: Any,
    name: str,
    kind: kinds.Kind,
    values: Mapping[str, str],
    allowed_hosts: Iterable[str] = (),
) -> Credential:
    """Store a new credential; raises NameTaken, kinds.BadValue or hosts.BadHost."""
    credential = Credential(organization=organization, name=name, kind=kind.name)
    _fill(credential, kind, values, {})
    credential.allowed_hosts = _hosts(allowed_hosts)
    _refuse_taken_name(credential)
    credential.save()
    audit.of_credential(credential, actor=actor, action="created", type=kind.label)
    return credential


@transaction.atomic
def change(
    credential: Credential,
    *,
    actor: Any,
    name: str,
    values: Mapping[str, str],
    allowed_hosts: Iterable[str],
    removed: Iterable[str] = (),
) -> Credential:
    """Change a credential; an empty secret keeps the stored one, unless its field is among the `removed` ones.

    Raises NameTaken, kinds.BadValue or hosts.BadHost.
    """
    credential = Credential.objects.select_for_update().select_related("organization").get(pk=credential.pk)
    kind = kinds.ALL[credential.kind]
    before = (credential.name, list(credential.allowed_hosts))
    stored = _stored(credential, kind, values)
    gone = [name for name in removed if stored.pop(name, "")]
    changed = _fill(credential, kind, values, stored, gone=gone)
    credential.name, credential.allowed_hosts = name, _hosts(allowed_hosts)
    _settle_tokens(credential, kind, changed)
    changed += ["Name"] if before[0] != name else []
    changed += ["Hosts"] if before[1] != credential.allowed_hosts else []
    _refuse_taken_name(credential)
    credential.save()
    audit.of_credential(credential, actor=actor, action="changed", changed=changed, **_renamed(before[0], name))
    transaction.on_commit(use.forget)
    return credential


@transaction.atomic
def set_disabled(credential: Credential, *, actor: Any, disabled: bool) -> None:
    """Stop calls from using a credential, or let them again; other processes follow within seconds."""
    credential.disabled = disabled
    credential.save(update_fields=["disabled", "updated_at"])
    audit.of_credential(credential, actor=actor, action="disabled" if disabled else "enabled")
    transaction.on_commit(use.forget)


@transaction.atomic
def delete(credential: Credential, *, actor: Any) -> None:
    """Delete a credential; raises InUse with the integrations that still name it, or standins.Refused."""
    found = uses.of(credential)
    if found:
        raise InUse(found)
    standins.refuse_deletion(credential)
    audit.of_credential(credential, actor=actor, action="deleted")
    credential.delete()
    transaction.on_commit(use.forget)


@transaction.atomic
def attach(credential: Credential, *, actor: Any, integration_name: str, url: str) -> None:
    """Let an integration use the credential: record it and note the URL's host, once and for all.

    A later change of the URL changes nothing here. Raises HostNotCovered when an administrator named other hosts.
    """
    row = Credential.objects.select_for_update().select_related("organization").get(pk=credential.pk)
    host = hosts.of_url(url)
    if row.allowed_hosts:
        check_covers(row, url=url)
    elif host and host not in row.attached_hosts:
        row.attached_hosts = sorted({*row.attached_hosts, host})
        row.save(update_fields=["attached_hosts", "updated_at"])
    audit.of_credential(
        row,
        actor=actor,
        action="use_granted",
        integration=integration_name,
        host=host,
    )
    transaction.on_commit(use.forget)


def check_covers(credential: Credential, *, url: str) -> None:
    """Raise HostNotCovered when a URL leads to a host that the credential may not be sent to.

    A URL that only names its host when it is called is not judged here: the door out does so then.
    """
    host = hosts.of_url(url)
    if host and host not in hosts.effective(credential):
        raise HostNotCovered(
            f"The credential {credential.name} may not be sent to {host}. "
            "Ask an administrator to add this host to the credential, or choose another one."
        )


@transaction.atomic
def allow_hosts(credential: Credential, *, actor: Any, more: Iterable[str]) -> None:
    """Let a credential whose hosts an administrator named be sent to more of them."""
    row = Credential.objects.select_for_update().select_related("organization").get(pk=credential.pk)
    row.allowed_hosts = sorted({*row.allowed_hosts, *more})
    row.save(update_fields=["allowed_hosts", "updated_at"])
    audit.of_credential(row, actor=actor, action="changed", changed=["Hosts"])
    transaction.on_commit(use.forget)


@transaction.atomic
def withdraw_hosts(credential: Credential, *, hosts: Collection[str]) -> None:
    """Send the credential to these hosts no more; the last that was named stays, since none named opens others."""
    row = Credential.objects.select_for_update().get(pk=credential.pk)
    row.allowed_hosts = [host for host in row.allowed_hosts if host not in hosts] or row.allowed_hosts
    row.attached_hosts = [host for host in row.attached_hosts if host not in hosts]
    row.save(update_fields=["allowed_hosts", "attached_hosts", "updated_at"])
    transaction.on_commit(use.forget)


def administered(organization: Organization) -> QuerySet[Credential]:
    """Return the organization's credentials without their ciphertext, for lists."""
    return shown(Credential.objects.filter(organization=organization))


def shown(rows: QuerySet[Credential]) -> QuerySet[Credential]:
    """Return the rows with all that their pages show, and without their ciphertext."""
    return rows.select_related("organization", "replaced_by").defer(*CIPHERTEXT)


def visible_to(user: Any) -> list[Listed]:
    """Return what an author may see of the credentials of all their organizations: name, type and status."""
    rows = shown(Credential.objects.for_user(user))
    return [Listed(str(row.key), row.name, type_label(row), status(row), row.organization_id) for row in rows]


def type_label(credential: Credential) -> str:
    """Return the name of the credential's type as people know it."""
    kind = kinds.named(credential.kind)
    return kind.label if kind else f"Unknown type {credential.kind}"


def status(credential: Credential) -> str:
    """Return in a few words whether calls can use it; see services.health."""
    return health.of(credential).text


def _fill(
    credential: Credential,
    kind: kinds.Kind,
    values: Mapping[str, str],
    stored: Mapping[str, str],
    *,
    gone: Collection[str] = (),
) -> list[str]:
    """Put the values onto the row, secrets sealed; return the labels of what changed."""
    given = {name: values[name] for name in kind.secret_names if values.get(name)}
    public = {one.name: values.get(one.name, one.default) for one in kind.fields if not one.secret}
    secrets = {**stored, **given}
    merged = public | {name: secrets.get(name, "") for name in kind.secret_names}
    for one in kind.fields:
        if one.required and not merged[one.name]:
            raise kinds.BadValue(one.name, "This is needed.")
    kinds.refuse_unknown_choices(kind.fields, merged)
    kind.check(merged)
    changed = [
        one.label
        for one in kind.fields
        if one.name in (*given, *gone) or (not one.secret and _differs(credential, one, public))
    ]
    credential.public = public | kind.facts(merged)
    if given or gone:
        sealing.seal(credential, secrets=secrets)
        kept = {name: day for name, day in credential.secrets_set_at.items() if name not in gone}
        credential.secrets_set_at = {**kept, **{name: timezone.now().isoformat() for name in given}}
    return changed


def _renamed(before: str, name: str) -> dict[str, str]:
    return {"renamed_from": before} if before != name else {}


def _settle_tokens(credential: Credential, kind: kinds.Kind, changed: list[str]) -> None:
    """After a change: tokens that were given to another client go, and what failed may be tried again at once."""
    if kind.grant is None or not changed:
        return
    labels = {one.label for one in kind.fields if one.name in kind.grant.bound}
    if labels & set(changed) and credential.tokens:
        credential.tokens = ""  # type: ignore[assignment]
        credential.token_state = tokens.dropped(credential.token_state)
    elif credential.token_state.get("failure_kind") != "grant":
        credential.token_state = tokens.without_failure(credential.token_state)


def _differs(credential: Credential, one: kinds.Field, public: Mapping[str, str]) -> bool:
    return bool(credential.public.get(one.name, "") != public[one.name])


def _stored(credential: Credential, kind: kinds.Kind, values: Mapping[str, str]) -> dict[str, str]:
    """The secrets that are kept; broken ones must all be entered again, so that none is lost quietly."""
    try:
        return sealing.unseal(
            str(credential.sealed), key=str(credential.key), organization_id=credential.organization_id
        )
    except sealing.SealBroken as error:
        lacking = [name for name in kind.secret_names if name in credential.secrets_set_at and not values.get(name)]
        if lacking:
            raise kinds.BadValue(lacking[0], str(error)) from error
        return {}


def _hosts(texts: Iterable[str]) -> list[str]:
    return sorted({hosts.normalized(text) for text in texts if text.strip()})


def _refuse_taken_name(credential: Credential) -> None:
    same = Credential.objects.filter(organization=credential.organization_id, name=credential.name)
    if same.exclude(pk=credential.pk).exists():
        raise NameTaken(f"There is a credential named {credential.name} already. Choose another name.")
