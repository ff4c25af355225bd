"""Logging in and out, and changing one's password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, trigger_client_event

from bots.forms.accounts import ChangePasswordForm, LogInForm
from config import ui


class LogIn(auth.LoginView):
    """A fragment that meets the end of a session must not put the log-in form into the page: it says so instead."""

    form_class = LogInForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if not ui.by_htmx(request):
            return super().get(request, *args, **options)
        text = "You are logged out, so this was not saved. Log in in another tab, then go on here."
        notice = {"text": text, "href": str(reverse_lazy("login")), "label": "Log in", "bad": True}
        return trigger_client_event(reswap(HttpResponse(), "none"), "toast", notice)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("login")


class ChangePassword(auth.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "registration/password.html"
    success_url = reverse_lazy("bots")

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.request = self.request
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Other sessions of yours are logged out.")
        return super().form_valid(form)
