"""OAuth 2.0, Authorization Code: an administrator signs in once, Parley keeps the tokens alive."""

from __future__ import annotations

from credentials.kinds import declaration, oauth_fields

KIND = declaration.Kind(
    name="oauth_code",
    label="OAuth 2.0, Authorization Code",
    when="Somebody must sign in and consent once, in the browser; the documentation speaks of an authorization URL.",
    effect="Sets `Authorization: Bearer …` with tokens that are refreshed before they end.",
    fields=(
        *oauth_fields.CLIENT,
        oauth_fields.SCOPE,
        declaration.Field(
            "auth_url",
            "Auth URL",
            max_length=2_000,
            help="Where you sign in and consent, such as https://login.example.com/authorize.",
        ),
        oauth_fields.TOKEN_URL,
        declaration.Field(
            "refresh_url",
            "Refresh URL",
            required=False,
            max_length=2_000,
            help="Only where tokens are refreshed elsewhere. Empty: the Token URL.",
        ),
        oauth_fields.CLIENT_AUTH,
        oauth_fields.AUDIENCE,
        declaration.Field(
            "extra_parameters",
            "Extra auth parameters",
            required=False,
            lines=True,
            help="Added to the Auth URL, one name=value a line. Many servers give a refresh token only when asked to, "
            "for instance with access_type=offline.",
        ),
        *oauth_fields.RULES,
    ),
    sign=oauth_fields.sign,
    check=oauth_fields.check,
    grant=declaration.Grant(interactive=True, bound=("client_id", "auth_url", "token_url", "refresh_url")),
)
