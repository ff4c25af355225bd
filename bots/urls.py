"""The pages of the bots app."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
