"""Step 6: reversal, policy, bank statements and what they leave unexplained."""

from typing import Any

from tests.model import policy
from tests.model.balances import Record, lowest, negated
from tests.model.entry import RULES, Entry, rule
from tests.model.log import Log

REVERSIBLE = frozenset(
    [
        "ProgressCertified",
        "LabourCostTransferred",
        "DeveloperAdvancePaid",
        "WageAccountToppedUp",
        "ProjectFundsPaid",
        "SubcontractorPaid",
        "DepositLodged",
        "PayrollApproved",
        "FundAppropriated",
        "DonationReceived",
        "InterestCredited",
        "AdvanceRecovered",
        "RecourseRepaid",
        "RecourseSetOff",
    ]
)

DEBIT_ONLY = frozenset(
    [
        "wage_account",
        "in_transit",
        "deposit_cash",
        "deposit_interest",
        "recourse_receivable",
        "due_from_fund",
        "cash",
        "receivable",
        "contractor_receivable",
    ]
)
"""Accounts marked * (and their mirrors) whose balance is never a credit."""

CREDIT_ONLY = frozenset(
    [
        "suspense",
        "wages_payable",
        "subcontractor_payable",
        "due_to_fund",
        "compensation_payable",
        "refund_payable",
        "recourse_payable",
    ]
)
"""Accounts marked * (and their mirrors) whose balance is never a debit."""


# -- reversal -----------------------------------------------------------------


@rule("Reversed")
def _reversed(e: Entry) -> None:
    earlier = e.log.records[e.f["reverses"] - 1]
    e.refuse_if(earlier.reversed_by is not None, "already_reversed")
    e.refuse_if(earlier.kind not in REVERSIBLE, "not_reversible")
    for book, account, project, other, due_on, amount in earlier.lines:
        e.line(book, account, -amount, other, due_on, project)
    e.moves = [(c, -net, -paid, -transit) for c, net, paid, transit in earlier.moves]
    e.refuse_if(_leaves_a_balance_broken(e, earlier), "depended_upon")
    if earlier.kind == "DepositLodged":
        project = earlier.f["project"]
        left = e.log.cover(project, e.on) - earlier.f["amount_fen"]
        e.refuse_if(e.log.undrawn(project) > left, "depended_upon")
    if earlier.kind == "PayrollApproved":
        e.refuse_if(_sheet_depended_upon(e.log, earlier.f["sheet"]), "depended_upon")


def _leaves_a_balance_broken(e: Entry, earlier: Record) -> bool:
    """Whether a balance that may not go negative would, on a day from `on` onwards."""
    for book, account, project, other, _, amount in e.merged():
        events = [*e.log.cell(book, account, project, other), (e.on, amount)]
        if account in DEBIT_ONLY and lowest(events, e.on) < 0:
            return True
        if account in CREDIT_ONLY and lowest(negated(events), e.on) < 0:
            return True
        if account == "wage_account":
            events += e.log.cell(book, "suspense", project)
            if lowest(events, e.on) < 0:
                return True
        if account == "cash":
            available = e.log.available(earlier.f["region"])
            if lowest([*available, (e.on, amount)], e.on) < 0:
                return True
    return any(e.log.claims[name].lowest_free(e.on) + net < 0 for name, net, _, _ in e.moves)


def _sheet_depended_upon(log: Log, sheet: str) -> bool:
    """Whether anything still rests on a claim of the sheet."""
    claims = [claim for claim in log.claims.values() if claim.sheet == sheet]
    names = {claim.claim for claim in claims}
    if any(c.reduced or c.attributions or c.paid() or c.transit() for c in claims):
        return True
    for notice in log.of("PaymentNoticeIssued"):
        live = not log.has("NoticeWithdrawn", notice=notice.f["notice"])
        if live and any(line["claim"] in names for line in notice.f["lines"]):
            return True
    for request in log.of("AdvanceRequested"):
        name = request.f["advance"]
        live = not log.has("AdvanceRejected", "AdvancePaid", advance=name)
        if live and any(line["claim"] in names for line in request.f["lines"]):
            return True
    return False


# -- policy -------------------------------------------------------------------


@rule("PolicyPublished")
def _published(e: Entry) -> None:
    e.refuse_if(not policy.known_parameter(e.f["parameter"]), "unknown_parameter")
    e.refuse_if(policy.overlaps(e.log, e.f), "policy_overlap")


# -- statements ---------------------------------------------------------------

Item = tuple[int, str]
"""A posting on the account: its position, and the claim when one line of it is meant."""


def moved_on(log: Log, account: str, record: Record, claim: str = "") -> int:
    """What a posting, or its line for one claim, moves on a bank account."""
    pot, _, owner = account.partition(":")
    book = f"fund:{owner}" if pot == "fund" else log.gc(owner)
    accounts = {"fund": ("cash",), "wage": ("wage_account",)}.get(
        pot, ("deposit_cash", "deposit_interest")
    )
    project = "" if pot == "fund" else owner
    total = sum(
        line[5] for line in record.lines if line[0] == book and line[1] in accounts
        and line[2] == project
    )  # fmt: skip
    if not claim or not total:
        return total
    return (1 if total > 0 else -1) * _amount_of(record, claim)


