"""From the rows of a file to columns of values: titles, empty rows, totals and notes set aside.

Everything goes column by column. A row is set aside only for a reason that its own cells show: it
is empty, it is a total (合计), or it stands below the total and names nobody. Every other row is
a person's, and what is wrong with it is a problem under its number.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.intake import cells
from ledger.intake.cells import BadCell
from ledger.intake.grid import Cell, Grid
from ledger.intake.headings import Aliases, Column, Headings, Layout, find_headings
from ledger.intake.problems import ERROR, WARNING, Problem
from ledger.kernel.text import text_problem

CONVERTERS: Final[Mapping[str, Callable[[Cell], Any]]] = {
    "worker": cells.worker_of,
    "name": cells.name_of,
    "id_number": cells.id_number_of,
    "phone": cells.phone_of,
    "trade": cells.name_of,
    "team": cells.name_of,
    "days": cells.days_of,
    "gross": cells.fen_of_yuan,
    "deductions": cells.fen_of_yuan,
    "net": cells.fen_of_yuan,
    "amount": cells.fen_of_yuan,
    "card_number": cells.card_number_of,
    "bank_name": cells.name_of,
    "holder_name": cells.name_of,
    "from_on": cells.date_of,
    "to_on": cells.date_of,
    "paid_on": cells.date_of,
    "bank_ref": cells.name_of,
    "result": cells.name_of,
    "reason": cells.name_of,
}
"""How the cells of each field are read."""

AT_ONCE: Final[Mapping[Callable[[Cell], Any], Callable[[list[Cell]], list[Any] | None]]] = {
    cells.fen_of_yuan: cells.amounts_at_once,
    cells.id_number_of: cells.digits_at_once,
    cells.card_number_of: cells.digits_at_once,
    cells.name_of: cells.texts_at_once,
}
"""How a whole column is read, where it is plain."""

_SELDOM: Final = 20
_TOTALS: Final = frozenset({"合计", "总计", "共计", "总合计", "累计", "total", "grandtotal", "sum"})
_SUBTOTALS: Final = frozenset({"小计", "本页小计", "本页合计", "subtotal"})
_BLANKS: Final = re.compile(r"[\s:：\u3000]+")
_FOOTER: Final = re.compile(
    "制表|审核|复核|负责人|经办|填表|审批|签字|签章|盖章|日期|备注|说明|注[:：]"
)
_DIGIT: Final = re.compile(r"[0-9０-９]")
_FORMULA: Final = ("=", "+", "@")
_SUMMED: Final = ("gross", "deductions", "net", "amount")


@dataclass
class Table:
    """The people of a file, column by column.

    Attributes:
        grid: The file.
        headings: Where its table begins.
        numbers: Number of each person's row in the file.
        columns: Values by field, one for each person; None where the cell is empty or wrong.
        problems: What is wrong.
        broken: Places (from 0) of people with an error.
    """

    grid: Grid
    headings: Headings
    numbers: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, of: str) -> list[Any]:
        """Values of a field; all None where the file does not have it."""
        return self.columns.get(of) or [None] * len(self.numbers)

    def heading(self, of: str) -> str:
        """How the file calls a field."""
        column = self.headings.columns.get(of)
        return column.heading if column is not None else of

    def report(self, at: int, of: str, code: str, **facts: object) -> None:
        """Note an error in a person's cell."""
        heading = self.heading(of)
        shown = {name: value for name, value in facts.items() if value not in ("", None)}
        self.problems.append(Problem(self.numbers[at], heading, code, {"field": heading, **shown}))
        self.broken.add(at)

    @property
    def failed(self) -> bool:
        """Whether anything is an error."""
        return any(problem.severity == ERROR for problem in self.problems)


def read_table(grid: Grid, layout: Layout, aliases: Aliases) -> Table:
    """Read the people of a file.

    Raises:
        BadFileError: ``no_headings``.
    """
    headings, problems = find_headings(grid.rows, layout, aliases)
    table = Table(grid, headings, problems=[*grid.problems, *problems])
    if any(problem.code in {"missing_column", "duplicate_column"} for problem in problems):
        return table
    body = grid.rows[headings.row + 1 :]
    order = {of: at for at, of in enumerate(CONVERTERS)}
    fields = sorted(headings.columns, key=lambda of: order[_whole_of(of)])
    places = {of: headings.columns[of].at for of in fields}
    by_field = {of: _cells(body, at) for of, at in places.items()}
    kept, totals = _sorted_out(body, by_field)
    table.numbers = [headings.row + 2 + at for at in kept]
    whole = len(kept) == len(body)
    for of, given in by_field.items():
        column = given if whole else [given[at] for at in kept]
        table.columns[of] = _converted(table, of, headings.columns[of], column)
    _add_parts(table)
    _uncached(table)
    _beyond(table, body, kept)
    _hidden(table)
    _compare_totals(table, totals, by_field)
    return table


