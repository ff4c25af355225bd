"""The torture suite's cases as tests: the short form here, all of them by `make torture`."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.torture import areas, runner
from tests.torture.case import Case


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "key" in metafunc.fixturenames:
        short = {key: case for key, case in areas.named().items() if case.short}
        wanted = metafunc.config.stash.get(runner.WANTED, short)
        marked = [pytest.param(key, marks=_marks(case)) for key, case in wanted.items()]
        metafunc.parametrize("key", marked, ids=[key[:80] for key in wanted])


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    database = [pytest.mark.django_db] if case.database else []
    return [pytest.mark.timeout(case.seconds), *database]


def test_the_attack_is_contained(key: str, request: pytest.FixtureRequest) -> None:
    case = areas.named()[key]

    figures = case.run(**{name: request.getfixturevalue(name) for name in case.needs()})

    if figures:
        request.node.user_properties.append(("figures", figures))


def test_every_case_has_a_name_of_its_own_and_a_sentence() -> None:
    names = Counter((area, case.name) for area, cases in areas.AREAS.items() for case in cases)
    unsaid = [case.name for cases in areas.AREAS.values() for case in cases if not case.expectation.endswith(".")]

    assert [name for name, count in names.items() if count > 1] == []
    assert unsaid == []
