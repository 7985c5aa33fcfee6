"""``wageledger --help``, against a Python that does nothing.

Measured: the time of the whole process, ``wageledger --help`` against ``python -c pass`` of the
same interpreter, in turn, twenty times each. At most 5 times as long: help loads neither storage
nor the option parser.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from measures.timing import Limit, interleaved, report, stopwatch

TIMES: Final = Limit(bound=5.0)
RUNS: Final = 20


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=RUNS)
    given = parser.parse_args()
    installed = Path(sys.executable).with_name("wageledger")
    program = [str(installed)] if installed.exists() else [sys.executable, "-m", "cli.main"]
    pair = interleaved(
        lambda _number: _run(*program, "--help"),
        lambda _number: _run(sys.executable, "-c", "pass"),
        repetitions=given.repetitions,
    )
    return 0 if report("help", "none", pair, TIMES, command=" ".join(program[1:])) else 1


def _run(*command: str) -> float:
    return stopwatch(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))


if __name__ == "__main__":
    sys.exit(main())
