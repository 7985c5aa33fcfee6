"""docs/reference/codes.md: every code with its exit status, its words and its source."""

from collections.abc import Iterator
from typing import Final

from catalogue.words import in_chinese, row, sentence, table
from ledger.kernel.codes import CODES

NAME: Final = "codes.md"

_HEAD: Final = """# Every code

Written by `scripts/reference` from the program itself; a test keeps it current.

A code is a stable name for one answer, never used again for another. A command that ends with it
has the exit status beside it; of several postings the lowest status that is not 0 counts, and 9
before all. In an answer the message names the facts of the case; here they are left out.
"""

_GROUPS: Final = {
    "authority": "Who may post",
    "form": "Form",
    "key": "Key",
    "date": "Dates",
    "reference": "References",
    "standing": "Standing",
    "rule": "Rules of the kinds",
    "usage": "The command line",
    "storage": "Storage and vault",
    "check": "Checks",
    "proof": "Proofs of the log",
    "bank": "Bank files: what cannot be read, and what a person must look at",
    "file": "Files of contractors and banks",
    "warning": "Warnings: the posting is recorded all the same",
}


def page() -> str:
    """The whole page."""
    lines = [_HEAD.rstrip()]
    for group in dict.fromkeys(code.group for code in CODES.values()):
        title = _GROUPS[group]
        lines += ["", f"## {title}", "", *table("code", "exit", "meaning", "what to do", "source")]
        lines += _rows(group)
    return "\n".join(lines) + "\n"


def _rows(group: str) -> Iterator[str]:
    for name, code in CODES.items():
        if code.group == group:
            yield row(
                f"`{name}`", code.exit_status, _both(code.message), _both(code.remedy), code.source
            )


def _both(message: str) -> str:
    return f"{sentence(message)}<br>{sentence(in_chinese(message))}"
