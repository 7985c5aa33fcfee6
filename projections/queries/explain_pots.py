"""Why the figures of funds, projects and deposits are what they are."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from projections.queries.deposit import Cover, covers
from projections.queries.explain_claims import asserted_open
from projections.queries.explaining import (
    Line,
    Question,
    Rule,
    balance,
    booked,
    facts,
    not_below_zero,
    turned,
)
from projections.view import Cut, View

Explainer = Callable[[Question], Iterator[Line] | list[Line]]

# -- funds --------------------------------------------------------------------

_FUND: Final = (
    "SELECT f.position FROM {fund_floor} AS f WHERE f.tenant = :tenant AND f.region = :region"
    " AND f.position <= :known LIMIT 1"
)
_FLOOR: Final = (
    "SELECT f.position, f.on_date, f.floor_fen AS amount_fen, 'fund:' || f.region AS book,"
    " '' AS account, '' AS project, '' AS counterparty"
    " FROM {fund_floor} AS f WHERE f.tenant = :tenant AND f.region = :region"
    " AND f.on_date <= :on AND f.position <= :known ORDER BY f.on_date DESC, f.position DESC"
    " LIMIT 1"
)
_COMMITTED: Final = """
    SELECT c.position, c.on_date, c.amount_fen, 'fund:' || c.region AS book, '' AS account,
        coalesce(a.project, '') AS project, '' AS counterparty
    FROM {fund_commitment} AS c
    LEFT JOIN {advance} AS a ON a.tenant = c.tenant AND a.advance = c.advance
    WHERE c.tenant = :tenant AND c.region = :region AND c.on_date <= :on AND c.position <= :known
        AND (SELECT sum(d.amount_fen) FROM {fund_commitment} AS d WHERE d.tenant = c.tenant
            AND d.region = c.region AND d.advance = c.advance AND d.on_date <= :on
            AND d.position <= :known) <> 0
    ORDER BY c.on_date, c.position
