"""What the README shows is what a newcomer sees."""

import subprocess
import sys

from tests import REPOSITORY


def test_the_commands_of_the_tour_print_what_the_readme_shows() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/readme_tour.py", "--check"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun scripts/readme_tour.py"
