"""The pages of the bots app, and logging in."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path
from django.views.generic import RedirectView

from bots.views import bots

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="bots")),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("bots/", bots.index, name="bots"),
]