def _cells(body: Sequence[Sequence[Cell]], at: int) -> list[Cell]:
    try:
        return [row[at] for row in body]
    except IndexError:  # rows of text may end early
        return [row[at] if at < len(row) else "" for row in body]


# -- which rows are people's ----------------------------------------------------


def _sorted_out(
    body: Sequence[Sequence[Cell]], by_field: Mapping[str, list[Cell]]
) -> tuple[list[int], list[tuple[int, bool]]]:
    """Places of people's rows, and of totals with whether they are subtotals."""
    tests = {"worker": _is_reference, "id_number": _is_number}
    named = [set(_passing(test, by_field[of])) for of, test in tests.items() if of in by_field]
    found = set().union(*named)
    odd = [at for at in range(len(body)) if at not in found]
    if not odd:
        return list(range(len(body))), []
    aside: set[int] = set()
    totals: list[tuple[int, bool]] = []
    for at in odd:
        kind = _kind_of_row(body[at], at, by_field, below_total=bool(totals))
        if kind in {"total", "subtotal"}:
            totals.append((at, kind == "subtotal"))
        if kind != "person":
            aside.add(at)
    return [at for at in range(len(body)) if at not in aside], totals


def _passing(test: Callable[[Cell], bool], column: Sequence[Cell]) -> Iterator[int]:
    """Places whose cell passes a test; a column of plain letters and digits passes whole."""
    if set(map(type, column)) == {str} and all(column):
        joined = "".join(column)
        if joined.isascii() and joined.isalnum() and not any(map(str.isalpha, set(column))):
            return iter(range(len(column)))
    return (at for at, cell in enumerate(column) if test(cell))


def _is_reference(cell: Cell) -> bool:
    """Whether a cell may hold a worker's reference: text or a number that is no total."""
    if type(cell) is not str:
        return True
    label = _label(cell)
    return bool(label) and label not in _TOTALS | _SUBTOTALS and _FOOTER.search(label) is None


def _is_number(cell: Cell) -> bool:
    """Whether a cell may hold an ID number, whole, masked or spoilt: there is a digit in it."""
    return type(cell) is not str or _DIGIT.search(cell) is not None


def _label(cell: Cell) -> str:
    return _BLANKS.sub("", cell).lower() if type(cell) is str else ""


def _kind_of_row(
    row: Sequence[Cell], at: int, by_field: Mapping[str, list[Cell]], *, below_total: bool
) -> str:
    labels = [_label(cell) for cell in row]
    if not any(labels) and not any(type(cell) is not str for cell in row):
        return "empty"
    if any(label in _TOTALS for label in labels):
        return "total"
    if any(label in _SUBTOTALS for label in labels):
        return "subtotal"
    read = [given[at] for of, given in by_field.items() if of not in {"trade", "team"}]
    filled = [cell for cell in read if type(cell) is not str or cell.strip()]
    if not filled:
        return "empty"
    notes = any(_FOOTER.search(label) for label in labels)
    amounts = any(type(cell) is not str or cell[:1].isdigit() for cell in filled)
    return "note" if (notes or below_total) and not amounts else "person"


# -- values ---------------------------------------------------------------------


def _converted(table: Table, of: str, column: Column, given: list[Cell]) -> list[Any]:
    """Convert a column; a wrong cell becomes a problem and None."""
    convert = cells.whole_fen if column.in_fen else CONVERTERS[_whole_of(of)]
    at_once = AT_ONCE.get(convert)
    made = at_once(given) if at_once is not None and given else None
    if made is None:
        made = _few_values(convert, given)
    if made is None:
        made = _one_by_one(table, of, convert, given)
    if of in {"name", "holder_name"}:
        _look_for_formulas(table, of, made)
    return made


def _whole_of(of: str) -> str:
    """The field that a column holds, or a part of: ``deductions/3`` is one of the deductions."""
    return of.partition("/")[0]


def _add_parts(table: Table) -> None:
    """Make the deductions of their parts; a row without any has none."""
    parts = {of: column for of, column in table.headings.columns.items() if _whole_of(of) != of}
    if not parts:
        return
    rows = zip(*(table.columns[of] for of in parts), strict=True)
    table.columns["deductions"] = [
        None if all(part is None for part in row) else sum(part or 0 for part in row)
        for row in rows
    ]
    heading = "+".join(column.heading for column in parts.values())
    last = max(column.at for column in parts.values())
    table.headings.columns["deductions"] = Column(last, heading)


def _few_values(convert: Callable[[Cell], Any], given: list[Cell]) -> list[Any] | None:
    """Convert each of a few values once, where a column holds no others and all are right."""
    values = set(given)
    if len(values) * _SELDOM > len(given) or len(set(map(type, values))) > 1:
        return None
    try:
        known = {value: None if value == "" else convert(value) for value in values}
    except BadCell:
        return None
    return [known[cell] for cell in given]


