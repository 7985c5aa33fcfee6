"""Why the figures of a month's statement are what they are.

The month is that of the date of the question, up to that date. A row of accounts is named
``<party>:<account>`` on a project's statement and ``<project>:<account>`` on a party's, a row of
wages by the party or the project alone, a movement with its kind behind: ``...:<kind>``.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from projections.queries.explaining import Line, Question, Rule, booked
from projections.queries.month import LESS, OWED, STEPS, WAGES, step_of

Explainer = Callable[[Question], Iterator[Line] | list[Line]]

_CELL: Final = "j.project = :project AND j.book = :book AND j.account = :account"
_DUE: Final = " AND j.due_on <> '' AND j.due_on < :on"
_MOVED: Final = (
    "SELECT j.position, j.on_date, j.counterparty, j.due_on, j.amount_fen, e.kind"
    " FROM {journal_line} AS j JOIN event AS e ON e.tenant = j.tenant AND e.position = j.position"
    " WHERE j.tenant = :tenant AND j.on_date > :low AND j.on_date <= :on AND j.position <= :known"
    f" AND {_CELL} ORDER BY j.on_date, j.position, j.seq"
)


class Cell(NamedTuple):
    """What a row of a statement is about."""

    project: str
    book: str
    account: str
    kind: str = ""

    @property
    def sign(self) -> int:
        """-1 for what the books hold as a credit and the statement as a debt."""
        return -1 if self.account in OWED else 1


Named = Callable[[Question], Cell]


def _on_project(asked: Question) -> Cell:
    party, _colon, rest = asked.row.partition(":")
    account, _colon, kind = rest.partition(":")
    return Cell(asked.subject, party, account or WAGES, kind)


def _of_party(asked: Question) -> Cell:
    project, _colon, rest = asked.row.partition(":")
    account, _colon, kind = rest.partition(":")
    return Cell(project, asked.subject, account or WAGES, kind)


def _day_before(on: str) -> str:
    """The last day of the month before."""
    return (date.fromisoformat(on).replace(day=1) - timedelta(days=1)).isoformat()


def _held(named: Named, *, opening: bool = False, overdue: bool = False) -> Explainer:
    """What was there at the beginning or at the end, or what of it was due."""

    def lines(asked: Question) -> Iterator[Line]:
        cell = named(asked)
        cut = asked.cut._replace(on=_day_before(asked.cut.on)) if opening else asked.cut
        rule = Rule.OVERDUE if overdue else Rule.BALANCE
        return booked(
            asked.view, cut, rule, _CELL + (_DUE if overdue else ""), sign=cell.sign,
            project=cell.project, book=cell.book, account=cell.account,
        )  # fmt: skip

    return lines


def _moved(asked: Question, cell: Cell) -> Iterator[tuple[str, Line]]:
    """Lines of the month with their kinds."""
    for row in asked.view.rows(
        _MOVED, low=_day_before(asked.cut.on), on=asked.cut.on, known=asked.cut.known,
        project=cell.project, book=cell.book, account=cell.account,
    ):  # fmt: skip
        yield row.kind, Line(
            position=row.position, on=row.on_date, amount_fen=cell.sign * row.amount_fen,
            rule=Rule.MOVED, book=cell.book, account=cell.account, project=cell.project,
            counterparty=row.counterparty, due_on=row.due_on,
        )  # fmt: skip


def _movement(named: Named) -> Explainer:
    def lines(asked: Question) -> Iterator[Line]:
        cell = named(asked)
        return (line for kind, line in _moved(asked, cell) if kind == cell.kind)

    return lines


def _one_way(named: Named, sign: int) -> Explainer:
    """What the kinds brought that together brought something, or took that took something."""

    def lines(asked: Question) -> Iterator[Line]:
        moved = list(_moved(asked, named(asked)))
        sums: dict[str, int] = {}
        for kind, line in moved:
            sums[kind] = sums.get(kind, 0) + line.amount_fen
        for kind, line in moved:
            if sign * sums[kind] > 0:
                yield line.times(sign)

    return lines


def _wages_step(named: Named, step: str) -> Explainer:
    sign = -1 if step in LESS else 1

    def lines(asked: Question) -> Iterator[Line]:
        moved = _moved(asked, named(asked))
        return (line.times(sign) for kind, line in moved if step_of(kind) == step)

    return lines


def _figures(named: Named) -> Mapping[str, Explainer]:
    return {
        "accounts.opening_fen": _held(named, opening=True),
        "accounts.in_fen": _one_way(named, 1),
        "accounts.out_fen": _one_way(named, -1),
        "accounts.closing_fen": _held(named),
        "movements.amount_fen": _movement(named),
        "contractors.opening_arrears_fen": _held(named, opening=True, overdue=True),
        "contractors.opening_fen": _held(named, opening=True),
        **{f"contractors.{step}_fen": _wages_step(named, step) for step in STEPS},
        "contractors.closing_fen": _held(named),
        "contractors.closing_arrears_fen": _held(named, overdue=True),
    }


PROJECT_MONTH: Final = _figures(_on_project)
"""Figures of `project statement`."""

PARTY_MONTH: Final = _figures(_of_party)
"""Figures of `party statement`."""
