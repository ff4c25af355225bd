"""How each kind of name is found in a text of a bot: in placeholders, in bare names of rules, in scripts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bots.engine import usage
from bots.engine.spec import BotSpec
from integrations.engine import jstokens, template
from integrations.engine.lookup import Placeholder

VARIABLE_CALLS = frozenset({"getBotVariable", "setBotVariable", "setGlobalBotVariable"})
_BUILT = "A script builds a name here; look whether it can be this one."
_SAME_TEXT = "A script holds the same text; look whether it means this name."


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a text the name stands. Without an end: somewhere in this script, perhaps."""

    start: int
    end: int
    sure: bool = True
    why: str = ""


class Named(Protocol):
    """What is looked for; see naming.Target."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def key(self) -> str: ...


class Text(Protocol):
    """Where it is looked for; see naming.Leaf."""

    @property
    def path(self) -> tuple[str | int, ...]: ...
    @property
    def text(self) -> str: ...
    @property
    def is_script(self) -> bool: ...


Finder = Callable[[Any], Iterator[Spot]]
# From a full name, such as a variable's, to the part of it that is looked for: its beginning and end.
Match = Callable[[str], "tuple[int, int] | None"]


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of name. placeholders: how it is found in those of texts, by their kind. calls: the functions whose
    first argument it can be, and how. bare: how in a name that a rule holds. sets: which rule fields name it."""

    placeholders: dict[str, Match]
    calls: frozenset[str] = frozenset()
    argument: Match = lambda name: None
    bare: Match = lambda name: None
    also: Callable[[Any], Iterator[Spot]] = lambda leaf: iter(())


def finder(bot: BotSpec, target: Named) -> Finder:
    """Return what yields the places of the name in a leaf."""
    sort = _SORTS[target.kind](bot, target)

    def find(leaf: Any) -> Iterator[Spot]:
        yield from sort.also(leaf)
        if leaf.is_script:
            yield from _in_script(leaf.text, sort)
        elif _is_slot(leaf):
            return
        elif _is_bare(leaf):
            yield from _spots(sort.bare, leaf.text, 0)
        else:
            yield from _in_text(leaf.text, sort, 0)

    return find


def _is_bare(leaf: Text) -> bool:
    """Whether the text is a name of a rule rather than a text with names in it."""
    path = leaf.path
    return "rules" in path and path[-1] == "name" and len(path) > 6 and "{" not in leaf.text


def _is_slot(leaf: Text) -> bool:
    return leaf.path[-2:] == ("slot", "name")


def _spots(match: Match, name: str, at: int, *, sure: bool = True, why: str = "") -> Iterator[Spot]:
    found = match(name)
    if found:
        yield Spot(at + found[0], at + found[1], sure, why)


def _in_text(text: str, sort: Sort, at: int) -> Iterator[Spot]:
    for placeholder in template.names(text):
        match = sort.placeholders.get(placeholder.kind)
        if match:
            yield from _spots(match, placeholder.name, at + _place(text, placeholder))


def _place(text: str, placeholder: Placeholder) -> int:
    return text.rfind(placeholder.name, placeholder.start, placeholder.end)


def _in_script(source: str, sort: Sort) -> Iterator[Spot]:
    found = jstokens.tokens(source)
    arguments = set()
    for argument, _ in jstokens.arguments(found, functions=sort.calls, of="botContext"):
        if argument is None:
            yield Spot(0, 0, sure=False, why=_BUILT)
        else:
            arguments.add(argument)
            yield from _spots(sort.argument, argument.text, argument.start)
    for token in found:
        if token.kind in ("string", "template"):
            yield from _in_text(token.text, sort, token.start)
            if token.kind == "string" and token not in arguments:
                yield from _spots(sort.argument, token.text, token.start, sure=False, why=_SAME_TEXT)


def _exact(name: str) -> Match:
    return lambda text: (0, len(text)) if text == name or jstokens.plain(text) == name else None


def _variable(bot: BotSpec, target: Named) -> Sort:
    """`order` is also read as `order.id`, unless there is a variable of that longer name."""
    longer = [name for name in _set_names(bot) if re.match(rf"{re.escape(target.name)}[.\[]", name)]

    def match(name: str) -> tuple[int, int] | None:
        if any(name == other or name.startswith((f"{other}.", f"{other}[")) for other in longer):
            return None
        hit = name == target.name or name.startswith((f"{target.name}.", f"{target.name}["))
        return (0, len(target.name)) if hit else None

    return Sort({"variable": match}, VARIABLE_CALLS, match, match)


def _set_names(bot: BotSpec) -> set[str]:
    rules = [rule for dialog in bot.dialogs for tile in dialog.interactions for rule in tile.rules]
    names = {variable.name for rule in rules for variable in rule.variables}
    for script in usage.scripts(bot):
        pairs = jstokens.arguments(jstokens.tokens(script.source), functions=VARIABLE_CALLS, of="botContext")
        names |= {jstokens.plain(argument.text) for argument, _ in pairs if argument is not None}
    return names


def _slot(bot: BotSpec, target: Named) -> Sort:
    exact, full = _exact(target.name), _behind("slot.", target.name)

    def definition(leaf: Text) -> Iterator[Spot]:
        if _is_slot(leaf) and leaf.text == target.name:
            yield Spot(0, len(leaf.text))

    return Sort({"slot": exact}, VARIABLE_CALLS, full, full, definition)


