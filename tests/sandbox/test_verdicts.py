"""Answers of a child that somebody has taken over: nothing but the agreed shapes gets through."""

from __future__ import annotations

import json

import pytest

from integrations.sandbox import verdicts


def answer(*operations, error=None):
    return json.dumps({"operations": operations, "error": error}).encode()


FORGED = [
    b"",
    b"\xff",
    b"null",
    b"[]",
    b"{}",
    b'{"operations": {}}',
    b'{"operations": [], "error": "x"}',
    b'{"operations": [], "error": {"message": 1}}',
    b'{"operations": [NaN]}',
    b'{"operations": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    b'{"syntax": 1}',
    answer("set"),
    answer({"op": "shell", "name": "x"}),
    answer({"op": ["set"]}),
    answer({"op": "message"}),
    answer({"op": "message", "text": 1}),
    answer({"op": "message", "text": None}),
    answer({"op": "delay", "ms": -1}),
    answer({"op": "delay", "ms": "800"}),
    answer({"op": "delay", "ms": 1e300}),
    answer({"op": "immediate", "texts": "x"}),
    answer({"op": "quick_replies", "replies": [{"title": "x"}]}),
    answer({"op": "set", "name": "v", "value": 1, "scope": "session", "forever": "yes"}),
    answer({"op": "set", "name": "v", "value": 1, "scope": "everyone", "forever": False}),
    answer({"op": "context", "action": "drop", "scope": "", "namespace": "n", "key": "", "value": None, "ttl": None}),
    answer({"op": "user", "field": "password", "value": "x"}),
    answer({"op": "transfer", "field": "account", "value": "x"}),
    answer(*[{"op": "debug", "text": "x"}] * 2001),
]


@pytest.mark.parametrize("forged", FORGED, ids=[repr(forged[:70]) for forged in FORGED])
def test_a_forged_answer_is_refused(forged):
    with pytest.raises(verdicts.Forged):
        verdicts.script_outcome(forged)


def test_members_that_are_not_agreed_are_dropped():
    outcome = verdicts.script_outcome(answer({"op": "debug", "text": "x", "extra": 1}))

    assert outcome.operations == ({"op": "debug", "text": "x"},)


def test_a_forged_match_is_refused():
    for forged in (b'{"matched": 1}', b'{"matched": true, "groups": [1]}', b'{"error": 1}'):
        with pytest.raises(verdicts.Forged):
            verdicts.regex_outcome(forged)
