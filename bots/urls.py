"""The pages of the bots app, and logging in."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from bots.views import (
    accounts,
    bots,
    dialogs,
    global_functions,
    interactions,
    preview,
    rules,
    search,
    settings,
    transfer,
    undo,
    variables,
    versions,
)

BOT = "bots/<int:bot_id>/"
DIALOGS = f"{BOT}dialogs/"
DIALOG = f"{DIALOGS}<int:dialog_id>/"
INTERACTION = f"{DIALOGS}interactions/<int:interaction_id>/"
RULE = f"{INTERACTION}rules/<str:key>/"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="bots")),
    path("login/", accounts.LogIn.as_view(), name="login"),
    path("logout/", accounts.log_out, name="logout"),
    path("password/", accounts.ChangePassword.as_view(), name="password_change"),
    path("bots/", bots.index, name="bots"),
    path("bots/new/", bots.new, name="new_bot"),
    path("bots/import/", transfer.import_bot, name="import_bot"),
    path("bots/import/<str:token>/", transfer.import_report, name="import_report"),
    path(f"{BOT}export/", transfer.export_bot, name="export_bot"),
    path(f"{BOT}duplicate/", bots.duplicate, name="duplicate_bot"),
    path(f"{BOT}delete/", bots.delete, name="delete_bot"),
    path(f"{BOT}undo/<str:token>/", undo.undo, name="undo"),
    path(f"{BOT}settings/", settings.edit, name="bot_settings"),
    path(f"{BOT}settings/save/", settings.save, name="save_bot_settings"),
    path(f"{BOT}variables/", variables.show, name="variables"),
    path(f"{BOT}search/", search.show, name="search"),
    path(f"{BOT}completions/", variables.complete, name="completions"),
    path(f"{BOT}problems/", variables.show_problems, name="problems"),
    path(f"{BOT}keys/add/", settings.add_key, name="add_channel_key"),
    path(f"{BOT}keys/<int:key_id>/revoke/", settings.revoke_key, name="revoke_channel_key"),
    path(f"{BOT}global-functions/", global_functions.edit, name="global_functions"),
    path(f"{BOT}global-functions/save/", global_functions.save, name="save_global_functions"),
    path(f"{BOT}versions/", versions.index, name="versions"),
    path(f"{BOT}publish/", versions.publish, name="publish"),
    path(f"{BOT}unpublish/", versions.unpublish, name="unpublish"),
    path(f"{BOT}versions/compare/", versions.compare, name="compare_versions"),
    path(f"{BOT}versions/<int:number>/live/", versions.roll_back, name="roll_back"),
    path(f"{BOT}versions/<int:number>/restore/", versions.restore, name="restore_version"),
    path(DIALOGS, dialogs.bot, name="bot"),
    path(f"{DIALOGS}add/", dialogs.add, name="add_dialog"),
    path(DIALOG, dialogs.show, name="dialog"),
    path(f"{DIALOG}settings/", dialogs.settings, name="dialog_settings"),
    path(f"{DIALOG}move/<int:to>/", dialogs.move, name="move_dialog"),
    path(f"{DIALOG}duplicate/", dialogs.duplicate, name="duplicate_dialog"),
    path(f"{DIALOG}toggle/", dialogs.toggle, name="toggle_dialog"),
    path(f"{DIALOG}delete/", dialogs.delete, name="delete_dialog"),
    path(f"{DIALOG}insert/", interactions.insert, name="insert_interaction"),
    path(f"{DIALOGS}key/<str:key>/", interactions.by_key, name="interaction_by_key"),
    path(INTERACTION, interactions.show, name="interaction"),
    path(f"{INTERACTION}panel/", interactions.panel, name="panel"),
    path(f"{INTERACTION}save/<str:tab>/", interactions.save, name="save_interaction"),
    path(f"{INTERACTION}move/<int:to>/", interactions.move, name="move_interaction"),
    path(f"{INTERACTION}duplicate/", interactions.duplicate, name="duplicate_interaction"),
    path(f"{INTERACTION}toggle/", interactions.toggle, name="toggle_interaction"),
    path(f"{INTERACTION}delete/", interactions.delete, name="delete_interaction"),
    path(f"{INTERACTION}next/", rules.next_action, name="next_action"),
    path(f"{INTERACTION}rules/", rules.add, name="add_rule"),
    path(f"{RULE}save/", rules.save, name="save_rule"),
    path(f"{RULE}move/<int:to>/", rules.move, name="move_rule"),
    path(f"{RULE}duplicate/", rules.duplicate, name="duplicate_rule"),
    path(f"{RULE}delete/", rules.delete, name="delete_rule"),
    path(f"{BOT}preview/", preview.show, name="preview"),
    path(f"{BOT}preview/<str:conversation>/log/", preview.log_stream, name="preview_log"),
]
