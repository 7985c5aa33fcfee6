"""What is wrong with a file that people filled in: every row, with its place and its code."""

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from ledger.kernel.errors import LedgerError

Severity = Literal["error", "warning"]

ERROR: Final[Severity] = "error"
WARNING: Final[Severity] = "warning"


class Problem(NamedTuple):
    """One thing that is wrong, or that somebody should look at.

    Attributes:
        row: Number of the row as a spreadsheet counts them, from 1; None for the whole file.
        column: Heading of the column as the file has it, or empty.
        code: A code of the catalogue.
        facts: What the message may show; never an identity.
    """

    row: int | None
    column: str
    code: str
    facts: Mapping[str, Any]
    severity: Severity = ERROR


class BadFileError(LedgerError):
    """A file that cannot be read as a table at all: its kind, its size, its encoding."""
