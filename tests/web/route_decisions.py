"""Who may use each address: one decision for every one of them. A new address without one makes test_routes fail."""

from __future__ import annotations

ANYBODY = {"login", "logout", "api_openapi", "api_docs", "admin:login"}
# Each signed-in user, about their own organization: there is no row in the address, or a number that is looked for
# among their own alone (a revision that is not there, or somebody else's, is said to be kept no longer).
SIGNED_IN = {
    "activity", "bots", "cancel_import", "environments", "import_again", "import_bot", "import_progress",
    "import_report", "new_bot", "oauth_callback", "password_change", "restore_revision", "switch_organization",
    "take_back",
}  # fmt: skip
# Administrators of the organization at hand; others are told that they may not (403).
ADMINISTRATORS = {"credential_types", "credentials", "egress_mode", "egress_rules", "members", "new_credential"}
# Administrators of the organization that the row belongs to; nobody else finds it (404).
ROWS_OF_ADMINISTRATORS = {
    "authorize_credential", "change_role", "credential", "credential_replaced", "delete_credential",
    "disable_credential", "enable_credential", "end_stand_in", "fetch_token",
    "integration_paste_credential", "open_key_store", "remove_egress_rule",
    "remove_member", "replace_credential", "test_credential", "undo_replacement",
}  # fmt: skip
# Members of the organization that the row belongs to; nobody else finds it (404).
ROWS_OF_MEMBERS = {
    "add_channel_key", "add_dialog", "add_intent", "add_missing_field", "add_rule", "bot", "bot_map",
    "bot_settings", "cancel_tests", "compare_versions", "completions", "create_variable", "delete_bot",
    "delete_dialog", "delete_intent", "delete_interaction", "delete_rule", "delete_test", "dialog", "dialog_map",
    "dialog_settings", "download_test", "duplicate_bot", "duplicate_dialog", "duplicate_interaction",
    "duplicate_rule", "environment", "environment_delete", "environment_export", "environment_lines",
    "environment_history", "environment_save", "export_bot", "find", "global_functions", "history",
    "insert_interaction", "integration", "integration_by_key",
    "integration_curl", "integration_delete", "integration_duplicate", "integration_list", "integration_new",
    "integration_paste", "integration_save", "integrations", "intent", "intents", "interaction",
    "interaction_by_key", "move_dialog", "move_interaction", "move_rule", "naming", "new_test", "next_action",
    "openapi", "openapi_operations", "panel", "placeholders", "preview", "preview_log", "problems", "publish",
    "record_test", "rename", "restore_version", "revoke_channel_key", "roll_back", "run_tests", "save_bot_settings",
    "save_global_functions", "save_intent", "save_interaction", "save_rule", "script_check", "search", "test",
    "test_kinds", "test_run", "test_run_body", "test_run_cancel", "test_run_pin", "test_run_samples",
    "test_run_start", "test_run_unpin", "tests", "tests_run", "toggle_dialog", "toggle_interaction", "try_intents",
    "undo", "unpublish", "variables", "versions",
}  # fmt: skip
# Without a session 401; with one as for members. A key or token opens them, too (tests/web/test_api_views.py).
API_OF_MEMBERS = {
    "api_begin", "api_conversation", "api_log", "api_reset", "api_test_run", "api_test_run_start", "api_variables",
}  # fmt: skip
# What answers before Django (tests/journeys/test_api_requests.py): by token, by ticket, or for the operator's network.
ASGI = {
    "/api/v1/conversations/{conversation}/messages", "/api/v1/conversations/{conversation}/events",
    "/api/v1/streams/{ticket}", "/healthz", "/readyz", "/metrics",
}  # fmt: skip

DECISIONS = {
    name: decision
    for decision, names in {
        "anybody": ANYBODY,
        "signed in": SIGNED_IN,
        "administrators": ADMINISTRATORS,
        "rows of administrators": ROWS_OF_ADMINISTRATORS,
        "rows of members": ROWS_OF_MEMBERS,
        "API of members": API_OF_MEMBERS,
    }.items()
    for name in names
}


def of(name: str) -> str:
    """Return the decision on an address; all of the back office but its log-in is for staff. Raises KeyError."""
    return "staff" if name.startswith("admin:") and name not in ANYBODY else DECISIONS[name]
