"""`manage.py credential_health`: print the credentials that need attention, for monitors; status 1 if there are any."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from credentials.models import Organization
from credentials.services import overview


class Command(BaseCommand):
    help = (
        "Print the credentials that need attention, the worst of each organization first; status 1 when there are any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for organization in Organization.objects.all():
            for row in overview.attention(overview.of(organization)):
                found += 1
                said = f"{row.health.text}. {row.health.detail}".strip()
                self.stdout.write(f"{organization.name}: {row.credential.name}: {row.health.level}: {said}")
        if found:
            sys.exit(1)
        self.stdout.write("All credentials are well.")
