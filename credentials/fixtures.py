"""Keeps stored secrets when a fixture is loaded: it holds none, and Django would write its nothing over them.

A signal, since loaddata saves past the model's own methods; it is no part of the product's flow.
"""

from __future__ import annotations

from typing import Any


def keep_secrets(sender: Any, instance: Any, raw: bool = False, **more: Any) -> None:
    """Before a row of a fixture (raw) is saved: put what is stored onto it, and claim no secret where none is."""
    if not raw:
        return
    stored = sender._default_manager.filter(pk=instance.pk).first()
    instance.sealed, instance.tokens = (stored.sealed, stored.tokens) if stored else ("", "")
    instance.secrets_set_at = stored.secrets_set_at if stored else {}
    instance.token_state = stored.token_state if stored else {}
