"""The emergency turnover fund: public money that advances part of unpaid wages.

Legal source: Decree 724 art. 63; local measures (rules.md, A5). An advance reduces the
worker's claim; the fund steps into it and recovers from the employer.
"""

from ledger.domain.base import Decision, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper
from ledger.domain.journal import Journal, fund_book
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    AmountOrZero,
    Fund,
    Party,
    Region,
)  # fmt: skip
from ledger.domain.state import Fund as FundRecord
from ledger.domain.state import LatestOn
from ledger.domain.timeline import lowest
from ledger.kernel.errors import Refusal

MEMO = "memo"
"""Book of the fund's off-balance amounts: commitments, and what was written off by debtor."""


@kind("F", "fund")
class FundEstablished(Posting):
    """A region's fund is set up with the floor under its available cash."""

    region: Region
    floor_fen: AmountOrZero


@kind("F", "fund")
class FundFloorSet(Posting):
    """The floor changes."""

    region: Fund
    floor_fen: AmountOrZero


@kind("FB", "fund")
class FundAppropriated(Posting):
    """The budget pays into the fund."""

    region: Fund
    amount_fen: Amount


@kind("FB", "fund")
class DonationReceived(Posting):
    """A donation to the fund."""

    region: Fund
    amount_fen: Amount


@kind("FB", "fund")
class InterestCredited(Posting):
    """Interest on the fund's cash."""

    region: Fund
    amount_fen: Amount


@kind("FB", "fund")
class AdvanceRecovered(Posting):
    """A debtor repays the fund."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("FB", "fund")
class AdvanceRefunded(Posting):
    """The fund refunds what a debtor repaid too much."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("F", "fund")
class AdvanceSetOff(Posting):
    """A refund is set off against what the debtor owes."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("F", "fund")
class AdvanceWrittenOff(Posting):
    """The government decides that a debt will not be recovered."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("F", "fund")
class FundSurrendered(Posting):
    """Money goes back to the budget."""

    region: Fund
    amount_fen: Amount


INCOME = {
    "FundAppropriated": "capital",
    "DonationReceived": "donations",
    "InterestCredited": "interest",
}


def available_from(facts: Facts, region: str, on: str) -> int:
    """Least available from a day onwards: cash less refunds owed less committed, in fen."""
    book = fund_book(region)
    return lowest(
        on,
        (1, facts.cell(book, "cash", "", "")),
        (1, facts.fund_total(region, "refund_payable")),
        (-1, facts.cell(MEMO, "committed", "", region)),
    )


@decides("FundEstablished")
def decide_established(posting: FundEstablished, at: Context) -> Decision:
    """One fund a region."""
    if at.facts.get(FundRecord, posting.region) is not None:
        raise Refusal("fund_exists", region=posting.region)
    return Decision(f"fund:{posting.region}")


@decides("FundFloorSet")
def decide_floor(posting: FundFloorSet, _at: Context) -> Decision:
    """Any floor."""
    return Decision(f"fund:{posting.region}")


@evolves("FundEstablished", "FundFloorSet")
def evolve_fund(event: Recorded, keeper: Keeper) -> None:
    """Keep the floor."""
    region = event.fields["region"]
    fund = keeper.get(FundRecord, region) or FundRecord(0, event.on)
    fund.floor_fen = event.fields["floor_fen"]
    keeper.keep(region, fund)


@decides(*INCOME)
def decide_income(
    posting: FundAppropriated | DonationReceived | InterestCredited, _at: Context
) -> Decision:
    """Cash in."""
    book = fund_book(posting.region)
    journal = Journal()
    journal.add(book, "cash", posting.amount_fen)
    journal.add(book, INCOME[type(posting).__name__], -posting.amount_fen)
    return Decision(f"fund:{posting.region}", journal.lines())


def writeoff_id(region: str, debtor: str) -> str:
    """Id of the record of a debtor's latest write-off."""
    return f"writeoff:{region}|{debtor}"


