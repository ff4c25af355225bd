"""Transcripts of real exports, which are not part of this project: played where their folder is."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import cb_exports


@pytest.mark.skipif(not cb_exports.TRANSCRIPTS, reason=cb_exports.MISSING)
@pytest.mark.parametrize("transcript", cb_exports.TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_real_bot_does_what_its_transcript_says(transcript: Path) -> None:
    out = StringIO()
    bot = cb_exports.FOLDER / "bots" / f"{transcript.stem}.json"

    call_command("test_bot", str(bot), str(transcript), stdout=out)

    assert "not ok" not in out.getvalue()
