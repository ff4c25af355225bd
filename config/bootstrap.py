"""Gives this checkout its virtual environment (and a browser for the tests), then hands over to the real command.

Runs before anything is installed, so it uses nothing but the standard library and knows nothing of Django.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
RUN = ("requirements.txt",)
DEVELOPMENT = ("requirements.txt", "requirements-dev.txt")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class CannotSetUp(Exception):
    """Something outside the project is missing; the sentence says what, and the mend."""


def main(arguments: Sequence[str]) -> None:
    """`bootstrap.py run|development|browser [COMMAND …]`: prepare what is named, then become COMMAND."""
    purpose, *command = arguments
    environ = dict(os.environ)
    install(RUN if purpose == "run" else DEVELOPMENT)
    if purpose == "browser":
        environ["CHROMIUM"] = browser(environ)
    if command:
        os.execve(VENV_PYTHON, [str(VENV_PYTHON), *command], environ)  # noqa: S606 - the command stands in the Makefile


def install(requirements: Sequence[str]) -> None:
    """Make the virtual environment and install the pinned packages, unless that is done already."""
    if not _works(VENV_PYTHON):
        _make_virtual_environment()
    wanted = fingerprint(requirements)
    stamp = VENV / f".installed-{requirements[-1]}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _say("Installing the packages of " + " and ".join(requirements) + " (about a minute the first time) …")
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    _run([*pip, "-r", requirements[-1]], "The packages could not be installed; the lines above say why.")
    stamp.write_text(wanted)


def fingerprint(requirements: Sequence[str]) -> str:
    """What the installed packages depend on: the requirement files and Python's version."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in requirements:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _make_virtual_environment() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    _run(
        [sys.executable, "-m", "venv", str(VENV)],
        f"{sys.executable} could not make a virtual environment in {VENV}. "
        "On Debian and Ubuntu, `apt-get install python3-venv` brings the missing part.",
    )


def _works(python: Path) -> bool:
    """Whether it starts, has pip and is of the version that was chosen."""
    ask = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return _try([str(python), "-c", ask])


def browser(environ: Mapping[str, str]) -> str:
    """Return the path of a Chromium or Chrome, installing one where none is found; raises CannotSetUp."""
    if named := environ.get("CHROMIUM"):
        if path := shutil.which(named):
            return path
        raise CannotSetUp(f"CHROMIUM is {named!r}, but there is no such program. Name an installed Chromium or Chrome.")
    path = _installed_browser() or _playwright_browser() or _debian_browser()
    if path is None:
        raise CannotSetUp(
            "The browser tests need Chromium or Chrome, and none could be found or installed. "
            "Install one (Debian: `apt-get install chromium`) or name it with CHROMIUM=/path/to/chrome."
        )
    return path


def _installed_browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _playwright_browser() -> str | None:
    """What `playwright install chromium` downloads, now or at an earlier run."""
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    answer = subprocess.run([str(VENV_PYTHON), "-c", ask], capture_output=True, text=True, check=False)  # noqa: S603
    path = Path(answer.stdout.strip() or "/nonexistent")
    if not path.exists():
        _say("No Chromium is installed; trying `playwright install chromium` …")
        _try([str(VENV_PYTHON), "-m", "playwright", "install", "chromium"])
    return str(path) if path.exists() and _starts(path) else None


def _starts(browser_path: Path) -> bool:
    """A downloaded browser may lack system libraries; then it does not even tell its version."""
    return _try([str(browser_path), "--version"])


def _debian_browser() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _say("Installing Debian's chromium package …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _try(["apt-get", "update", "-qq"], quiet)
    _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet)
    return _installed_browser()


def _try(command: Sequence[str], environ: Mapping[str, str] | None = None) -> bool:
    """Run quietly, for at most five minutes; the caller looks at what came of it."""
    try:
        done = subprocess.run(  # noqa: S603
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _run(command: Sequence[str], sentence: str) -> None:
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
        raise CannotSetUp(sentence)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CannotSetUp as error:
        sys.exit(str(error))