def _behind(prefix: str, name: str) -> Match:
    whole = prefix + name
    return lambda text: (len(prefix), len(whole)) if text == whole else None


def _env(bot: BotSpec, target: Named) -> Sort:
    exact = _exact(target.name)
    return Sort({"env": exact}, frozenset({"getEnvVariable"}), exact)


def _field(bot: BotSpec, target: Named) -> Sort:
    prefix = f"{target.owner}."
    pattern = re.compile(rf"{re.escape(prefix + target.name)}(?:\.count)?(?=\Z|\[)")

    def match(name: str) -> tuple[int, int] | None:
        return (len(prefix), len(prefix) + len(target.name)) if pattern.match(name) else None

    def definition(leaf: Text) -> Iterator[Spot]:
        in_fields = leaf.path[:3] == ("integration", target.key, "fields") and leaf.path[-1] == "key"
        if in_fields and leaf.text == target.name:
            yield Spot(0, len(leaf.text))

    return Sort({"field": match, "variable": match}, VARIABLE_CALLS, match, match, definition)


def _integration(bot: BotSpec, target: Named) -> Sort:
    def match(name: str) -> tuple[int, int] | None:
        return (0, len(target.name)) if name.startswith(f"{target.name}.") else None

    return Sort({"field": match, "variable": match}, VARIABLE_CALLS, match, match, _definition("integration", target))


def _definition(place: str, target: Named, attribute: str = "name") -> Callable[[Any], Iterator[Spot]]:
    def found(leaf: Text) -> Iterator[Spot]:
        if leaf.path == (place, target.key, attribute):
            yield Spot(0, len(leaf.text))

    return found


def _response(bot: BotSpec, target: Named) -> Sort:
    whole = f"api_{target.name}"

    def variable(name: str) -> tuple[int, int] | None:
        hit = name in (whole, f"{whole}Status") or name.startswith((f"{whole}.", f"{whole}["))
        return (4, len(whole)) if hit else None

    def path(name: str) -> tuple[int, int] | None:
        return (6, 2 + len(whole)) if re.match(rf"\$\.{re.escape(whole)}(?=\Z|[.\[])", name) else None

    def also(leaf: Text) -> Iterator[Spot]:
        yield from _definition("integration", target, "response_variable")(leaf)
        if leaf.is_script:
            yield from _members(leaf.text, whole)

    return Sort({"path": path, "variable": variable}, VARIABLE_CALLS, variable, variable, also)


def _members(source: str, whole: str) -> Iterator[Spot]:
    """`document.api_Order`, `{api_Order: …}` and `document["api_Order"]` name the response in scripts."""
    found = jstokens.tokens(source)
    for before, token, after in zip([None, *found], found, [*found[1:], None], strict=False):
        left, right = before.text if before else "", after.text if after else ""
        if token.kind == "name" and token.text == whole:
            sure = left == "." or (right == ":" and left in ("{", ","))
            yield Spot(token.start + 4, token.end, sure, "" if sure else "A name of the script itself, perhaps.")
        elif token.kind == "string" and token.text == whole and (left, right) == ("[", "]"):
            yield Spot(token.start + 4, token.end)
        elif token.kind in ("string", "template") and token.text != whole:
            for match in re.finditer(rf"\b{re.escape(whole)}\b(?!Status)", re.sub(r"\{[^{}]*\}", _blank, token.text)):
                if not jstokens.plain(token.text).startswith(whole):
                    yield Spot(token.start + match.start() + 4, token.start + match.end(), False, _SAME_TEXT)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0]) if template.names(match[0]) else match[0]


def _dialog(bot: BotSpec, target: Named) -> Sort:
    return Sort({}, argument=_exact(target.name), also=_definition("dialog", target))


def _interaction(bot: BotSpec, target: Named) -> Sort:
    exact = _exact(target.name)
    return Sort({}, frozenset({"setTriggerNextMessage"}), exact, also=_definition("interaction", target))


def _intent(bot: BotSpec, target: Named) -> Sort:
    """Rules and starters hold the intent's id, or its name where the file gave no id."""

    def also(leaf: Text) -> Iterator[Spot]:
        yield from _definition("intent", target)(leaf)
        asks = leaf.path[-1] == "intent" or (len(leaf.path) > 3 and leaf.path[-2] == "values")
        if asks and leaf.path[0] == "interaction" and leaf.text == target.name and target.name not in bot.intents:
            yield Spot(0, len(leaf.text), sure=leaf.path[-1] == "intent" or _is_intent_rule(bot, leaf))

    return Sort({}, argument=_exact(target.name), also=also)


def _is_intent_rule(bot: BotSpec, leaf: Text) -> bool:
    key, place = str(leaf.path[1]), leaf.path[3]
    condition = bot.interaction_by_key[key][1].rules[int(place)].condition
    return condition is not None and condition.kind == "intent"


_SORTS: dict[str, Callable[[BotSpec, Any], Sort]] = {
    "variable": _variable,
    "slot": _slot,
    "env": _env,
    "field": _field,
    "integration": _integration,
    "response": _response,
    "dialog": _dialog,
    "interaction": _interaction,
    "intent": _intent,
}
