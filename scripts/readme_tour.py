"""Play the README's tour and keep what it shows true.

    scripts/readme_tour.py           write into README.md what the commands print now
    scripts/readme_tour.py --check   exit 1 and show the difference when it is not what stands there

The tour is the first block of README.md that is fenced as `console`.  Its lines that begin with
`$ ` are run one after the other by a shell in an empty folder, with the examples beside it;
`$ export NAME=VALUE` holds for the commands after it.
"""

import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parent.parent
README: Final = REPOSITORY / "README.md"

_OPENING: Final = "```console\n"
_CLOSING: Final = "```\n"
_PROMPT: Final = "$ "


def split(readme: str) -> tuple[str, str, str]:
    """What stands before the tour, the tour itself, and what stands after it."""
    before, opening, rest = readme.partition(_OPENING)
    tour, closing, after = rest.partition(_CLOSING)
    return before + opening, tour, closing + after


class CommandFailedError(Exception):
    """A command of the tour did not end well: the tour shows none that fails."""


def play(commands: list[str]) -> str:
    """Run the commands in a new folder and return them with what they print."""
    shown = []
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "LC_ALL": "C.UTF-8",
    }
    with tempfile.TemporaryDirectory() as folder:
        environment["HOME"] = folder
        (Path(folder) / "examples").symlink_to(REPOSITORY / "examples")
        for command in commands:
            shown.append(f"{_PROMPT}{command}\n")
            if command.startswith("export "):
                name, _, value = command.removeprefix("export ").partition("=")
                environment[name] = value
                continue
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
            if done.returncode:
                message = f"{command}: exit {done.returncode}\n{done.stdout}"
                raise CommandFailedError(message)
            shown.append(done.stdout)
    return "".join(shown)


def main(arguments: list[str]) -> int:
    """Rewrite or check the tour; returns the exit status."""
    before, tour, after = split(README.read_text("utf-8"))
    commands = [
        line.removeprefix(_PROMPT) for line in tour.splitlines() if line.startswith(_PROMPT)
    ]
    if not commands:
        print("README.md has no tour", file=sys.stderr)
        return 1
    try:
        played = play(commands)
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments != ["--check"]:
        README.write_text(before + played + after, "utf-8")
        return 0
    difference = list(
        difflib.unified_diff(
            tour.splitlines(), played.splitlines(), "README.md", "now", lineterm=""
        )
    )
    print("\n".join(difference))
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
