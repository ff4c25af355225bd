"""Who asks: a channel by its key, a conversation's holder by its token, an author by the session of the pages."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from bots.api import bodies, problems
from bots.api.problems import Problem
from bots.models import Bot
from bots.runtime import sessions
from bots.runtime.inbox import TooManyMessages
from bots.runtime.keys import UnknownConversation
from bots.runtime.limits import TooOften
from bots.services import channel_keys, conversations

View = Callable[..., HttpResponse]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def api(*methods: str) -> Callable[[View], View]:
    """Make a JSON view of these methods: every refusal becomes a problem document.

    Django's own check of forged requests is off, because requests with a key or token carry no cookie;
    `author` makes it for those that do.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise Problem(405, f"{request.method} is not possible here.", headers={"Allow": ", ".join(methods)})
                return view(request, *args, **kwargs)
            except EXPECTED as error:
                return _response(_problem(error))

        return answer

    return decorate


def body(request: HttpRequest, *, limit: int) -> bytes:
    """Return a JSON request's body; raises Problem for another media type or a body over the limit."""
    if request.content_type not in ("application/json", ""):
        raise Problem(415, f"The body is {request.content_type}.", place="Content-Type", mend="Send application/json.")
    try:
        if int(request.headers.get("content-length") or 0) > limit or len(request.body) > limit:
            raise bodies.too_large(limit)
    except (RequestDataTooBig, ValueError) as error:
        raise bodies.too_large(limit) from error
    return request.body


def author(request: HttpRequest) -> Any:
    """Return the signed-in user; raises Problem when there is none, or when another site may have sent this."""
    if not request.user.is_authenticated:
        raise Problem(
            401,
            "The request carries neither a key or token nor the session of a signed-in author.",
            place="Authorization",
            mend="Sign in, or send Authorization: Bearer with a key or token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if request.method not in SAFE:
        check = CsrfViewMiddleware(lambda _: HttpResponse())
        check.process_request(request)
        if check.process_view(request, _nothing, (), {}) is not None:
            raise Problem(
                403, "The request carries no valid CSRF token.", place="X-CSRFToken", mend="Send the page's token."
            )
    return request.user


def bot(request: HttpRequest, name: str) -> Bot:
    """Return one of the author's bots, by its key or number; raises Problem."""
    number = {"pk": int(name)} if name.isascii() and name.isdigit() and len(name) < 18 else {"key": name}
    found: Bot | None = Bot.objects.for_user(author(request)).select_related("environment").filter(**number).first()
    if found is None:
        raise Problem(404, "There is no such bot, or it is not yours.", place="/bot")
    return found


def bot_by_key(request: HttpRequest, name: str) -> Bot:
    """Return the bot that the request's channel key is for; raises Problem."""
    try:
        return channel_keys.bot_for(bodies.bearer(request.headers), bot=name)
    except channel_keys.UnknownKey as error:
        raise Problem(
            401,
            "This key is not a channel key of this bot, or it was revoked.",
            place="Authorization",
            mend="Make a new one: python manage.py channel_key BOT",
            headers={"WWW-Authenticate": "Bearer"},
        ) from error


def conversation(request: HttpRequest, name: str) -> None:
    """Let its token or an author of its bot pass; raises UnknownConversation for everybody else."""
    token = bodies.bearer(request.headers)
    if not token:
        conversations.check(name, user=author(request))
    elif not sessions.token_fits(name, token_digest=sessions.digest(token)):
        raise UnknownConversation


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    return next(make(error) for kind, make in TRANSLATIONS.items() if isinstance(error, kind))


TRANSLATIONS: dict[type[Exception], Callable[[Any], Problem]] = {
    UnknownConversation: lambda error: problems.unknown_conversation(),
    TooManyMessages: lambda error: problems.too_many(str(error), retry_after=error.retry_after),
    TooOften: lambda error: problems.too_many(str(error), retry_after=error.retry_after),
    RedisError: problems.store_failed,
}


EXPECTED: tuple[type[Exception], ...] = (Problem, *TRANSLATIONS)


def _response(problem: Problem) -> HttpResponse:
    headers = {"Cache-Control": "no-store", **problem.headers}
    return HttpResponse(problem.body(), status=problem.status, content_type=problems.MEDIA_TYPE, headers=headers)


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
