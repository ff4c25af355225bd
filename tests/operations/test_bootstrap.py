"""What `make` does before anything is installed: choose a Python, install once, find a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config import bootstrap
from tests.product import ROOT


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def make(target: str, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("make") or "make", "-C", str(ROOT), target, *arguments]
    return subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False)


def test_make_alone_lists_the_commands() -> None:
    listed = make("help", path=os.environ["PATH"]).stdout

    for target in ("run", "test", "check"):
        assert f"make {target} " in listed


def test_an_old_python_is_one_clear_sentence(tmp_path: Path) -> None:
    old = script(tmp_path / "python3", "exit 1")  # what the question for 3.11 gives on an older one

    refused = make("run", f"PYTHON={old}", path=os.environ["PATH"])

    assert refused.returncode != 0
    assert refused.stderr.startswith("Parley needs Python 3.11 or later, and none of these is one:")
    assert "Traceback" not in refused.stderr


def test_a_machine_without_python_is_told_the_same(tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")

    refused = make("run", path=str(tmp_path))

    assert "Parley needs Python 3.11 or later" in refused.stderr


def test_packages_are_installed_again_only_when_their_list_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    (tmp_path / "requirements.txt").write_text("one==1\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "_works", lambda python: True)
    monkeypatch.setattr(bootstrap, "_run", lambda command, sentence: commands.append(command))

    for text in ("one==1\n", "one==1\n", "one==2\n"):
        (tmp_path / "requirements.txt").write_text(text)
        bootstrap.install(bootstrap.RUN)

    assert len(commands) == 2


def test_a_failed_installation_is_tried_again_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("there-is-no-such-file\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", script(tmp_path / "python", 'test "$1" = -c'))

    for _ in range(2):
        with pytest.raises(bootstrap.CannotSetUp, match="could not be installed"):
            bootstrap.install(bootstrap.RUN)


def test_a_named_browser_goes_before_all_others(tmp_path: Path) -> None:
    named = script(tmp_path / "my-chrome", "exit 0")

    assert bootstrap.browser({"CHROMIUM": str(named)}) == str(named)


def test_a_named_browser_that_is_not_there_is_one_clear_sentence() -> None:
    with pytest.raises(bootstrap.CannotSetUp, match="there is no such program"):
        bootstrap.browser({"CHROMIUM": "/nowhere/chrome"})


def test_no_browser_at_all_fails_with_a_sentence_and_never_skips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", script(tmp_path / "python", "exit 1"))

    with pytest.raises(bootstrap.CannotSetUp, match="need Chromium or Chrome"):
        bootstrap.browser({})
