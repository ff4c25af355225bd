"""Serves the collected static files: those with a hash in their name for ever, text of any kind in few bytes."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
TEXT = (".css", ".js", ".svg", ".json", ".txt", ".map")
LEAST_BYTES = 600  # below that, packing saves no packet


class Static(StaticFiles):
    """Collected files; those with a hash in their name never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if HASHED.search(path) else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if not path.endswith(TEXT):
            return response
        response.headers["Vary"] = "Accept-Encoding"
        return _pack(response, Headers(scope=scope))


def _pack(response: Response, asked: Headers) -> Response:
    """Return the file packed, if the browser unpacks it and asked for all of it."""
    if not isinstance(response, FileResponse) or "range" in asked or "gzip" not in asked.get("accept-encoding", ""):
        return response
    headers = dict(response.headers)
    if int(headers.pop("content-length")) < LEAST_BYTES:
        return response
    headers.pop("accept-ranges", None)
    body = packed(str(response.path), headers["etag"])
    headers["etag"] = f"W/{headers['etag']}"  # the same file in other bytes
    return Response(body, headers={**headers, "content-encoding": "gzip"})


@lru_cache(maxsize=512)
def packed(path: str, version: str) -> bytes:
    """Return the file's bytes packed; a changed file has another version."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
