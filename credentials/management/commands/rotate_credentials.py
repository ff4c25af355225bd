"""`manage.py rotate_credentials`: re-encrypts all stored secrets with the first of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credentials.services import rotation, sealing


class Command(BaseCommand):
    help = (
        "Re-encrypt all credentials with the first of FIELD_ENCRYPTION_KEYS. Put the new key first, keep the old one "
        "behind it, restart, run this, then remove the old one. Safe to stop and to run again, also under traffic."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = rotation.rotate()
        for key_id, count in sorted(done.before.items()):
            mark = " (the first key)" if key_id == sealing.current_key_id() else ""
            self.stdout.write(f"Found with key {key_id}{mark}: {count}")
        self.stdout.write(
            f"Re-encrypted: {done.rotated}. Already current: {done.current}. Without secrets: {done.empty}."
        )
        if done.unreadable:
            raise CommandError(
                f"No configured key decrypts {len(done.unreadable)}: {'; '.join(done.unreadable)}. "
                "They are unchanged. Add their key, or enter the secrets again."
            )
