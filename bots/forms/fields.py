"""Form fields of the authoring pages: lines of text, and lists of chips, choices, buttons and cards."""

from __future__ import annotations

from typing import Any

from django import forms

from integrations.engine.scripts import Place
from integrations.forms.lists import Column, ListField

MOST_LINES = 200
LONGEST_LINE = 2000
BUTTON_TYPES = (("postback", "Postback"), ("web_url", "Web URL"))
TARGETS = (("", "By the channel"), ("blank", "New window"), ("self", "Same window"), ("slideout", "Slide-out"))


class LinesField(forms.CharField):
    """One entry a line; empty lines are dropped. Cleans to a tuple of texts."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(strip=True, **options)
        self.widget.attrs.setdefault("rows", 3)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def clean(self, value: Any) -> Any:
        lines = tuple(line.strip() for line in str(super().clean(value)).splitlines() if line.strip())
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"There are {len(lines)} lines; {MOST_LINES} are possible.")
        long = next((line for line in lines if len(line) > LONGEST_LINE), None)
        if long is not None:
            raise forms.ValidationError(f"“{long[:30]}…” is too long: a line has at most {LONGEST_LINE} characters.")
        return lines


def intent_choices(intents: list[tuple[str, str]], *, stored: str) -> list[tuple[str, str]]:
    """Return the intents to choose from, with the stored one even when it is gone; some exports name it, not its id."""
    known = any(stored in (key, name) for key, name in intents)
    named = [(stored if stored == name else key, name) for key, name in intents]
    gone = [(stored, f"{stored} (does not exist)")] if stored and not known else []
    return [("", "None"), *gone, *named]


def text_area(label: str, *, rows: int = 4, help_text: str = "", longest: int = 20_000) -> forms.CharField:
    """A text that takes variables."""
    widget = forms.Textarea(attrs={"rows": rows, "data-completes": ""})
    return forms.CharField(
        label=label, required=False, widget=widget, help_text=help_text, max_length=longest, strip=False
    )


def line(label: str, *, help_text: str = "", longest: int = 2000) -> forms.CharField:
    """A short text that takes variables."""
    widget = forms.TextInput(attrs={"data-completes": "", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text, max_length=longest)


def code(label: str, *, place: Place | None = None, help_text: str = "", tall: bool = False) -> forms.CharField:
    """A script, by the place where it runs; without one a JSON document, which takes variables."""
    json = {"data-code": "json", "data-completes": ""}
    language = {"data-code": "javascript", "data-place": place} if place else json
    attrs = {"class": "code tall" if tall else "code", "spellcheck": "false", "rows": 5, **language}
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.Textarea(attrs=attrs),
        help_text=help_text,
        max_length=200_000,
        strip=False,
    )


def chips() -> ListField:
    return ListField(
        Column("title", "Title", longest=128, completes=True, optional=False),
        Column("payload", "Payload", completes=True),
        Column("image", "Image URL", completes=True),
        most=13,
        add_label="Add quick reply",
        label="Quick replies",
        help_text="An empty payload means the title.",
    )


def choices() -> ListField:
    return ListField(
        Column("text", "Choice", longest=256, completes=True, optional=False),
        most=50,
        add_label="Add choice",
        pastes=True,
        label="Choices",
        help_text="Paste many lines at once to add many choices.",
    )


def buttons(label: str = "Buttons") -> ListField:
    return ListField(
        Column("label", "Label", longest=128, completes=True, optional=False),
        Column("type", "Type", choices=BUTTON_TYPES),
        Column("value", "Callback or URL", completes=True),
        Column("target", "Opens in", choices=TARGETS),
        most=10,
        add_label="Add button",
        label=label,
    )
