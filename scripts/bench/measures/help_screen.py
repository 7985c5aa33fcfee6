"""``wageledger --help`` against a bare Python that does nothing.

Whole processes, taken in turn: at most 5 times as long (median of 20 pairs).
"""

import subprocess
import sys
from pathlib import Path

from measures.timing import Limit, interleaved, report, stopwatch

PAIRS = 20
TIMES = Limit(bound=5.0)


def main() -> int:
    """Run from the command line."""
    program = Path(sys.executable).with_name("wageledger")
    help_screen = [str(program), "--help"]
    nothing = [sys.executable, "-c", "pass"]

    def run(command: list[str]) -> float:
        return stopwatch(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))

    pair = interleaved(lambda _: run(help_screen), lambda _: run(nothing), repetitions=PAIRS)
    return 0 if report("help", "none", pair, TIMES) else 1


if __name__ == "__main__":
    sys.exit(main())
