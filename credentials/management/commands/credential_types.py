"""`manage.py credential_types`: print the documentation of the credential types, for docs/credential-types.md."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from credentials.services import reference


class Command(BaseCommand):
    help = "Print docs/credential-types.md as the declarations of the credential types have it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reference.markdown(), ending="")
