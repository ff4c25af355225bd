"""The code editor in a real browser: written in, checked, completed, left by keyboard; the field behind it counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.editing import box, editor, field

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SCRIPT = "Transform Result Script"
FUNCTIONS = "Global functions"


@pytest.fixture
def form(bot: Page) -> Page:
    """A new integration."""
    bot.get_by_role("link", name="Integrations").click()
    bot.get_by_role("link", name="New integration").first.click()
    return bot


@pytest.fixture
def functions(bot: Page) -> Page:
    """The page of global functions, with none."""
    bot.get_by_role("link", name=FUNCTIONS, exact=True).click()
    editor(bot, FUNCTIONS).fill("")
    return bot


def test_what_is_typed_has_colours_and_is_in_the_field_at_once(form: Page) -> None:
    script = editor(form, SCRIPT)
    script.focus()

    form.keyboard.type("// note?\nif (botContext.getUserChannel() === 'lp_web') {\nvar n = 10;")

    expect(field(form, SCRIPT)).to_have_value(
        "// note?\nif (botContext.getUserChannel() === 'lp_web') {\n  var n = 10;\n}"
    )
    expect(script.locator(".tok-comment")).to_have_text("// note?")
    expect(script.locator(".tok-keyword")).to_have_text(["if", "var"])
    expect(script.locator(".code-host").first).to_contain_text("botContext")
    expect(script.locator(".tok-string")).to_have_text("'lp_web'")
    light = script.locator(".tok-keyword").first.evaluate("each => getComputedStyle(each).color")
    form.evaluate("switchTheme()")
    assert script.locator(".tok-keyword").first.evaluate("each => getComputedStyle(each).color") != light
    expect(form.get_by_role("dialog", name="Keys")).to_have_count(0)


def test_what_others_write_into_the_field_shows_in_the_editor_and_can_be_undone(form: Page) -> None:
    script = editor(form, SCRIPT)
    script.fill("var a = 1;")

    field(form, SCRIPT).evaluate("area => { area.value = 'var b = 2;'; area.dispatchEvent(new Event('input')); }")
    expect(script).to_have_text("var b = 2;")
    field(form, SCRIPT).evaluate("area => area.setRangeText('c', 4, 5)")
    expect(script).to_have_text("var c = 2;")
    field(form, SCRIPT).evaluate("area => area.focus()")

    expect(script).to_be_focused()
    form.keyboard.press("Control+z")
    expect(field(form, SCRIPT)).not_to_have_value("var c = 2;")


def test_an_error_is_marked_at_its_line_with_a_sentence_and_goes_when_it_is_mended(form: Page) -> None:
    script = editor(form, SCRIPT)
    script.fill("var a = 1;\nvar b = ;\n")
    foot = box(form, SCRIPT).locator(".code-problem")
    expect(foot).to_have_text(re.compile("^Line 2, column 9: .*Unexpected token"))
    expect(box(form, SCRIPT).get_by_role("status")).to_contain_text("Line 2")
    expect(script.locator(".cm-lintRange-error")).to_have_text(";")
    expect(box(form, SCRIPT).locator(".cm-lint-marker-error")).to_have_count(1)

    foot.click()
    form.keyboard.type("7")

    expect(field(form, SCRIPT)).to_have_value("var a = 1;\nvar b = 7;\n")
    expect(foot).to_be_hidden()
    expect(script.locator(".cm-lintRange-error")).to_have_count(0)


OFFSET = """box => document.querySelector(".cm-tooltip-autocomplete").getBoundingClientRect().top
  - box.getBoundingClientRect().top"""
PUSH = 'box => box.before(Object.assign(document.createElement("hr"), {id: "pushed"}))'


def test_an_open_list_follows_the_field_when_the_page_above_it_changes(form: Page) -> None:
    script = editor(form, SCRIPT)
    script.focus()
    form.keyboard.type("botContext.getbot")
    expect(form.locator(".cm-tooltip-autocomplete")).to_be_visible()
    code = box(form, SCRIPT)
    before, top = code.evaluate(OFFSET), code.bounding_box()

    code.evaluate(PUSH)

    expect(form.locator("#pushed")).to_have_count(1)
    assert code.bounding_box() != top
    form.wait_for_function(
        f"([box, before]) => Math.abs(({OFFSET})(box) - before) < 1", arg=[code.element_handle(), before]
    )


def test_functions_of_bot_context_are_completed_with_help_and_names_of_variables_in_quotes(form: Page) -> None:
    editor(form, SCRIPT).focus()
    form.keyboard.type("var a = botContext.getbot")
    offer = form.get_by_role("option", name=re.compile("getBotVariable"))
    expect(offer).to_contain_text("(name)")
    expect(offer).to_contain_text("null when it is not set")
    form.keyboard.press("Enter")
    expect(field(form, SCRIPT)).to_have_value("var a = botContext.getBotVariable()")

    form.keyboard.type('"slot')

    form.get_by_role("option", name=re.compile("slot.accountNumber")).click()
    expect(field(form, SCRIPT)).to_have_value('var a = botContext.getBotVariable("slot.accountNumber")')


def test_a_starting_point_comes_from_its_button_and_from_its_name(form: Page) -> None:
    form.get_by_label("Response Data Variable Name").fill("Stores")
    script = editor(form, SCRIPT)
    script.fill("var before = 1;")

    form.get_by_role("button", name="Wrap an array").click()

    expect(field(form, SCRIPT)).to_have_value(re.compile(r"^var before = 1;\n// A list.*\{ items: body \}", re.DOTALL))
    expect(script).to_be_focused()
    form.keyboard.type("err")
    form.get_by_role("option", name=re.compile("Handle an error")).dispatch_event("mousedown")
    expect(field(form, SCRIPT)).to_have_value(re.compile("serviceError"))


def test_tab_indents_and_leaves_only_after_escape(form: Page) -> None:
    script = editor(form, SCRIPT)
    script.focus()
    form.keyboard.type("a")
    form.keyboard.press("Home")
    form.keyboard.press("Tab")
    expect(field(form, SCRIPT)).to_have_value("  a")
    expect(script).to_have_accessible_description(re.compile("Esc, then Tab leaves"))

    form.keyboard.press("Escape")
    expect(box(form, SCRIPT).locator(".code-hint")).to_have_text("Tab leaves now")
    form.keyboard.press("ArrowRight")
    expect(box(form, SCRIPT).locator(".code-hint")).to_contain_text("Tab indents")
    form.keyboard.press("Shift+Tab")
    expect(field(form, SCRIPT)).to_have_value("a")
    form.keyboard.press("Escape")
    form.keyboard.press("Tab")

    expect(script).not_to_be_focused()
    expect(field(form, SCRIPT)).to_have_value("a")


def test_comments_and_search_work_by_their_keys_and_leave_the_form_alone(functions: Page) -> None:
    source = editor(functions, FUNCTIONS)
    source.fill("one();\ntwo();\none();")
    functions.keyboard.press("Control+Home")
    functions.keyboard.press("Control+/")
    expect(field(functions, FUNCTIONS)).to_have_value("// one();\ntwo();\none();")
    functions.keyboard.press("Control+/")
    expect(functions.locator("#save-state")).to_have_text("Saved")

    functions.keyboard.press("Control+f")
    functions.keyboard.type("one")
    functions.get_by_role("textbox", name="Replace").fill("three")
    functions.get_by_role("button", name="Replace all").click()

    expect(field(functions, FUNCTIONS)).to_have_value("three();\ntwo();\nthree();")
    functions.keyboard.press("Escape")
    expect(functions.get_by_role("textbox", name="Replace")).to_have_count(0)
    expect(source).to_be_focused()


def test_typing_over_code_in_colours_leaves_no_style_that_the_policy_refuses(functions: Page) -> None:
    source = editor(functions, FUNCTIONS)
    source.fill("var a = 'x';\nif (a) {\n  b(a);\n}")
    functions.keyboard.press("Control+a")
    functions.keyboard.type("k = 'v';\nif (k) { c(); }\n")
    functions.keyboard.press("Shift+ArrowUp")
    functions.keyboard.press("Shift+ArrowUp")

    functions.keyboard.type("(")

    expect(field(functions, FUNCTIONS)).to_have_value("(k = 'v';\nif (k) { c(); }\n)")
    assert source.locator("[style]").count() == 0


def test_saving_keeps_the_focus_the_caret_and_the_undo_of_an_editor(form: Page) -> None:
    form.get_by_label("Integration Name").fill("Edited")
    form.get_by_label("Response Data Variable Name").fill("Edited")
    form.get_by_label(re.compile("^URL")).fill("https://api.example.test/")
    form.keyboard.press("Control+s")
    expect(form.get_by_role("heading", name="Edited", level=1)).to_be_visible()
    script = editor(form, SCRIPT)
    script.focus()
    form.keyboard.type("var a = 1;")
    expect(form.locator("[data-save-state]")).to_have_text("Not saved yet")

    form.keyboard.press("Control+s")

    expect(form.locator("[data-save-state]")).to_have_text("Saved")
    expect(script).to_be_focused()
    form.keyboard.type("b")
    expect(field(form, SCRIPT)).to_have_value("var a = 1;b")
    form.keyboard.press("Control+z")
    form.keyboard.press("Control+z")
    expect(field(form, SCRIPT)).to_have_value("")
    expect(form.locator("[data-save-state]")).to_have_text("Not saved yet")
    form.keyboard.press("Control+s")
    expect(form.locator("[data-save-state]")).to_have_text("Saved")
    form.get_by_label("More actions").click()
    form.get_by_role("button", name="Delete …").click()
    form.get_by_role("button", name="Delete", exact=True).click()
    expect(form.get_by_text("Edited was deleted.")).to_be_visible()


def test_a_script_of_an_interaction_saves_by_itself_and_comes_back_after_a_reload(bot: Page) -> None:
    bot.get_by_role("link", name="Say not found", exact=True).first.click()
    panel = bot.get_by_role("region", name="Selected interaction")
    panel.get_by_role("link", name="Code", exact=True).click()
    script = editor(bot, "Pre-Process Code")
    script.focus()
    bot.keyboard.type("var tries = 1;")
    expect(bot.locator("#save-state")).to_have_text("Saved")
    panel.get_by_role("link", name="Content", exact=True).click()
    expect(panel.get_by_label("Text", exact=True)).to_be_visible()
    panel.get_by_role("link", name="Code", exact=True).click()
    expect(field(bot, "Pre-Process Code")).to_have_value("var tries = 1;")

    bot.reload()

    expect(editor(bot, "Pre-Process Code")).to_have_text("var tries = 1;")
    editor(bot, "Pre-Process Code").fill("")
    expect(bot.locator("#save-state")).to_have_text("Saved")


def test_a_json_body_knows_variables_and_says_where_it_is_no_json(form: Page) -> None:
    body = editor(form, "Post Body")
    body.fill('{\n  "a": {$botContext.slot.email},\n  "b": [1,]\n}')
    foot = box(form, "Post Body").locator(".code-problem")
    expect(foot).to_have_text("Line 3, column 11: This is not JSON yet: “]” cannot stand here.")
    expect(body.locator(".code-variable").first).to_contain_text("{$botContext.slot.email}")

    body.fill('{"a": ')
    form.keyboard.type("{$slot")
    form.get_by_role("option", name=re.compile(r"slot\.accountNumber")).click()
    form.keyboard.press("End")
    form.keyboard.type("}")

    expect(field(form, "Post Body")).to_have_value('{"a": {$botContext.slot.accountNumber}}')
    expect(foot).to_be_hidden()


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_the_editor_passes_axe_and_fits_with_everything_open(
    functions: Page, viewport: dict[str, int], scheme: str
) -> None:
    functions.set_viewport_size(viewport)  # type: ignore[arg-type]
    functions.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    editor(functions, FUNCTIONS).fill(f"var long = '{'word ' * 60}';\nvar b = ;\n")
    expect(box(functions, FUNCTIONS).locator(".code-problem")).to_be_visible()
    functions.keyboard.press("Control+f")
    expect(functions.get_by_role("textbox", name="Replace")).to_be_visible()
    editor(functions, FUNCTIONS).focus()
    functions.keyboard.press("Control+End")
    functions.keyboard.type("botContext.")
    expect(functions.get_by_role("option").first).to_be_visible()

    functions.evaluate(AXE)
    found = functions.evaluate("() => axe.run('.code-editor')")

    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]] == []
    assert functions.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_without_the_library_the_field_stays_a_plain_one(bot: Page) -> None:
    bot.route(
        "**/vendor/codemirror/**", lambda route: route.fulfill(body="export const;", content_type="text/javascript")
    )
    bot.get_by_role("link", name=FUNCTIONS, exact=True).click()

    plain = bot.get_by_label(FUNCTIONS, exact=True)
    plain.fill("function f() {}")

    expect(bot.locator("#save-state")).to_have_text("Saved")
    expect(bot.locator(".code-editor")).to_have_count(0)
    plain.fill("")
    expect(bot.locator("#save-state")).to_have_text("Saved")
