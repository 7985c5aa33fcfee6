"""The emergency turnover funds on a date, and the requests to them."""

from collections import defaultdict
from typing import Any, Final

from projections.queries.figures import balances
from projections.queries.paging import Answer, after_position, listed, page
from projections.view import Cut, View, unknown

_FLOORS: Final = (
    "SELECT f.region, f.position, f.on_date, f.floor_fen FROM {fund_floor} AS f"
    " WHERE f.tenant = :tenant AND f.position <= :known ORDER BY f.on_date, f.position"
)
_COMMITTED: Final = (
    "SELECT c.region, CAST(sum(c.amount_fen) AS BIGINT) AS fen FROM {fund_commitment} AS c"
    " WHERE c.tenant = :tenant AND c.on_date <= :on AND c.position <= :known GROUP BY c.region"
)
_RECOVERED: Final = (
    "SELECT r.region, CAST(sum(r.amount_fen) AS BIGINT) AS fen FROM {fund_recovery} AS r"
    " WHERE r.tenant = :tenant AND r.on_date <= :on AND r.position <= :known GROUP BY r.region"
)


def fund_show(
    view: View, *, as_of: str, known_at: int | None = None, region: str | None = None
) -> Answer:
    """Funds on a date: one region's, or all.

    Raises:
        LedgerError: ``unknown_fund``.
    """
    cut = view.cut(as_of, known_at)
    floors: dict[str, int] = {}
    begun: set[str] = set()
    for row in view.rows(_FLOORS, known=cut.known):
        if row.on_date <= cut.on or row.region not in floors:
            floors[row.region] = row.floor_fen if row.on_date <= cut.on else 0
        if row.on_date <= cut.on:
            begun.add(row.region)
    if region is not None and region not in floors:
        raise unknown("fund", region)
    cells = _cells(view, cut, region)
    committed = {r.region: r.fen for r in view.rows(_COMMITTED, on=cut.on, known=cut.known)}
    recovered = {r.region: r.fen for r in view.rows(_RECOVERED, on=cut.on, known=cut.known)}
    funds = [
        _fund(
            name, cells.get(name, {}), floors[name], committed.get(name, 0), recovered.get(name, 0)
        )
        for name in sorted(floors)
        if (region is None and (name in begun or cells.get(name))) or name == region
    ]
    return {"as_of": as_of, "known_at": known_at, "position": view.position, "funds": funds}


def _cells(view: View, cut: Cut, region: str | None) -> dict[str, dict[tuple[str, str], int]]:
    """Balances of the funds' books by account and counterparty."""
    if region is None:
        found = balances(
            view, cut, "b.book, b.account, b.counterparty", "b.book >= 'fund:' AND b.book < 'fund;'"
        )
    else:
        found = balances(
            view, cut, "b.book, b.account, b.counterparty", "b.book = :book", book=f"fund:{region}"
        )
    cells: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for (book, account, counterparty), amount in found.items():
        cells[book.removeprefix("fund:")][account, counterparty] = amount
    return cells


def _fund(
    region: str, cells: dict[tuple[str, str], int], floor: int, committed: int, recovered: int
) -> dict[str, Any]:
    totals: dict[str, int] = defaultdict(int)
    for (account, _), amount in cells.items():
        totals[account] += amount
    refunds = -totals["refund_payable"]
    available = totals["cash"] - refunds - committed
    return {
        "region": region,
        "cash_fen": totals["cash"],
        "committed_fen": committed,
        "refunds_owed_fen": refunds,
        "available_fen": available,
        "receivable_fen": totals["receivable"],
        "appropriated_fen": -totals["capital"],
        "donated_fen": -totals["donations"],
        "interest_fen": -totals["interest"],
        "recovered_fen": recovered,
        "surrendered_fen": totals["surrendered"],
        "written_off_fen": totals["write_off"],
        "floor_fen": floor,
        "floor_gap_fen": max(0, floor - available),
        "debtors": [
            {"party": party, "receivable_fen": amount}
            for (account, party), amount in sorted(cells.items())
            if account == "receivable"
        ],
    }


_ADVANCES: Final = """
    SELECT a.advance, a.position, a.on_date, a.region, a.project, a.case_id, a.level, a.lines,
        a.total_fen, c.employer, p.general_contractor,
        (SELECT s.step FROM {advance_step} AS s WHERE s.tenant = a.tenant
            AND s.advance = a.advance AND s.step <> 'returned' AND s.on_date <= :on
            AND s.position <= :known ORDER BY s.position DESC LIMIT 1) AS step,
        (SELECT CAST(coalesce(sum(s.amount_fen), 0) AS BIGINT) FROM {advance_step} AS s
            WHERE s.tenant = a.tenant AND s.advance = a.advance AND s.step = 'paid'
            AND s.on_date <= :on AND s.position <= :known) AS paid_fen,
        (SELECT CAST(coalesce(sum(s.amount_fen), 0) AS BIGINT) FROM {advance_step} AS s
            WHERE s.tenant = a.tenant AND s.advance = a.advance AND s.step = 'returned'
            AND s.on_date <= :on AND s.position <= :known) AS returned_fen
    FROM {advance} AS a
    LEFT JOIN {case_file} AS c ON c.tenant = a.tenant AND c.case_id = a.case_id
    LEFT JOIN {project} AS p ON p.tenant = a.tenant AND p.project = a.project
    WHERE a.tenant = :tenant AND a.on_date <= :on AND a.position <= :known
        AND a.position > :after
"""


def advance_list(  # noqa: PLR0913 - the filters of a list
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    region: str | None = None,
    project: str | None = None,
    party: str | None = None,
    state: str | None = None,
    advance: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Requests to the funds with what became of them.

    Returns:
        ``{"as_of", "position", "advances": [...], "next"}``; ``state`` of each is ``requested``,
        ``approved``, ``rejected`` or ``paid``.
    """
    cut = view.cut(as_of, known_at)
    sql = _ADVANCES
    values: dict[str, object] = {"on": cut.on, "known": cut.known, "after": after_position(after)}
    for name, value, condition in (
        ("region", region, "a.region = :region"),
        ("project", project, "a.project = :project"),
        ("party", party, "(c.employer = :party OR p.general_contractor = :party)"),
        ("advance", advance, "a.advance = :advance"),
    ):
        if value is not None:
            sql, values[name] = f"{sql} AND {condition}", value
    states = listed(state)
    told = []
    for row in view.rows(f"{sql} ORDER BY a.position", **values):
        now = row.step or "requested"
        if not states or now in states:
            told.append(
                {
                    "advance": row.advance,
                    "position": row.position,
                    "on": row.on_date,
                    "region": row.region,
                    "project": row.project,
                    "case": row.case_id,
                    "employer": row.employer,
                    "level": row.level,
                    "lines": row.lines,
                    "total_fen": row.total_fen,
                    "paid_fen": row.paid_fen,
                    "returned_fen": row.returned_fen,
                    "state": now,
                }
            )
    shown, following = page(told, limit, lambda one: str(one["position"]))
    return {"as_of": as_of, "position": view.position, "advances": shown, "next": following}
