"""Losing the server while talking: nothing typed is lost, nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import log_in
from tests.browser.test_preview import open_preview, said, say
from tests.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def talking(browser: Browser, served: Product) -> Iterator[Page]:
    """A preview whose browser may complain of the answers that it does not get."""
    context = browser.new_context(base_url=served.url)
    page = context.new_page()
    log_in(page)
    open_preview(page, "Account balance")
    yield page
    context.close()


def test_without_a_server_a_banner_shows_until_it_is_back(talking: Page) -> None:
    banner = talking.locator("[data-banner]")
    say(talking, "hi")
    expect(said(talking)).to_have_count(2)

    talking.context.set_offline(True)
    say(talking, "10024417")
    expect(banner).to_be_visible()
    talking.context.set_offline(False)

    expect(said(talking).last).to_contain_text("Which e-mail address")
    expect(said(talking)).to_have_count(4)
    expect(banner).to_be_hidden()


def test_a_message_whose_answer_got_lost_is_sent_again_and_processed_once(talking: Page) -> None:
    """The server takes the first post, but the browser never hears of it."""
    ids: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        ids.append(route.request.post_data_json["message_id"])
        if len(ids) > 1:
            route.continue_()
            return
        route.fetch()
        route.fulfill(status=503, body="")

    talking.route("**/messages", lose_the_first_answer)
    with talking.expect_response(lambda answer: answer.url.endswith("/messages") and answer.ok):
        say(talking, "hi")

    expect(said(talking)).to_have_count(2)
    assert len(set(ids)) == 1
    expect(said(talking).filter(has_text="What is your account number?")).to_have_count(1)
