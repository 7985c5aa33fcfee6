"""One project on a date: its accounts, what is missing on them, what is overdue.

``labour_cost_overdue_fen``: certified labour cost due before the date that the developer had not
transferred by then, the oldest first (Decree 724 art. 24). ``next_payroll_fen``: what is open on
the claims of approved sheets and not in transit. ``developer_advance_duty_fen``: the developer
advances at most what of the price is unsettled (art. 29); the same arrears, not more of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from projections.queries.claim import asserted_open_fen
from projections.queries.deadlines import ACCOUNT, deadlines
from projections.queries.deposit import Cover, covers
from projections.queries.figures import balances
from projections.queries.paging import Answer, Key, after_name, page, page_after
from projections.queries.policy import policy_book
from projections.view import EVERYTHING, Cut, Row, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

_COLUMNS: Final = (
    "p.project, p.position, p.on_date, p.name, p.region, p.industry, p.developer,"
    " p.general_contractor, p.contract_on, p.starts_on, p.planned_end_on,"
    " coalesce((SELECT c.price_fen FROM {project_price} AS c WHERE c.tenant = p.tenant"
    " AND c.project = p.project AND c.on_date <= :on AND c.position <= :known"
    " ORDER BY c.on_date DESC, c.position DESC LIMIT 1), p.contract_price_fen)"
    " AS contract_price_fen"
)
_PROJECT: Final = (
    f"SELECT {_COLUMNS} FROM {{project}} AS p WHERE p.tenant = :tenant AND p.position <= :known"
)
_ONE: Final = f"{_PROJECT} AND p.project = :project"
_SUBCONTRACTORS: Final = (
    "SELECT s.project, s.subcontractor, s.position, s.on_date FROM {subcontract} AS s"
    " WHERE s.tenant = :tenant AND s.on_date <= :on AND s.position <= :known"
)
_STEPS: Final = (
    "SELECT s.project, s.step, s.on_date FROM {project_step} AS s WHERE s.tenant = :tenant"
    " AND s.on_date <= :on AND s.position <= :known"
)
_CERTIFIED: Final = (
    "SELECT CAST(coalesce(sum(c.labour_cost_fen), 0) AS BIGINT) AS fen FROM {certification} AS c"
    " WHERE c.tenant = :tenant AND c.project = :project AND c.on_date <= :on"
    " AND c.position <= :known AND c.due_on < :on"
)
_SETTLED: Final = (
    "SELECT s.source, CAST(sum(s.amount_fen) AS BIGINT) AS fen FROM {settlement} AS s"
    " WHERE s.tenant = :tenant AND s.project = :project AND s.on_date <= :on"
    " AND s.position <= :known GROUP BY s.source"
)
_TO_THE_WAGE_ACCOUNT: Final = ("LabourCostTransferred", "DeveloperAdvancePaid")

_WAGES: Final = "c.tenant = :tenant AND c.component = 'wages_payable' AND c.project = :project"
_WAGES_LATEST: Final = (
    "SELECT c.party, c.due_on, c.amount_fen AS fen FROM {liability_cell} AS c"
    f" WHERE {_WAGES} AND c.project <> ''"
)
_WAGES_BY_DAY: Final = (
    "SELECT c.party, c.due_on, CAST(sum(c.amount_fen) AS BIGINT) AS fen FROM {liability_day} AS c"
    f" WHERE {_WAGES} AND c.project <> '' AND c.on_date <= :on GROUP BY c.party, c.due_on"
)
_WAGES_KNOWN: Final = (
    "SELECT j.book AS party, j.due_on, CAST(-sum(j.amount_fen) AS BIGINT) AS fen"
    " FROM {journal_line} AS j WHERE j.tenant = :tenant AND j.account = 'wages_payable'"
    " AND j.project = :project AND j.on_date <= :on AND j.position <= :known"
    " GROUP BY j.book, j.due_on"
)


def project_show(view: View, project: str, *, as_of: str, known_at: int | None = None) -> Answer:
    """One project on a date.

    Raises:
        LedgerError: ``unknown_project``.
    """
    cut = view.cut(as_of, known_at)
    row = view.row(_ONE, project=project, on=cut.on, known=cut.known)
    if row is None:
        raise unknown("project", project)
    at = {"project": project, "on": cut.on, "known": cut.known}
    steps = _steps(view.rows(f"{_STEPS} AND s.project = :project ORDER BY s.position", **at))
    held = _accounts(view, cut, row)
    wages = wages_owed(view, cut, project)
    open_arrears = sum(fen for (_, due_on), fen in wages.items() if due_on < cut.on)
    settled = {one.source: one.fen for one in view.rows(_SETTLED, **at)}
    certified = view.rows(_CERTIFIED, **at)[0].fen
    transferred = sum(settled.get(source, 0) for source in _TO_THE_WAGE_ACCOUNT)
    in_transit = held.get(("in_transit", ""), 0)
    next_payroll = sum(wages.values()) - in_transit - asserted_open_fen(view, cut, project)
    wage_account = held.get(("wage_account", ""), 0)
    usable = wage_account + held.get(("suspense", ""), 0)
    cover = _cover(view, cut, row)
    return {
        "project": project,
        "as_of": as_of,
        "position": view.position,
        "name": row.name,
        "region": row.region,
        "contract_price_fen": row.contract_price_fen,
        "parties": {
            "developer": row.developer,
            "general_contractor": row.general_contractor,
            "subcontractors": _subcontractors(view, at),
        },
        "wage_account_fen": wage_account,
        "in_transit_fen": in_transit,
        "deposit_required_fen": cover.required_fen,
        "deposit_cash_fen": held.get(("deposit_cash", ""), 0),
        "guarantees_valid_fen": cover.guarantees_fen(cut.on),
        "developer_receivable_fen": held.get(("developer_receivable", row.developer), 0),
        "labour_cost_overdue_fen": max(0, certified - transferred),
        "next_payroll_fen": next_payroll,
        "account_gap_fen": max(0, next_payroll - usable),
        "developer_advance_duty_fen": max(
            0, min(open_arrears, row.contract_price_fen - sum(settled.values()))
        ),
        "subcontractor_payable_fen": -sum(
            fen for (account, _), fen in held.items() if account == "subcontractor_payable"
        ),
        "subcontractors": _owed_to_subcontractors(view, at, held),
        "open_arrears_fen": open_arrears,
        "deadlines": deadlines(view, cut, row, steps, cover, policy_book(view, cut)),
    }


def _steps(rows: Iterable[Row]) -> dict[str, str]:
    """Latest day of each step, and the state of the wage account by the latest recorded."""
    found: dict[str, str] = {}
    for row in rows:
        found[row.step] = max(row.on_date, found.get(row.step, ""))
        if row.step != "completed":
            found[ACCOUNT] = "open" if row.step == "account_opened" else "closed"
    return found


def _accounts(view: View, cut: Cut, row: Row) -> dict[tuple[str, str], int]:
    """The general contractor's accounts of the project, by account and counterparty."""
    found = balances(
        view, cut, "b.account, b.counterparty",
        "b.book = :book AND b.project = :project AND b.account IN ('wage_account', 'in_transit',"
        " 'suspense', 'deposit_cash', 'developer_receivable', 'subcontractor_payable',"
        " 'recourse_receivable')",
        book=row.general_contractor, project=row.project,
    )  # fmt: skip
    return {(account, counterparty): fen for (account, counterparty), fen in found.items()}


