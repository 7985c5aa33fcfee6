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


LineKey = tuple[str, str]
"""A booked line: its day and its reference, the same on every statement that shows it."""


def statement_lines(log: Log, account: str) -> dict[LineKey, int]:
    """The signed amount of each booked line of the account."""
    return {
        (line["on"], line["line"]): line["amount_fen"]
        for statement in log.of("StatementImported", account=account)
        for line in statement.f["lines"]
    }


def keys_of(log: Log, account: str, statement: str, lines: list[str]) -> list[LineKey]:
    """The booked lines that a statement shows under these references."""
    shown = {
        line["line"]: (line["on"], line["line"])
        for record in log.of("StatementImported", account=account, statement_id=statement)
        for line in record.f["lines"]
    }
    return [shown[line] for line in lines if line in shown]


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


def left_of_lines(log: Log, account: str) -> dict[LineKey, int]:
    """What is unmatched of each booked line: a match fills its lines in their order."""
    left = dict(statement_lines(log, account))
    for match in matches(log, account):
        given = sum(moved_on(log, account, log.records[p - 1], c) for p, c in _items(match))
        for key in keys_of(log, account, match["statement_id"], match["lines"]):
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
    new = {(line["on"], line["line"]): line["amount_fen"] for line in e.f["lines"]}
    old = statement_lines(e.log, e.f["account"])
    for earlier in e.log.of("StatementImported", account=e.f["account"]):
        first, last = max(e.f["from"], earlier.f["from"]), min(e.f["to"], earlier.f["to"])
        both = [
            {key: amount for key, amount in lines.items() if first <= key[0] <= last}
            for lines in (new, old)
        ]
        same_days = (e.f["from"], e.f["to"]) == (earlier.f["from"], earlier.f["to"])
        other_opening = same_days and e.f["opening_fen"] != earlier.f["opening_fen"]
        e.refuse_if(both[0] != both[1] or other_opening, "statement_overlap")


@rule("StatementLineMatched")
def _matched(e: Entry) -> None:
    log, account = e.log, e.f["account"]
    left = left_of_lines(log, account)
    keys = keys_of(log, account, e.f["statement_id"], e.f["lines"])
    room = sum(left[key] for key in keys)
    given = 0
    for position, claim in _items(e.f):
        record = log.records[position - 1]
        amount = moved_on(log, account, record, claim)
        spare = left_of_posting(log, account, record)
        e.refuse_if(abs(amount) > abs(spare) or amount * spare <= 0, "over_match")
        given += amount
    e.refuse_if(abs(given) > abs(room) or given * room < 0, "over_match")


@rule("StatementLineUnmatched")
def _unmatched(e: Entry) -> None:
    found = any(_same_match(match, e.f) for match in matches(e.log, e.f["account"]))
    e.refuse_if(not found, "not_matched")


Break = tuple[str, str, int]
"""A day, and the booked line's reference or else the posting's position."""


def breaks(log: Log, account: str) -> list[Break]:
    """The booked lines and the postings of the account that are not wholly matched."""
    left = left_of_lines(log, account)
    found = [(on, line, 0) for (on, line), amount in left.items() if amount]
    found += [
        (record.on, "", record.position)
        for record in log.records
        if left_of_posting(log, account, record)
    ]
    return found


def break_named(log: Log, f: dict[str, Any]) -> Break | None:
    """What a BreakResolved names."""
    if "position" in f:
        return log.records[f["position"] - 1].on, "", f["position"]
    keys = keys_of(log, f["account"], f["statement_id"], [f["line"]])
    return (*keys[0], 0) if keys else None


@rule("BreakResolved")
def _resolved(e: Entry) -> None:
    named = break_named(e.log, e.f)
    e.refuse_if(named not in open_breaks(e.log, e.f["account"]), "not_a_break")


def open_breaks(log: Log, account: str) -> list[Break]:
    """The breaks without a resolution."""
    resolved = [break_named(log, r.f) for r in log.of("BreakResolved", account=account)]
    return [found for found in breaks(log, account) if found not in resolved]


@rule("StatementReconciled")
def _reconciled(e: Entry) -> None:
    left = [found for found in open_breaks(e.log, e.f["account"]) if found[0] <= e.f["to"]]
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
