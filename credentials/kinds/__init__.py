"""The credential types. Each module beside this one that has a KIND is one: adding a type is adding a file."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from credentials.kinds.declaration import BadValue, Field, Grant, Kind, refuse_unknown_choices

__all__ = ["ALL", "BadValue", "Field", "Grant", "Kind", "named", "refuse_unknown_choices"]


def _discover() -> dict[str, Kind]:
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    kinds = (module.KIND for module in modules if hasattr(module, "KIND"))
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.label)}


ALL = _discover()


def named(name: str) -> Kind | None:
    """Return the kind that a stored credential names, or None when this version does not know it."""
    return ALL.get(name)
