"""What contractors owe on a date, as known at a position (postings.md, As of)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from projections.queries.deposit import covers
from projections.queries.figures import names
from projections.queries.paging import Answer, Key, page_after
from projections.view import EVERYTHING, Cut, View, unknown

FIGURES: Final = (
    "accrued_not_due_fen",
    "own_arrears_fen",
    "joint_arrears_fen",
    "due_to_fund_fen",
    "deposit_shortfall_fen",
    "recourse_payable_fen",
    "recourse_receivable_fen",
    "compensation_payable_fen",
    "hard_debt_fen",
)
HARD_DEBT: Final = (
    "own_arrears_fen", "due_to_fund_fen", "recourse_payable_fen", "compensation_payable_fen"
)  # fmt: skip
"""What a contractor owes itself and for certain; joint arrears are contingent."""

SYSTEM: Final = ""
"""The party under which the wages of all parties stand, each claim once."""

_SUMS: Final = (
    "SELECT c.party, c.component, c.due_on < :on AS overdue,"
    " CAST(sum(c.amount_fen) AS BIGINT) AS fen"
)
_LATEST: Final = f"{_SUMS} FROM {{liability_cell}} AS c WHERE c.tenant = :tenant"
_BY_DAY: Final = (
    f"{_SUMS} FROM {{liability_day}} AS c WHERE c.tenant = :tenant AND c.on_date <= :on"
)

_OWED: Final = """
    SELECT j.book AS party, j.account AS component, j.due_on,
        CASE j.account WHEN 'recourse_receivable' THEN j.amount_fen ELSE -j.amount_fen END
            AS amount_fen
    FROM {journal_line} AS j
    WHERE j.tenant = :tenant AND j.on_date <= :on AND j.position <= :known
        AND j.account IN ('wages_payable', 'due_to_fund', 'recourse_payable',
            'recourse_receivable', 'compensation_payable')
    UNION ALL
    SELECT p.general_contractor, 'joint', j.due_on, -j.amount_fen
    FROM {project} AS p JOIN {journal_line} AS j ON j.tenant = p.tenant AND j.project = p.project
        AND j.account = 'wages_payable' AND j.book <> p.general_contractor
    WHERE p.tenant = :tenant AND j.on_date <= :on AND j.position <= :known
    UNION ALL
    SELECT '', 'wages_payable', j.due_on, -j.amount_fen
    FROM {journal_line} AS j
    WHERE j.tenant = :tenant AND j.on_date <= :on AND j.position <= :known
        AND j.account = 'wages_payable'
"""
_KNOWN: Final = f"{_SUMS} FROM ({_OWED}) AS c WHERE true"
_GROUPED: Final = " GROUP BY c.party, c.component, c.due_on < :on"
_ONE: Final = " AND c.party IN (:party, '')"

_FIGURE_OF: Final[Mapping[str, str]] = {
    "due_to_fund": "due_to_fund_fen",
    "recourse_payable": "recourse_payable_fen",
    "recourse_receivable": "recourse_receivable_fen",
    "compensation_payable": "compensation_payable_fen",
}


def liability(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    party: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """What every party with a figure owes, or what one party owes.

    Args:
        view: The ledger.
        as_of: Day, ISO text: postings dated up to it count.
        known_at: Position: only postings recorded up to it count.
        party: Credit code, for one party alone; it has a row even when it owes nothing.
        limit: Rows of a page, of which the answer names the next one then.
        after: Cursor of the page before.

    Raises:
        LedgerError: ``unknown_party``.
    """
    cut = view.cut(as_of, known_at)
    figures = _figures(view, cut, party)
    system = figures.pop(SYSTEM, {})
    named = names(view, cut, [party] if party is not None else figures)
    if party is not None and party not in named:
        raise unknown("party", party)
    chosen: Iterable[str] = [party] if party is not None else figures
    rows: list[dict[str, Any]] = []
    for code in chosen:
        row = _row(code, named.get(code, ""), figures.get(code, {}))
        if party is not None or any(row[name] for name in FIGURES):
            rows.append(row)
    rows.sort(key=_order)
    shown, following = page_after(rows, _order, limit, after)
    return {
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "contractors": shown,
        "system_arrears_fen": system.get("own_arrears_fen", 0),
        **({} if limit is None else {"next": following}),
    }


def _order(row: Mapping[str, Any]) -> Key:
    return -row["hard_debt_fen"], -row["joint_arrears_fen"], row["party"]


def _figures(view: View, cut: Cut, party: str | None) -> dict[str, dict[str, int]]:
    """Figures by party, those of the whole system under no party."""
    sql = _LATEST if cut.latest else _BY_DAY if cut.known == EVERYTHING else _KNOWN
    values: dict[str, object] = {"on": cut.on}
    if party is not None:
        sql, values["party"] = sql + _ONE, party
    if not cut.latest and cut.known != EVERYTHING:
        values["known"] = cut.known
    figures: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in view.rows(sql + _GROUPED, **values):
        if row.component == "wages_payable":
            name = "own_arrears_fen" if row.overdue else "accrued_not_due_fen"
        elif row.component == "joint":
            if not row.overdue:
                continue
            name = "joint_arrears_fen"
        else:
            name = _FIGURE_OF[row.component]
        figures[row.party][name] += row.fen
    for cover in covers(view, cut, party=party):
        shortfall = cover.shortfall_fen(cut.on)
        if shortfall:
            figures[cover.party]["deposit_shortfall_fen"] += shortfall
    return figures


def _row(party: str, name: str, figures: Mapping[str, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"party": party, "name": name}
    row.update({figure: figures.get(figure, 0) for figure in FIGURES})
    row["hard_debt_fen"] = sum(row[figure] for figure in HARD_DEBT)
    return row
