"""A roster (花名册): who works on a site, with identity, card, first and last day."""

from typing import Final

from ledger.intake.grid import read_grid, require_size
from ledger.intake.headings import ROSTER, Aliases
from ledger.intake.people import PeopleFile, people_of, require_people
from ledger.intake.tables import Table, read_table

NEEDED: Final = ("name", "id_number")
KEPT: Final = (
    "name", "id_number", "phone", "card_number", "bank_name", "holder_name", "from_on", "to_on",
)  # fmt: skip
"""What is read of a person; trade and team are for the site alone."""


def read_roster(content: bytes, aliases: Aliases, today: str) -> PeopleFile:
    """Read a roster and judge its form, all but the digits of ID numbers and cards.

    Its lines hold values by the names of ``KEPT``, where the file has them.

    Raises:
        BadFileError: What cannot be read as a table of people at all.
    """
    require_size(len(content))
    table = read_table(read_grid(content), ROSTER, aliases)
    roster = people_of(table)
    roster.lines = _lines(table)
    require_people(roster)
    _require_person(roster, today)
    return roster


def _lines(table: Table) -> list[dict[str, str]]:
    named = [of for of in KEPT if of in table.columns]
    columns = [table.columns[of] for of in named]
    return [
        {of: value for of, value in zip(named, values, strict=True) if value is not None}
        for values in zip(*columns, strict=True)
    ]


def _require_person(roster: PeopleFile, today: str) -> None:
    seen = {(problem.row, problem.column) for problem in roster.problems}
    for at, line in enumerate(roster.lines):
        for of in NEEDED:
            heading = roster.headings.get(of, of)
            if (
                of not in line
                and of in roster.headings
                and (roster.numbers[at], heading) not in seen
            ):
                roster.report(at, of, "bad_field", problem="missing")
        first, last = line.get("from_on"), line.get("to_on")
        if first is not None and first > today:
            roster.report(at, "from_on", "future_date", on=first, today=today)
        if last is not None and last > today:
            roster.report(at, "to_on", "future_date", on=last, today=today)
        if first is not None and last is not None and last < first:
            roster.report(at, "to_on", "bad_date", problem="before_from")
