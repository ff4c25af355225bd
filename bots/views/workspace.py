"""The dialogs page: list of dialogs, tiles of one dialog, panel of one interaction. As a page or in fragments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import push_url

from bots.engine import checks, spec
from bots.forms import authoring as plain_forms
from bots.forms import content as content_forms
from bots.forms import rules as rule_forms
from bots.models import Bot, Dialog, Interaction
from bots.services import authoring, intents, outline, problems, rules, scripts, specs
from config import ui
from integrations.engine.scripts import Place
from integrations.forms import conflicts

TABS = {"content": "Content", "rules": "Rules", "code": "Code", "settings": "Settings"}
PLACES: dict[str, Place] = {
    "pre_process": "preProcess",
    "post_process": "postProcess",
    "process_response": "processUserResponse",
}
NO_ACTION = ("", "None: the dialog starters are tried, then the fallback")


@dataclass
class View:
    """What is looked at: a dialog, perhaps an interaction in it, one tab of its panel, one open rule."""

    request: HttpRequest
    bot: Bot
    dialog: Dialog | None
    interaction: Interaction | None = None
    tab: str = "content"
    rule: str = ""
    form: forms.BaseForm | None = None
    conflict: Interaction | None = None
    places: outline.Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = outline.Places(self.bot)
        self.tab = self.tab if self.tab in TABS else "content"

    @cached_property
    def problems(self) -> problems.Problems:
        return problems.of(self.bot)

    def troubled(self) -> list[tuple[Interaction, tuple[checks.Problem, ...]]]:
        """The interactions of this dialog that have problems: what a save changes beside other tiles."""
        here = [row for row in self.places.interactions if self.dialog and row.dialog_id == self.dialog.pk]
        found = [(row, tuple(each for each in self.problems if each.interaction == row.key)) for row in here]
        return [(row, about) for row, about in found if about]

    def page(self) -> HttpResponse:
        return render(self.request, "bots/dialogs.html", self.context())

    def fragment(self, template: str) -> HttpResponse:
        return render(self.request, template, self.context())

    def updated(self) -> HttpResponse:
        """Answer a change of the dialog's structure: fresh fragments, or the page where there is no script."""
        if not ui.by_htmx(self.request):
            return redirect(self.address())
        return push_url(self.fragment("bots/_update.html"), self.address())

    def address(self) -> str:
        if self.interaction is not None:
            return reverse("interaction", args=[self.bot.pk, self.interaction.pk])
        if self.dialog is not None:
            return reverse("dialog", args=[self.bot.pk, self.dialog.pk])
        return reverse("bot", args=[self.bot.pk])

    def context(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "bot": self.bot,
            "dialog": self.dialog,
            "dialogs": self.places.dialogs,
            "tiles": outline.tiles(self.dialog, places=self.places) if self.dialog else [],
            "problems": self.problems,
            "kinds": [(kind, authoring.KINDS[kind]) for kind in authoring.INSERTABLE],
            "insert_at": self.request.GET.get("insert", ""),
        }
        return found | self.panel_context() if self.interaction else found

    def panel_context(self) -> dict[str, Any]:
        row = self.interaction
        if row is None:
            return {"bot": self.bot, "dialog": self.dialog}
        return {
            "bot": self.bot,
            "dialog": self.dialog,
            "interaction": row,
            "tile": outline.tile(row, places=self.places),
            "problems": self.problems,
            "troubled": self.troubled(),
            **self._position(row),
            "tabs": TABS.items(),
            "tab": self.tab,
            **self._conflict(),
            **self._rules(row),
            **self._form(row),
        }

    def _form(self, row: Interaction) -> dict[str, Any]:
        form = self.form or self.unbound()
        found = {"form": form, "seen": self._seen(row, form)}
        if self.tab != "code" or form is None:
            return found
        errors = [scripts.warning(str(form[name].value() or ""), place=PLACES[name]) for name in form.fields]
        return found | {"code_fields": list(zip(form, errors, strict=True))}

    def unbound(self, data: Any = None) -> Any:
        """Return the form of the open tab, filled from the row, or from what was posted."""
        row = self.interaction
        if row is None:
            return None
        if self.tab == "content":
            return content_form(row, data)
        if self.tab == "code":
            return plain_forms.CodeForm(data, instance=row, waits=specs.interaction(row).waits)
        if self.tab == "settings":
            return plain_forms.SettingsForm(data, instance=row)
        return self.rule_form(data) if self.rule else None

    def rule_form(self, data: Any = None) -> rule_forms.RuleForm | None:
        """Return the form of the open rule; nothing when it is gone."""
        if self.interaction is None:
            return None
        found = next((rule for rule in rules.of(self.interaction) if rule.key == self.rule), None)
        return rule_forms.RuleForm(data, rule=found, place=self._place(self.interaction)) if found else None

    def next_action_form(self, data: Any = None) -> plain_forms.NextActionForm | None:
        if self.interaction is None:
            return None
        row = self.interaction
        plain = rules.plain_action(rules.of(row))
        asks = specs.interaction(row).waits
        default = "" if asks else "next"
        value = rule_forms.action_value(plain.action) if plain else default
        targets = self.places.choices()
        offered = [NO_ACTION, *targets] if asks else targets
        choices = rule_forms.with_missing(offered, value)
        return plain_forms.NextActionForm(data, choices=choices, initial={"action": value})

    def _position(self, row: Interaction) -> dict[str, Any]:
        neighbours = [each.pk for each in self.places.interactions if each.dialog_id == row.dialog_id]
        return {"place": neighbours.index(row.pk), "last": neighbours[-1] == row.pk}

    def _conflict(self) -> dict[str, Any]:
        """What somebody else saved, where it differs from what is typed in the form."""
        if self.conflict is None or self.form is None:
            return {}
        self.conflict.bot = self.bot
        other = View(self.request, self.bot, self.dialog, self.conflict, tab=self.tab, rule=self.rule).unbound()
        return {
            "theirs": conflicts.differences(other, self.form),
            "changed_by": conflicts.who(self.conflict.editors.get(self.tab, ""), user=self.request.user),
            "take_url": f"{self.address()}?tab={self.tab}&rule={self.rule}",
            "failed": True,
        }

    def _seen(self, row: Interaction, form: Any) -> str:
        if self.conflict is not None:
            return conflicts.again(self._revision(self.conflict), data=self.request.POST)
        return conflicts.seen(self._revision(row), form=form)

    def _revision(self, row: Interaction) -> str:
        return rules.revision(row, key=self.rule) if self.tab == "rules" else authoring.revision(row, aspect=self.tab)

    def seen(self) -> authoring.Seen:
        return authoring.Seen(self.tab, conflicts.posted(self.request.POST))

    def _rules(self, row: Interaction) -> dict[str, Any]:
        if self.tab != "rules":
            return {}
        found = rules.of(row)
        plain = rules.plain_action(found)
        listed = [rule for rule in found if rule is not plain]
        waits = specs.interaction(row).waits
        return {
            "rules": list(outline.chips(listed, places=self.places)),
            "open_rule": self.rule,
            "takes_rules": waits or row.kind == "integration" or bool(listed),
            "next_action_form": self.next_action_form(),
        }

    def _place(self, row: Interaction) -> rule_forms.Place:
        read = specs.interaction(row)
        return rule_forms.Place(
            kind=row.kind,
            choices=read.content.choices,
            waits=read.waits,
            targets=self.places.choices(),
            intents=intents.choices(self.bot),
        )


def content_form(row: Interaction, data: Any = None) -> content_forms.ContentForm:
    """Return the form of this kind of interaction."""
    content: spec.Content = specs.interaction(row).content
    integrations = (
        [(str(key), name) for key, name in row.bot.integrations.values_list("key", "name")]
        if row.kind == "integration"
        else []
    )
    form = content_forms.FORMS.get(row.kind, content_forms.ContentForm)
    asked = intents.choices(row.bot) if row.kind == "starter" else []
    return form(data, content=content, integrations=integrations, intents=asked, initial={"name": row.name})
