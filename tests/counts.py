"""How often the drills and properties run: a tenth by default, all of it with `--full`.

A property or a drill states its full count; `runs` cuts it for the everyday run, so that the
whole suite stays under fifteen minutes on two cores.
"""

import os
from typing import Final

SEED: Final = 20_260_401
"""The seed of everything random in the tests, so that a failure comes back."""

COUNTS_VARIABLE: Final = "WAGELEDGER_TEST_COUNTS"
"""`full` or `tenth`; set by the `--full` option before test modules are imported."""


def full() -> bool:
    """Whether this run makes every repetition that the tests name."""
    return os.environ.get(COUNTS_VARIABLE) == "full"


def runs(count: int) -> int:
    """The repetitions to make now for a test whose full count is `count`: at least one."""
    return count if full() else max(1, count // 10)
