"""The help that the code editor offers names exactly the functions that scripts have."""

from __future__ import annotations

import re
from pathlib import Path

HELP = Path(__file__).parents[2] / "static" / "js" / "editor" / "botcontext.js"


def test_the_editor_offers_every_function_of_bot_context_and_no_other(run):
    offered = re.findall(r'^  \["(\w+)\((.*?)\)", ".+"\],$', HELP.read_text(), re.MULTILINE)

    outcome = run("botContext.sendMessage(Object.getOwnPropertyNames(botContext).join())")

    assert outcome.error is None
    assert sorted(name for name, _ in offered) == sorted(outcome.operations[0]["text"].split(","))
