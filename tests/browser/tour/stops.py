"""The stops of the tour, one a line. A new page or state needs one line here, and then it has its pictures and checks.

`Stop(name, address, state)`: {balance}, {orders}, {empty} and {broken} in an address are bots, {waiting} and
{stopped} imports, that `stage.py` makes; `state` is a function of `states.py` that brings the page into the state worth
seeing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.tour import credentials, reuse, states


@dataclass(frozen=True, slots=True)
class Stop:
    """`drawn`: the name of its picture in docs/images, for the few that the documents show."""

    name: str
    address: str
    state: Callable[[Page], None] = states.as_it_is
    user: str = "demo"
    drawn: str = ""
    complains: bool = False  # a page that answers with an error, which the browser's console repeats
    covers: bool = False  # a menu lies over other controls, which are too small to be met meanwhile


FRAME = (
    Stop("log-in", "/login/", user=""),
    Stop("log-in-refused", "/login/", states.log_in_wrongly, user=""),
    Stop("password", "/password/"),
    Stop("password-refused", "/password/", states.press("Change password")),
    Stop("menu-user", "/bots/", states.open_user_menu, covers=True),
    Stop("error-404", "/no-such-page/", complains=True),
    Stop("error-405", "{balance}unpublish/", complains=True),
    Stop("error-403", "/credentials/", user="ada", complains=True),
    Stop("error-403-csrf", "/login/", states.without_cookie, user="", complains=True),
    Stop("server-lost", "{balance}dialogs/", states.lose_the_server, complains=True),
)
BOTS = (
    Stop("bots", "/bots/", drawn="bots"),
    Stop("bots-menu", "/bots/", states.open_menu("Account balance"), covers=True),
    Stop("bots-nothing-found", "/bots/?q=nothing-like-this"),
    Stop("bots-none", "/bots/", user="eve"),
    Stop("bot-new", "/bots/new/"),
    Stop("bot-new-refused", "/bots/new/", states.press("Make the bot")),
    Stop("bot-import", "/bots/import/"),
    Stop("bot-import-refused", "/bots/import/", states.import_a_broken_file),
    Stop("bot-import-report", "/bots/import/", states.import_a_file),
    Stop("bot-import-waiting", "{waiting}"),
    Stop("bot-import-stopped", "{stopped}"),
    Stop("bot-delete", "{balance}delete/"),
)
DIALOGS = (
    Stop("dialogs", "{balance}dialogs/"),
    Stop("dialogs-empty-bot", "{empty}dialogs/"),
    Stop("dialogs-problems", "{broken}dialogs/"),
    Stop("dialogs-of-orders", "{orders}dialogs/"),
    Stop("dialog-menu", "{balance}dialogs/", states.open_dialog_menu, covers=True),
    Stop("map", "{balance}dialogs/", states.follow("Map")),
    Stop("map-problems", "{broken}dialogs/", states.follow("Map")),
    Stop("map-of-the-bot", "{balance}dialogs/map/"),
    Stop("dialog-palette", "{balance}dialogs/", states.open_palette),
    Stop("tile-menu", "{balance}dialogs/", states.open_tile_menu("Ask email"), covers=True),
    Stop("panel-content", "{balance}dialogs/", states.panel("Get balance", "Content")),
    Stop("panel-rules", "{balance}dialogs/", states.panel("Get balance", "Rules"), drawn="dialogs"),
    Stop("panel-rule-open", "{balance}dialogs/", states.open_rule("Ask email", "An e-mail address")),
    Stop("panel-code", "{orders}dialogs/", states.panel("Show items", "Code")),
    Stop("panel-settings", "{balance}dialogs/", states.panel("Ask email", "Settings")),
    Stop("panel-cards", "{orders}dialogs/", states.panel("Show items", "Content")),
    Stop("panel-completion", "{balance}dialogs/", states.complete_a_variable),
    Stop("panel-refused", "{balance}dialogs/", states.clear_a_name),
    Stop("search", "{balance}search/?q=balance"),
    Stop("search-nothing", "{balance}search/?q=nothing-like-this"),
    Stop("problems", "{broken}problems/"),
    Stop("problems-none", "{balance}problems/"),
)
CALLS = (
    Stop("integrations", "{orders}integrations/"),
    Stop("integrations-none", "{empty}integrations/"),
    Stop("integration-new", "{balance}integrations/new/"),
    Stop("integration", "{balance}integrations/", states.open_integration("Balance")),
    Stop("integration-ran", "{balance}integrations/", states.run_integration(""), drawn="integration"),
    Stop("integration-raw", "{balance}integrations/", states.run_integration("Raw")),
    Stop("integration-headers", "{balance}integrations/", states.run_integration("Headers")),
    Stop("integration-timing", "{balance}integrations/", states.run_integration("Timing")),
    Stop("integration-variables", "{balance}integrations/", states.run_integration("Variables")),
    Stop("integration-log", "{balance}integrations/", states.run_integration("Log")),
    Stop("integration-failed", "{balance}integrations/", states.run_to_nowhere),
    Stop("integration-with-script", "{orders}integrations/", states.open_integration("Order")),
    Stop("integration-pasted-secret", "{balance}integrations/new/", reuse.paste_a_secret),
    Stop("name-uses", "{balance}integrations/", reuse.see_where_it_is_used),
    Stop("name-rename", "{balance}integrations/", reuse.see_a_rename),
    Stop("openapi", "{balance}integrations/openapi/"),
    Stop("openapi-operations", "{balance}integrations/openapi/", reuse.upload_openapi),
    Stop("openapi-report", "{balance}integrations/openapi/", reuse.choose_operations),
    Stop("environments", "/environments/"),
    Stop("environment", "/environments/", states.follow("Demo")),
)
TALK = (
    Stop("preview", "{balance}preview/"),
    Stop("preview-talk", "{orders}preview/", states.talk, drawn="preview"),
    Stop("preview-variables", "{orders}preview/", states.talk_with_variables),
    Stop("preview-over-dialogs", "{balance}dialogs/", states.open_preview),
    Stop("intents", "{balance}intents/"),
    Stop("intent", "{balance}intents/", states.add_intent),
    Stop("tests", "{balance}tests/"),
    Stop("tests-none", "{empty}tests/"),
    Stop("test-new", "{balance}tests/new/"),
    Stop("test-report", "{balance}tests/", states.run_tests),
)
REST_OF_A_BOT = (
    Stop("global-functions", "{balance}global-functions/"),
    Stop("variables", "{balance}variables/"),
    Stop("history", "{balance}history/"),
    Stop("versions", "{balance}versions/"),
    Stop("versions-none", "{empty}versions/"),
    Stop("versions-compare", "{balance}versions/compare/?from=1"),
    Stop("publish", "{balance}publish/"),
    Stop("publish-problems", "{broken}publish/"),
    Stop("settings", "{balance}settings/"),
)
ORGANIZATION = (
    Stop("activity", "/activity/"),
    Stop("credentials", "/credentials/", drawn="credentials"),
    Stop("credentials-new", "/credentials/new/", drawn="credential-types"),
    Stop("credential-new-basic", "/credentials/new/basic/"),
    Stop("credential-new-oauth", "/credentials/new/oauth_code/"),
    Stop("credential-new-refused", "/credentials/new/mutual_tls/", credentials.upload_no_key_store, drawn="key-store"),
    Stop("credential", "/credentials/", states.follow("Demo user")),
    Stop("credential-in-trouble", "/credentials/", states.follow("CRM")),
    Stop("credential-refused-by-api", "/credentials/", states.follow("Shop")),
    Stop("credential-replace", "/credentials/", credentials.choose_replacement),
    Stop("credential-replace-plan", "/credentials/", credentials.read_what_follows),
    Stop("credential-delete", "/credentials/", states.delete_credential),
    Stop("members", "/organization/members/"),
    Stop("egress-rules", "/organization/egress/"),
    Stop("api-docs", "/api/v1/docs"),
)
ADMIN = (
    Stop("admin", "/admin/"),
    Stop("admin-bots", "/admin/bots/bot/"),
    Stop("admin-credentials", "/admin/credentials/credential/"),
    Stop("admin-integrations", "/admin/integrations/integration/"),
    Stop("admin-audit", "/admin/credentials/auditentry/"),
)
ALL = (*FRAME, *BOTS, *DIALOGS, *CALLS, *TALK, *REST_OF_A_BOT, *ORGANIZATION, *ADMIN)
