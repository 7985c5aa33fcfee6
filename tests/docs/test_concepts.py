"""What the first pages show a new engineer or inspector is what the program does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import REPOSITORY

_PAGES = sorted(REPOSITORY.glob("docs/concepts/*.md"))
_LINES = 80


def test_the_commands_of_the_concepts_print_what_the_pages_show() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/concept_tours.py", "--check"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun scripts/concept_tours.py"


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_a_concept_is_read_in_one_go(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(text.splitlines()) < _LINES
    assert "```console\n$ " in text
