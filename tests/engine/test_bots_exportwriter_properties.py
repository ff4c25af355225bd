"""Export documents of every shape go through reading and writing, with and without a change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from bots.engine import exportfit, exportwriter, spec
from bots.engine.exportfit import Authored
from tests.samples import exports

FEW = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking documents takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read(text: str) -> Authored:
    return exportfit.read(json.loads(text), text=text)


def without_rule_keys(bot: spec.BotSpec) -> spec.BotSpec:
    """Keys of rules are places in a list: they are given anew whenever a bot is read."""
    tiles = {
        dialog.key: tuple(
            replace(tile, rules=tuple(replace(rule, key="") for rule in tile.rules)) for tile in dialog.interactions
        )
        for dialog in bot.dialogs
    }
    return replace(bot, dialogs=tuple(replace(dialog, interactions=tiles[dialog.key]) for dialog in bot.dialogs))


@FEW
@given(exports.DOCUMENTS, exports.LAYOUTS)
def test_an_unchanged_bot_keeps_every_character(document: dict[str, Any], layout: dict[str, Any]) -> None:
    text = exports.written(document, layout)

    assert exportwriter.write(read(text), source=text) == text


@FEW
@given(exports.DOCUMENTS)
def test_a_bot_made_here_is_the_same_after_export_and_import(document: dict[str, Any]) -> None:
    made = read(json.dumps(document))

    exported = exportwriter.write(made)

    again = read(exported)
    assert without_rule_keys(again.spec) == without_rule_keys(made.spec)
    assert (again.description, again.comments) == (made.description, made.comments)
    assert exportwriter.write(again, source=exported) == exported


@FEW
@given(exports.DOCUMENTS, exports.DOCUMENTS, exports.LAYOUTS)
def test_any_change_at_all_arrives(document: dict[str, Any], other: dict[str, Any], layout: dict[str, Any]) -> None:
    text = exports.written(document, layout)
    before, wanted = read(text), read(json.dumps(other))
    changed = replace(wanted, spec=replace(wanted.spec, key=before.spec.key))

    exported = exportwriter.write(changed, source=text)

    again = read(exported)
    assert without_rule_keys(again.spec).dialogs == without_rule_keys(changed.spec).dialogs
