"""What the web side guarantees, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

MUTATIONS = [
    Mutation(
        "Wrong passwords of one user name are limited",
        "bots/services/logins.py",
        "limits.count_anyway(attempt.by_name, most=settings.LOGINS_PER_NAME, seconds=SECONDS)",
        "assert attempt",
        ("web: passwords tried for one name", "web: passwords tried while Redis is away"),
    ),
    Mutation(
        "Wrong passwords of one address are limited",
        "bots/services/logins.py",
        "limits.count_anyway(attempt.by_place, most=settings.LOGINS_PER_ADDRESS, seconds=SECONDS)",
        "assert attempt",
        ("web: passwords tried for many names",),
    ),
    Mutation(
        "All spellings of a user name are one name",
        "bots/services/logins.py",
        'unicodedata.normalize("NFKC", self.name).casefold()',
        "self.name",
        ("web: passwords tried for spellings of one name",),
    ),
    Mutation(
        "A password is counted before it is looked at",
        "bots/forms/accounts.py",
        '_begin(self.request, attempt, "to log in")',
        "assert attempt",
        ("web: passwords tried for one name",),
    ),
    Mutation(
        "The old password cannot be guessed",
        "bots/forms/accounts.py",
        '_begin(self.request, attempt, "with a password")',
        "assert attempt",
        ("web: old password tried at an open browser",),
    ),
    Mutation(
        "Without Redis each process counts alone",
        "bots/runtime/limits.py",
        "        _count_here(what, most=most, seconds=seconds)\n",
        "        return\n",
        ("web: passwords tried while Redis is away",),
    ),
    Mutation(
        "Only a named proxy tells who calls",
        "config/visitors.py",
        "while told and (current is None or _trusted(current)):",
        "while told:",
        (
            "web: X-Forwarded-For '198.51.100.1' from 203.0.113.9",
            "web: X-Forwarded-For '1.1.1.1, 198.51.100.1' from 127.0.0.1",
        ),
    ),
    Mutation(
        "What costs much is limited for each user",
        "config/ratelimits.py",
        'limits.count_anyway(f"{limit.name}:{request.user.pk}", most=limit.most)',
        "assert limits",
        ("web: 61 test runs in a minute",),
    ),
    Mutation(
        "The address of a stream opens nothing without its session",
        "integrations/services/streams.py",
        "if not holder or not secrets.compare_digest(bound_to, _digest(holder)):",
        "if bound_to is None:",
        ("web: stream's address in another session", "web: stream's address without a session"),
    ),
    Mutation(
        "The address of a stream ends",
        "integrations/services/streams.py",
        "max_age=TICKET_SECONDS",
        "max_age=None",
        ("web: stream's address after its time",),
    ),
    Mutation(
        "A token posts to its own conversation only",
        "bots/runtime/lua/enqueue.lua",
        "if not about[1] or (digest ~= '' and about[1] ~= digest) then",
        "if not about[1] then",
        ("web: message with the token of another conversation",),
    ),
    Mutation(
        "A token opens its own conversation only",
        "bots/api/access.py",
        "elif not sessions.token_fits(name, token_digest=sessions.digest(token)):",
        "elif not token:",
        ("web: deletion with the token of another conversation",),
    ),
    Mutation(
        "A revoked channel key begins nothing",
        "bots/services/channel_keys.py",
        "ChannelKey.objects.filter(digest=sessions.digest(secret), revoked_at=None)",
        "ChannelKey.objects.filter(digest=sessions.digest(secret))",
        ("web: channel key that was revoked",),
    ),
    Mutation(
        "A channel key is for its own bot only",
        "bots/services/channel_keys.py",
        "if row is None or bot not in (str(row.bot.key), str(row.bot.pk)):",
        "if row is None:",
        ("web: channel key of another bot",),
    ),
    Mutation(
        "No link logs out",
        "bots/views/accounts.py",
        "@require_POST\ndef log_out",
        "def log_out",
        ("web: link that logs out",),
    ),
    Mutation(
        "Parley answers for its own hosts only",
        "config/settings.py",
        "ALLOWED_HOSTS = list(ENV.allowed_hosts)",
        'ALLOWED_HOSTS = ["*"]',
        ("web: request for another host",),
    ),
    Mutation(
        "No script reads a cookie of Parley's",
        "config/settings.py",
        "CSRF_COOKIE_HTTPONLY = True",
        "CSRF_COOKIE_HTTPONLY = False",
        ("web: cookies read by a script or sent by another site",),
    ),
    Mutation(
        "Every answer carries the headers that browsers heed",
        "config/headers.py",
        "if name not in there]",
        "if name in there]",
        ("web: answers that no page of Django's gives",),
    ),
]
