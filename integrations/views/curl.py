"""cURL in and out of the integration form. Nothing is saved here but a credential that an administrator asks for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from credentials import kinds
from credentials.models import Credential
from credentials.services import hosts, organizations, vault
from integrations.engine.errors import IntegrationError
from integrations.forms.integrations import IntegrationForm
from integrations.forms.samples import sample_values
from integrations.services import curls, definitions
from integrations.views import integrations as pages

INVALID = "Mend the marked fields of the form first; the command is made of them."


@login_required
@require_POST
def copy(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The request of the form as typed, with the sample values, as a command."""
    bot = pages.bot_of(request, bot_id)
    form = IntegrationForm(
        request.POST, instance=pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    )
    if not form.is_valid():
        return render(request, "integrations/_curl.html", {"problem": INVALID})
    try:
        command = curls.command(
            form.instance,
            definition=form.definition(),
            values=sample_values(request.POST),
            environment=definitions.environment(bot),
        )
    except IntegrationError as error:
        return render(request, "integrations/_curl.html", {"problem": error.message})
    return render(request, "integrations/_curl.html", {"command": command})


@login_required
@require_POST
def paste(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The form as typed, with what a command says in its place."""
    bot = pages.bot_of(request, bot_id)
    row = pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    typed = IntegrationForm(request.POST, instance=row).typed()
    try:
        pasted = curls.typed(bot, command_line=request.POST.get("curl", ""))
    except IntegrationError as error:
        form = IntegrationForm(instance=row, initial=typed)
        return pages.shown(request, bot, row, form, paste_problem=error.message)
    typed |= pasted.values | _only_fitting(pasted)
    form = IntegrationForm(instance=row, initial=typed)
    administers = organizations.administers(bot.organization, user=request.user)
    makes = administers and any(offer.kind for offer in pasted.offers)
    context = {"pasted": True, "paste_notes": pasted.notes, "offers": pasted.offers, "administers": administers}
    return pages.shown(request, bot, row, form, **context, forget_command=not makes)


def _only_fitting(pasted: curls.Pasted) -> dict[str, Any]:
    """Choose the credential that goes to this host already, where there is exactly one."""
    fitting = {row.pk for offer in pasted.offers for row in offer.existing}
    return {"credential": fitting.pop()} if len(fitting) == 1 else {}


@login_required
@require_POST
def make_credential(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Move a secret of the pasted command into a new credential, and choose it in the form. Administrators only.

    The browser sends the command once more: between the two requests its secrets were kept nowhere here.
    """
    bot = pages.bot_of(request, bot_id)
    if not organizations.administers(bot.organization, user=request.user):
        raise PermissionDenied("Only administrators of this organization may make credentials.")
    row = pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    typed = IntegrationForm(request.POST, instance=row).typed()
    number = pages.number(request.POST.get("secret"))
    command, name = request.POST.get("curl", ""), request.POST.get(f"credential_name_{number}", "").strip()
    try:
        made = _made(bot, request.user, command, -1 if number is None else number, name)
    except Refused as refused:
        again = _offers(bot, command)
        form = IntegrationForm(instance=row, initial=typed)
        said = "offer_problem" if again else "paste_problem"
        context = {"pasted": bool(again), "offers": again, "administers": True, said: str(refused)}
        return pages.shown(request, bot, row, form, **context)
    form = IntegrationForm(instance=row, initial=typed | {"credential": made.pk})
    note = f"The secret is in the credential {made.name} now, which is chosen below."
    return pages.shown(request, bot, row, form, pasted=True, paste_notes=[note], forget_command=True)


class Refused(Exception):
    """The credential was not made, for this reason."""


def _made(bot: Any, user: Any, command: str, number: int, name: str) -> Credential:
    if not name or len(name) > 100:
        raise Refused("Give the credential a name of 1 to 100 characters.")
    try:
        return curls.make_credential(bot, actor=user, command_line=command, number=number, name=name)
    except IntegrationError as error:
        raise Refused(error.message) from error
    except (vault.NameTaken, kinds.BadValue, hosts.BadHost) as error:
        raise Refused(str(error)) from error


def _offers(bot: Any, command: str) -> tuple[curls.Offer, ...]:
    try:
        return curls.typed(bot, command_line=command).offers
    except IntegrationError:
        return ()
