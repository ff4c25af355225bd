"""Where exports lie that are not part of this project; tests that need them are skipped where there are none."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(os.environ.get("PARLEY_CB_EXPORTS") or Path(__file__).parents[2] / "shared" / "cb-exports")
BOTS = sorted((FOLDER / "bots").glob("*.json"))
TRANSCRIPTS = sorted((FOLDER / "transcripts").glob("*.yaml"))
MISSING = "neither PARLEY_CB_EXPORTS nor ../shared/cb-exports has the folders bots and transcripts"
