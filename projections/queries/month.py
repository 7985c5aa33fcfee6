"""The statement of a month: what was there, what moved it, what is there, to the fen.

Of a project: its wage account, the money in transit and the deposit, and what each employer owed
its workers. Of a party: what it owed on each of its projects, and the accounts of those where it
is the general contractor. Opening figures are those of the last day of the month before, closing
ones of the month's last day, or of the day asked for where the month still runs; both are what
the other reads say on these days.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import is_period
from ledger.kernel.errors import LedgerError
from projections.queries.figures import names, require_party
from projections.queries.paging import Answer
from projections.view import Cut, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

ACCOUNTS: Final = ("wage_account", "in_transit", "deposit_cash", "suspense")
"""Accounts of a general contractor on a project, in the order of the statement."""

WAGES: Final = "wages_payable"

OWED: Final = frozenset({WAGES, "suspense"})
"""Accounts of what is owed to others: shown as the debt, above 0."""

_ACCRUED: Final = frozenset({"PayrollApproved", "ClaimAsserted", "Reversed"})
_BACK: Final = frozenset({"PayoutReturned", "TransferReturned", "AdvanceReturned"})
LESS: Final = frozenset({"reduced", "paid"})
STEPS: Final = ("accrued", "reduced", "attributed", "paid", "returned")

_PROJECTS: Final = (
    "SELECT p.project, p.name, p.general_contractor FROM {project} AS p"
    " WHERE p.tenant = :tenant AND p.position <= :known"
)
_LINES: Final = (
    "FROM {journal_line} AS j WHERE j.tenant = :tenant AND j.position <= :known"
    " AND j.account IN ('wage_account', 'in_transit', 'deposit_cash', 'suspense', 'wages_payable')"
)
_BALANCES: Final = (
    "SELECT j.project, j.book, j.account, CAST(sum(j.amount_fen) AS BIGINT) AS fen,"
    " CAST(sum(CASE WHEN j.due_on <> '' AND j.due_on < :on THEN j.amount_fen ELSE 0 END) AS BIGINT)"
    f" AS due_fen {_LINES} AND j.on_date <= :on"
)
_MOVED: Final = (
    "SELECT j.project, j.book, j.account, e.kind, count(DISTINCT j.position) AS postings,"
    " CAST(sum(j.amount_fen) AS BIGINT) AS fen FROM (SELECT j.tenant, j.project, j.book,"
    f" j.account, j.position, j.amount_fen {_LINES} AND j.on_date > :low AND j.on_date <= :on"
    "{of}) AS j JOIN event AS e ON e.tenant = j.tenant AND e.position = j.position"
    " GROUP BY j.project, j.book, j.account, e.kind ORDER BY 1, 2, 3, 4"
)
_GROUPED: Final = " GROUP BY j.project, j.book, j.account ORDER BY 1, 2, 3"
_OF_PROJECT: Final = " AND j.project = :project"
_OF_PARTY: Final = " AND j.book = :party"


def project_statement(
    view: View, project: str, *, as_of: str, month: str | None = None, known_at: int | None = None
) -> Answer:
    """A project's month: its accounts, and each employer's wages.

    Args:
        view: The ledger.
        project: Id of the project.
        as_of: Day, ISO text: a month that still runs ends there.
        month: ``YYYY-MM``; the month of ``as_of`` where it is None.
        known_at: Position up to which what was recorded counts.

    Raises:
        LedgerError: ``unknown_project``, or ``bad_option`` for a month that there is not yet.
    """
    cuts = _cuts(view, as_of, month, known_at)
    row = view.row(f"{_PROJECTS} AND p.project = :project", project=project, known=cuts[1].known)
    if row is None:
        raise unknown("project", project)
    head = {"project": project, "name": row.name, "general_contractor": row.general_contractor}
    return _statement(view, cuts, head, _OF_PROJECT, {"project": project})


def party_statement(
    view: View, party: str, *, as_of: str, month: str | None = None, known_at: int | None = None
) -> Answer:
    """A party's month: what it owes workers on each project, and its accounts there.

    Args:
        view: The ledger.
        party: Credit code.
        as_of: Day, ISO text: a month that still runs ends there.
        month: ``YYYY-MM``; the month of ``as_of`` where it is None.
        known_at: Position up to which what was recorded counts.

    Raises:
        LedgerError: ``unknown_party``, or ``bad_option`` for a month that there is not yet.
    """
    cuts = _cuts(view, as_of, month, known_at)
    head = {"party": party, "name": require_party(view, cuts[1], party)}
    return _statement(view, cuts, head, _OF_PARTY, {"party": party})


def _cuts(view: View, as_of: str, month: str | None, known_at: int | None) -> tuple[Cut, Cut]:
    """What counts at the beginning and at the end of the month."""
    month = month or as_of[:7]
    if not is_period(month):
        problem = N_("write a month as 2026-05")
        raise LedgerError("bad_option", option="--month", value=month, problem=problem)
    first = date.fromisoformat(f"{month}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    if first.isoformat() > as_of:
        problem = N_("the month has not begun")
        raise LedgerError("bad_option", option="--month", value=month, problem=problem)
    before = (first - timedelta(days=1)).isoformat()
    return view.cut(before, known_at), view.cut(min(last.isoformat(), as_of), known_at)


def _statement(
    view: View, cuts: tuple[Cut, Cut], head: dict[str, str], of: str, values: dict[str, str]
) -> Answer:
    opening, closing = cuts
    begun, ended = (_balances(view, cut, of, values) for cut in cuts)
    moved = view.rows(
        _MOVED.replace("{of}", of), low=opening.on, on=closing.on, known=closing.known, **values
    )
    movements = [_movement(row) for row in moved]
    accounts, contractors = _accounts(begun, ended, movements), _wages(begun, ended, movements)
    named = names(view, closing, {row["party"] for row in contractors})
    for row in contractors:
        row["name"] = named.get(row["party"], "")
    return {
        **head,
        "month": closing.on[:7],
        "from": (date.fromisoformat(opening.on) + timedelta(days=1)).isoformat(),
        "to": closing.on,
        "known_at": None if closing.known >= view.position else closing.known,
        "position": view.position,
        "accounts": accounts,
        "movements": movements,
        "contractors": contractors,
        "lines": list(_flat(accounts, movements, contractors)),
    }


Cell = tuple[str, str, str]
"""Project, book and account."""


def _balances(view: View, cut: Cut, of: str, values: dict[str, str]) -> dict[Cell, tuple[int, int]]:
    """Balances of the accounts on a day, and what of them was due before it, in fen."""
    rows = view.rows(f"{_BALANCES}{of}{_GROUPED}", on=cut.on, known=cut.known, **values)
    return {(row.project, row.book, row.account): (row.fen, row.due_fen) for row in rows}


def _movement(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "project": row.project, "party": row.book, "account": row.account, "kind": row.kind,
        "count": row.postings, "amount_fen": -row.fen if row.account in OWED else row.fen,
    }  # fmt: skip


def _cells(
    begun: Iterable[Cell], ended: Iterable[Cell], movements: Iterable[dict[str, Any]]
) -> list[Cell]:
    moved = [(row["project"], row["party"], row["account"]) for row in movements]
    order = {account: at for at, account in enumerate((*ACCOUNTS, WAGES))}
    return sorted({*begun, *ended, *moved}, key=lambda cell: (*cell[:2], order[cell[2]]))


def _accounts(
    begun: dict[Cell, tuple[int, int]],
    ended: dict[Cell, tuple[int, int]],
    movements: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Opening, what came, what went and closing of each account."""
    rows = []
    for cell in _cells(begun, ended, movements):
        if cell[2] == WAGES:
            continue
        amounts = [
            row["amount_fen"] for row in movements
            if (row["project"], row["party"], row["account"]) == cell
        ]  # fmt: skip
        sign = -1 if cell[2] in OWED else 1
        opening, closing = (sign * side.get(cell, (0, 0))[0] for side in (begun, ended))
        rows.append(
            {
                "project": cell[0], "party": cell[1], "account": cell[2], "opening_fen": opening,
                "in_fen": sum(fen for fen in amounts if fen > 0),
                "out_fen": -sum(fen for fen in amounts if fen < 0),
                "closing_fen": closing,
            }
        )  # fmt: skip
    return rows


