"""Every action that the code records is told in words."""

from __future__ import annotations

import re
from pathlib import Path

from credentials.services import audit

ROOT = Path(__file__).parents[2]
RECORDED = re.compile(r'action="(\w+\.\w+)"')


def test_the_trail_has_words_for_every_action_that_is_recorded() -> None:
    sources = (
        path.read_text() for app in ("bots", "integrations", "credentials") for path in (ROOT / app).rglob("*.py")
    )
    actions = {action for source in sources for action in RECORDED.findall(source)}

    assert "bot.rolled_back" in actions
    assert sorted(actions - audit.WORDS.keys()) == []
