"""States of the credentials' pages for the tour."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.tour import states


def choose_replacement(page: Page) -> None:
    states.follow("Shop")(page)
    states.follow("Replace")(page)


def read_what_follows(page: Page) -> None:
    choose_replacement(page)
    choice = page.get_by_label("Replace it by")
    choice.select_option(label="Shop (new key) (Access Token, Ready)")
    states.press("Show what follows")(page)


def upload_no_key_store(page: Page) -> None:
    page.get_by_label("Name").first.fill("Insurer")
    file = {"name": "keys.p12", "mimeType": "application/x-pkcs12", "buffer": b"no key store at all"}
    page.get_by_label("Keys Certificate", exact=False).first.set_input_files(file)
    states.press("Store the credential")(page)
