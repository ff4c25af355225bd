"""Takes guarantees away, one at a time, in a copy of the source, and sees whether the suite notices."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture.case import Mutation

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "bots",
    "config",
    "credentials",
    "integrations",
    "static",
    "templates",
    "tests",
    "manage.py",
    "pyproject.toml",
)
PATIENCE = 120.0  # seconds, and ten for each case; a suite that hangs has noticed, too


@dataclass(frozen=True, slots=True)
class Verdict:
    guarantee: str
    caught: bool
    happened: str


def run(mutations: Sequence[Mutation], *, tell: Callable[[Verdict], None]) -> list[Verdict]:
    """Judge each mutation; `tell` hears of each as soon as it is judged."""
    verdicts = []
    with _copy() as folder:
        sound = _escaped(folder, sorted({key for one in mutations for key in one.red}))
        for mutation in mutations:
            verdict = _judged(folder, mutation, sound)
            verdicts.append(verdict)
            tell(verdict)
    return verdicts


@contextlib.contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="parley-mutations-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the sandbox reads its sources as `nobody`
        for part in COPIED:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
            copy(ROOT / part, folder / part)
        yield folder


def _judged(folder: Path, mutation: Mutation, sound: dict[str, str]) -> Verdict:
    """Caught is a mutation when each case that must notice it escapes with it and is contained without it."""
    already = [key for key in mutation.red if key in sound]
    if already:
        return Verdict(mutation.guarantee, False, f"Without the mutation, too: {already[0]}: {sound[already[0]]}")
    with _mutated(folder, mutation):
        escaped = _escaped(folder, mutation.red)
    unnoticed = [key for key in mutation.red if key not in escaped]
    if unnoticed:
        return Verdict(mutation.guarantee, False, f"Still contained: {'; '.join(unnoticed)}")
    return Verdict(mutation.guarantee, True, escaped[mutation.red[0]])


@contextlib.contextmanager
def _mutated(folder: Path, mutation: Mutation) -> Iterator[None]:
    path = folder / mutation.file
    sound = path.read_text()
    path.write_text(mutated(sound, mutation))
    _forget_compiled(path)
    yield
    path.write_text(sound)
    _forget_compiled(path)


def mutated(text: str, mutation: Mutation) -> str:
    """Return the source without its protection; raises ValueError when it does not stand there exactly once."""
    if text.count(mutation.line) != 1:
        found = text.count(mutation.line)
        raise ValueError(f"{mutation.file} has {mutation.line!r} {found} times; the mutation needs to be written anew.")
    return text.replace(mutation.line, mutation.instead)


def _forget_compiled(path: Path) -> None:
    """Python compares times by the second, and we are faster."""
    if path.suffix == ".py":
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def _escaped(folder: Path, keys: Sequence[str]) -> dict[str, str]:
    """Run these cases in the copy; return what happened by the name of each that escaped."""
    if not keys:
        return {}
    command = [sys.executable, "-m", "tests.torture", "--json", *(part for key in keys for part in ("--case", key))]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=PATIENCE + 10 * len(keys))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return dict.fromkeys(keys, "The suite did not end.")
    try:
        cases = json.loads(output)["cases"]
    except ValueError as error:
        raise RuntimeError(f"The suite does not start in the copy: {errors[-2_000:]}") from error
    return {case["key"]: case["happened"] for case in cases if case["verdict"] != "contained"}
