"""The commands of README.md's second example, run by a shell as they stand there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product import ROOT, Product

pytestmark = pytest.mark.journey


def test_the_curl_example_of_the_readme_reads_the_balance(served: Product) -> None:
    commands = _example().replace("http://localhost:8000", served.url).replace(".venv/bin/python", sys.executable)

    done = subprocess.run(
        ["sh", "-eu", "-c", commands], cwd=ROOT, env=dict(served.environ), capture_output=True, text=True, timeout=100
    )

    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    texts = [message["text"] for answer in answers for message in answer["messages"]]
    assert texts == [
        "What is your account number?",
        "Which e-mail address is it registered with?",
        "Thank you, Ada Okafor. Your balance is 1250.40 EUR.",
    ]
    assert texts[-1] in (ROOT / "README.md").read_text()


def _example() -> str:
    section = Path(ROOT / "README.md").read_text().split("## The same by HTTP", 1)[1]
    return section.split("```sh\n", 1)[1].split("```", 1)[0]
