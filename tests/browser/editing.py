"""The code editor of a page, by the label of its field; what it holds stands in the field behind it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def editor(page: Page | Locator, label: str) -> Locator:
    """The editor with this label, once it stands in the place of the plain field."""
    found = page.get_by_label(label, exact=True).and_(page.locator(".cm-content"))
    page.get_by_label(label, exact=True).scroll_into_view_if_needed()
    expect(found).to_be_visible()
    return found


def field(page: Page | Locator, label: str) -> Locator:
    """The field behind the editor: what is sent, and what other scripts read and write."""
    return editor(page, label).locator("xpath=ancestor::*[contains(@class, 'code-editor')]/textarea")


def box(page: Page | Locator, label: str) -> Locator:
    """All of the editor: its lines, its panels and its foot."""
    return editor(page, label).locator("xpath=ancestor::*[contains(@class, 'code-editor')]")
