"""Answers of banks to payout files: pain.002, transaction by transaction.

A report answers at three levels: the whole message, a payment information (one batch) and single
transactions. What is not named follows the level above it: a rejected batch without transactions
means that every transaction of it was rejected. The reader gives out what the file says; who knows
the batch decides what follows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.banking.problems import BankFileError, Problems
from ledger.banking.versions import MESSAGES, check_version
from ledger.banking.xml_stream import Root, Round, held_by, local_name, root_of, rounds

if TYPE_CHECKING:
    from lxml.etree import _Element

REJECTED: Final = "RJCT"
_CONTAINERS: Final = ("GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")


class TransactionStatus(NamedTuple):
    """What the bank says about one transaction of a payout file.

    Attributes:
        number: Its place in the report, from 1.
        payment: OrgnlPmtInfId: id of the batch in the payout file, or None.
        end_to_end: OrgnlEndToEndId: our reference of the transaction, or None.
        instruction: OrgnlInstrId, or None.
        status: TxSts: ACSC, ACCP, RJCT, PDNG, ..., or None where only a reason is given.
        reasons: Reason codes such as AC04, in the order of the file.
        reference: The bank's own reference, or None.
        amount: The instructed amount that it repeats, with its currency, or None.
        accepted_at: When the bank took it up, as it stands in the file, or None.
    """

    number: int
    payment: str | None
    end_to_end: str | None
    instruction: str | None
    status: str | None
    reasons: tuple[str, ...]
    reference: str | None
    amount: tuple[str, str] | None = None
    accepted_at: str | None = None


@dataclass(slots=True)
class PaymentStatus:
    """What the bank says about one payment information.

    Attributes:
        payment: OrgnlPmtInfId, or None.
        status: PmtInfSts, or None.
        reasons: Reason codes of the whole.
        transactions: How many transactions it names.
    """

    payment: str | None = None
    status: str | None = None
    reasons: list[str] = field(default_factory=list)
    transactions: int = 0


@dataclass(slots=True)
class StatusReport:
    """One pain.002, as a stream of transactions.

    All but ``transactions`` is final only once these were taken.

    Attributes:
        message: MsgId of the report, or None.
        created_at: CreDtTm as it stands in the file, or None.
        original_message: OrgnlMsgId: id of the payout file, or None.
        original_format: OrgnlMsgNmId, such as pain.001.001.09, or None.
        group_status: GrpSts, or None.
        group_reasons: Reason codes of the whole message.
        payments: What it says about payment informations.
        transactions: Statuses of transactions; take them once.
        problems: What a person must look at.
        complete: Whether all was read.
    """

    message: str | None = None
    created_at: str | None = None
    original_message: str | None = None
    original_format: str | None = None
    group_status: str | None = None
    group_reasons: list[str] = field(default_factory=list)
    payments: list[PaymentStatus] = field(default_factory=list)
    transactions: Iterator[TransactionStatus] = field(default_factory=lambda: iter(()))
    problems: Problems = field(default_factory=Problems)
    complete: bool = False


def read_status_report(path: Path) -> StatusReport:
    """Open a pain.002.

    Raises:
        BankFileError: when it is none or cannot be read, also while transactions are taken.
        OSError: for a file that is not there or may not be read.
    """
    root = root_of(path)
    if MESSAGES.get(root.base) != "status-report":
        raise BankFileError("bank_format", value=root.shown)
    report = StatusReport()
    check_version(root, "status-report", report.problems)
    report.transactions = _transactions(path, root, report)
    return report


def _transactions(path: Path, root: Root, report: StatusReport) -> Iterator[TransactionStatus]:
    def begin() -> PaymentStatus:
        report.payments.append(PaymentStatus())
        return report.payments[-1]

    number = seen = 0
    parts: list[_Element] = []
    turns = held_by(rounds(path, root, _CONTAINERS), "OrgnlPmtInfAndSts", begin)
    for payment, turn in turns:
        seen += 1
        if payment is not None:
            for child in turn.children:
                if local_name(child.tag) == "TxInfAndSts":
                    number += 1
                    payment.transactions += 1
                    yield _transaction(child, number, payment.payment)
                else:
                    _payment_part(child, payment)
        elif turn.name == "TxInfAndSts":  # as version .02 has them, beside the group
            parts += turn.children
            if turn.ended:
                number += 1
                yield _transaction(parts, number, None)
                parts = []
        elif turn.ended or turn.children:
            _header(turn, report)
    if seen == 0:
        report.problems.add("bank_no_statement", value=root.message)
    report.complete = True


def _header(turn: Round, report: StatusReport) -> None:
    """Read the group header, or what is said of the whole original message."""
    for child in turn.children:
        name = local_name(child.tag)
        text = _text(child)
        if name == "MsgId":
            report.message = text
        elif name == "CreDtTm":
            report.created_at = text
        elif name == "OrgnlMsgId":
            report.original_message = text
        elif name == "OrgnlMsgNmId":
            report.original_format = text
        elif name == "GrpSts":
            report.group_status = text
        elif name == "StsRsnInf":
            report.group_reasons += _reasons(child)


def _payment_part(child: "_Element", payment: PaymentStatus) -> None:
    name = local_name(child.tag)
    if name == "OrgnlPmtInfId":
        payment.payment = _text(child)
    elif name == "PmtInfSts":
        payment.status = _text(child)
    elif name == "StsRsnInf":
        payment.reasons += _reasons(child)


def _transaction(
    children: "Iterable[_Element]", number: int, payment: str | None
) -> TransactionStatus:
    texts: dict[str, str | None] = {}
    reasons: list[str] = []
    amount: tuple[str, str] | None = None
    for child in children:
        name = local_name(child.tag)
        if name == "StsRsnInf":
            reasons += _reasons(child)
        elif name == "OrgnlTxRef":
            amount = _amount(child)
        else:
            texts.setdefault(name, _text(child))
    return TransactionStatus(
        number,
        texts.get("OrgnlPmtInfId") or payment,
        texts.get("OrgnlEndToEndId"),
        texts.get("OrgnlInstrId"),
        texts.get("TxSts"),
        tuple(reasons),
        texts.get("AcctSvcrRef"),
        amount,
        texts.get("AccptncDtTm"),
    )


def _amount(original: "_Element") -> tuple[str, str] | None:
    """The instructed amount inside a repeated transaction: its text and its currency."""
    for part in original.iter():
        if local_name(part.tag) == "InstdAmt":
            return _text(part) or "", part.get("Ccy", "")
    return None


def _reasons(element: "_Element") -> list[str]:
    """Reason codes inside one ``StsRsnInf``: ISO's or the bank's own."""
    found: list[str] = []
    for child in element:
        if local_name(child.tag) in ("Rsn", "StsRsn"):
            found += [text for part in child if (text := _text(part))]
    return found


def _text(element: "_Element") -> str | None:
    return (element.text or "").strip() or None
