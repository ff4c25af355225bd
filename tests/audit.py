"""`make audit`: whether a package that is installed here has a known hole; one that nobody could judge is no pass.

Asks the advisory service of the package index through pip-audit; without it, it says so and fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests import audit_v8

COMMAND = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner", "off", "--format", "json"]
FINE, HOLES, UNKNOWN = 0, 1, 2
WORSE = (FINE, UNKNOWN, HOLES)


def verdict(report: dict[str, Any] | None) -> tuple[int, list[str]]:
    """Return the exit status and what to say of pip-audit's report; None: it gave none."""
    packages = report["dependencies"] if report else []
    holes = [(one["name"], one["version"], hole) for one in packages for hole in one.get("vulns", ())]
    judged = [one for one in packages if "skip_reason" not in one]
    said = [f"{name} {version}: {hole['id']}, mended in {_mended(hole)}" for name, version, hole in holes]
    said.append(f"{len(judged)} of {len(packages)} packages were judged, {len(holes)} known holes.")
    if len(judged) < len(packages) or not packages:
        said.append("The advisory service could not be asked about the others: run this where pypi.org can be reached.")
    if holes:
        return HOLES, said
    return (FINE if packages and len(judged) == len(packages) else UNKNOWN), said


def _mended(hole: dict[str, Any]) -> str:
    return ", ".join(hole.get("fix_versions") or ["no release yet"])


def main() -> int:
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
        sys.stderr.write(done.stderr[-500:])
    status, said = verdict(report)
    age, about_v8 = audit_v8.verdict(audit_v8.asked(), version=audit_v8.pinned())
    sys.stdout.write("\n".join([*said, about_v8]) + "\n")
    return max(status, age, key=WORSE.index)


if __name__ == "__main__":
    sys.exit(main())
