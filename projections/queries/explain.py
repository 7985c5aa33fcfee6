"""Why a figure is what it is: the lines that it is the sum of, each with its position.

A figure of the books is explained by journal lines with the sign of the debt; cells that add up
to nothing on the date (wages paid long ago) are left out, for they do not change the sum. The
deposit's shortfall is no balance: its lines are memoranda, floored at 0 for each project.
"""

from collections.abc import Iterator
from typing import Any, Final

from ledger.kernel.errors import LedgerError
from projections.queries.deposit import Cover, covers
from projections.queries.figures import require_party
from projections.queries.liability import FIGURES, HARD_DEBT
from projections.queries.paging import Answer
from projections.view import Cut, View

_COUNTED: Final = "j.tenant = :tenant AND j.on_date <= :on AND j.position <= :known"
_OWN: Final = f"FROM {{journal_line}} AS j WHERE {_COUNTED} AND j.book = :party"
_OF_OTHERS: Final = (
    "FROM {project} AS p CROSS JOIN {journal_line} AS j WHERE p.tenant = :tenant"
    f" AND p.general_contractor = :party AND {_COUNTED} AND j.project = p.project"
    " AND j.book <> :party"
)
_OPEN_CELLS: Final = """
    SELECT j.position, j.seq, j.on_date, j.book, j.account, j.project, j.counterparty, j.due_on,
        j.amount_fen, sum(j.amount_fen) OVER (PARTITION BY j.book, j.account, j.project,
            j.counterparty, j.due_on) AS cell_fen {source} AND j.account = :account{due}
"""
_LINES: Final = """
    SELECT q.position, q.seq, q.on_date, q.book, q.account, q.project, q.counterparty, q.due_on,
        q.amount_fen, e.kind FROM ({cells}) AS q
    JOIN event AS e ON e.tenant = :tenant AND e.position = q.position
    WHERE q.cell_fen <> 0 ORDER BY q.on_date, q.position, q.seq
"""

_RULES: Final[dict[str, tuple[str, str, int, str]]] = {
    "accrued_not_due_fen": ("wages_payable", " AND j.due_on >= :on", -1, "L0 wages not due yet"),
    "own_arrears_fen": ("wages_payable", " AND j.due_on < :on", -1, "L1 wages due before the date"),
    "joint_arrears_fen": (
        "wages_payable", " AND j.due_on < :on", -1, "L2 wages of others on own projects",
    ),
    "due_to_fund_fen": ("due_to_fund", "", -1, "L3 advances of the fund to repay"),
    "recourse_payable_fen": ("recourse_payable", "", -1, "L5 cleared beyond the labour part owed"),
    "recourse_receivable_fen": ("recourse_receivable", "", 1, "recourse to come"),
    "compensation_payable_fen": ("compensation_payable", "", -1, "L6 extra compensation ordered"),
}  # fmt: skip
"""Account, condition on the due date, sign of the debt, and the rule in a few words."""

COMPONENTS: Final = tuple(name.removesuffix("_fen") for name in FIGURES)


def explain(
    view: View, party: str, component: str, *, as_of: str, known_at: int | None = None
) -> Answer:
    """One figure of a party with the lines that it is the sum of.

    Args:
        view: The ledger.
        party: Credit code.
        component: A figure of ``liability``, with or without ``_fen``.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.

    Raises:
        LedgerError: ``unknown_party``, or ``bad_option`` for a figure that there is not.
    """
    cut = view.cut(as_of, known_at)
    require_party(view, cut, party)
    name = component if component.endswith("_fen") else f"{component}_fen"
    if name == "deposit_shortfall_fen":
        lines = list(_shortfall(view, cut, party))
    elif name == "hard_debt_fen":
        lines = [line for part in HARD_DEBT for line in _booked(view, cut, party, part)]
    elif name in _RULES:
        lines = list(_booked(view, cut, party, name))
    else:
        known = ", ".join(COMPONENTS)
        raise LedgerError("bad_option", option="COMPONENT", value=component, problem=known)
    return {
        "party": party,
        "component": name,
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "figure_fen": sum(line["amount_fen"] for line in lines),
        "lines": lines,
    }


def _booked(view: View, cut: Cut, party: str, name: str) -> Iterator[dict[str, Any]]:
    account, due, sign, rule = _RULES[name]
    source = _OF_OTHERS if name == "joint_arrears_fen" else _OWN
    cells = _OPEN_CELLS.format(source=source, due=due)
    if name == "joint_arrears_fen":
        # Spelled out so that the index of wages by project is used.
        cells = cells.replace("j.account = :account", "j.account = 'wages_payable'")
    sql = _LINES.format(cells=cells)
    values = {"party": party, "on": cut.on, "known": cut.known, "account": account}
    if ":account" not in sql:
        del values["account"]
    for row in view.rows(sql, **values):
        yield {
            "position": row.position,
            "on": row.on_date,
            "kind": row.kind,
            "book": row.book,
            "account": row.account,
            "project": row.project,
            "counterparty": row.counterparty,
            "due_on": row.due_on,
            "amount_fen": sign * row.amount_fen,
            "rule": rule,
        }


_KINDS: Final = "SELECT e.kind FROM event AS e WHERE e.tenant = :tenant AND e.position = :position"


def _shortfall(view: View, cut: Cut, party: str) -> Iterator[dict[str, Any]]:
    for cover in covers(view, cut, party=party):
        if cover.shortfall_fen(cut.on):
            yield from _memoranda(view, cut, cover)


def _memoranda(view: View, cut: Cut, cover: Cover) -> Iterator[dict[str, Any]]:
    """Required, less cash, less guarantees: only of projects that fall short, so never below 0."""
    position, on, required = cover.required or (0, "", 0)
    parts = [(position, on, "required", required, "L4 required by the assessment")]
    parts += [
        (position, on, "deposit_cash", -amount, "L4 less cash on the deposit")
        for position, on, amount in cover.cash
    ]
    for one in cover.guarantees.values():
        if left := one.left_fen(cut.on):
            rule = "L4 less guarantees valid on the date"
            parts.append((one.position, one.accepted_on, "guarantee", -left, rule))
    for position, on, account, amount, rule in parts:
        found = view.row(_KINDS, position=position)
        yield {
            "position": position,
            "on": on,
            "kind": found.kind if found is not None else None,
            "book": cover.party,
            "account": account,
            "project": cover.project,
            "counterparty": "",
            "due_on": "",
            "amount_fen": amount,
            "rule": rule,
        }
