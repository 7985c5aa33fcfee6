"""Figures as of a day, and the invariants as of every day. All sums of journal lines, in fen."""

from typing import Any

from tests.model.balances import FOREVER, Claim, Event, Record, balance, negated
from tests.model.corrections import CREDIT_ONLY, DEBIT_ONLY
from tests.model.log import Log

Wages = dict[tuple[str, str, str], int]
"""Open wages by employer, project and due date."""


def wages_on(log: Log, t: str) -> Wages:
    """-(wages_payable) by employer, project and due date."""
    found: Wages = {}
    for record in log.records:
        for book, account, project, _, due_on, amount in record.lines:
            if account == "wages_payable" and record.on <= t:
                key = (book, project, due_on)
                found[key] = found.get(key, 0) - amount
    return found


def parties(log: Log) -> list[str]:
    return sorted({record.f["party"] for record in log.of("PartyRegistered")})


# -- the deposit --------------------------------------------------------------


def deposit_released(log: Log, project: str, t: str) -> bool:
    return any(r.on <= t for r in log.of("DepositReleased", project=project))


def required_on(log: Log, project: str, t: str) -> int:
    """What the project must hold: the latest assessment; nothing from the first release on."""
    assessed = [r for r in log.of("DepositAssessed", project=project) if r.on <= t]
    if not assessed or deposit_released(log, project, t):
        return 0
    return int(max(assessed, key=lambda r: (r.on, r.position)).extra["required_fen"])


def guarantees_on(log: Log, project: str, t: str) -> int:
    """The faces of the guarantees valid on the day less what was called by it."""
    return sum(
        balance(log.face_left(r.f["guarantee"]), t)
        for r in log.of("GuaranteeAccepted", project=project)
        if log.valid_on(r.f["guarantee"], t)
    )


def project_figures(log: Log, project: str, t: str) -> dict[str, int]:
    """The figures of one project."""
    f = log.project(project)
    gc = f["general_contractor"]

    def held(account: str) -> int:
        return balance(log.account(gc, account, project), t)

    wages = wages_on(log, t)
    return {
        "wage_account_fen": held("wage_account"),
        "in_transit_fen": held("in_transit"),
        "deposit_cash_fen": held("deposit_cash"),
        "developer_receivable_fen": held("developer_receivable"),
        "subcontractor_payable_fen": -held("subcontractor_payable"),
        "deposit_required_fen": required_on(log, project, t),
        "guarantees_valid_fen": guarantees_on(log, project, t),
        "open_arrears_fen": sum(a for (_, p, due), a in wages.items() if p == project and due < t),
    }


# -- liability ----------------------------------------------------------------


def liability(log: Log, t: str) -> dict[str, Any]:
    """Each party's vector of liabilities, and the system's arrears."""
    wages = wages_on(log, t)
    projects = {r.f["project"]: r.f["general_contractor"] for r in log.of("ProjectRegistered")}
    overdue = {key: amount for key, amount in wages.items() if key[2] < t}
    contractors = {}
    for c in parties(log):
        row = {
            "accrued_not_due_fen": sum(a for (b, _, d), a in wages.items() if b == c and d >= t),
            "own_arrears_fen": sum(a for (b, _, _), a in overdue.items() if b == c),
            "joint_arrears_fen": sum(
                a for (b, p, _), a in overdue.items() if b != c and projects[p] == c
            ),
            "due_to_fund_fen": -balance(log.account(c, "due_to_fund"), t),
            "recourse_payable_fen": -balance(log.account(c, "recourse_payable"), t),
            "recourse_receivable_fen": balance(log.account(c, "recourse_receivable"), t),
            "compensation_payable_fen": -balance(log.account(c, "compensation_payable"), t),
            "deposit_shortfall_fen": sum(
                _shortfall(log, p, t) for p, gc in projects.items() if gc == c
            ),
        }
        row["hard_debt_fen"] = sum(
            row[name]
            for name in (
                "own_arrears_fen",
                "due_to_fund_fen",
                "recourse_payable_fen",
                "compensation_payable_fen",
            )
        )
        contractors[c] = row
    return {"contractors": contractors, "system_arrears_fen": sum(overdue.values())}


def _shortfall(log: Log, project: str, t: str) -> int:
    figures = project_figures(log, project, t)
    held = figures["deposit_cash_fen"] + figures["guarantees_valid_fen"]
    return max(0, figures["deposit_required_fen"] - held)


# -- the fund -----------------------------------------------------------------


def fund_figures(log: Log, region: str, t: str) -> dict[str, Any]:
    """The figures of the fund of a region."""
    fund = f"fund:{region}"

    def held(account: str) -> int:
        return balance(log.account(fund, account), t)

    floors = [r for r in log.of("FundEstablished", "FundFloorSet", region=region) if r.on <= t]
    floor = max(floors, key=lambda r: (r.on, r.position)).f["floor_fen"] if floors else 0
    available = balance(log.available(region), t)
    debtors = {
        other: balance(events, t)
        for (book, account, _, other), events in log.cells.items()
        if (book, account) == (fund, "receivable")
    }
    return {
        "cash_fen": held("cash"),
        "committed_fen": balance(log.committed(region), t),
        "refunds_owed_fen": -held("refund_payable"),
        "available_fen": available,
        "receivable_fen": held("receivable"),
        "appropriated_fen": -held("capital"),
        "donated_fen": -held("donations"),
        "interest_fen": -held("interest"),
        "recovered_fen": _recovered(log, region, t),
        "surrendered_fen": held("surrendered"),
        "written_off_fen": held("write_off"),
        "floor_fen": floor,
        "floor_gap_fen": max(0, floor - available),
        "debtors": {other: owed for other, owed in sorted(debtors.items()) if owed},
    }


