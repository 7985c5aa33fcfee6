"""What a bank says about an account: statements, their booked entries and the details of each.

The readers of camt.052/053/054, MT940 and statement CSV all give out these records. Amounts are
whole minor units of the currency (CNY 1.00 = 100 fen), signed as the account moves: a credit is
positive, a debit negative, and what a reversal takes back already has the sign of taking it back.
Dates are ISO text.

A `Statement` is read as a stream: its entries come one by one, and only when the last has been
taken is it `complete`, with its balances, totals and problems. A file of a million entries needs
no more memory than one of ten.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from ledger.banking.problems import Problem, Problems

Status = Literal["booked", "pending", "info"]
"""Of an entry: only what is booked has moved the balance."""

BOOKED: Final = "booked"
PENDING: Final = "pending"
INFO: Final = "info"

Kind = Literal[
    "statement", "report", "notification", "mt940-statement", "credit-transfer", "status-report"
]
"""What a bank file is; a statement CSV is a `statement`."""


class Detail(NamedTuple):
    """One transaction inside an entry; an entry that a bank did not split has one or none.

    Attributes:
        amount_minor: Signed as the account moves; None where the bank gave none in the entry's
            currency.
        end_to_end: The payer's reference, as it stood in the payout file; None for NOTPROVIDED.
        batch: Id of the payment information or message that the transaction came from.
        return_code: ISO reason why money came back, such as AC04; empty for a return without one;
            None for no return.
        reference: The bank's own reference of the transaction.
        counterparty_name: Name of the other side. Identity: never shown, never in the log.
        counterparty_account: Account or card of the other side. Identity, as the name.
        remittance: Free text. May hold identity.
    """

    amount_minor: int | None = None
    end_to_end: str | None = None
    batch: str | None = None
    return_code: str | None = None
    reference: str | None = None
    counterparty_name: str | None = None
    counterparty_account: str | None = None
    remittance: str | None = None


class Entry(NamedTuple):
    """One line of a statement.

    Attributes:
        number: Its place in the statement, from 1.
        amount_minor: Signed as the account moves, reversals too.
        currency: ISO 4217 code.
        status: Whether it is booked.
        booked_on: Date of booking, or None.
        value_on: Date from which it counts for interest, or None.
        reference: The bank's own reference (AcctSvcrRef, else NtryRef; MT940: after //), or None.
        end_to_end: The payer's reference, where the entry has one transaction or the bank gave it
            for the whole.
        batch: Id of the payment information or message that a batch booking came from.
        return_code: As of a detail, where the entry has one transaction or all share it.
        reversal: Whether it takes an earlier entry back.
        place: Number of the line in the file, from 1; 0 where it is not known.
        details: Its transactions, none where the bank did not give any.
    """

    number: int
    amount_minor: int
    currency: str
    status: Status = BOOKED
    booked_on: str | None = None
    value_on: str | None = None
    reference: str | None = None
    end_to_end: str | None = None
    batch: str | None = None
    return_code: str | None = None
    reversal: bool = False
    place: int = 0
    details: tuple[Detail, ...] = ()


@dataclass(slots=True)
class Totals:
    """Counts and sums over the entries of a statement; sums in minor units, never negative.

    ``credit_minor`` and ``debit_minor`` are over all entries, ``booked_minor`` is the signed sum
    of the booked ones alone, which is what moves the balance. ``return_codes`` has one element for
    each returned transaction, None for one without a reason.
    """

    entries: int = 0
    credits: int = 0
    debits: int = 0
    credit_minor: int = 0
    debit_minor: int = 0
    booked: int = 0
    booked_minor: int = 0
    tx_details: int = 0
    batch_entries: int = 0
    reversal_entries: int = 0
    return_codes: list[str | None] = field(default_factory=list)

    def add(self, entry: Entry, *, is_batch: bool) -> None:
        """Count one entry."""
        amount = entry.amount_minor
        self.entries += 1
        if amount < 0:
            self.debits += 1
            self.debit_minor -= amount
        else:
            self.credits += 1
            self.credit_minor += amount
        if entry.status == BOOKED:
            self.booked += 1
            self.booked_minor += amount
        if entry.reversal:
            self.reversal_entries += 1
        if is_batch:
            self.batch_entries += 1
        self.tx_details += len(entry.details)
        for detail in entry.details:
            if detail.return_code is not None:
                self.return_codes.append(detail.return_code or None)


@dataclass(slots=True)
class Statement:
    """One account over one span, as a stream of entries.

    Before the first entry the id, the account and the currency are known, and whatever else the
    file says in front of its entries; balances, totals and problems are final only once it is
    ``complete``. Take ``entries`` once; the next statement of a file drops what was not taken.

    Attributes:
        kind: What the file is.
        id: The statement's id, or None.
        account: IBAN or the bank's own number of the account, or None.
        currency: ISO 4217 code, or None until it is known.
        from_on: First day, or None.
        to_on: Last day, or None.
        opening_minor: Opening balance, signed, or None.
        closing_minor: Closing balance, signed, or None.
        opening_on: Date of the opening balance, or None.
        closing_on: Date of the closing balance, or None.
        balances_minor: Every balance by the bank's code of its type (OPBD, CLBD, CLAV, 60F, ...).
        gap_minor: Opening and booked entries less closing: 0 when they tie; None where it cannot
            be decided, for a balance that is missing, several currencies or an amount cut off.
        totals: Counts and sums of the entries taken so far.
        problems: What a person must look at, each with a code; final once complete.
        complete: Whether the last entry was taken.
    """

    kind: Kind
    id: str | None = None
    account: str | None = None
    currency: str | None = None
    from_on: str | None = None
    to_on: str | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    opening_on: str | None = None
    closing_on: str | None = None
    balances_minor: dict[str, int] = field(default_factory=dict)
    gap_minor: int | None = None
    totals: Totals = field(default_factory=Totals)
    problems: Problems = field(default_factory=Problems)
    complete: bool = False
    entries: Iterator[Entry] = field(default_factory=lambda: iter(()))

    @property
    def balances_tie(self) -> bool | None:
        """Whether opening and booked entries make the closing balance; None if undecided."""
        return None if self.gap_minor is None else self.gap_minor == 0


__all__ = [
    "BOOKED", "INFO", "PENDING", "Detail", "Entry", "Kind", "Problem", "Problems", "Statement",
    "Status", "Totals",
]  # fmt: skip
