"""The forms that take a password: each looks at it only so often."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from bots.runtime.limits import TooOften
from bots.services import logins
from bots.services.logins import Attempt
from config import visitors


class LogInForm(AuthenticationForm):
    """Django's, which takes equally long for a user that is not there; refuses before it looks at the password."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password"):
            return super().clean()
        attempt = Attempt(name, visitors.place(self.request)) if self.request else Attempt(name, visitors.UNKNOWN)
        _begin(self.request, attempt, "to log in")
        cleaned = super().clean()
        logins.succeeded(attempt)
        return cleaned


class AdminLogInForm(LogInForm, AdminAuthenticationForm):
    """The back office's, which lets staff in only."""


class ChangePasswordForm(PasswordChangeForm):
    """The old password can be guessed at a browser that somebody left open; `request` is set by the view."""

    request: Any = None

    def clean_old_password(self) -> str:
        attempt = Attempt(self.user.get_username(), visitors.place(self.request))
        _begin(self.request, attempt, "with a password")
        old: str = super().clean_old_password()
        logins.succeeded(attempt)
        return old


def _begin(request: Any, attempt: Attempt, doing: str) -> None:
    try:
        logins.begin(attempt)
    except TooOften as error:
        if request is not None:
            request.too_often = error  # config.ratelimits makes the status and the header of it
        wait = f"{error.retry_after} seconds" if error.retry_after > 1 else "a second"
        raise ValidationError(
            f"Too many attempts {doing}, so this one was not looked at. Try again in {wait}.", code="too_often"
        ) from error
