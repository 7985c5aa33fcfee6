"""What each contractor owes: wages of its own, wages for which it answers, fund, recourse.

A figure is the sum of journal lines that carry it, with the sign of a debt: positive is owed
(recourse_receivable: is to come). ``joint`` repeats, under the project's general contractor, the
wages that other employers owe there; it is contingent and never added up over contractors. Rows
without a party hold the wages that all parties together owe, each claim once.

Legal source: Decree 724 arts. 18 and 30; postings.md, As of.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

_KEY: Final = ("tenant", "party", "component", "project", "due_on")
_COLUMNS: Final = tuple(f"{name} text" for name in _KEY)
_WAGES: Final = "component = 'wages_payable' AND project <> ''"

liability_cell: Final = ReadTable(
    name="liability_cell",
    columns=(*_COLUMNS, "amount_fen int"),
    key=_KEY,
    indexes=(
        Index(
            name="liability_cell_settled",
            columns=("tenant", "party"),
            where="amount_fen = 0",
            kept=True,
        ),
        Index(name="liability_cell_project", columns=("tenant", "project"), where=_WAGES),
    ),
)
"""What is owed over all dates; what is settled has no row, so a long history costs nothing."""

liability_day: Final = ReadTable(
    name="liability_day",
    columns=(*_COLUMNS, "on_date text", "amount_fen int"),
    key=(*_KEY, "on_date"),
    indexes=(Index(name="liability_day_project", columns=("tenant", "project"), where=_WAGES),),
)
"""Change of what is owed by business date."""

_OWED: Final = """
    SELECT j.tenant, j.book AS party, j.account AS component, j.project, j.due_on, j.on_date,
        CASE j.account WHEN 'recourse_receivable' THEN j.amount_fen ELSE -j.amount_fen END
            AS amount_fen
    FROM @journal AS j
    WHERE j.account IN ('wages_payable', 'due_to_fund', 'recourse_payable', 'recourse_receivable',
        'compensation_payable')
    UNION ALL
    SELECT j.tenant, p.general_contractor, 'joint', j.project, j.due_on, j.on_date, -j.amount_fen
    FROM @journal AS j JOIN {project} AS p ON p.tenant = j.tenant AND p.project = j.project
    WHERE j.account = 'wages_payable' AND j.book <> p.general_contractor
    UNION ALL
    SELECT j.tenant, '', 'wages_payable', '', j.due_on, j.on_date, -j.amount_fen
    FROM @journal AS j WHERE j.account = 'wages_payable'
"""

_BY_DAY: Final = Statement(
    f"""
    INSERT INTO {{liability_day}} AS d (tenant, party, component, project, due_on, on_date,
        amount_fen)
    SELECT o.tenant, o.party, o.component, o.project, o.due_on, o.on_date, sum(o.amount_fen)
    FROM ({_OWED}) AS o WHERE true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant, party, component, project, due_on, on_date)
    DO UPDATE SET amount_fen = d.amount_fen + excluded.amount_fen
    """
)
_OVER_ALL_DATES: Final = Statement(
    f"""
    INSERT INTO {{liability_cell}} AS c (tenant, party, component, project, due_on, amount_fen)
    SELECT o.tenant, o.party, o.component, o.project, o.due_on, sum(o.amount_fen)
    FROM ({_OWED}) AS o WHERE true GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, party, component, project, due_on)
    DO UPDATE SET amount_fen = c.amount_fen + excluded.amount_fen
    """
)
_SETTLED: Final = Statement(
    # The range does not matter here, but without an event in it nothing was settled.
    "DELETE FROM {liability_cell} WHERE tenant = :tenant AND amount_fen = 0 AND :low < :high"
)

LIABILITY: Final = Projection(
    name="liability",
    version=1,
    tables=(liability_cell, liability_day),
    statements=(_BY_DAY, _OVER_ALL_DATES, _SETTLED),
    reads=("journal", "project"),
)
