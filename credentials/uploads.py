"""Keeps uploaded key files in memory: Django puts large ones into temporary files, and keys never touch the disk."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, SkipFile

LIMIT = 256 * 1024


class KeyFilesInMemory(MemoryFileUploadHandler):
    """For the credentials' pages only; a file that is larger than any key store is dropped."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = self.request is not None and "/credentials/" in self.request.path

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.activated and start + len(raw_data) > LIMIT:
            raise SkipFile("larger than any key store")
        return super().receive_data_chunk(raw_data, start)