def _amount_of(record: Record, claim: str) -> int:
    moved = [abs(p) or abs(t) for name, _, p, t in record.moves if name == claim]
    return moved[0] if moved else 0


def statement_lines(log: Log, account: str) -> dict[tuple[str, str], tuple[str, int]]:
    """Per statement and line: its day and signed amount."""
    return {
        (statement.f["statement_id"], line["line"]): (line["on"], line["amount_fen"])
        for statement in log.of("StatementImported", account=account)
        for line in statement.f["lines"]
    }


def matches(log: Log, account: str) -> list[dict[str, Any]]:
    """The matches that stand: statement, lines, matched items."""
    standing: list[dict[str, Any]] = []
    for record in log.of("StatementLineMatched", "StatementLineUnmatched", account=account):
        f = record.f
        if record.kind == "StatementLineMatched":
            standing.append(f)
        else:
            standing = [m for m in standing if not _same_match(m, f)]
    return standing


def _same_match(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        one["statement_id"] == other["statement_id"]
        and set(one["lines"]) == set(other["lines"])
        and set(_items(one)) == set(_items(other))
    )


def _items(f: dict[str, Any]) -> list[Item]:
    return [(item["position"], item.get("claim", "")) for item in f["matched"]]


def left_of_lines(log: Log, account: str) -> dict[tuple[str, str], int]:
    """What is unmatched of each statement line: a match fills its lines in their order."""
    left = {key: amount for key, (_, amount) in statement_lines(log, account).items()}
    for match in matches(log, account):
        given = sum(moved_on(log, account, log.records[p - 1], c) for p, c in _items(match))
        for line in match["lines"]:
            key = (match["statement_id"], line)
            part = min(abs(given), abs(left[key]))
            part = part if given > 0 else -part
            left[key] -= part
            given -= part
    return left


def left_of_posting(log: Log, account: str, record: Record) -> int:
    """What of a posting has no statement line yet."""
    left = moved_on(log, account, record)
    for match in matches(log, account):
        for position, claim in _items(match):
            if position == record.position:
                left -= moved_on(log, account, record, claim)
    return left


@rule("StatementImported")
def _imported(e: Entry) -> None:
    names = ("statement_id", "from", "to", "opening_fen", "closing_fen", "lines")
    for earlier in e.log.of("StatementImported", account=e.f["account"]):
        apart = e.f["to"] < earlier.f["from"] or earlier.f["to"] < e.f["from"]
        same = all(earlier.f[name] == e.f[name] for name in names)
        e.refuse_if(not apart and not same, "statement_overlap")


@rule("StatementLineMatched")
def _matched(e: Entry) -> None:
    log, account = e.log, e.f["account"]
    left = left_of_lines(log, account)
    room = sum(left.get((e.f["statement_id"], line), 0) for line in e.f["lines"])
    given = 0
    for position, claim in _items(e.f):
        record = log.records[position - 1]
        amount = moved_on(log, account, record, claim)
        spare = left_of_posting(log, account, record)
        e.refuse_if(abs(amount) > abs(spare) or amount * spare < 0, "over_match")
        given += amount
    e.refuse_if(abs(given) > abs(room) or given * room < 0, "over_match")


@rule("StatementLineUnmatched")
def _unmatched(e: Entry) -> None:
    found = any(_same_match(match, e.f) for match in matches(e.log, e.f["account"]))
    e.refuse_if(not found, "not_matched")


def breaks(log: Log, account: str) -> list[tuple[str, str, str, int]]:
    """The breaks: day, statement and line (or empty), position (or 0)."""
    days = statement_lines(log, account)
    found = [
        (days[key][0], key[0], key[1], 0)
        for key, amount in left_of_lines(log, account).items()
        if amount
    ]
    found += [
        (record.on, "", "", record.position)
        for record in log.records
        if left_of_posting(log, account, record)
    ]
    return found


@rule("BreakResolved")
def _resolved(e: Entry) -> None:
    named = (e.f.get("statement_id", ""), e.f.get("line", ""), e.f.get("position", 0))
    known = [found[1:] for found in breaks(e.log, e.f["account"])]
    e.refuse_if(named not in known, "not_a_break")


@rule("StatementReconciled")
def _reconciled(e: Entry) -> None:
    resolved = {
        (r.f.get("statement_id", ""), r.f.get("line", ""), r.f.get("position", 0))
        for r in e.log.of("BreakResolved", account=e.f["account"])
    }
    left = [
        found
        for found in breaks(e.log, e.f["account"])
        if found[0] <= e.f["to"] and found[1:] not in resolved
    ]
    e.refuse_if(left, "open_breaks")


def _without_effect(e: Entry) -> None:
    """Recorded as it is: nothing in the books, nothing refused."""
    assert not e.lines


for _kind in [
    "PartyRenamed",
    "SubcontractRegistered",
    "CaseClaimsLinked",
    "CorrectionOrdered",
    "DecisionIssued",
    "DishonestListed",
    "DishonestRemoved",
    "MajorViolationPublished",
    "CreditGradeSet",
    "FundFloorSet",
]:
    RULES[_kind] = _without_effect
