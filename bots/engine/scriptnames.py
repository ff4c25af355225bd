"""The names in a script, read as JavaScript: what it sets, what it reads, what it may pass on. Pure; runs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.engine import jstokens, remember, template

SETTERS = frozenset({"setBotVariable", "setGlobalBotVariable"})
GETTERS = {"getBotVariable": "variable", "getEnvVariable": "env", "getSlot": "slot"}


@dataclass(frozen=True, slots=True)
class Names:
    """sets: variables by their plain names. reads: kinds and names that botContext is asked for. sends: kinds and names
    of placeholders in its texts, which it may send. passed_on: texts in quotes that are more than what a getter is
    given, so that the script may set them."""

    sets: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    sends: tuple[tuple[str, str], ...] = ()
    passed_on: frozenset[str] = frozenset()


@remember.by_length(16_000_000)
def of(source: str) -> Names:
    """Return the names in a script; comments name nothing, and neither does a name that is built."""
    found = jstokens.tokens(source)
    sets: dict[str, None] = {}
    reads: dict[tuple[str, str], None] = {}
    asked = set()
    for argument, function in jstokens.arguments(found, functions=SETTERS | GETTERS.keys(), of="botContext"):
        if argument is None:
            continue
        name = jstokens.plain(argument.text)
        if function.text in SETTERS:
            sets[name] = None
        else:
            reads[GETTERS[function.text], name] = None
            asked.add(argument)
    texts = [token for token in found if token.kind in ("string", "template")]
    placeholders = (each for token in texts for each in template.names(token.text) if each.kind != "path")
    return Names(
        sets=tuple(sets),
        reads=tuple(reads),
        sends=tuple(dict.fromkeys((each.kind, each.name) for each in placeholders)),
        passed_on=frozenset(jstokens.plain(token.text) for token in texts if token not in asked),
    )
