"""What remains of a script that fails or goes too far. The attacks themselves are in tests/torture."""

from __future__ import annotations

LIMIT = 0.25  # seconds for scripts that never end


def test_operations_before_an_exception_are_kept(run):
    outcome = run("botContext.sendMessage('kept'); null.x")

    assert outcome.operations == ({"op": "message", "text": "kept"},)
    assert outcome.error.kind == "script"


def test_a_stopped_script_has_no_effect_at_all(run):
    assert run("botContext.sendMessage('lost'); while (true) {}", limit=LIMIT).operations == ()


def test_a_flood_of_output_is_cut(run):
    outcome = run("for (var i = 0; i < 200; i++) botContext.setBotVariable('v' + i, 'x'.repeat(250000))")

    assert outcome.error is None
    assert 10 < len([operation for operation in outcome.operations if operation["op"] == "set"]) < 20
    assert {"op": "refused", "text": "Refused: a script may give 4 MB in all."} in outcome.operations


def test_a_script_that_is_too_long_is_not_run(run):
    outcome = run("x" * 600_000)

    assert (outcome.error.kind, outcome.error.message) == ("limit", "The script has more than 512 KB.")


def test_variables_beyond_16_mb_are_refused(run):
    assert run("1", variables={"v": "x" * (17 * 1024 * 1024)}).error.kind == "limit"
