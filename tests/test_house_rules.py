"""The house rules that a machine can hold: sizes, docstrings, documented settings, and who may do what."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config import env

ROOT = Path(__file__).resolve().parent.parent
APPS = ("bots", "integrations", "credentials", "config")
FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 300, 50, 80
SCRIPT_LINES = 300  # of one JavaScript file


def product_modules() -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def all_modules() -> list[Path]:
    return [*product_modules(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def templates() -> list[Path]:
    return sorted(path for folder in _template_folders() for path in folder.rglob("*.html"))


def _template_folders() -> list[Path]:
    return [ROOT / "templates", *(folder for app in APPS for folder in (ROOT / app).rglob("templates"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(path: Path) -> set[str]:
    """The top-level names of everything that a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_longer_than_its_limit() -> None:
    limits = [(path, FILE_LINES) for path in all_modules()] + [(path, TEMPLATE_LINES) for path in templates()]
    limits += [(path, SCRIPT_LINES) for path in (ROOT / "static" / "js").rglob("*.js")]

    sizes = ((path, len(path.read_text().splitlines()), limit) for path, limit in limits)

    assert [f"{named(path)}: {size} lines of {limit}" for path, size, limit in sizes if size > limit] == []


def test_no_function_is_longer_than_its_limit() -> None:
    sizes = [
        (path, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for path in all_modules()
        for node in functions(path)
    ]

    assert [f"{named(path)}: {name} has {size} lines" for path, name, size in sizes if size > FUNCTION_LINES] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in all_modules() if path.read_text().strip() and not ast.get_docstring(tree(path))]

    assert [named(path) for path in silent] == []


def test_public_service_functions_take_one_positional_argument_at_most() -> None:
    services = [path for path in product_modules() if "services" in path.parts]
    defined = [(path, node) for path in services for node in tree(path).body if isinstance(node, ast.FunctionDef)]

    wide = {
        f"{named(path)}: {node.name}"
        for path, node in defined
        if not node.name.startswith("_") and len(node.args.args) + len(node.args.posonlyargs) > 1
    }

    assert wide <= {"bots/services/turns.py: play"}  # the runner is told it as a plain callable


def test_only_credentials_opens_outgoing_connections() -> None:
    libraries = {"requests", "requests_oauthlib", "urllib3", "httpx", "aiohttp"}

    users = {path.relative_to(ROOT).parts[0] for path in product_modules() if imports(path) & libraries}

    assert users <= {"credentials"}


def test_only_the_sandbox_processes_load_v8() -> None:
    users = {named(path) for path in product_modules() if "py_mini_racer" in imports(path)}

    assert users <= {"integrations/sandbox/child.py", "integrations/sandbox/zygote.py"}


def test_no_text_is_declared_safe() -> None:
    marked = [named(path) for path in product_modules() if re.search(r"\bmark_safe\(|\bSafeString\(", path.read_text())]
    filtered = [named(path) for path in templates() if re.search(r"\|\s*safe\b|autoescape off", path.read_text())]

    assert marked + filtered == []


INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style\b|\sstyle=|\son[a-z]+=\"", re.I)


def test_no_template_holds_a_script_or_a_style() -> None:
    found = [f"{named(path)}: {hit.group()}" for path in templates() for hit in INLINE.finditer(path.read_text())]

    assert found == []


def test_no_script_reads_of_a_form_what_a_field_of_that_name_hides() -> None:
    """`form.action` is the select named "action", where there is one; `getAttribute` is not taken in."""
    hidden = re.compile(r"\bform\??\.(?:action|method|target|name|id|submit|reset)\b", re.I)

    scripts = (ROOT / "static" / "js").rglob("*.js")

    assert [f"{named(path)}: {hit.group()}" for path in scripts for hit in hidden.finditer(path.read_text())] == []


def test_nothing_on_a_page_comes_from_another_host() -> None:
    foreign = re.compile(r"(?:src|<link[^>]*href)=\"(?:https?:)?//", re.I)

    assert [named(path) for path in templates() if foreign.search(path.read_text())] == []


def test_every_partial_is_included_or_rendered_somewhere() -> None:
    users = "\n".join(path.read_text() for path in [*templates(), *product_modules()])
    partials = [path for path in templates() if path.name.startswith("_")]

    unused = [path for path in partials if not _mentioned(path, users)]

    assert [named(path) for path in unused] == []


def _mentioned(path: Path, users: str) -> bool:
    """As `app/_name.html`, or with a part of its name filled in at run time (`app/_view_{name}.html`)."""
    name = "/".join(path.parts[-2:])
    if f'"{name}"' in users or f"'{name}'" in users:
        return True
    stem = name.removesuffix(".html")
    starts = (stem[:end] for end, letter in enumerate(stem) if letter == "_" and end > stem.index("/") + 1)
    return any(f"{start}_{{" in users for start in starts)


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r"\"([A-Z][A-Z_]{2,})\"", inspect.getsource(env)))
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))

    assert documented == read


@pytest.mark.parametrize("commands", ["management", "make"])
def test_every_command_is_documented(commands: str) -> None:
    texts = "\n".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    if commands == "management":
        folders = [ROOT / app / "management" / "commands" for app in APPS]
        names = [f"manage.py {path.stem}" for folder in folders for path in folder.glob("[a-z]*.py")]
    else:
        targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
        names = [f"make {target}" for target in targets if target != "help"]

    assert len(names) > 3
    assert [name for name in names if f"{name}`" not in texts and f"{name} " not in texts] == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    links = [
        (path, link) for path in documents for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text())
    ]

    assert [f"{named(path)}: {link}" for path, link in links if not (path.parent / link).exists()] == []


def test_typed_json_is_read_by_decoders_that_are_made_at_import() -> None:
    """Where threads learn a type at once, msgspec 0.22 crashes the process; a burst of first requests does that."""
    hurried = [path.name for path in product_modules() if re.search(r"json\.decode\([^)]*type=", path.read_text())]

    assert hurried == []