"""
_RECOVERED: Final = (
    "SELECT r.position, r.on_date, r.amount_fen, 'fund:' || r.region AS book,"
    " 'receivable' AS account, '' AS project, r.debtor AS counterparty"
    " FROM {fund_recovery} AS r WHERE r.tenant = :tenant AND r.region = :region"
    " AND r.on_date <= :on AND r.position <= :known ORDER BY r.on_date, r.position"
)


def fund_exists(view: View, cut: Cut, region: str) -> bool:
    """Whether a region has a fund."""
    return view.row(_FUND, region=region, known=cut.known) is not None


def _of_fund(account: str, sign: int, rule: Rule) -> Explainer:
    where = "j.book = :book AND j.account = :account"
    return lambda asked: booked(
        asked.view, asked.cut, rule, where, sign=sign, book=f"fund:{asked.subject}",
        account=account,
    )  # fmt: skip


def _debtor(asked: Question) -> Iterator[Line]:
    where = "j.book = :book AND j.account = 'receivable' AND j.counterparty = :debtor"
    book = f"fund:{asked.subject}"
    return booked(asked.view, asked.cut, Rule.TO_FUND, where, book=book, debtor=asked.row)


def _fact_of_fund(sql: str, rule: Rule) -> Explainer:
    return lambda asked: facts(asked.view, asked.cut, rule, sql, region=asked.subject)


_CASH: Final = _of_fund("cash", 1, Rule.BALANCE)
_REFUNDS: Final = _of_fund("refund_payable", -1, Rule.REFUNDS)
_IS_COMMITTED: Final = _fact_of_fund(_COMMITTED, Rule.COMMITTED)
_IS_FLOOR: Final = _fact_of_fund(_FLOOR, Rule.FLOOR)


def _available(asked: Question) -> Iterator[Line]:
    yield from _CASH(asked)
    yield from turned(_REFUNDS(asked), Rule.LESS_REFUNDS)
    yield from turned(_IS_COMMITTED(asked), Rule.LESS_COMMITTED)


def _floor_gap(asked: Question) -> list[Line]:
    lines = list(_IS_FLOOR(asked))
    lines += turned(_CASH(asked), Rule.LESS_CASH_OF_FUND)
    lines += _REFUNDS(asked)
    lines += _IS_COMMITTED(asked)
    return not_below_zero(lines)


FUND_FIGURES: Final[Mapping[str, Explainer]] = {
    "cash_fen": _CASH,
    "committed_fen": _IS_COMMITTED,
    "refunds_owed_fen": _REFUNDS,
    "available_fen": _available,
    "receivable_fen": _of_fund("receivable", 1, Rule.TO_FUND),
    "appropriated_fen": _of_fund("capital", -1, Rule.BALANCE),
    "donated_fen": _of_fund("donations", -1, Rule.BALANCE),
    "interest_fen": _of_fund("interest", -1, Rule.BALANCE),
    "recovered_fen": _fact_of_fund(_RECOVERED, Rule.RECOVERED),
    "surrendered_fen": _of_fund("surrendered", 1, Rule.BALANCE),
    "written_off_fen": _of_fund("write_off", 1, Rule.BALANCE),
    "floor_fen": _IS_FLOOR,
    "floor_gap_fen": _floor_gap,
    "debtors.receivable_fen": _debtor,
    "accounts.balance_fen": lambda asked: balance(asked, f"fund:{asked.subject}", asked.row),
}
"""Figures of `fund show`."""

# -- projects -----------------------------------------------------------------

_PROJECT: Final = (
    "SELECT p.position FROM {project} AS p WHERE p.tenant = :tenant AND p.project = :project"
    " AND p.position <= :known"
)
_PRICE: Final = """
    SELECT q.position, q.on_date, q.amount_fen, '' AS book, '' AS account, :project AS project,
        '' AS counterparty
    FROM (SELECT c.position, c.on_date, c.price_fen AS amount_fen, 1 AS changed
        FROM {project_price} AS c WHERE c.tenant = :tenant AND c.project = :project
            AND c.on_date <= :on AND c.position <= :known
        UNION ALL
        SELECT p.position, p.on_date, p.contract_price_fen, 0 FROM {project} AS p
        WHERE p.tenant = :tenant AND p.project = :project) AS q
    ORDER BY q.changed DESC, q.on_date DESC, q.position DESC LIMIT 1
