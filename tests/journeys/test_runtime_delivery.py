"""Messages posted over HTTP to a running system: answered once, in order, delivered to every listener."""

from __future__ import annotations

import itertools
import threading
import uuid
from typing import Any

import pytest

from tests.journeys.running import Answer, Parley

pytestmark = pytest.mark.journey


def begin(parley: Parley, bot: str = "echo", **body: Any) -> dict[str, Any]:
    seeded = parley.seeded[bot]
    answer = parley.call("POST", f"/api/v1/bots/{seeded['bot']}/conversations", body, token=seeded["key"])
    assert answer.status == 201, answer.body
    return answer.body


def post(parley: Parley, conversation: dict[str, Any], text: str, *, wait: int = 0, message_id: str = "") -> Answer:
    headers = {"Prefer": f"wait={wait}"} if wait else {}
    body = {"message_id": message_id or uuid.uuid4().hex, "text": text}
    path = f"/api/v1/conversations/{conversation['id']}/messages"
    return parley.call("POST", path, body, token=conversation["token"], **headers)


def texts(parley: Parley, conversation: dict[str, Any]) -> list[str]:
    path = f"/api/v1/conversations/{conversation['id']}/messages"
    answer = parley.call("GET", path, token=conversation["token"])
    return [message["text"] for message in answer.body["messages"]]


def as_author(parley: Parley, method: str, path: str, *, who: str = "session", **headers: str) -> Answer:
    return parley.call(method, path, Cookie=f"sessionid={parley.seeded[who]}", **headers)


def test_a_waiting_post_gets_the_messages_of_its_turn(parley: Parley) -> None:
    conversation = begin(parley)

    answer = post(parley, conversation, "hello", wait=20)

    assert (answer.status, answer.body["turn"], answer.body["outcome"]) == (200, 1, "done")
    [message] = answer.body["messages"]
    assert (message["id"], message["kind"], message["text"], message["delay"]) == ("1-1", "text", "1: hello", 0)


def test_a_post_that_does_not_wait_is_accepted_and_its_answer_is_in_the_stream(parley: Parley) -> None:
    conversation = begin(parley)

    with parley.events(conversation) as events:
        accepted = post(parley, conversation, "hello")
        seen = list(itertools.islice(events, 4))

    assert (accepted.status, accepted.body) == (202, {"turn": 1})
    assert [event["event"] for event in seen] == ["consumer", "typing", "message", "turn"]
    assert seen[2]["data"]["text"] == "1: hello"


def test_the_same_message_id_is_answered_again_and_handled_once(parley: Parley) -> None:
    conversation = begin(parley)
    first = post(parley, conversation, "hello", wait=20, message_id="m1")

    again = [post(parley, conversation, "hello", wait=20, message_id="m1") for _ in range(3)]
    unhurried = post(parley, conversation, "hello", message_id="m1")

    assert [answer.body for answer in again] == [first.body] * 3
    assert unhurried.body == {"turn": 1}
    assert texts(parley, conversation) == ["1: hello"]


def test_a_wait_that_is_too_short_answers_accepted(parley: Parley) -> None:
    conversation = begin(parley, "order")

    answer = post(parley, conversation, "buy", wait=1)
    late = post(parley, conversation, "again", wait=20)

    assert (answer.status, answer.body) == (202, {"turn": 1})
    assert late.body["turn"] == 2


def test_a_burst_is_answered_in_order_and_conversations_run_side_by_side(parley: Parley) -> None:
    conversations = [begin(parley, "slow") for _ in range(3)]
    senders = [threading.Thread(target=_send_five, args=(parley, one)) for one in conversations]

    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    last = [post(parley, conversation, "last", wait=25) for conversation in conversations]

    assert [answer.status for answer in last] == [200, 200, 200]
    expected = [f"{number + 1}: message {number}" for number in range(5)] + ["6: last"]
    assert [texts(parley, conversation) for conversation in conversations] == [expected] * 3


def _send_five(parley: Parley, conversation: dict[str, Any]) -> None:
    for number in range(5):
        post(parley, conversation, f"message {number}")


def test_a_reader_resumes_after_the_last_event_it_saw_without_loss_or_repetition(parley: Parley) -> None:
    conversation = begin(parley)
    with parley.events(conversation) as events:
        for number in range(3):
            post(parley, conversation, str(number), wait=20)
        kept = [event for event in itertools.islice(events, 8) if "id" in event]
    for number in range(3, 6):
        post(parley, conversation, str(number), wait=20)

    with parley.events(conversation, last=kept[-1]["id"]) as events:
        rest = list(itertools.islice((event for event in events if "id" in event), 18 - len(kept)))

    said = [event["data"]["text"] for event in [*kept, *rest] if event["event"] == "message"]
    assert said == [f"{number + 1}: {number}" for number in range(6)]
    assert len({event["id"] for event in [*kept, *rest]}) == 18


def test_a_slow_call_message_reaches_the_consumer_while_the_call_runs(parley: Parley) -> None:
    conversation = begin(parley, "order")

    with parley.events(conversation) as events:
        post(parley, conversation, "buy")
        seen = list(itertools.islice((event for event in events if event["event"] in ("message", "turn")), 3))

    assert [event["data"].get("text") for event in seen] == ["One moment", "bought", None]
    assert [event["id"] for event in seen] == ["1-1", "1-2", "1-3"]


