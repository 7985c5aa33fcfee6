"""The people of a file, whatever is to be posted of them: who they are, and a line for each.

The form is judged here, every row of it. Who the people are and what the ledger says to them is
asked afterwards (``ledger.people``). Amounts in fen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from typing import Any, Final

from ledger.intake.grid import Grid
from ledger.intake.problems import ERROR, WARNING, Problem, Severity
from ledger.intake.tables import Table
from ledger.kernel.identifiers import is_card_number, luhn_ok, mask_card, resident_id_problem

POSTED: Final[Mapping[str, str]] = {
    "gross": "gross_fen", "deductions": "deductions_fen", "net": "net_fen", "days": "days",
}  # fmt: skip
"""Fields of a file that enter a line, and how the line calls them."""

_EXACT_DIGITS: Final = 15
"""Digits that a spreadsheet keeps of a number."""


@dataclass
class PeopleFile:
    """The people of a file with what is to be posted of each.

    Attributes:
        lines: Lines of the posting, one for each person; the worker of one who is named by ID
            number only comes later.
        numbers: Number of each person's row in the file.
        workers: References, where the file has them.
        id_numbers: ID numbers, where it has them.
        names: Names, where it has them.
        cards: Card numbers, where it has them.
        headings: How the file calls a field.
        problems: What is wrong so far.
        broken: Places of people with an error.
        grid: The rows as they stand in the file; None for JSON.
    """

    lines: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    workers: Sequence[str | None] = ()
    id_numbers: Sequence[str | None] = ()
    names: Sequence[str | None] = ()
    cards: Sequence[str | None] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    grid: Grid | None = None

    def report(self, at: int, of: str, code: str, **facts: object) -> None:
        """Note an error with a person."""
        self._note(at, of, code, facts, ERROR)
        self.broken.add(at)

    def warn(self, at: int, of: str, code: str, **facts: object) -> None:
        """Note what somebody should look at with a person."""
        self._note(at, of, code, facts, WARNING)

    def _note(
        self, at: int, of: str, code: str, facts: Mapping[str, object], severity: Severity
    ) -> None:
        heading = self.headings.get(of, of)
        given = {name: value for name, value in facts.items() if value not in ("", None)}
        number = self.numbers[at]
        self.problems.append(Problem(number, heading, code, {"field": heading, **given}, severity))

    def identity_heading(self, at: int) -> str:
        """The field by which a person is named."""
        return "id_number" if self.workers[at] is None else "worker"

    @property
    def failed(self) -> bool:
        """Whether anything is an error."""
        return any(problem.severity == ERROR for problem in self.problems)

    @property
    def net_sum_fen(self) -> int:
        """Sum of what could be read."""
        return sum(net for line in self.lines if type(net := line.get("net_fen")) is int)


def people_of(table: Table) -> PeopleFile:
    """The people of a table, and the line of each as far as the file has it."""
    headings = {POSTED.get(of, of): column.heading for of, column in table.headings.columns.items()}
    return PeopleFile(
        lines=_lines(table),
        numbers=table.numbers,
        workers=table.column("worker"),
        id_numbers=table.column("id_number"),
        names=table.column("name"),
        cards=table.column("card_number"),
        headings=headings,
        problems=table.problems,
        broken=table.broken,
        grid=table.grid,
    )


def _lines(table: Table) -> list[dict[str, Any]]:
    named = [(of, name) for of, name in POSTED.items() if of in table.columns]
    columns = [table.columns[of] for of, _name in named]
    names = ["worker", *(name for _of, name in named)]
    rows = zip(table.column("worker"), *columns, strict=True)
    lines = list(map(dict, map(zip, repeat(names), rows)))
    if any(None in column for column in columns):
        return [
            {name: value for name, value in line.items() if value is not None or name == "worker"}
            for line in lines
        ]
    return lines


def require_people(sheet: PeopleFile) -> None:
    """Each row names a person, nobody stands twice, and nobody shares a card."""
    named = "id_number" if "id_number" in sheet.headings else "worker"
    for at, (worker, number) in enumerate(zip(sheet.workers, sheet.id_numbers, strict=True)):
        if worker is None and number is None and at not in sheet.broken:
            sheet.report(at, named, "bad_field", problem="missing")
    for of, column in (("worker", sheet.workers), ("id_number", sheet.id_numbers)):
        for at, first in again(column):
            sheet.report(at, of, "duplicate_worker", line=sheet.numbers[first])
    for at, first in again(sheet.cards):
        card = sheet.cards[at]
        if card is not None and _are_two(sheet, at, first):
            facts = {"line": sheet.numbers[first], "card": mask_card(card)}
            sheet.warn(at, "card_number", "card_twice", **facts)


def again(column: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Yield places whose value stood earlier already, with the first place of it."""
    if len(set(column)) == len(column):
        return
    first: dict[str, int] = {}
    for at, value in enumerate(column):
        if value is not None and first.setdefault(value, at) != at:
            yield at, first[value]


def _are_two(sheet: PeopleFile, at: int, other: int) -> bool:
    """Whether two rows name two people, as far as they say."""
    pairs = (sheet.workers, sheet.id_numbers)
    return any(column[at] != column[other] for column in pairs)


def require_digits(sheet: PeopleFile, today: date, places: Sequence[int] | None = None) -> None:
    """Check the digits of ID numbers and cards that no register vouches for.

    Args:
        sheet: The file.
        today: The last possible birth date.
        places: Which people; all of them where it is None.
    """
    for at in range(len(sheet.numbers)) if places is None else places:
        number, card = sheet.id_numbers[at], sheet.cards[at]
        if number is not None:
            problem = resident_id_problem(number, today)
            if _looks_rounded(sheet, number):
                sheet.report(at, "id_number", "number_rounded")
            elif problem is not None:
                sheet.report(at, "id_number", "bad_id_number", problem=problem)
        if card is not None:
            require_card(sheet, at, card)


def _looks_rounded(sheet: PeopleFile, number: str) -> bool:
    """Whether a number in text went through a spreadsheet that kept 15 digits of it.

    One genuine ID number in a thousand ends so too: it passes in a workbook, whose text no
    spreadsheet rounds, and everywhere once it is registered.
    """
    digits = len(number)
    return (
        sheet.grid is not None
        and sheet.grid.delimited
        and digits > _EXACT_DIGITS + 2
        and number.endswith("0" * (digits - _EXACT_DIGITS))
    )


def require_cards(sheet: PeopleFile, places: Sequence[int]) -> None:
    """Check the form of the cards of registered workers; the register vouches for the rest."""
    for at in places:
        card = sheet.cards[at]
        if card is not None and not is_card_number(card):
            sheet.report(at, "card_number", "bad_card_number", problem="form")


def require_card(sheet: PeopleFile, at: int, card: str) -> None:
    """Check the form of a card; its last digit is only worth a warning."""
    if not is_card_number(card):
        sheet.report(at, "card_number", "bad_card_number", problem="form")
    elif _looks_rounded(sheet, card):
        sheet.report(at, "card_number", "number_rounded")
    elif not luhn_ok(card):
        sheet.warn(at, "card_number", "card_luhn", worker=sheet.workers[at])