def wages_owed(view: View, cut: Cut, project: str) -> dict[tuple[str, str], int]:
    """Wages owed on a project, by employer and due date, in fen."""
    values: dict[str, object] = {"project": project}
    if cut.latest:
        sql = _WAGES_LATEST
    elif cut.known == EVERYTHING:
        sql, values["on"] = _WAGES_BY_DAY, cut.on
    else:
        sql, values["on"], values["known"] = _WAGES_KNOWN, cut.on, cut.known
    return {(row.party, row.due_on): row.fen for row in view.rows(sql, **values)}


def _cover(view: View, cut: Cut, row: Row) -> Cover:
    found = covers(view, cut, project=row.project)
    return found[0] if found else Cover(row.general_contractor, row.project)


def _subcontractors(view: View, at: dict[str, Any]) -> list[str]:
    sql = f"{_SUBCONTRACTORS} AND s.project = :project ORDER BY s.position"
    return [row.subcontractor for row in view.rows(sql, **at)]


def _owed_to_subcontractors(
    view: View, at: dict[str, Any], held: dict[tuple[str, str], int]
) -> list[dict[str, Any]]:
    """What the contractor owes each subcontractor, and what it may recover from it."""
    parties = dict.fromkeys(_subcontractors(view, at))
    for account, counterparty in held:
        if account in {"subcontractor_payable", "recourse_receivable"}:
            parties.setdefault(counterparty)
    return [
        {
            "party": party,
            "payable_fen": -held.get(("subcontractor_payable", party), 0),
            "recourse_fen": held.get(("recourse_receivable", party), 0),
        }
        for party in parties
    ]


