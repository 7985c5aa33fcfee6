"""Play the commands in docs/concepts and keep what the pages show true.

    scripts/concept_tours.py           write into the pages what their commands print now
    scripts/concept_tours.py --check   exit 1 and show the difference when they print something else

The lines of a page's `console` blocks that begin with `$ ` are run one after the other by a shell,
all of a page in one folder of its own. In it lie the examples and the ledger `example.db` with the
worked example, to which WAGELEDGER_URL points.
"""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parent.parent
PAGES: Final = REPOSITORY / "docs" / "concepts"

_OPENING: Final = "```console"
_CLOSING: Final = "```"
_PROMPT: Final = "$ "
_PREPARED: Final = (
    "wageledger init",
    "wageledger post examples/worked-example.jsonl",
)


def run(command: str, folder: Path) -> str:
    """Run one command as a reader would and return what it prints."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "WAGELEDGER_URL": "sqlite:///example.db",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


def prepare(folder: Path) -> None:
    """Make the ledger that every page begins with."""
    folder.mkdir()
    (folder / "examples").symlink_to(REPOSITORY / "examples")
    for command in _PREPARED:
        run(command, folder)


def played(page: str, folder: Path) -> Iterator[str]:
    """The lines of a page with what its commands print now."""
    inside = False
    for line in page.splitlines():
        if line == _OPENING:
            inside = True
        elif line == _CLOSING:
            inside = False
        elif inside and not line.startswith(_PROMPT):
            continue
        yield line
        if inside and line.startswith(_PROMPT):
            yield from run(line.removeprefix(_PROMPT), folder).rstrip("\n").splitlines()


def main(arguments: list[str]) -> int:
    """Rewrite or check the pages; returns the exit status."""
    differing = 0
    with tempfile.TemporaryDirectory() as temporary:
        prepared = Path(temporary) / "prepared"
        prepare(prepared)
        for path in sorted(PAGES.glob("*.md")):
            folder = Path(temporary) / path.stem
            shutil.copytree(prepared, folder, symlinks=True)
            page = path.read_text("utf-8")
            now = "\n".join(played(page, folder)) + "\n"
            if arguments != ["--check"]:
                path.write_text(now, "utf-8")
                continue
            lines = difflib.unified_diff(
                page.splitlines(), now.splitlines(), path.name, "now", lineterm=""
            )
            print("\n".join(lines), end="")
            differing += page != now
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
