"""The exceptions to the security rules: those in the source are those that docs/security.md gives reasons for."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("bots", "integrations", "credentials", "config")
NOTE = re.compile(r"# noqa(?::\s*(?P<rules>[A-Z0-9, ]+))?")
ROW = re.compile(r"^\| (S\d+) \| `([^`]+)` \| .{20,} \|$", re.MULTILINE)


def modules() -> list[Path]:
    return [ROOT / "manage.py", *(path for app in PRODUCT for path in (ROOT / app).rglob("*.py"))]


def notes(path: Path) -> list[str]:
    """Return the rules of each note in the file; "all" for one that names none."""
    found = NOTE.finditer(path.read_text())
    return [rule for note in found for rule in re.findall(r"[A-Z]+\d+", note["rules"] or "") or ["all"]]


def test_the_exceptions_in_the_source_are_those_that_the_document_reasons() -> None:
    taken = {
        (rule, str(path.relative_to(ROOT))) for path in modules() for rule in notes(path) if re.fullmatch(r"S\d+", rule)
    }

    assert taken == set(ROW.findall((ROOT / "docs" / "security.md").read_text()))


def test_no_line_is_excepted_from_all_rules_and_no_other_tool_is_silenced() -> None:
    assert [str(path) for path in modules() if "all" in notes(path)] == []
    assert [str(path) for path in modules() if "# nosec" in path.read_text()] == []


def test_the_security_rules_are_on_for_the_whole_product() -> None:
    options = (ROOT / "pyproject.toml").read_text()

    assert '"S",' in options
    assert not re.search(r'"(bots|integrations|credentials|config)/[^"]*" = \[[^]]*"S\b', options)
