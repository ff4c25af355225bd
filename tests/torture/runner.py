"""Runs cases through pytest, whose fixtures they use, and tells what escaped. Prints nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.torture.case import Case, Escaped

HERE = Path(__file__).parent
WANTED: pytest.StashKey[Mapping[str, Case]] = pytest.StashKey()

Verdict = Literal["contained", "escaped", "impossible here"]


@dataclass(frozen=True, slots=True)
class Result:
    """How a case ended; `happened` is empty when it was contained."""

    key: str
    verdict: Verdict
    happened: str = ""
    seconds: float = 0.0
    figures: str = ""


@dataclass(eq=False)
class _Told:
    """A pytest plugin: says which cases to run, and hears how each ended."""

    wanted: Mapping[str, Case]
    tell: Callable[[Result], None]
    results: dict[str, Result] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[WANTED] = self.wanted
        config.option.verbose = 0  # pytest-django asks for it, and the terminal's plugin is away

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(str(report.longrepr))

    def pytest_runtest_makereport(self, item: Any, call: pytest.CallInfo[None]) -> None:
        key = item.callspec.params["key"]
        escaped_already = key in self.results and self.results[key].verdict == "escaped"
        if (call.when != "call" and call.excinfo is None) or escaped_already:
            return
        figures = dict(item.user_properties).get("figures", "")
        self.results[key] = result = Result(key, *_judged(call), round(call.duration, 2), figures)
        self.tell(result)


def _judged(call: pytest.CallInfo[None]) -> tuple[Verdict, str]:
    if call.excinfo is None:
        return "contained", ""
    error = call.excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return "impossible here", str(error)
    return "escaped", str(error) if isinstance(error, Escaped) else f"{type(error).__name__}: {error}"


def run(wanted: Mapping[str, Case], *, tell: Callable[[Result], None] = lambda result: None) -> list[Result]:
    """Run these cases in their order; `tell` hears of each as it ends. Raises RuntimeError when pytest cannot."""
    told = _Told(wanted, tell)
    plugins = ("no:terminal", "no:randomly", "no:cacheprovider")
    options = ["-o", "addopts=--strict-markers", *(part for name in plugins for part in ("-p", name))]
    ended = pytest.main([*options, str(HERE / "test_torture.py::test_the_attack_is_contained")], plugins=[told])
    if told.broken or ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError("\n".join(told.broken) or f"pytest ended as {ended!r}")
    missing = [Result(key, "escaped", "It did not run to its end.") for key in wanted if key not in told.results]
    for result in missing:
        tell(result)
    return [*told.results.values(), *missing]