def test_deleting_a_conversation_ends_its_stream_and_forgets_it(parley: Parley) -> None:
    conversation = begin(parley)
    post(parley, conversation, "hello", wait=20)

    with parley.events(conversation, last="1-2") as events:
        deleted = parley.call("DELETE", f"/api/v1/conversations/{conversation['id']}", token=conversation["token"])
        rest = list(events)

    assert deleted.status == 204
    assert [(event["event"], event["data"]["how"]) for event in rest] == [("closed", "ended")]
    assert post(parley, conversation, "still there?").status == 404


def test_an_author_sees_variables_and_log_and_a_stranger_sees_nothing(parley: Parley) -> None:
    conversation = begin(parley, variables={"city": "Ulm", "number": 1.10})
    post(parley, conversation, "hello", wait=20)
    path = f"/api/v1/conversations/{conversation['id']}"

    variables = as_author(parley, "GET", f"{path}/variables")
    log = as_author(parley, "GET", f"{path}/log")

    assert {name: str(value) for name, value in variables.body["variables"].items()} == {
        "city": "Ulm",
        "n": "1",
        "number": "1.1",
    }
    assert "message" in {line["code"] for line in log.body["log"]}
    for part in ("variables", "log"):
        assert as_author(parley, "GET", f"{path}/{part}", who="stranger").status == 404
        assert parley.call("GET", f"{path}/{part}").status == 401
        assert parley.call("GET", f"{path}/{part}", token=conversation["token"]).status == 401


def test_another_conversations_token_opens_nothing(parley: Parley) -> None:
    mine, other = begin(parley), begin(parley)
    path = f"/api/v1/conversations/{mine['id']}"

    answers = [
        parley.call("POST", f"{path}/messages", {"message_id": "m", "text": "x"}, token=other["token"]),
        parley.call("GET", f"{path}/messages", token=other["token"]),
        parley.call("GET", f"{path}/events", token=other["token"]),
        parley.call("DELETE", path, token=other["token"]),
    ]

    assert [answer.status for answer in answers] == [404] * 4
    assert len({answer.body["detail"] for answer in answers}) == 1


def test_a_tap_is_taken_as_it_was_delivered(parley: Parley) -> None:
    conversation = begin(parley)
    path = f"/api/v1/conversations/{conversation['id']}/messages"

    answers = [
        parley.call(
            "POST", path, {"message_id": str(number), "tap": tap}, token=conversation["token"], Prefer="wait=20"
        )
        for number, tap in enumerate([{"title": "Yes", "payload": "y"}, {"label": "No", "value": "n"}, "Maybe"])
    ]

    said = [message["text"] for answer in answers for message in answer.body["messages"]]
    assert said == ["1: y", "2: n", "3: Maybe"]


def test_everything_that_is_asked_of_operations_answers(parley: Parley) -> None:
    health, ready, metrics = (parley.call("GET", path) for path in ("/healthz", "/readyz", "/metrics"))

    assert (health.status, health.body) == (200, {"status": "ok"})
    assert ready.body["checks"] == dict.fromkeys(("database", "redis", "workers", "sandbox"), "ok")
    assert 'parley_turns_total{outcome="done"}' in metrics.body


def test_a_page_follows_a_stream_with_its_ticket(parley: Parley) -> None:
    forged = parley.call("GET", "/api/v1/streams/forged")

    assert forged.status == 403
    assert forged.body["detail"] == "This page has been open for too long. Reload it."


def test_somebody_talks_to_a_bot_in_the_terminal(parley: Parley) -> None:
    typed = "hello\n/vars\n/reset\nagain\n/log\n/quit\n"

    printed = parley.manage("chat", "Echo", "--live", typed=typed)

    assert "1: hello" in printed
    assert "n = 1" in printed
    assert "1: again" in printed
    assert "Message: again" in printed


def test_a_channel_key_made_in_the_shell_begins_a_conversation(parley: Parley) -> None:
    key = parley.manage("channel_key", "Echo").strip()

    answer = parley.call("POST", f"/api/v1/bots/{parley.seeded['echo']['bot']}/conversations", {}, token=key)

    assert answer.status == 201


def test_the_debug_command_reset_forgets_the_session_and_takes_the_newest_draft(parley: Parley) -> None:
    seeded = parley.seeded["echo"]
    begun = parley.seed(
        "from bots.services import conversations\n"
        f"begun = conversations.begin(Bot.objects.get(pk={seeded['pk']}), draft=True)\n"
        "result = {'id': begun.id, 'token': begun.token}"
    )
    first = post(parley, begun, "one", wait=20)
    parley.seed(
        f"Interaction.objects.filter(bot={seeded['pk']}, kind='text').update(content={{'text': 'new'}}); result = 1"
    )

    before = post(parley, begun, "two", wait=20)
    reset = post(parley, begun, "reset", wait=20)
    after = post(parley, begun, "three", wait=20)

    said = [[message["text"] for message in answer.body["messages"]] for answer in (first, before, reset, after)]
    assert said == [["1: one"], ["2: two"], ["The session was reset."], ["new"]]
