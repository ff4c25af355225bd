"""Addresses of the JSON API that Django answers; bots.api.application has those of the hot path."""

from __future__ import annotations

from django.urls import path

from bots.api import docs, testruns, views

urlpatterns = [
    path("bots/<str:bot>/conversations", views.begin, name="api_begin"),
    path("bots/<str:bot>/integrations/<str:name>/test-runs", testruns.start, name="api_test_run_start"),
    path("bots/<str:bot>/integrations/<str:name>/test-runs/<str:run_id>", testruns.show, name="api_test_run"),
    path("conversations/<str:conversation>", views.conversation, name="api_conversation"),
    path("conversations/<str:conversation>/variables", views.variables, name="api_variables"),
    path("conversations/<str:conversation>/log", views.log, name="api_log"),
    path("conversations/<str:conversation>/reset", views.reset, name="api_reset"),
    path("openapi.json", docs.openapi, name="api_openapi"),
    path("docs", docs.page, name="api_docs"),
    path("<path:path>", views.not_found),
]