def require_receivable(
    at: Context, region: str, debtor: str, amount_fen: int, account: str = "receivable"
) -> None:
    """Refuse more than stands between the fund and the debtor from the day onwards."""
    cell = at.facts.cell(fund_book(region), account, "", debtor)
    open_fen = min(abs(balance) for balance in cell.balances(at.posting.on))
    if amount_fen > open_fen:
        raise Refusal("over_payable", amount_fen=amount_fen, available_fen=open_fen, party=debtor)


@decides("AdvanceRecovered", "AdvanceWrittenOff", "AdvanceSetOff")
def decide_repayment(
    posting: AdvanceRecovered | AdvanceWrittenOff | AdvanceSetOff, at: Context
) -> Decision:
    """The debt to the fund ends: repaid, written off, or against a refund."""
    region, debtor, amount = posting.region, posting.debtor, posting.amount_fen
    require_receivable(at, region, debtor, amount)
    book = fund_book(region)
    journal = Journal()
    journal.add(book, "receivable", -amount, counterparty=debtor)
    journal.add(debtor, "due_to_fund", amount, counterparty=book)
    if isinstance(posting, AdvanceRecovered):
        journal.add(book, "cash", amount)
        journal.add(debtor, "own_cash", -amount)
    elif isinstance(posting, AdvanceWrittenOff):
        if not posting.document:
            raise Refusal("document_required", kind="AdvanceWrittenOff")
        journal.add(book, "write_off", amount)
        journal.add(debtor, "write_off_income", -amount)
    else:
        require_receivable(at, region, debtor, amount, "refund_payable")
        journal.add(book, "refund_payable", amount, counterparty=debtor)
        journal.add(debtor, "due_from_fund", -amount, counterparty=book)
    return Decision(f"fund:{region}", journal.lines())


@evolves("AdvanceWrittenOff")
def evolve_written_off(event: Recorded, keeper: Keeper) -> None:
    """What was written off for the debtor, and when last."""
    fields = event.fields
    keeper.add_memo(
        "written_off", fields["debtor"], event.on, fields["amount_fen"], fields["region"]
    )
    name = writeoff_id(fields["region"], fields["debtor"])
    latest = keeper.get(LatestOn, name) or LatestOn()
    latest.on = max(latest.on, event.on)
    keeper.keep(name, latest)


@decides("AdvanceRefunded")
def decide_refunded(posting: AdvanceRefunded, at: Context) -> Decision:
    """Only what is owed beyond what the debtor now owes this fund."""
    book = fund_book(posting.region)
    owed = at.facts.cell(book, "refund_payable", "", posting.debtor)
    debt = at.facts.cell(book, "receivable", "", posting.debtor).total
    available = min(-balance for balance in owed.balances(posting.on)) - debt
    if posting.amount_fen > available:
        raise Refusal(
            "over_payable", amount_fen=posting.amount_fen, available_fen=max(0, available),
            party=posting.debtor,
        )  # fmt: skip
    journal = Journal()
    journal.add(book, "refund_payable", posting.amount_fen, counterparty=posting.debtor)
    journal.add(book, "cash", -posting.amount_fen)
    journal.add(posting.debtor, "own_cash", posting.amount_fen)
    journal.add(posting.debtor, "due_from_fund", -posting.amount_fen, counterparty=book)
    return Decision(f"fund:{posting.region}", journal.lines())


@decides("FundSurrendered")
def decide_surrendered(posting: FundSurrendered, at: Context) -> Decision:
    """Only what is available."""
    available = available_from(at.facts, posting.region, posting.on)
    if posting.amount_fen > available:
        raise Refusal(
            "insufficient_funds", account="fund", amount_fen=posting.amount_fen,
            available_fen=available,
        )  # fmt: skip
    book = fund_book(posting.region)
    journal = Journal()
    journal.add(book, "surrendered", posting.amount_fen)
    journal.add(book, "cash", -posting.amount_fen)
    return Decision(f"fund:{posting.region}", journal.lines())


@evolves("AdvanceRecovered", "AdvanceSetOff", "AdvanceRefunded", "FundSurrendered", *INCOME)
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The journal says it all."""