"""
_CERTIFIED: Final = (
    "SELECT c.position, c.on_date, c.labour_cost_fen AS amount_fen, '' AS book, '' AS account,"
    " c.project, '' AS counterparty FROM {certification} AS c WHERE c.tenant = :tenant"
    " AND c.project = :project AND c.on_date <= :on AND c.position <= :known AND c.due_on < :on"
    " ORDER BY c.on_date, c.position"
)
_SETTLED: Final = (
    "SELECT s.position, s.on_date, s.amount_fen, '' AS book, '' AS account, s.project,"
    " '' AS counterparty FROM {settlement} AS s WHERE s.tenant = :tenant"
    " AND s.project = :project AND s.on_date <= :on AND s.position <= :known"
)
_TRANSFERRED: Final = f"{_SETTLED} AND s.source IN ('LabourCostTransferred','DeveloperAdvancePaid')"
_CONTRACTOR: Final = (
    "j.project = :project AND j.book = (SELECT p.general_contractor FROM {project} AS p"
    " WHERE p.tenant = :tenant AND p.project = :project)"
)
_DEVELOPER: Final = (
    "(SELECT p.developer FROM {project} AS p WHERE p.tenant = :tenant AND p.project = :project)"
)
_WAGES: Final = "j.account = 'wages_payable' AND j.project = :project"


def project_exists(view: View, cut: Cut, project: str) -> bool:
    """Whether a project is registered."""
    return view.row(_PROJECT, project=project, known=cut.known) is not None


def _of_project(account: str, sign: int, rule: Rule, counterparty: str = "''") -> Explainer:
    where = f"{_CONTRACTOR} AND j.account = :account"
    if counterparty:
        where += f" AND j.counterparty = {counterparty}"
    return lambda asked: booked(
        asked.view, asked.cut, rule, where, sign=sign, project=asked.subject, account=account
    )


def _of_subcontractor(account: str, sign: int, rule: Rule) -> Explainer:
    where = f"{_CONTRACTOR} AND j.account = :account AND j.counterparty = :party"
    return lambda asked: booked(
        asked.view, asked.cut, rule, where, sign=sign, project=asked.subject, account=account,
        party=asked.row,
    )  # fmt: skip


def _fact_of_project(sql: str, rule: Rule, sign: int = 1) -> Explainer:
    return lambda asked: facts(asked.view, asked.cut, rule, sql, sign=sign, project=asked.subject)


_PRICE_LINES: Final = _fact_of_project(_PRICE, Rule.PRICE)
_SETTLED_LINES: Final = _fact_of_project(
    f"{_SETTLED} ORDER BY s.on_date, s.position", Rule.LESS_SETTLED, -1
)
_TRANSFER_LINES: Final = _fact_of_project(
    f"{_TRANSFERRED} ORDER BY s.on_date, s.position", Rule.LESS_TRANSFERRED, -1
)
_CERTIFIED_LINES: Final = _fact_of_project(_CERTIFIED, Rule.CERTIFIED)
_TRANSIT_LINES: Final = _of_project("in_transit", 1, Rule.TRANSIT)


def _open_arrears(asked: Question) -> Iterator[Line]:
    where = f"{_WAGES} AND j.due_on < :on"
    return booked(asked.view, asked.cut, Rule.OVERDUE, where, sign=-1, project=asked.subject)


def _overdue_labour_cost(asked: Question) -> list[Line]:
    return not_below_zero([*_CERTIFIED_LINES(asked), *_TRANSFER_LINES(asked)])


def _next_payroll(asked: Question) -> list[Line]:
    view, cut, project = asked.view, asked.cut, asked.subject
    lines = list(booked(view, cut, Rule.WAGES, _WAGES, sign=-1, project=project))
    lines += turned(_TRANSIT_LINES(asked), Rule.LESS_TRANSIT)
    lines += turned(asserted_open(view, cut, project), Rule.LESS_ASSERTED)
    return lines


def _account_gap(asked: Question) -> list[Line]:
    lines = _next_payroll(asked)
    for account in ("wage_account", "suspense"):
        lines += _of_project(account, -1, Rule.LESS_ACCOUNT)(asked)
    return not_below_zero(lines)


def _advance_duty(asked: Question) -> list[Line]:
    """The smaller of the open arrears and what of the price is unsettled."""
    arrears = list(_open_arrears(asked))
    unsettled = [*_PRICE_LINES(asked), *_SETTLED_LINES(asked)]
    smaller = min(arrears, unsettled, key=lambda lines: sum(line.amount_fen for line in lines))
    return not_below_zero(smaller)


# -- deposits -----------------------------------------------------------------

_CALLS: Final = (
    "SELECT m.position, m.on_date, m.amount_fen, m.party AS book, 'guarantee' AS account,"
    " m.project, '' AS counterparty FROM {deposit_move} AS m WHERE m.tenant = :tenant"
    " AND m.ref = :guarantee AND m.what = 'called' AND m.project = :project"
    " AND m.on_date <= :on AND m.position <= :known ORDER BY m.on_date, m.position"
)


def _cover(asked: Question) -> Cover:
    found = covers(asked.view, asked.cut, project=asked.subject)
    return found[0] if found else Cover("", asked.subject)


def required(cover: Cover) -> Iterator[Line]:
    """The assessment that counts; nothing after the release."""
    if cover.required is not None and cover.required_fen:
        position, on, amount = cover.required
        yield _memorandum(cover, position, on, "required", amount, Rule.REQUIRED)


def cash(cover: Cover, sign: int, rule: Rule) -> Iterator[Line]:
    """Every change of the deposit's principal."""
    for position, on, amount in cover.cash:
        yield _memorandum(cover, position, on, "deposit_cash", sign * amount, rule)


