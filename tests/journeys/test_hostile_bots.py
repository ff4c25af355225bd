"""Scripts and expressions that never end: their own conversation is told so, all others are answered meanwhile."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.journeys.conftest import Upstream
from tests.journeys.running import Answer, Parley
from tests.journeys.test_runtime_delivery import as_author, post

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

SEED = """
from django.contrib.auth.models import User
team = Organization.objects.get(name="Acme")
owner = User.objects.get(username="owner")
END = [{"action": {"kind": "end"}}]

def bot(name, *tiles):
    made = factories.make_bot(team, name=name)
    dialog = factories.make_dialog(made, name="Main")
    factories.make_interaction(dialog, name="start", kind="starter", content={"patterns": ["*"]})
    for tile in tiles:
        if "url" in tile:
            call = {"url": tile.pop("url"), "transform_script": tile.pop("script")}
            tile |= {"kind": "integration", "integration": factories.make_integration(made, name="Look", **call)}
        factories.make_interaction(dialog, **tile)
    made.live_version = Version.objects.create(bot=made, number=1, spec=spec.to_builtins(specs.draft(made)))
    made.save()
    return {"bot": str(made.key), "key": channel_keys.create(made, label="test", actor=owner)[1]}

def text(words, **values):
    return {"name": words, "kind": "text", "content": {"text": words}, **values}

result = {
    "transform": bot("Loops in its transform", {"name": "look", "url": "UPSTREAM/slow/0",
                     "script": "var n = 1;\\nwhile (true) { n += 1; }"}, text("never")),
    "pre-process": bot("Loops before", text("said all the same", pre_process="for (;;) {}")),
    "expression": bot("Explodes", {"name": "ask", "kind": "text_question",
        "content": {"text": "Which?"},
        "rules": [{"condition": {"kind": "regex", "values": ["^(\\\\w+\\\\s?)+$"]}}]}, text("never")),
    "calm": bot("Calm", text("Hello {$botContext.n}",
                pre_process="botContext.setBotVariable('n', botContext.getCurrentUserMessage(), true, false);")),
}
"""


@pytest.fixture(scope="module")
def bots(parley: Parley, upstream: Upstream) -> Any:
    return parley.seed(SEED.replace("UPSTREAM", upstream.url))


def begin(parley: Parley, bot: Any) -> dict[str, Any]:
    begun: dict[str, Any] = parley.call("POST", f"/api/v1/bots/{bot['bot']}/conversations", {}, token=bot["key"]).body
    return begun


def errors(parley: Parley, conversation: dict[str, Any]) -> list[str]:
    log = as_author(parley, "GET", f"/api/v1/conversations/{conversation['id']}/log").body["log"]
    return [line["text"] for line in log if line["error"]]


@pytest.mark.parametrize(
    ("hostile", "answered", "told"),
    [
        ("transform", "Sorry, I could not find anything for that.", "Result Script failed: The script ran longer"),
        ("pre-process", "said all the same", "The script ran longer than 1 s and was stopped. Look for a loop"),
        ("expression", "Which?", "The expression was stopped: it takes too long on this text."),
    ],
)  # fmt: skip
def test_what_never_ends_is_told_in_the_log_while_another_conversation_answers(
    parley: Parley, bots: Any, hostile: str, answered: str, told: str
) -> None:
    bad, calm = begin(parley, bots[hostile]), begin(parley, bots["calm"])
    post(parley, calm, "warm up", wait=20)
    if hostile == "expression":
        post(parley, bad, "hi", wait=20)
    ended: list[Answer] = []
    attack = threading.Thread(target=lambda: ended.append(post(parley, bad, "a" * 28 + " b" * 28 + "!", wait=30)))

    attack.start()
    meanwhile = []
    while attack.is_alive():
        meanwhile.append(post(parley, calm, str(len(meanwhile)), wait=20).body["messages"][0]["text"])

    assert [message["text"] for message in ended[0].body["messages"]] == [answered]
    assert any(told in line for line in errors(parley, bad))
    assert len(meanwhile) > 2
    assert meanwhile == [f"Hello {number}" for number in range(len(meanwhile))]
