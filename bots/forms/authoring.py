"""The plain forms of the authoring pages: bots, dialogs, an interaction's code and settings, publishing."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from bots.forms import fields
from bots.models import Bot, Dialog, Interaction
from integrations.models import Environment

LANGUAGES = [
    ("en-US", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("de-DE", "German"),
    ("es-ES", "Spanish"),
    ("fr-FR", "French"),
    ("it-IT", "Italian"),
    ("ja-JP", "Japanese"),
    ("nl-NL", "Dutch"),
    ("pt-BR", "Portuguese (Brazil)"),
]
LONGEST_DELAY = 10_000
SHORTEST_SESSION, LONGEST_SESSION = 60, 7 * 24 * 3600


class NewBotForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, widget=forms.TextInput(attrs={"autofocus": True}))
    description = forms.CharField(label="Description", max_length=400, required=False)
    language = forms.ChoiceField(label="Language", choices=LANGUAGES, initial="en-US")
    template = forms.ChoiceField(label="Begin with", required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, beginnings: list[tuple[str, str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.beginnings = beginnings
        chooser = cast(forms.ChoiceField, self.fields["template"])
        chooser.choices = [(name, label) for name, label, _ in beginnings]

    def cards(self) -> list[tuple[forms.boundfield.BoundWidget, str]]:
        """Return each choice with what it is about."""
        return list(zip(self["template"], (description for _, _, description in self.beginnings), strict=True))


class BotSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """All settings of a bot but its global functions."""

    class Meta:
        model = Bot
        fields = (
            "name", "description", "language", "environment", "session_seconds", "failure_text", "error_text",
            "fallback_text", "split_long_texts", "debug",
        )  # fmt: skip
        help_texts = {
            "environment": "Its values are read as {$env.key}; a conversation gets them when it begins.",
            "session_seconds": "Seconds without a message after which a conversation and its variables are forgotten.",
            "failure_text": "Sent when an API call fails and no rule handles the failure.",
            "error_text": "Sent when the bot itself fails.",
            "fallback_text": "Sent when nothing fits and there is no fallback dialog.",
            "split_long_texts": "A text over 320 characters is sent as several messages.",
            "debug": "The messages “reset” and “display userid” become commands.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        environment = cast("forms.ModelChoiceField[Any]", self.fields["environment"])
        environment.queryset = Environment.objects.filter(organization=self.instance.organization_id)
        environment.empty_label = "None"
        stored = self.instance.language
        known = LANGUAGES if stored in dict(LANGUAGES) else [*LANGUAGES, (stored, stored)]
        self.fields["language"] = forms.ChoiceField(label="Language", choices=known)
        self.fields["session_seconds"].validators = [
            MinValueValidator(SHORTEST_SESSION),
            MaxValueValidator(LONGEST_SESSION),
        ]
        for name in ("description", "failure_text", "error_text", "fallback_text"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2, "maxlength": 400})
        for name in ("failure_text", "error_text", "fallback_text"):
            self.fields[name].widget.attrs["data-completes"] = ""


class DeleteBotForm(forms.Form):
    typed_name = forms.CharField(label="Name of the bot", widget=forms.TextInput(attrs={"autocomplete": "off"}))


class NewDialogForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, required=False)


class DialogForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Dialog
        fields = ("name", "description", "kind", "enabled")


class CodeForm(forms.ModelForm):  # type: ignore[type-arg]
    """The three scripts of an interaction."""

    pre_process = fields.code(
        "Pre-Process Code", place="preProcess", help_text="Runs before the content is sent, or the API is called."
    )
    post_process = fields.code(
        "Post-Process Code", place="postProcess", help_text="Runs after the content was prepared, or the call."
    )
    process_response = fields.code(
        "Process User Response",
        place="processUserResponse",
        help_text="Runs after the consumer answered and a rule held.",
    )

    class Meta:
        model = Interaction
        fields = ("pre_process", "post_process", "process_response")

    def __init__(self, *args: Any, waits: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        if not waits and not self.instance.process_response:
            del self.fields["process_response"]


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What an interaction has beside content, rules and code."""

    dialog = forms.ModelChoiceField(queryset=Dialog.objects.none(), label="Dialog", empty_label=None)
    delay_ms = forms.IntegerField(
        label="Delay",
        min_value=0,
        max_value=LONGEST_DELAY,
        help_text="Milliseconds, at most 10,000: how long the consumer sees that the bot is typing.",
    )
    comment = forms.CharField(
        label="Comment", max_length=240, required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 240})
    )

    class Meta:
        model = Interaction
        fields = ("dialog", "delay_ms", "comment", "enabled")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chooser = cast("forms.ModelChoiceField[Any]", self.fields["dialog"])
        chooser.queryset = self.instance.bot.dialogs.all()


class GlobalFunctionsForm(forms.Form):
    source = fields.code("Global functions", place="globalFunctions", tall=True)


class ChannelKeyForm(forms.Form):
    label = forms.CharField(
        label="Label", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Web shop"})
    )


class PublishForm(forms.Form):
    note = forms.CharField(
        label="What changed",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 400}),
        help_text="For your colleagues; shown in the list of versions.",
    )


class NextActionForm(forms.Form):
    """Where an interaction goes when no rule with a condition holds."""

    action = forms.ChoiceField(label="Next action", required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.auto_id = "next_%s"
        chooser = cast(forms.ChoiceField, self.fields["action"])
        chooser.choices = choices
