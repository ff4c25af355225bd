"""Calls with a credential: unusable ones, refused ones that can be renewed, and secrets that never show."""

from __future__ import annotations

from dataclasses import dataclass, replace

from credentials import wire
from tests.loopback_api import Answer, Api
from tests.services.calling import ORDER, Caller, nothing_sent


@dataclass
class Signs:
    """A credential for the test server: a header, and a text that must never be seen."""

    hosts: tuple[str, ...]
    pool: str = "test"
    secrets: tuple[str, ...] = ("s3cr3t-token",)

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return replace(request, headers=(*request.headers, ("X-Signed", self.secrets[0])))


def test_a_credential_that_cannot_be_used_is_a_failure_that_says_who_must_act(call: Caller) -> None:
    outcome = call(call.spec(credential="gone"), edge=call.edge(send=nothing_sent))

    assert (outcome.kind, outcome.status) == ("credential", 0)
    assert outcome.message in call.diary.text("call")


def test_a_refused_credential_is_renewed_once_and_the_call_made_again(api: Api, call: Caller) -> None:
    api.will_answer(Answer(401), ORDER)
    host = api.url.removeprefix("http://")
    renewed: list[str] = []

    def renew(key: str, refused: wire.Signer) -> wire.Signer:
        renewed.append(key)
        return Signs((host,), secrets=("n3w-token",))

    edge = call.edge(signer_for=lambda key: Signs((host,)), renewed_signer_for=renew)
    outcome = call(call.spec(credential="c-1", method="POST", retries=0), edge=edge)

    assert (outcome.ok, renewed) == (True, ["c-1"])
    assert [each.headers["X-Signed"] for each in api.asked] == ["s3cr3t-token", "n3w-token"]
    assert len({each.headers["Idempotency-Key"] for each in api.asked}) == 1

    api.will_answer(Answer(401))
    outcome = call(call.spec(credential="c-1"), edge=edge)

    assert (outcome.kind, outcome.status, len(api.asked)) == ("http", 401, 4)


def test_a_credential_that_cannot_be_renewed_says_so(api: Api, call: Caller) -> None:
    api.will_answer(Answer(401))
    host = api.url.removeprefix("http://")

    def renew(key: str, refused: wire.Signer) -> wire.Signer:
        raise wire.CallError("credential", "Refreshing failed: reauthorize.")

    edge = call.edge(signer_for=lambda key: Signs((host,)), renewed_signer_for=renew)
    outcome = call(call.spec(credential="c-1"), edge=edge)

    assert (outcome.kind, outcome.message, len(outcome.attempts)) == (
        "credential",
        "Refreshing failed: reauthorize.",
        1,
    )
    assert [each.status for each in outcome.attempts] == [401]


def test_a_secret_that_the_server_repeats_is_masked_wherever_it_is_shown(api: Api, call: Caller) -> None:
    api.will_answer(Answer(500, "you sent s3cr3t-token", {"X-Echo": "s3cr3t-token"}))
    host = api.url.removeprefix("http://")
    given: list[str] = []

    def signer_for(key: str) -> wire.Signer:
        given.append(key)
        return Signs((host,))

    outcome = call(call.spec(credential="c-1"), edge=call.edge(signer_for=signer_for))

    assert given == ["c-1"]
    assert api.asked[0].headers["X-Signed"] == "s3cr3t-token"
    assert outcome.response and outcome.response.body == "you sent ••••"
    assert "s3cr3t-token" not in repr(outcome)
    assert "s3cr3t-token" not in repr(call.diary.lines)
