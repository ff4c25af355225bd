"""The ASGI application: the conversation API, static files, and Django for all pages."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up before its models are imported
from django.urls import reverse  # noqa: E402

from bots.api import application as api  # noqa: E402
from bots.api import events  # noqa: E402
from bots.services import uploads  # noqa: E402
from config.bodylimit import BodyLimit  # noqa: E402
from config.headers import SafeHeaders  # noqa: E402
from config.lastword import LastWord  # noqa: E402
from config.statics import Static  # noqa: E402

_routes = api.build(
    static=Static(directory=settings.STATIC_ROOT, check_dir=False),
    pages=BodyLimit(
        LastWord(pages),
        most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        larger={reverse("import_bot"): uploads.MOST_BYTES},
    ),
)
application = SafeHeaders(events.Unwound(_routes), https_seconds=settings.SECURE_HSTS_SECONDS)
