"""What a pain.002 says of our payouts, line by line.

A report speaks at three levels. What a transaction does not say itself, its payment information
says, or the group; what is not named in a payment information that is wholly rejected or settled,
or in a report that is, shares its fate. Only ACSC and ACCC settle: accepted, in process, pending
discharge no wage.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ledger.banking.payout_answers import BankAnswer, Trouble, reference_of, shown
from ledger.banking.return_codes import RETURNED, SETTLED
from ledger.banking.status_report import PaymentStatus, StatusReport, TransactionStatus
from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import business_date, parse_date
from ledger.kernel.money import MoneyError, parse_yuan

CURRENCY: Final = "CNY"
_CANCELLED: Final = "CANC"
_DATE: Final = 10


@dataclass
class StatusAnswers:
    """The answers of one report.

    Attributes:
        report: As it is read.
        troubles: What is wrong with single transactions; final once the answers were taken.
    """

    report: StatusReport
    troubles: list[Trouble] = field(default_factory=list)

    def answers(self) -> Iterator[BankAnswer]:
        """Go through the report: the transactions, then what is said of the rest.

        Raises:
            BankFileError: The file cannot be read to its end.
        """
        named: list[TransactionStatus] = list(self.report.transactions)
        report = self.report
        of_payment = {one.payment: one for one in report.payments}
        for one in named:
            answer = self._transaction(one, of_payment.get(one.payment))
            if answer is not None:
                yield answer
        for payment in report.payments:
            status, reasons = payment.status or report.group_status, payment.reasons
            yield from self._rest(payment.payment, status, reasons or report.group_reasons)
        if not report.payments and not named:
            yield from self._rest(report.original_message, report.group_status,
                                  report.group_reasons)  # fmt: skip

    def _transaction(
        self, one: TransactionStatus, payment: PaymentStatus | None
    ) -> BankAnswer | None:
        above = payment.status if payment is not None else None
        status = one.status or above or self.report.group_status
        try:
            amount = _amount(one.amount)
        except MoneyError:
            facts = {"field": "InstdAmt", "problem": _NO_AMOUNT}
            self.troubles.append(Trouble(one.number, "bad_answer_line", facts))
            return None
        if one.amount is not None and one.amount[1] != CURRENCY:
            facts = {"field": "Ccy", "value": shown(one.amount[1]), "problem": _CURRENCY}
            self.troubles.append(Trouble(one.number, "bad_answer_line", facts))
            return None
        named = one.end_to_end or one.instruction or ""
        return BankAnswer(
            one.number, named, reference_of(named), settled_by(status),
            "cancelled" if status == _CANCELLED and not one.reasons else None,
            one.reasons[0] if one.reasons else None, amount,
            day_of(one.accepted_at) or self._day,
        )  # fmt: skip

    def _rest(
        self, named: str | None, status: str | None, reasons: list[str]
    ) -> Iterator[BankAnswer]:
        settled = settled_by(status)
        if settled is not None:
            named = named or self.report.original_message or ""
            yield BankAnswer(
                0, named, reference_of(named), settled, None, reasons[0] if reasons else None,
                None, self._day, rest=True,
            )  # fmt: skip

    @property
    def _day(self) -> str | None:
        return day_of(self.report.created_at)


def settled_by(status: str | None) -> bool | None:
    """Whether a status code confirms (True), refuses (False), or is nothing final."""
    if status in SETTLED:
        return True
    return False if status in RETURNED else None


def day_of(text: str | None) -> str | None:
    """The day of an ISO 20022 date or time, as it was in Shanghai where it names a zone."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text[:_DATE] if parse_date(text[:_DATE]) is not None else None
    day = business_date(instant) if instant.tzinfo is not None else instant.date()
    return day.isoformat()


def _amount(amount: tuple[str, str] | None) -> int | None:
    return None if amount is None else parse_yuan(amount[0])


_NO_AMOUNT: Final = N_("it is no amount")
_CURRENCY: Final = N_("wages are paid in CNY")
