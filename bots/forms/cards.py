"""The form field for the cards of a structured interaction: each with texts, an image and buttons of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.template.loader import render_to_string

from bots.engine import spec
from bots.forms import fields
from integrations.forms.lists import ListField

MOST = 10
OPERATION = "card_operation"
TEXTS = (("title", "Title", 255), ("subtitle", "Subtitle", 255), ("image", "Image URL", 2000))


class CardsWidget(forms.Widget):
    """Inputs are named `<name>-<number>.<text>`; the buttons of a card are a list named `<name>-<number>-buttons`."""

    use_fieldset = True

    def __init__(self) -> None:
        super().__init__()
        self.buttons: ListField = fields.buttons()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        cards = []
        for number in range(
            int(data.get(f"{name}-count", "0") or 0) if data.get(f"{name}-count", "0").isdigit() else 0
        ):
            prefix = f"{name}-{number}"
            card: dict[str, Any] = {text: data.get(f"{prefix}.{text}", "") for text, _, _ in TEXTS}
            card["buttons"] = self.buttons.widget.value_from_datadict(data, files, f"{prefix}-buttons")
            cards.append(card)
            if number >= MOST:
                break
        return _operate(cards, data.get(OPERATION, ""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-count" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        cards = [self._card(f"{name}-{number}", card) for number, card in enumerate(value or ())]
        context = {"name": name, "id": (attrs or {}).get("id", ""), "cards": cards, "room": len(cards) < MOST}
        return render_to_string("bots/cards.html", context)

    def _card(self, prefix: str, card: dict[str, Any]) -> dict[str, Any]:
        return {
            "prefix": prefix,
            "texts": [(text, label, longest, card.get(text, "")) for text, label, longest in TEXTS],
            "buttons": self.buttons.widget.render(
                f"{prefix}-buttons", card.get("buttons"), {"id": f"id_{prefix}-buttons"}
            ),
        }


class CardsField(forms.Field):
    """Cleans to a tuple of spec.Tile."""

    widget = CardsWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.buttons = fields.buttons()

    def clean(self, value: Any) -> tuple[spec.Tile, ...]:
        if len(value or ()) > MOST:
            raise forms.ValidationError(f"There are {len(value)} cards; {MOST} are possible.")
        return tuple(self._tile(number, card) for number, card in enumerate(value or (), start=1))

    def _tile(self, number: int, card: dict[str, Any]) -> spec.Tile:
        for text, label, longest in TEXTS:
            if len(card[text]) > longest:
                raise forms.ValidationError(f"Card {number}: {label} has more than {longest} characters.")
        try:
            buttons = self.buttons.clean(card["buttons"])
        except forms.ValidationError as error:
            raise forms.ValidationError([f"Card {number}, buttons: {each}" for each in error.messages]) from error
        texts = {text: card[text].strip() for text, _, _ in TEXTS}
        return replace(spec.Tile(**texts), buttons=spec.from_builtins(buttons, tuple[spec.Button, ...]))


def _operate(cards: list[dict[str, Any]], operation: str) -> list[dict[str, Any]]:
    """`operation` reads `add`, `up:2`, `down:2` or `remove:2`."""
    verb, _, digits = operation.partition(":")
    if verb == "add":
        return [*cards, {"title": "", "subtitle": "", "image": "", "buttons": []}]
    if not digits.isdigit() or int(digits) >= len(cards):
        return cards
    place = int(digits)
    card = cards.pop(place)
    if verb != "remove":
        cards.insert(max(0, place + {"up": -1, "down": 1}.get(verb, 0)), card)
    return cards
