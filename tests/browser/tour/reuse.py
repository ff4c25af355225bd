"""States of the tour: what brings something in from elsewhere, and what follows a name through a bot."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.samples import openapi_documents


def upload_openapi(page: Page) -> None:
    file = {
        "name": "shop.json",
        "mimeType": "application/json",
        "buffer": openapi_documents.as_json(openapi_documents.SHOP),
    }
    page.get_by_label("OpenAPI document").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("checkbox")).to_have_count(5)


def choose_operations(page: Page) -> None:
    upload_openapi(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Continue").first.click()
    expect(page.get_by_role("button", name="Make 5 integrations")).to_be_visible()


def paste_a_secret(page: Page) -> None:
    page.locator("#integration-form details.menu > summary").click()
    page.get_by_role("button", name="Paste cURL").click()
    page.locator("#curl-command").fill("curl https://api.example.com/me -H 'Authorization: Bearer made-up' -b a=1")
    page.get_by_role("button", name="Fill the form").click()
    expect(page.get_by_role("button", name="Move it into this credential")).to_have_count(2)


def see_where_it_is_used(page: Page) -> None:
    page.get_by_role("link", name="Balance", exact=True).first.click()
    page.get_by_text("Rename, or see where a name is used").click()
    page.get_by_role("link", name="Rename Balance everywhere").click()
    expect(page.get_by_role("heading", name="Used in")).to_be_visible()


def see_a_rename(page: Page) -> None:
    see_where_it_is_used(page)
    page.get_by_label("New name").fill("AccountBalance")
    page.get_by_role("button", name="Show the changes").click()
    expect(page.get_by_role("button", name="Rename at the chosen places")).to_be_visible()
