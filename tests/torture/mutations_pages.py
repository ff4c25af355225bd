"""What the pages and the masks guarantee, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

MUTATIONS = [
    Mutation(
        "A bot is found by members of its organization only",
        "bots/models.py",
        """    def for_user(self, user: Any) -> BotQuerySet:
        return self.filter(organization__memberships__user=user)""",
        """    def for_user(self, user: Any) -> BotQuerySet:
        return self.all()""",
        ("pages: a stranger opens bot", "pages: a stranger opens versions", "pages: a stranger opens export_bot"),
    ),
    Mutation(
        "No form counts that another site sent",
        "config/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        ("pages: another site sends a form with the author's session",),
    ),
    Mutation(
        "Every page has the policy that lets no script inside it run",
        "config/settings.py",
        '    "config.middleware.content_security_policy",\n',
        "",
        ("pages: a page with a script inside",),
    ),
    Mutation(
        "Secrets are masked in hex, too",
        "credentials/masking.py",
        "        yield from (raw.hex(), raw.hex().upper())\n",
        "        pass\n",
        ("pages: a secret spelled as hex", "pages: a secret spelled as HEX"),
    ),
]
