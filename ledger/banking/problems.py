"""What is wrong with a bank file that can be read: codes with their facts, so many at most.

A problem does not stop the reading; a file that cannot be read at all raises `BankFileError`.
Codes are in ``ledger.kernel.codes``; nothing here holds an identity, since a name, a card or a
remittance text never goes into a fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ledger.kernel.errors import LedgerError

MOST_PROBLEMS: Final = 100
"""So many problems are kept one by one; the rest are counted by code."""


class BankFileError(LedgerError):
    """A bank file that cannot be read; nothing of it may be used."""


class Problem(NamedTuple):
    """One thing that a person must look at.

    Attributes:
        code: A code of the catalogue.
        facts: What its message may show.
    """

    code: str
    facts: dict[str, object]


@dataclass(slots=True)
class Problems:
    """The problems of a file or a statement, in the order in which they were found."""

    found: list[Problem] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)

    def add(self, code: str, /, **facts: object) -> None:
        """Note a problem; beyond `MOST_PROBLEMS` it is only counted."""
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(code, facts))
        else:
            self.more[code] = self.more.get(code, 0) + 1

    def __iter__(self) -> Iterator[Problem]:
        yield from self.found
        for code, count in self.more.items():
            yield Problem("bank_more_problems", {"value": code, "count": count})

    def __len__(self) -> int:
        return len(self.found) + len(self.more)

    @property
    def count(self) -> int:
        """How many there are, each of those that were only counted too."""
        return len(self.found) + sum(self.more.values())

    def extend(self, others: "Problems") -> None:
        """Take over problems that were noted elsewhere."""
        for problem in others.found:
            self.add(problem.code, **problem.facts)
        for code, count in others.more.items():
            self.more[code] = self.more.get(code, 0) + count

    @property
    def codes(self) -> frozenset[str]:
        """Codes of all problems, also of those that were only counted."""
        return frozenset({problem.code for problem in self.found} | set(self.more))