def shortfall(cover: Cover, on: str) -> list[Line]:
    """Required, less cash, less guarantees valid on the day; nothing where nothing is missing."""
    if not cover.shortfall_fen(on):
        return []
    lines = [*required(cover), *cash(cover, -1, Rule.LESS_CASH)]
    rule = Rule.LESS_GUARANTEES
    return lines + [
        _memorandum(cover, one.position, one.accepted_on, "guarantee", -left, rule)
        for one in cover.guarantees.values()
        if (left := one.left_fen(on))
    ]


def _memorandum(
    cover: Cover, position: int, on: str, account: str, amount: int, rule: Rule
) -> Line:
    return Line(
        position=position, on=on, amount_fen=amount, rule=rule, book=cover.party,
        account=account, project=cover.project,
    )  # fmt: skip


def _guarantee(asked: Question, *, face: bool = True, called: bool = True) -> Iterator[Line]:
    """Face and calls of the guarantee of the row."""
    cover = _cover(asked)
    one = cover.guarantees.get(asked.row)
    if one is None:
        return
    if face:
        yield _memorandum(
            cover, one.position, one.accepted_on, "guarantee", one.face_fen, Rule.GUARANTEE
        )
    if called:
        yield from facts(
            asked.view, asked.cut, Rule.CALLED, _CALLS, sign=-1 if face else 1,
            guarantee=asked.row, project=asked.subject,
        )  # fmt: skip


def _left(asked: Question) -> Iterator[Line]:
    one = _cover(asked).guarantees.get(asked.row)
    if one is not None and one.left_fen(asked.cut.on):
        yield from _guarantee(asked)


def _valid_guarantees(asked: Question) -> Iterator[Line]:
    for name in sorted(_cover(asked).guarantees):
        yield from _left(Question(asked.view, asked.cut, asked.subject, name))


PROJECT_FIGURES: Final[Mapping[str, Explainer]] = {
    "contract_price_fen": _PRICE_LINES,
    "wage_account_fen": _of_project("wage_account", 1, Rule.BALANCE),
    "in_transit_fen": _TRANSIT_LINES,
    "deposit_required_fen": lambda asked: required(_cover(asked)),
    "deposit_cash_fen": _of_project("deposit_cash", 1, Rule.BALANCE),
    "guarantees_valid_fen": _valid_guarantees,
    "developer_receivable_fen": _of_project(
        "developer_receivable", 1, Rule.BALANCE, _DEVELOPER
    ),
    "labour_cost_overdue_fen": _overdue_labour_cost,
    "next_payroll_fen": _next_payroll,
    "account_gap_fen": _account_gap,
    "developer_advance_duty_fen": _advance_duty,
    "subcontractor_payable_fen": _of_project("subcontractor_payable", -1, Rule.BALANCE, ""),
    "open_arrears_fen": _open_arrears,
    "subcontractors.payable_fen": _of_subcontractor("subcontractor_payable", -1, Rule.BALANCE),
    "subcontractors.recourse_fen": _of_subcontractor(
        "recourse_receivable", 1, Rule.RECOURSE_TO_COME
    ),
    "required_fen": lambda asked: required(_cover(asked)),
    "cash_fen": lambda asked: cash(_cover(asked), 1, Rule.BALANCE),
    "shortfall_fen": lambda asked: shortfall(_cover(asked), asked.cut.on),
    "guarantees.face_fen": lambda asked: _guarantee(asked, called=False),
    "guarantees.called_fen": lambda asked: _guarantee(asked, face=False),
    "guarantees.left_fen": _left,
}  # fmt: skip
"""Figures of `project show`, `project list` and `deposit show`."""
