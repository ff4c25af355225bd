"""What the sandbox guarantees, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

MUTATIONS = [
    Mutation(
        "A script pays for what it queued: the answer waits until its microtasks have run",
        "integrations/sandbox/child.py",
        "harvest = isolate.ask()",
        'harvest = \'+{"operations":[],"error":null}\'',
        ("sandbox: endless loop of awaits",),
    ),
]
