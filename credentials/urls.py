"""The pages of the credentials app."""

from django.urls import URLPattern, path

from credentials.views import activity, authorization, credentials, egress_rules, members, organizations

urlpatterns: list[URLPattern] = [
    path("credentials/", credentials.index, name="credentials"),
    path("credentials/new/", credentials.types, name="credential_types"),
    path("credentials/new/<slug:kind>/", credentials.new, name="new_credential"),
    path("credentials/<uuid:key>/", credentials.edit, name="credential"),
    path("credentials/<uuid:key>/disable/", credentials.disable, name="disable_credential"),
    path("credentials/<uuid:key>/enable/", credentials.enable, name="enable_credential"),
    path("credentials/<uuid:key>/test/", credentials.test, name="test_credential"),
    path("credentials/<uuid:key>/token/", credentials.fetch, name="fetch_token"),
    path("credentials/<uuid:key>/key-store/", credentials.open_keys, name="open_key_store"),
    path("credentials/<uuid:key>/authorize/", authorization.begin, name="authorize_credential"),
    path("credentials/oauth/callback/", authorization.callback, name="oauth_callback"),
    path("credentials/<uuid:key>/delete/", credentials.delete, name="delete_credential"),
    path("organization/switch/", organizations.switch, name="switch_organization"),
    path("organization/members/", members.index, name="members"),
    path("organization/members/<int:pk>/role/", members.change_role, name="change_role"),
    path("organization/members/<int:pk>/remove/", members.remove, name="remove_member"),
    path("organization/egress/", egress_rules.index, name="egress_rules"),
    path("organization/egress/mode/", egress_rules.mode, name="egress_mode"),
    path("organization/egress/<int:pk>/remove/", egress_rules.remove, name="remove_egress_rule"),
    path("activity/", activity.index, name="activity"),
]
