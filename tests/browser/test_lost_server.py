"""Losing the server while talking: nothing typed is lost, nothing is said twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_preview import open_preview, said, say

pytestmark = pytest.mark.browser


def test_a_message_whose_answer_got_lost_is_sent_again_and_processed_once(logged_in: Page) -> None:
    """The server takes the first post, but the browser never hears of it."""
    open_preview(logged_in, "Account balance")
    ids: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        ids.append(route.request.post_data_json["message_id"])
        if len(ids) > 1:
            route.continue_()
            return
        route.fetch()
        route.fulfill(status=503, body="")

    logged_in.route("**/messages", lose_the_first_answer)
    with logged_in.expect_response(lambda answer: answer.url.endswith("/messages") and answer.ok):
        say(logged_in, "hi")

    expect(said(logged_in)).to_have_count(2)
    assert len(set(ids)) == 1
    expect(said(logged_in).filter(has_text="What is your account number?")).to_have_count(1)
