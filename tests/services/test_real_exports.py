"""Transcripts of real exports, which are not part of this project: played where PARLEY_EXPORTS names their folder."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

FOLDER = Path(os.environ.get("PARLEY_EXPORTS", "."))
TRANSCRIPTS = sorted((FOLDER / "transcripts").glob("*.yaml")) if "PARLEY_EXPORTS" in os.environ else []


@pytest.mark.skipif(not TRANSCRIPTS, reason="PARLEY_EXPORTS names no folder with bots/ and transcripts/")
@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_real_bot_does_what_its_transcript_says(transcript: Path) -> None:
    out = StringIO()

    call_command("test_bot", str(FOLDER / "bots" / f"{transcript.stem}.json"), str(transcript), stdout=out)

    assert "not ok" not in out.getvalue()