def _wages(
    begun: dict[Cell, tuple[int, int]],
    ended: dict[Cell, tuple[int, int]],
    movements: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """What an employer owed workers on a project, and what of it was in arrears.

    opening + accrued - reduced + attributed - paid + returned = closing.
    """
    steps: dict[Cell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STEPS, 0))
    for row in movements:
        if row["account"] == WAGES:
            cell = (row["project"], row["party"], row["account"])
            step = step_of(row["kind"])
            steps[cell][step] += -row["amount_fen"] if step in LESS else row["amount_fen"]
    rows = []
    for cell in _cells(begun, ended, movements):
        if cell[2] != WAGES:
            continue
        (opening, due), (closing, due_then) = (
            begun.get(cell, (0, 0)), ended.get(cell, (0, 0))
        )  # fmt: skip
        rows.append(
            {
                "project": cell[0], "party": cell[1],
                "opening_arrears_fen": -due, "opening_fen": -opening,
                **{f"{step}_fen": fen for step, fen in steps[cell].items()},
                "closing_fen": -closing, "closing_arrears_fen": -due_then,
            }
        )  # fmt: skip
    return rows


def step_of(kind: str) -> str:
    """What a posting does to wages owed."""
    if kind in _ACCRUED:
        return "accrued"
    if kind in _BACK:
        return "returned"
    return {"ClaimReduced": "reduced", "LiabilityAttributed": "attributed"}.get(kind, "paid")


def _flat(
    accounts: list[dict[str, Any]],
    movements: list[dict[str, Any]],
    contractors: list[dict[str, Any]],
) -> Iterable[dict[str, Any]]:
    """The whole statement as one list, for a program that reads rows."""
    for row in [*accounts, *({**row, "account": WAGES} for row in contractors)]:
        cell = {key: row[key] for key in ("project", "party", "account")}
        own = [
            one for one in movements if {key: one[key] for key in cell} == cell
        ]  # fmt: skip
        yield {**cell, "item": "opening", "kind": None, "count": None,
               "amount_fen": row["opening_fen"]}  # fmt: skip
        for one in own:
            yield {**cell, "item": "movement", "kind": one["kind"], "count": one["count"],
                   "amount_fen": one["amount_fen"]}  # fmt: skip
        yield {**cell, "item": "closing", "kind": None, "count": None,
               "amount_fen": row["closing_fen"]}  # fmt: skip
        for name in ("opening_arrears", "closing_arrears"):
            if f"{name}_fen" in row:
                yield {**cell, "item": name, "kind": None, "count": None,
                       "amount_fen": row[f"{name}_fen"]}  # fmt: skip
