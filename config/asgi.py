"""The ASGI application: the conversation API, static files, and Django for all pages."""

from __future__ import annotations

import os
import re

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up before its models are imported
from django.urls import reverse  # noqa: E402
from starlette.responses import Response  # noqa: E402
from starlette.staticfiles import StaticFiles  # noqa: E402
from starlette.types import Scope  # noqa: E402

from bots.api import application as api  # noqa: E402
from bots.services import uploads  # noqa: E402
from config.bodylimit import BodyLimit  # noqa: E402

HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")


class Static(StaticFiles):
    """Collected files; those with a hash in their name never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if HASHED.search(path) else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


application = api.build(
    static=Static(directory=settings.STATIC_ROOT, check_dir=False),
    pages=BodyLimit(
        pages,
        most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        larger={reverse("import_bot"): uploads.MOST_BYTES},
    ),
)