def project_list(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    party: str | None = None,
    region: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Projects, by id; of a party (in any part) or region (its first digits will do).

    Returns:
        ``{"as_of", "position", "projects": [...], "next"}``; ``wage_account`` is ``none``,
        ``open`` or ``closed``.
    """
    cut = view.cut(as_of, known_at)
    sql = f"{_PROJECT} AND p.on_date <= :on AND p.project > :after"
    values: dict[str, object] = {"on": cut.on, "known": cut.known, "after": after_name(after)}
    if party is not None:
        sql += (
            " AND (p.developer = :party OR p.general_contractor = :party OR EXISTS (SELECT 1"
            " FROM {subcontract} AS s WHERE s.tenant = p.tenant AND s.project = p.project"
            " AND s.subcontractor = :party AND s.on_date <= :on AND s.position <= :known))"
        )
        values["party"] = party
    if region is not None:
        sql, values["region"] = f"{sql} AND substr(p.region, 1, length(:region)) = :region", region
    sql += " ORDER BY p.project"
    if limit is not None:
        sql, values["limit"] = f"{sql} LIMIT :limit", limit + 1
    rows = view.rows(sql, **values)
    steps: dict[str, list[Row]] = {}
    for step in view.rows(f"{_STEPS} ORDER BY s.position", on=cut.on, known=cut.known):
        steps.setdefault(step.project, []).append(step)
    told = [_listed(row, _steps(steps.get(row.project, []))) for row in rows]
    shown, following = page(told, limit, lambda one: str(one["project"]))
    return {"as_of": as_of, "position": view.position, "projects": shown, "next": following}


def _listed(row: Row, steps: dict[str, str]) -> dict[str, Any]:
    return {
        "project": row.project,
        "position": row.position,
        "name": row.name,
        "region": row.region,
        "industry": row.industry,
        "developer": row.developer,
        "general_contractor": row.general_contractor,
        "contract_price_fen": row.contract_price_fen,
        "contract_on": row.contract_on,
        "starts_on": row.starts_on,
        "planned_end_on": row.planned_end_on,
        "completed_on": steps.get("completed"),
        "wage_account": steps.get(ACCOUNT, "none"),
    }


def subcontract_list(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    project: str | None = None,
    party: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Subcontracts, by project: ``{"subcontracts": [{"project", "subcontractor", ...}]}``."""
    cut = view.cut(as_of, known_at)
    sql, values = _SUBCONTRACTORS, {"on": cut.on, "known": cut.known}
    told = [
        {
            "project": row.project,
            "subcontractor": row.subcontractor,
            "position": row.position,
            "on": row.on_date,
        }
        for row in view.rows(sql, **values)
        if project in {None, row.project} and party in {None, row.subcontractor}
    ]
    shown, following = page_after(sorted(told, key=_order), _order, limit, after)
    return {
        "as_of": as_of, "position": view.position, "subcontracts": shown, "next": following,
    }  # fmt: skip


def _order(subcontract: Mapping[str, Any]) -> Key:
    return subcontract["project"], subcontract["position"]
