"""The pages of the integrations app."""

from __future__ import annotations

from django.urls import URLPattern, path

from integrations.views import curl, environments, integrations, openapi, replacing, testruns

_BOT = "bots/<int:bot_id>/integrations/"

urlpatterns: list[URLPattern] = [
    path("environments/", environments.index, name="environments"),
    path("environments/<int:pk>/", environments.edit, name="environment"),
    path("environments/<int:pk>/save/", environments.save, name="environment_save"),
    path("environments/<int:pk>/lines/", environments.add_lines, name="environment_lines"),
    path("environments/<int:pk>/export/", environments.export, name="environment_export"),
    path("environments/<int:pk>/delete/", environments.delete, name="environment_delete"),
    path("credentials/<uuid:key>/replace/", replacing.choose, name="replace_credential"),
    path("credentials/<uuid:key>/replace/done/", replacing.report, name="credential_replaced"),
    path("credentials/<uuid:key>/replace/undo/", replacing.undo, name="undo_replacement"),
    path("credentials/<uuid:key>/stand-in/end/", replacing.end_stand_in, name="end_stand_in"),
    path(_BOT, integrations.index, name="integrations"),
    path(f"{_BOT}list/", integrations.listing, name="integration_list"),
    path(f"{_BOT}new/", integrations.new, name="integration_new"),
    path(f"{_BOT}<int:pk>/", integrations.edit, name="integration"),
    path(f"{_BOT}<int:pk>/save/", integrations.save, name="integration_save"),
    path(f"{_BOT}<int:pk>/duplicate/", integrations.duplicate, name="integration_duplicate"),
    path(f"{_BOT}<int:pk>/delete/", integrations.delete, name="integration_delete"),
    path(f"{_BOT}<int:pk>/unpin/", testruns.unpin, name="test_run_unpin"),
    path(f"{_BOT}openapi/", openapi.choose_file, name="openapi"),
    path(f"{_BOT}openapi/<str:token>/", openapi.operations, name="openapi_operations"),
    path(f"{_BOT}curl/", curl.copy, name="integration_curl"),
    path(f"{_BOT}paste/", curl.paste, name="integration_paste"),
    path(f"{_BOT}paste/credential/", curl.make_credential, name="integration_paste_credential"),
    path(f"{_BOT}check-script/", integrations.check_script, name="script_check"),
    path(f"{_BOT}samples/", testruns.ask, name="test_run_samples"),
    path(f"{_BOT}test-runs/", testruns.start, name="test_run_start"),
    path(f"{_BOT}test-runs/<str:run_id>/", testruns.show, name="test_run"),
    path(f"{_BOT}test-runs/<str:run_id>/cancel/", testruns.cancel, name="test_run_cancel"),
    path(f"{_BOT}test-runs/<str:run_id>/body/", testruns.body, name="test_run_body"),
    path(f"{_BOT}test-runs/<str:run_id>/pin/", testruns.pin, name="test_run_pin"),
]
