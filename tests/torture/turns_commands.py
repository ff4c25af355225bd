"""Single commands of a turn against a real Redis: sent again, by the wrong runner, at the wrong time."""

from __future__ import annotations

from functools import partial

from redis.exceptions import ResponseError

from tests.services import test_lost_answers, test_runner, test_sessions
from tests.torture.case import Case

FULL = ResponseError("Error running script: @user_script: 20: -MISCONF Errors writing to the AOF file")

CASES = [
    Case(
        "a commit whose answer was lost",
        "Sent again, it does not answer the next message of the same conversation.",
        test_lost_answers.test_a_commit_that_is_sent_again_does_not_answer_the_next_message,
    ),
    Case(
        "an early message whose answer was lost",
        "Sent again, it is in the stream once.",
        test_lost_answers.test_what_is_said_early_is_appended_once_when_the_call_is_sent_again,
    ),
    Case(
        "a commit by a runner that lost its lease",
        "Nothing of it is written; the runner that holds the lease answers once.",
        test_sessions.test_a_runner_that_lost_its_lease_writes_nothing,
    ),
    Case(
        "the same message id twice",
        "It is queued once and answered with the same turn.",
        test_sessions.test_the_same_message_id_answers_the_same_turn_and_is_queued_once,
    ),
    Case(
        "a lease that is over",
        "The conversation is given back while others look on.",
        test_lost_answers.test_a_lease_that_is_over_while_somebody_looks_on_is_given_back_at_once,
    ),
    Case(
        "a clock that jumps forward under a living runner",
        "Its lease is not taken away, and its commit is taken.",
        test_lost_answers.test_a_clock_that_jumps_forward_takes_no_lease_from_a_living_runner,
    ),
    Case(
        "a clock that jumps back over a dead runner",
        "Its lease is over within a lease's time, not an hour later.",
        test_lost_answers.test_a_clock_that_jumps_back_keeps_no_dead_runners_lease_for_an_hour,
    ),
    Case(
        "a third death over one turn",
        "The turn is not played again; the consumer gets the error text.",
        test_runner.test_a_turn_over_which_three_workers_died_is_given_up,
    ),
    Case(
        "a call that was answered before the death",
        "The second attempt finds the answer in the journal.",
        test_runner.test_the_journal_answers_a_second_attempt_and_is_gone_after_the_turn,
    ),
    Case(
        "a failed turn",
        "It changes no variable.",
        test_runner.test_a_failed_turn_changes_no_variable,
    ),
    Case(
        "a store without room",
        "The end of a turn waits for it instead of being lost.",
        partial(
            test_lost_answers.test_a_store_that_cannot_write_for_the_moment_means_later_and_no_defect,
            error=FULL,
        ),
    ),
    Case(
        "a wake-up that was lost",
        "The keeper wakes a runner for each conversation that waits.",
        test_runner.test_the_keeper_wakes_a_runner_for_each_conversation_that_waits,
    ),
]