def _one_by_one(
    table: Table, of: str, convert: Callable[[Cell], Any], given: list[Cell]
) -> list[Any]:
    made: list[Any] = []
    for at, cell in enumerate(given):
        if cell == "":
            made.append(None)
            continue
        try:
            made.append(convert(cell))
        except BadCell as bad:
            made.append(None)
            if bad.code == "masked_value" and _has_worker(table, at):
                continue  # the sheet's own masked numbers, beside the reference that counts
            table.report(at, of, bad.code, problem=bad.problem, value=bad.shown)
    return made


def _has_worker(table: Table, at: int) -> bool:
    workers = table.columns.get("worker")
    return workers is not None and workers[at] is not None


def _look_for_formulas(table: Table, of: str, made: Sequence[str | None]) -> None:
    begins = {text[0] for text in made if text}
    if begins.isdisjoint(_FORMULA):
        return
    for at, text in enumerate(made):
        if text is not None and text.startswith(_FORMULA):
            heading = table.heading(of)
            facts = {"field": heading}
            table.problems.append(
                Problem(table.numbers[at], heading, "formula_text", facts, WARNING)
            )


def _uncached(table: Table) -> None:
    """Refuse formulas that no program has worked out: their value is not known."""
    if not table.grid.uncached:
        return
    places = {number: at for at, number in enumerate(table.numbers)}
    read = {column.at: of for of, column in table.headings.columns.items()}
    for row, column in sorted(table.grid.uncached):
        at, of = places.get(row + 1), read.get(column)
        if at is not None and of is not None:
            table.report(at, of, "formula_without_value")


def _beyond(table: Table, body: Sequence[Sequence[Cell]], kept: Sequence[int]) -> None:
    """Rows that are longer than the headings: an error in text, a note in a spreadsheet.

    Characters that nobody sees are refused in every cell of text, read or not: they may not
    hide anything in a column that is passed over.
    """
    width = table.headings.width
    longer = width < max(map(len, body), default=0)
    for place, at in enumerate(kept) if longer else ():
        row = body[at]
        if len(row) > width and any(cell != "" for cell in row[width:]):
            severity = ERROR if table.grid.delimited else WARNING
            number = table.numbers[place]
            table.problems.append(Problem(number, "", "long_row", {"count": width}, severity))
            if severity == ERROR:
                table.broken.add(place)
    read = {column.at for column in table.headings.columns.values()}
    unread = [at for at in range(width) if at not in read]
    for column in unread:
        given = _cells(body, column)
        joined = "".join({cell for cell in given if type(cell) is str})
        if text_problem(joined, len(joined), many_lines=True) is None:
            continue
        heading = str(table.grid.rows[table.headings.row][column]).strip()
        for place, at in enumerate(kept):
            cell = given[at]
            text = cell.replace("\r", "") if type(cell) is str else ""
            problem = text_problem(text, len(text), many_lines=True)
            if problem is not None:
                _refuse_text(table, place, heading, problem)


def _refuse_text(table: Table, place: int, heading: str, problem: str) -> None:
    facts = {"field": heading, "problem": problem}
    table.problems.append(Problem(table.numbers[place], heading, "bad_field", facts))
    table.broken.add(place)


def _hidden(table: Table) -> None:
    for number in table.numbers if table.grid.hidden else ():
        if number in table.grid.hidden:
            table.problems.append(Problem(number, "", "hidden_row", {}, WARNING))


# -- totals ---------------------------------------------------------------------


def _compare_totals(
    table: Table, totals: Sequence[tuple[int, bool]], by_field: Mapping[str, list[Cell]]
) -> None:
    """Compare each total with the sum of the rows above it; a total is never added."""
    first = table.headings.row + 2
    since = 0
    for at, is_subtotal in totals:
        above = [
            place for place, number in enumerate(table.numbers) if since <= number - first < at
        ] if is_subtotal else [
            place for place, number in enumerate(table.numbers) if number - first < at
        ]  # fmt: skip
        if is_subtotal:
            since = at
        for of in by_field:
            if _whole_of(of) in _SUMMED:
                _compare(table, first + at, of, by_field[of][at], above)


def _compare(table: Table, number: int, of: str, cell: Cell, above: Sequence[int]) -> None:
    heading = table.heading(of)
    convert = cells.whole_fen if table.headings.columns[of].in_fen else cells.fen_of_yuan
    try:
        stated = convert(cell) if cell != "" else None
    except BadCell as bad:
        facts = {"field": heading, "problem": bad.problem, "value": bad.shown}
        shown = {name: value for name, value in facts.items() if value}
        table.problems.append(Problem(number, heading, "bad_amount", shown))
        return
    unread = {problem.row for problem in table.problems if problem.column == heading}
    if any(table.numbers[place] in unread for place in above):
        return  # an amount that could not be read is told already
    column = table.columns[of]
    total = sum(column[place] or 0 for place in above)
    if stated is not None and stated != total:
        differing = {"field": heading, "amount_fen": stated, "actual_fen": total}
        table.problems.append(Problem(number, heading, "total_differs", differing))
