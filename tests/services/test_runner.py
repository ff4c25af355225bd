"""The runner and the keeper against a real Redis, with small turn functions in place of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import redis
from msgspec import structs

from bots.engine.state import LogLine, Occurrence, Reply, State, TurnResult
from bots.runtime import contexts, inbox, keys, leases, runner, sessions
from bots.runtime.inbox import Message
from bots.runtime.journal import Journal
from bots.runtime.keeper import Keeper
from bots.runtime.leases import Claim
from bots.runtime.runner import Played
from bots.runtime.sessions import Begun, Opening
from bots.runtime.voice import Voice

SHARD = 0


def begin(*, spec_ref: str = "v:1") -> Begun:
    opening = Opening(bot=1, bot_key="b", organization=1, spec_ref=spec_ref, session_seconds=600, error_text="Oops")
    return sessions.begin(opening, variables={"n": 1})


def say(*texts: str, **values: object) -> Played:
    replies = tuple(Reply("text", {"text": text}) for text in texts)
    return Played(TurnResult(state=State(started=True), variables={"n": 2}, replies=replies, **values))


def echo(claim: Claim, voice: Voice) -> Played:
    return say(claim.message.text)


def serve(play: runner.Play = echo, keeper: Keeper | None = None) -> None:
    """Play all that is ready, and do not park."""
    helper = keeper or Keeper()
    owner = "owner"
    found = leases.next_claim(SHARD, owner=owner, park=False)
    while isinstance(found, Claim):
        found = runner.answer(found, keeper=helper, play=play).claim or "nothing"


def events(conversation: str) -> list[str]:
    return [entry.event for entry in sessions.entries(conversation)]


def let_leases_end(store: redis.Redis, conversation: str) -> None:
    store.zadd(f"{keys.base(SHARD)}active", {conversation: 1})
    leases.reap(SHARD)


def test_a_turn_is_stored_and_its_messages_are_in_order(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))

    serve(lambda claim, voice: say("one", "two"))

    assert events(begun.id) == ["consumer", "message", "message", "turn"]
    assert sessions.variables(begun.id) == {"n": "2"}


def test_a_defect_sends_the_error_text_and_leaves_the_session_as_it_was(
    store: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))
    inbox.post(begun.id, Message("m2", text="two"))

    def stumble(claim: Claim, voice: Voice) -> Played:
        if claim.turn == 1:
            raise ZeroDivisionError("a defect")
        return say("fine")

    serve(stumble)

    entries = sessions.entries(begun.id)
    assert next(entry.data for entry in entries if entry.event == "message").count("Oops") == 1
    assert '"outcome":"failed"' in entries[2].data
    assert '"outcome":"done"' in entries[-1].data
    assert "ZeroDivisionError" in caplog.text
    assert any("ZeroDivisionError" in line.data for line in sessions.log(begun.id))


def test_a_failed_turn_changes_no_variable(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))

    def stumble(claim: Claim, voice: Voice) -> Played:
        raise KeyError

    serve(stumble)

    assert sessions.variables(begun.id) == {"n": "1"}
    assert sessions.opening(begun.id).bot == 1


def test_a_turn_over_which_three_workers_died_is_given_up(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="deadly"))
    for _ in range(3):
        assert isinstance(leases.next_claim(SHARD, owner="dies", park=False), Claim)
        let_leases_end(store, begun.id)
    played: list[int] = []

    serve(lambda claim, voice: played.append(claim.turn) or say("never"))

    assert played == []
    assert events(begun.id) == ["consumer", "message", "turn"]
    assert "Oops" in sessions.entries(begun.id)[1].data


def test_a_turn_that_was_reset_meanwhile_leaves_nothing(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))

    def reset_during(claim: Claim, voice: Voice) -> Played:
        sessions.reset(begun.id, sessions.opening(begun.id), variables={})
        return say("too late")

    serve(reset_during)

    assert events(begun.id) == ["reset"]
    assert sessions.variables(begun.id) == {}


def test_what_a_turn_says_early_is_not_repeated_at_its_end(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))

    def slow(claim: Claim, voice: Voice) -> Played:
        voice.say([Reply("text", {"text": "One moment"})])
        return say("One moment", "Done")

    serve(slow)

    said = [entry.data for entry in sessions.entries(begun.id) if entry.event == "message"]
    assert [("One moment" in text, "Done" in text) for text in said] == [(True, False), (False, True)]


def test_the_log_of_a_draft_is_seen_while_the_turn_runs_and_that_of_a_version_at_its_end(store: redis.Redis) -> None:
    seen: dict[str, int] = {}
    for spec_ref in ("d:abc", "v:1"):
        begun = begin(spec_ref=spec_ref)
        inbox.post(begun.id, Message("m1", text="one"))

        def talk(claim: Claim, voice: Voice, ref: str = spec_ref) -> Played:
            voice.log(LogLine("debug", "one"))
            voice.flush()
            seen[ref] = len(sessions.log(claim.conversation))
            voice.log(LogLine("debug", "two"))
            return say("Hello")

        serve(talk)
        assert len(sessions.log(begun.id)) == 2

    assert seen == {"d:abc": 1, "v:1": 0}


def test_the_end_of_a_turn_tells_what_happened_but_no_private_message(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))
    happened = (
        Occurrence("private_message", {"text": "angry"}),
        Occurrence("transfer", {"skill_id": "7"}),
        Occurrence("close", {"how": "close_conversation"}),
    )

    serve(lambda claim, voice: say("Bye", occurrences=happened))

    assert events(begun.id) == ["consumer", "message", "closed", "turn"]
    ending = sessions.entries(begun.id)[-1].data
    assert "angry" not in ending
    assert '{"type":"transfer","skill_id":"7"}' in ending


def test_the_journal_answers_a_second_attempt_and_is_gone_after_the_turn(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))
    first = leases.next_claim(SHARD, owner="dies", park=False)
    assert isinstance(first, Claim)
    Journal(first).put("1:order", b"bought")
    let_leases_end(store, begun.id)
    found: list[bytes | None] = []

    serve(lambda claim, voice: found.append(Journal(claim).get("1:order")) or say("ok"))

    assert found == [b"bought"]
    assert not store.exists(keys.part(begun.id, "journal"))


def test_a_runner_parks_until_it_is_handed_a_message_and_ends_when_it_is_told_to(store: redis.Redis) -> None:
    keeper, answered = Keeper(), threading.Event()
    parked = f"{keys.base(SHARD)}parked"
    play: Callable[[Claim, Voice], Played] = lambda claim, voice: answered.set() or echo(claim, voice)  # noqa: E731
    thread = threading.Thread(target=runner.serve, args=(SHARD,), kwargs={"keeper": keeper, "play": play})
    thread.start()
    while not store.zcard(parked):
        pass

    posted = inbox.post(begin().id, Message("m1", text="one"))

    assert not posted.wake
    assert answered.wait(5)
    keeper.stop()
    thread.join(4)  # well before its park time is over
    assert not thread.is_alive()


def test_the_keeper_renews_what_is_held_and_shows_life(store: redis.Redis) -> None:
    keeper = Keeper()
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))
    claim = leases.next_claim(SHARD, owner="alive", park=False)
    assert isinstance(claim, Claim)
    keeper.hold(claim)
    store.zadd(f"{keys.base(SHARD)}active", {begun.id: 1})

    keeper.beat()

    assert store.zscore(f"{keys.base(SHARD)}active", begun.id) > 1
    assert store.hget(keys.WORKERS, keeper.process)
    assert leases.reap(SHARD) == (0, 0)


def test_a_conversation_whose_version_is_gone_says_so_in_its_log_and_is_no_defect(
    store: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))

    def gone(claim: Claim, voice: Voice) -> Played:
        raise runner.CannotPlay("The bot was deleted.")

    serve(gone)

    assert events(begun.id) == ["consumer", "message", "turn"]
    assert "The bot was deleted." in sessions.log(begun.id)[-1].data
    assert "defect" not in sessions.log(begun.id)[-1].data
    assert caplog.records == []


def test_the_conversations_of_a_deleted_bot_end_and_no_others(store: redis.Redis) -> None:
    doomed = sessions.begin(Opening(7, "b", 1, "v:1", 600, "Oops"), variables={})
    other = begin()

    assert sessions.end_all(bot=7) == 1

    with pytest.raises(keys.UnknownConversation):
        sessions.opening(doomed.id)
    assert sessions.opening(other.id).bot == 1


def test_what_a_turn_writes_to_the_context_service_is_lost_with_its_lease_and_kept_with_its_commit(
    store: redis.Redis,
) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))
    operation = {"action": "set", "scope": "global", "namespace": "shop", "key": "open"}

    def play(claim: Claim, voice: Voice) -> Played:
        if claim.attempts == 1:
            let_leases_end(store, begun.id)
        writes = contexts.write(1, [operation | {"value": claim.attempts}], consumer="")
        return structs.replace(say("done"), outbox=writes)

    serve(play)
    first = contexts.load(1, consumer="")
    serve(play)

    assert first["global"] in ({}, {"shop": {"open": "2"}})  # never what the first attempt wrote
    assert contexts.load(1, consumer="")["global"] == {"shop": {"open": "2"}}


def test_the_keeper_wakes_a_runner_for_each_conversation_that_waits(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr("bots.runtime.wake.send", woken.append)
    for _ in range(10):
        inbox.post(begin().id, Message("m1", text="one"))

    Keeper().beat()

    assert woken == [SHARD] * 10


def test_a_burst_wakes_a_runner_for_each_conversation_and_not_a_few(store: redis.Redis) -> None:
    assert all(inbox.post(begin().id, Message("m1", text="one")).wake for _ in range(40))
