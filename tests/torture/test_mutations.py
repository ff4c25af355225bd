"""The list of mutations is kept in order; `make torture MUTATIONS=1` proves that each is caught."""

from __future__ import annotations

import dataclasses

import pytest

from tests.torture import areas, command, mutate
from tests.torture.case import Mutation

EVERY = [mutation for table in areas.MUTATIONS.values() for mutation in table]


@pytest.mark.parametrize("mutation", EVERY, ids=[mutation.guarantee[:70] for mutation in EVERY])
def test_a_mutation_still_fits_the_source(mutation: Mutation) -> None:
    text = (mutate.ROOT / mutation.file).read_text()

    assert mutate.mutated(text, mutation) != text
    assert set(mutation.red) <= set(areas.named())
    assert mutation.red


def test_the_documentation_lists_every_mutation_and_nothing_else_as_one() -> None:
    text = (mutate.ROOT / "docs" / "torture.md").read_text()
    table = text.partition("| guarantee | taken away in | cases that go red |\n| --- | --- | --- |\n")[2]

    assert table.partition("\n\n")[0].splitlines() == [command.listed(mutation) for mutation in EVERY]
    assert [each.guarantee for each in EVERY if text.count(command.listed(each)) != 1] == []


@pytest.mark.timeout(300)  # it starts the suite three times in a copy of the source
def test_a_mutation_is_caught_and_a_harmless_change_is_not() -> None:
    real = areas.MUTATIONS["sandbox"][0]
    harmless = dataclasses.replace(real, guarantee="nothing", instead=real.line + "  # the same")

    verdicts = mutate.run([real, harmless], tell=lambda verdict: None)

    assert [verdict.caught for verdict in verdicts] == [True, False]
    assert "Still contained" in verdicts[1].happened
