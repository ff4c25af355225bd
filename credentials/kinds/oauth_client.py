"""OAuth 2.0, Client Credentials: Parley fetches tokens for itself, nobody signs in."""

from __future__ import annotations

from credentials.kinds import declaration, oauth_fields

KIND = declaration.Kind(
    name="oauth_client",
    label="OAuth 2.0, Client Credentials",
    when="Parley itself is the client and nobody signs in; the documentation speaks of grant_type=client_credentials.",
    effect="Fetches tokens by itself and sets `Authorization: Bearer …`.",
    fields=(
        *oauth_fields.CLIENT,
        oauth_fields.SCOPE,
        oauth_fields.TOKEN_URL,
        oauth_fields.CLIENT_AUTH,
        oauth_fields.AUDIENCE,
        declaration.Field(
            "extra_parameters",
            "Extra token parameters",
            required=False,
            lines=True,
            help="Added to the request for a token, one name=value a line, such as resource=https://api.example.com.",
        ),
        *oauth_fields.RULES,
    ),
    sign=oauth_fields.sign,
    check=oauth_fields.check,
    grant=declaration.Grant(
        interactive=False, bound=("client_id", "token_url", "scope", "audience", "extra_parameters")
    ),
)