def _recovered(log: Log, region: str, t: str) -> int:
    total = 0
    for record in log.ever("AdvanceRecovered", region=region):
        back = log.records[record.reversed_by - 1].on if record.reversed_by else FOREVER + "+"
        total += record.f["amount_fen"] * ((record.on <= t) - (back <= t))
    return total


# -- claims -------------------------------------------------------------------


def claim_row(claim: Claim, t: str) -> dict[str, Any]:
    """One claim as of a day."""
    net, paid, transit = claim.net(t), claim.paid(t), claim.transit(t)
    if net == paid:
        state = "paid"
    elif transit:
        state = "in_transit"
    else:
        state = "arrears" if claim.due_on < t else "open"
    return {
        "worker": claim.worker,
        "employer": claim.employer_at(t),
        "project": claim.project,
        "period": claim.period,
        "due_on": claim.due_on,
        "net": net,
        "paid": paid,
        "in_transit": transit,
        "state": state,
    }


# -- invariants ---------------------------------------------------------------

MIRRORS = {
    "developer_receivable": "labour_payable",
    "project_receivable": "project_payable",
    "subcontractor_payable": "contractor_receivable",
    "recourse_receivable": "recourse_payable",
    "due_to_fund": "receivable",
    "due_from_fund": "refund_payable",
}
_PER_PROJECT = frozenset(MIRRORS) - {"due_to_fund", "due_from_fund"}


def check_posting(record: Record, log: Log) -> None:
    """Invariants 1, 5 and 8: what holds inside one posting."""
    books: dict[str, int] = {}
    mirrors: dict[tuple[str, str, str, str], int] = {}
    for book, account, project, other, _, amount in record.lines:
        books[book] = books.get(book, 0) + amount
        if account in MIRRORS:
            key = (account, book, other, project if account in _PER_PROJECT else "")
            mirrors[key] = mirrors.get(key, 0) + amount
        for ours, theirs in MIRRORS.items():
            if account == theirs:
                key = (ours, other, book, project if ours in _PER_PROJECT else "")
                mirrors[key] = mirrors.get(key, 0) + amount
        if account == "wage_account" and amount < 0:
            assert record.kind in {
                "PayoutInstructed", "MisdirectedReturned", "WageAccountClosed", "Reversed"
            }, record  # fmt: skip
        if account == "deposit_cash" and amount < 0:
            assert record.kind in {"DepositPaidOut", "DepositReleased", "Reversed"}, record
    assert not any(books.values()), ("a book does not balance", record)
    assert not any(mirrors.values()), ("a mirror does not agree", record)
    if record.reversed_by:
        back = log.records[record.reversed_by - 1]
        both = sorted((*line[:5], -line[5]) for line in back.lines)
        assert both == sorted(record.lines), ("a reversal does not undo", record)


def check_day(log: Log, t: str) -> None:
    """Invariants 2, 3 and 6, as of one day."""
    open_claims: Wages = {}
    transit: dict[str, int] = {}
    for claim in log.claims.values():
        assert claim.open(t) >= claim.transit(t) >= 0, ("free amount", claim, t)
        assert claim.paid(t) >= 0, ("paid", claim, t)
        key = (claim.employer_at(t), claim.project, claim.due_on)
        open_claims[key] = open_claims.get(key, 0) + claim.open(t)
        transit[claim.project] = transit.get(claim.project, 0) + claim.transit(t)
    wages = wages_on(log, t)
    for key in open_claims.keys() | wages.keys():
        assert open_claims.get(key, 0) == wages.get(key, 0) >= 0, ("wages_payable", key, t)
    for (book, account, project, other), events in log.cells.items():
        held = balance(events, t)
        where = (book, account, project, other, t, held)
        assert held >= 0 or account not in DEBIT_ONLY, where
        assert held <= 0 or account not in CREDIT_ONLY, where
        if account == "in_transit":
            assert held == transit[project], where
        if account == "wage_account":
            assert held >= -balance(log.cell(book, "suspense", project), t), where
    for established in log.of("FundEstablished"):
        f = fund_figures(log, established.f["region"], t)
        assert f["available_fen"] >= 0, (established.f, t)
        assert f["cash_fen"] + f["receivable_fen"] - f["refunds_owed_fen"] == (
            f["appropriated_fen"] + f["donated_fen"] + f["interest_fen"]
            - f["surrendered_fen"] - f["written_off_fen"]
        ), ("fund identity", f, t)  # fmt: skip
    overdue = sum(c.open(t) for c in log.claims.values() if c.due_on < t)
    assert liability(log, t)["system_arrears_fen"] == overdue, ("system arrears", t)


def check_batches(log: Log) -> None:
    """Invariant 4: an instructed line ends once; only a settled one returns late."""
    for batch in log.of("PayoutInstructed"):
        for claim, (state, amount, _) in log.batch_lines(batch.f["batch"]).items():
            transit: list[Event] = []
            for record in log.of("PayoutInstructed", "PayoutSettled", "PayoutReturned",
                                 batch=batch.f["batch"]):  # fmt: skip
                transit += [(record.on, m[3]) for m in record.moves if m[0] == claim]
            left = amount if state == "pending" else 0
            assert balance(transit) == left, ("batch line", batch.f["batch"], claim)
            assert min(balance(negated(transit), day) for day, _ in transit) >= -amount


def check_all(log: Log) -> None:
    """Every invariant, on every posting and as of every day."""
    for record in log.records:
        check_posting(record, log)
    check_batches(log)
    days = {record.on for record in log.records}
    days |= {claim.due_on for claim in log.claims.values()}
    for t in sorted(days):
        check_day(log, t)
