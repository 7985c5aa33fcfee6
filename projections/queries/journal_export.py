"""The journal as another program reads it: its cells, its lines, and what no line carries.

A *cell* is what a balance is held for (``projections.journal.CELL``). Its balance comes from the
sums of days, not from the lines beside which it is written: whoever adds the lines up again checks
one read model by the other. Lines come as they are read, however many there are.
"""

from collections.abc import Iterator
from typing import Final

from projections.view import EVERYTHING, Cut, Row, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

_COUNTED: Final = "b.tenant = :tenant AND b.on_date <= :on"
_BY_DAY: Final = f"{{balance_day}} AS b WHERE {_COUNTED}"
_KNOWN: Final = f"{{journal_line}} AS b WHERE {_COUNTED} AND b.position <= :known"
_OF_PROJECT: Final = " AND b.project = :project"
_CELL: Final = "b.book, b.account, b.project, b.counterparty, b.due_on"
_SUMS: Final = (
    f"SELECT {_CELL}, min(b.on_date) AS first_on, CAST(sum(b.amount_fen) AS BIGINT) AS amount_fen"
    " FROM "
)
_CELLS: Final = f"SELECT {_CELL}, p.general_contractor, b.first_on, b.amount_fen FROM ("
_WITH_CONTRACTOR: Final = (
    f" GROUP BY {_CELL}) AS b LEFT JOIN {{project}} AS p ON p.tenant = :tenant"
    f" AND p.project = b.project ORDER BY {_CELL}"
)
_LINES: Final = """
    SELECT b.on_date, b.position, b.book, b.account, b.project, b.counterparty, b.due_on,
        b.amount_fen, e.kind, e.recorded_at
    FROM {journal_line} AS b CROSS JOIN event AS e
    WHERE b.tenant = :tenant AND b.on_date <= :on AND b.position <= :known
        AND e.tenant = b.tenant AND e.position = b.position
"""
_IN_ORDER: Final = " ORDER BY b.on_date, b.position, b.book, b.seq"


def cells(
    view: View, *, as_of: str, known_at: int | None = None, project: str | None = None
) -> Iterator[Row]:
    """Every cell that a line ever went to, with its first day and its balance, in order.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        project: Of one project.

    Yields:
        The cell, ``general_contractor`` of its project, ``first_on`` and ``amount_fen``.

    Raises:
        LedgerError: ``unknown_project``.
    """
    cut = view.cut(as_of, known_at)
    source = _BY_DAY if cut.known == EVERYTHING else _KNOWN
    values: dict[str, object] = {"on": cut.on, "known": cut.known}
    if project is not None:
        require_project(view, cut, project)
        source, values["project"] = source + _OF_PROJECT, project
    yield from view.stream(f"{_CELLS}{_SUMS}{source}{_WITH_CONTRACTOR}", **values)


def lines(
    view: View, *, as_of: str, known_at: int | None = None, project: str | None = None
) -> Iterator[Row]:
    """Every line by business date, then position, those of one book of a posting together.

    Takes what ``cells`` takes.
    """
    cut = view.cut(as_of, known_at)
    sql = _LINES
    values: dict[str, object] = {"on": cut.on, "known": cut.known}
    if project is not None:
        sql, values["project"] = sql + _OF_PROJECT, project
    yield from view.stream(sql + _IN_ORDER, **values)


def require_project(view: View, cut: Cut, project: str) -> None:
    """Refuse a project that was not known.

    Raises:
        LedgerError: ``unknown_project``.
    """
    sql = (
        "SELECT 1 FROM {project} AS p WHERE p.tenant = :tenant AND p.project = :project"
        " AND p.position <= :known"
    )
    if view.row(sql, project=project, known=cut.known) is None:
        raise unknown("project", project)
