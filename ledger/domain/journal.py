"""Journal lines: the accounts, who may owe what, and the two discharge rules.

Contract: postings.md, Books and accounts. Debit is positive, credit negative, in fen;
in every posting the lines sum to zero in each book that they touch.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ledger.domain.base import Line
from ledger.domain.facts import Facts
from ledger.domain.state import Claim
from ledger.kernel.errors import Refusal
from ledger.kernel.money import MAX_FEN, MAX_SUM_FEN

DEBIT_ONLY: Final = frozenset(
    {"wage_account", "in_transit", "deposit_cash", "deposit_interest", "recourse_receivable",
     "due_from_fund", "cash", "receivable"}
)  # fmt: skip
"""Starred accounts whose balance is never below zero."""

CREDIT_ONLY: Final = frozenset(
    {"suspense", "wages_payable", "subcontractor_payable", "due_to_fund", "compensation_payable",
     "refund_payable"}
)  # fmt: skip
"""Starred accounts whose balance is never above zero."""

MIRRORS: Final[Mapping[str, str]] = {
    "developer_receivable": "labour_payable",
    "project_receivable": "project_payable",
    "subcontractor_payable": "contractor_receivable",
    "recourse_receivable": "recourse_payable",
    "due_to_fund": "receivable",
    "due_from_fund": "refund_payable",
}
"""Accounts whose balance stands with the other sign in the counterparty's book."""

PLAIN_ACCOUNTS: Final = (
    "own_cash", "project_cost", "contract_income", "labour_cost", "subcontract_cost",
    "subcontract_income", "interest_income", "compensation_cost", "write_off_income", "capital",
    "donations", "interest", "surrendered", "write_off",
)  # fmt: skip
"""Contra accounts: they may have either sign and mirror nothing."""

ACCOUNTS: Final = tuple(
    sorted({*DEBIT_ONLY, *CREDIT_ONLY, *MIRRORS, *MIRRORS.values(), *PLAIN_ACCOUNTS})
)


_LARGE_FEN: Final = MAX_FEN // 1_000
"""Of smaller lines it takes a million to fill a balance: they need not be looked at."""


def fund_book(region: str) -> str:
    """Book of a region's emergency turnover fund."""
    return f"fund:{region}"


class Journal:
    """Lines of one posting, merged where they differ only in the amount."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str, str, str], int] = {}

    def add(
        self,
        book: str,
        account: str,
        amount_fen: int,
        *,
        project: str = "",
        counterparty: str = "",
        due_on: str = "",
    ) -> None:
        """Add an amount to a cell; debit positive."""
        key = (book, account, project, counterparty, due_on)
        self._sums[key] = self._sums.get(key, 0) + amount_fen

    def lines(self) -> list[Line]:
        """The merged lines, without those that cancelled out, in a fixed order."""
        return [Line(*key, amount) for key, amount in sorted(self._sums.items()) if amount]


def require_room(lines: Iterable[Line], on: str, facts: Facts) -> None:
    """Refuse what would make a balance larger than databases keep exactly.

    The limit of a single amount (postings.md, Form) is what makes sums safe; a balance without
    one would end it where nobody can be told why.
    """
    for line in lines:
        if abs(line.amount_fen) < _LARGE_FEN:
            continue
        kept = facts.cell(*line[:4])
        after = kept.total + line.amount_fen, kept.days.get(on, 0) + line.amount_fen
        if max(map(abs, after)) > MAX_SUM_FEN:
            raise Refusal("bad_amount", field=line.account, problem="no_room")


class ClaimPayments:
    """Amounts paid on claims in one posting, by employer in order of appearance."""

    def __init__(self, paid: Iterable[tuple[Claim, int]]) -> None:
        self.by_employer: dict[str, dict[str, int]] = {}
        for claim, amount in paid:
            due = self.by_employer.setdefault(claim.employer, {})
            due[claim.due_on] = due.get(claim.due_on, 0) + amount


def discharge(
    journal: Journal,
    paid: Sequence[tuple[Claim, int]],
    *,
    source: str,
    contractor: str,
    project: str,
    on: str,
    facts: Facts,
) -> None:
    """Pay claims out of an account of the general contractor's book.

    What the contractor owed the subcontractor is settled first; only the rest is
    recourse (postings.md, Discharge; rules.md, conclusion 4).
    """
    for employer, due in ClaimPayments(paid).by_employer.items():
        total = sum(due.values())
        journal.add(contractor, source, -total, project=project)
        for due_on, amount in due.items():
            journal.add(employer, "wages_payable", amount, project=project, due_on=due_on)
        if employer != contractor:
            owed = facts.cell(contractor, "subcontractor_payable", project, employer)
            first = max(0, min(_lowest_owed(owed.balances(on)), total))
            settle_between(journal, contractor, employer, project, first, total - first)


def undo_discharge(
    journal: Journal,
    returned: Sequence[tuple[Claim, int]],
    *,
    source: str,
    contractor: str,
    project: str,
    on: str,
    facts: Facts,
) -> None:
    """Take a discharge back: the claims are open again on their original due dates."""
    for employer, due in ClaimPayments(returned).by_employer.items():
        total = sum(due.values())
        journal.add(contractor, source, total, project=project)
        for due_on, amount in due.items():
            journal.add(employer, "wages_payable", -amount, project=project, due_on=due_on)
        if employer != contractor:
            recourse = facts.cell(contractor, "recourse_receivable", project, employer)
            rest = max(0, min(recourse.lowest(on), total))
            settle_between(journal, contractor, employer, project, rest - total, -rest)


def settle_between(
    journal: Journal, contractor: str, employer: str, project: str, first: int, rest: int
) -> None:
    """Settle ``first`` of what the contractor owes and make ``rest`` recourse."""
    pair = {"project": project, "counterparty": employer}
    back = {"project": project, "counterparty": contractor}
    journal.add(contractor, "subcontractor_payable", first, **pair)
    journal.add(employer, "contractor_receivable", -first, **back)
    journal.add(contractor, "recourse_receivable", rest, **pair)
    journal.add(employer, "recourse_payable", -rest, **back)


def owed_from(facts: Facts, contractor: str, employer: str, project: str, on: str) -> int:
    """Least that the contractor owes an employer from a day onwards, in fen."""
    cell = facts.cell(contractor, "subcontractor_payable", project, employer)
    return _lowest_owed(cell.balances(on))


def _lowest_owed(balances: Sequence[int]) -> int:
    return min(-balance for balance in balances)
