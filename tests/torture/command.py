"""The command line of the torture suite: which cases or mutations to run, and what of it is printed."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from collections.abc import Mapping, Sequence

from tests.torture import areas, mutate, runner, soak_cases
from tests.torture.case import Case, Mutation


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 when every case was contained, or every mutation caught."""
    given = _options(arguments)
    if given.minutes:
        os.environ[soak_cases.MINUTES] = str(given.minutes)
    return _mutations(given) if given.mutations else _cases(given)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m tests.torture", description="Attack and break everything.")
    options.add_argument("--only", type=_names, default=list(areas.AREAS), help="areas, with commas between them")
    options.add_argument("--case", action="append", default=[], help="one case, as `area: name`; may be repeated")
    options.add_argument("--short", action="store_true", help="only the cases that `make test` runs, too")
    options.add_argument("--minutes", type=float, default=0.0, help="how long the soak lasts (2 unless told)")
    options.add_argument("--list", action="store_true", help="print what would run, and run nothing")
    options.add_argument("--mutations", action="store_true", help="prove for each guarantee that its loss is seen")
    options.add_argument("--json", action="store_true", help="print the results as JSON")
    return options.parse_args(arguments)


def _names(text: str) -> list[str]:
    wanted = text.split(",")
    for name in wanted:
        if name not in areas.AREAS:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(areas.AREAS)}.")
    return wanted


def _cases(given: argparse.Namespace) -> int:
    wanted = {
        key: case
        for key, case in areas.named().items()
        if key.partition(":")[0] in given.only
        and (not given.case or key in given.case)
        and (case.short or not given.short)
    }
    if unknown := set(given.case) - set(wanted):
        raise SystemExit(f"There is no case {', '.join(sorted(unknown))}. `--list` names them.")
    if given.list:
        print("\n".join(f"{key}\n    {case.expectation}" for key, case in wanted.items()))
        return 0
    results = runner.run(wanted, tell=lambda result: None if given.json else _tell(result, wanted))
    return _report(results, as_json=given.json)


def _tell(result: runner.Result, wanted: Mapping[str, Case]) -> None:
    if result.figures:
        print(f"{result.key}: {result.figures}", flush=True)
    if result.verdict != "contained":
        print(f"{result.verdict.upper()}  {result.key}")
        print(f"    expected: {wanted[result.key].expectation}\n    happened: {result.happened}", flush=True)


def _report(results: Sequence[runner.Result], *, as_json: bool) -> int:
    possible = [result for result in results if result.verdict != "impossible here"]
    contained = sum(result.verdict == "contained" for result in possible)
    if as_json:
        rows = [dataclasses.asdict(result) for result in results]
        print(json.dumps({"contained": contained, "of": len(possible), "cases": rows}, indent=1))
        return int(contained < len(possible))
    for area in dict.fromkeys(result.key.partition(":")[0] for result in results):
        mine = [result for result in possible if result.key.startswith(f"{area}:")]
        held = sum(result.verdict == "contained" for result in mine)
        print(f"{area}: {held} of {len(mine)}, {sum(result.seconds for result in mine):.0f} s")
    if left := len(results) - len(possible):
        print(f"{left} not possible on this machine; the reasons stand above.")
    print(f"{contained} of {len(possible)} contained")
    return int(contained < len(possible))


def _mutations(given: argparse.Namespace) -> int:
    wanted = [one for area, table in areas.MUTATIONS.items() if area in given.only for one in table]
    if given.list:
        print("\n".join(listed(one) for one in wanted))
        return 0
    verdicts = mutate.run(wanted, tell=lambda verdict: None if given.json else _tell_mutation(verdict))
    caught = sum(verdict.caught for verdict in verdicts)
    if given.json:
        print(json.dumps([dataclasses.asdict(verdict) for verdict in verdicts], indent=1))
    else:
        print(f"{caught} of {len(verdicts)} mutations caught")
    return int(caught < len(verdicts))


def listed(mutation: Mutation) -> str:
    """Return a mutation as the line that docs/torture.md has of it."""
    return f"| {mutation.guarantee} | `{mutation.file}` | {'; '.join(mutation.red)} |"


def _tell_mutation(verdict: mutate.Verdict) -> None:
    print(f"{'caught' if verdict.caught else 'MISSED'}  {verdict.guarantee}", flush=True)
    if not verdict.caught:
        print(f"    {verdict.happened}", flush=True)
