"""`manage.py demo_api`: the demo API alone, on loopback."""

from __future__ import annotations

from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand

from bots.demo import api
from config import plant


class Command(BaseCommand):
    help = "Run the demo API on PARLEY_DEMO_API_PORT (PORT + 1 by default); docs/demo-api.md describes it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        uvicorn.run(
            api.app,
            host=plant.LOOPBACK,
            port=settings.ENV.demo_api_port,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
