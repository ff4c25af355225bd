"""What each kind of interaction asks the author for: one small form a kind, and a table of them.

A form is filled from a spec.Content and cleans to one; it knows no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from django import forms

from bots.engine import spec
from bots.forms import fields
from bots.forms.cards import CardsField

Choices = list[tuple[str, str]]


class ContentForm(forms.Form):
    """The name of an interaction and what it shows. Subclasses add fields named like those of spec.Content."""

    name = forms.CharField(label="Name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(
        self,
        *args: Any,
        content: spec.Content,
        integrations: Iterable[tuple[str, str]] = (),
        intents: Iterable[tuple[str, str]] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.stored = content
        for field in self.fields:
            if hasattr(content, field):
                self.initial[field] = _initial(field, getattr(content, field))
        if "integration" in self.fields:
            chooser = cast(forms.ChoiceField, self.fields["integration"])
            chooser.choices = [("", "Choose an integration"), *integrations]
        if "intent" in self.fields:
            chooser = cast(forms.ChoiceField, self.fields["intent"])
            chooser.choices = fields.intent_choices(list(intents), stored=content.intent)

    def content(self) -> spec.Content:
        """Return the stored content with what was typed; what this kind does not ask for stays."""
        given = {
            name: _cleaned(name, value, self.stored) for name, value in self.cleaned_data.items() if name != "name"
        }
        return replace(self.stored, **given)


class StarterForm(ContentForm):
    patterns = fields.LinesField(
        label="Patterns",
        help_text="One a line. The whole message must fit: * stands for any words, (a|b) for either. Case is ignored.",
    )
    intent = forms.ChoiceField(
        label="Intent", required=False, help_text="Starts the dialog as well, when no pattern of any dialog fits."
    )
    exclude_keywords = fields.LinesField(
        label="Exclude keywords", help_text="One a line. A message that holds one of them never starts this dialog."
    )


class TextForm(ContentForm):
    text = fields.text_area("Text", help_text="BLANK_MESSAGE sends nothing.")


class QuestionForm(TextForm):
    fallback_text = fields.line(
        "Fallback text", help_text="Sent instead of the fallback dialog when no rule holds; the question stays open."
    )


class ImageForm(ContentForm):
    url = fields.line("Image URL", help_text="https; may hold variables.")
    text = fields.line("Alternative text", help_text="What the image shows, for people who cannot see it.")


class LinkForm(ContentForm):
    url = fields.line("URL", help_text="https, http, tel or mailto; may hold variables.")
    text = fields.line("Label", help_text="Empty: the address itself.")


class QuickReplyForm(QuestionForm):
    quick_replies = fields.chips()


class MultipleChoiceForm(QuestionForm):
    choices = fields.choices()
    display = forms.ChoiceField(label="Shown as", choices=[("buttons", "Buttons"), ("quick_replies", "Quick replies")])
    text_style = forms.ChoiceField(
        label="Where only text is possible",
        choices=[("numbers", "Numbers: 1, 2, 3"), ("letters", "Letters: A, B, C"), ("none", "No marks")],
    )


class ButtonForm(QuestionForm):
    buttons = fields.buttons()


class StructuredForm(ContentForm):
    tiles = CardsField(
        label="Cards",
        help_text="Up to 10. A card that refers to an iterated field is repeated once for each element.",
    )


class StructuredQuestionForm(StructuredForm):
    fallback_text = fields.line(
        "Fallback text", help_text="Sent instead of the fallback dialog when no rule holds; the question stays open."
    )


class UniversalForm(ContentForm):
    rich_json = fields.code("Rich message", help_text="A JSON document with variables, sent to the channel as it is.")
    waits = forms.BooleanField(label="Waits for the consumer", required=False)


class IntegrationForm(ContentForm):
    integration = forms.ChoiceField(label="Integration", required=False)


class TransferForm(ContentForm):
    text = fields.text_area("Message", help_text="Sent before the conversation is handed over.")
    skill = fields.line("Skill", longest=200)
    agent = fields.line("Agent", longest=200)


FORMS: Mapping[str, type[ContentForm]] = {
    "starter": StarterForm,
    "text": TextForm,
    "image": ImageForm,
    "link": LinkForm,
    "structured": StructuredForm,
    "text_question": QuestionForm,
    "quick_reply": QuickReplyForm,
    "multiple_choice": MultipleChoiceForm,
    "button": ButtonForm,
    "structured_question": StructuredQuestionForm,
    "universal": UniversalForm,
    "integration": IntegrationForm,
    "agent_transfer": TransferForm,
    "unsupported": ContentForm,
}


def _initial(name: str, value: Any) -> Any:
    if name == "choices":
        return [{"text": text} for text in value]
    return spec.to_builtins(value) if name in ("quick_replies", "buttons", "tiles") else value


def _cleaned(name: str, value: Any, stored: spec.Content) -> Any:
    """Read lists of records as data; what an import brought beside the asked-for columns stays with its record."""
    if name == "quick_replies":
        types = {chip.title: chip.type for chip in stored.quick_replies}
        return tuple(spec.Chip(**record, type=types.get(record["title"], "text")) for record in value)
    if name == "choices":
        return tuple(record["text"] for record in value)
    if name == "buttons":
        return _with_metadata(value, stored.buttons)
    if name == "tiles":
        known = [button for tile in stored.tiles for button in tile.buttons]
        return tuple(replace(tile, buttons=_with_metadata(spec.to_builtins(tile.buttons), known)) for tile in value)
    return value


def _with_metadata(records: Iterable[Mapping[str, Any]], known: Iterable[spec.Button]) -> tuple[spec.Button, ...]:
    metadata = {button.label: button.metadata for button in known}
    return tuple(spec.Button(**{**record, "metadata": metadata.get(record["label"], ())}) for record in records)
