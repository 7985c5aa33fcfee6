"""Payout files read back: pain.001, transaction by transaction, whoever wrote it.

It shares nothing with the writer of payout files, so that a file that both understand is right.
What a file declares about itself (NbOfTxs and CtrlSum, of the message and of every payment
information) is held against what it holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.banking.currencies import MINOR_DIGITS, read_amount
from ledger.banking.problems import BankFileError, Problems
from ledger.banking.versions import MESSAGES, check_version
from ledger.banking.xml_stream import Root, held_by, line_of, local_name, root_of, rounds

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINERS: Final = ("GrpHdr", "PmtInf")
_LONGEST_SUM: Final = 40


class Transfer(NamedTuple):
    """One transaction of a payout file.

    Attributes:
        number: Its place in the file, from 1.
        payment: PmtInfId: id of its batch, or None.
        end_to_end: EndToEndId, or None.
        instruction: InstrId, or None.
        amount_minor: Whole minor units, not negative.
        currency: ISO 4217 code.
        creditor_name: Who is paid. Identity.
        creditor_account: Account or card. Identity.
        creditor_bank: BIC, clearing number or name of the bank, or None.
        remittance: Free text, or None.
    """

    number: int
    payment: str | None
    end_to_end: str | None
    instruction: str | None
    amount_minor: int
    currency: str
    creditor_name: str | None = None
    creditor_account: str | None = None
    creditor_bank: str | None = None
    remittance: str | None = None


@dataclass(slots=True)
class PaymentBatch:
    """One payment information: who pays, when, and how much by its own words.

    Attributes:
        payment: PmtInfId, or None.
        execute_on: ReqdExctnDt, or None.
        debtor_name: Who pays, or None.
        debtor_account: From which account, or None.
        count: Declared NbOfTxs, or None.
        total: Declared CtrlSum, or None.
        transactions: How many it holds.
        sum: Decimal sum over all its currencies.
    """

    payment: str | None = None
    execute_on: str | None = None
    debtor_name: str | None = None
    debtor_account: str | None = None
    count: str | None = None
    total: str | None = None
    transactions: int = 0
    sum: Decimal = Decimal(0)


@dataclass(slots=True)
class CreditTransferFile:
    """One pain.001, as a stream of transactions; totals and problems are final once complete.

    Attributes:
        message: MsgId, or None.
        created_at: CreDtTm as it stands in the file, or None.
        count: Declared NbOfTxs of the message, or None.
        total: Declared CtrlSum of the message, or None.
        batches: Its payment informations.
        transactions: How many transactions it holds.
        by_currency: Count and sum in minor units, by currency.
        transfers: The transactions; take them once.
        problems: What a person must look at.
        complete: Whether all was read.
    """

    message: str | None = None
    created_at: str | None = None
    count: str | None = None
    total: str | None = None
    batches: list[PaymentBatch] = field(default_factory=list)
    transactions: int = 0
    by_currency: dict[str, tuple[int, int]] = field(default_factory=dict)
    transfers: Iterator[Transfer] = field(default_factory=lambda: iter(()))
    problems: Problems = field(default_factory=Problems)
    complete: bool = False


def read_credit_transfers(path: Path) -> CreditTransferFile:
    """Open a pain.001.

    Raises:
        BankFileError: when it is none or cannot be read, also while transfers are taken.
        OSError: for a file that is not there or may not be read.
    """
    root = root_of(path)
    if MESSAGES.get(root.base) != "credit-transfer":
        raise BankFileError("bank_format", value=root.shown)
    file = CreditTransferFile()
    check_version(root, "credit-transfer", file.problems)
    file.transfers = _transfers(path, root, file)
    return file


def _transfers(path: Path, root: Root, file: CreditTransferFile) -> Iterator[Transfer]:
    def begin() -> PaymentBatch:
        file.batches.append(PaymentBatch())
        return file.batches[-1]

    for batch, turn in held_by(rounds(path, root, _CONTAINERS), "PmtInf", begin):
        for child in turn.children:
            if batch is None:
                _header_part(child, file)
            elif local_name(child.tag) == "CdtTrfTxInf":
                yield _counted(_transfer(child, file, batch), file, batch)
            else:
                _batch_part(child, batch)
    _finish(file, root)


def _header_part(child: "_Element", file: CreditTransferFile) -> None:
    name = local_name(child.tag)
    text = (child.text or "").strip() or None
    if name == "MsgId":
        file.message = text
    elif name == "CreDtTm":
        file.created_at = text
    elif name == "NbOfTxs":
        file.count = text
    elif name == "CtrlSum":
        file.total = text


def _batch_part(child: "_Element", batch: PaymentBatch) -> None:
    name = local_name(child.tag)
    text = (child.text or "").strip() or None
    if name == "PmtInfId":
        batch.payment = text
    elif name == "NbOfTxs":
        batch.count = text
    elif name == "CtrlSum":
        batch.total = text
    elif name == "ReqdExctnDt":
        batch.execute_on = text or _leaf(child, "Dt", "DtTm")
    elif name == "Dbtr":
        batch.debtor_name = _leaf(child, "Nm")
    elif name == "DbtrAcct":
        batch.debtor_account = _leaf(child, "IBAN", "Id")


def _transfer(element: "_Element", file: CreditTransferFile, batch: PaymentBatch) -> Transfer:
    """Read one ``CdtTrfTxInf``.

    Raises:
        BankFileError: ``bank_amount``, ``bank_field``.
    """
    parts = {local_name(child.tag): child for child in element}
    amount = parts.get("Amt")
    paid = None
    if amount is not None:
        paid = next(
            (e for e in amount.iter() if local_name(e.tag) in ("InstdAmt", "Amt") and not len(e)),
            None,
        )
    if paid is None:
        raise BankFileError("bank_field", line=line_of(element), field="Amt")
    currency = paid.get("Ccy") or ""
    text = (paid.text or "").strip()
    read = read_amount(text, currency)
    if read is None:
        raise BankFileError("bank_amount", line=line_of(paid), field="InstdAmt")
    if not read.exact:
        file.problems.add("bank_amount_fine", line=line_of(paid), currency=currency)
    batch.sum += Decimal(text)
    ids = {
        local_name(child.tag): (child.text or "").strip() or None
        for child in parts.get("PmtId", ())
    }
    return Transfer(
        file.transactions + 1, batch.payment, ids.get("EndToEndId"), ids.get("InstrId"),
        read.minor, currency,
        _leaf(parts.get("Cdtr"), "Nm"), _leaf(parts.get("CdtrAcct"), "IBAN", "Id"),
        _leaf(parts.get("CdtrAgt"), "BICFI", "BIC", "MmbId", "Nm"),
        _leaf(parts.get("RmtInf"), "Ustrd"),
    )  # fmt: skip


def _counted(transfer: Transfer, file: CreditTransferFile, batch: PaymentBatch) -> Transfer:
    file.transactions += 1
    batch.transactions += 1
    count, total = file.by_currency.get(transfer.currency, (0, 0))
    file.by_currency[transfer.currency] = (count + 1, total + transfer.amount_minor)
    return transfer


def _finish(file: CreditTransferFile, root: Root) -> None:
    """Hold what the file declares against what it holds."""
    problems = file.problems
    if not file.transactions:
        problems.add("bank_no_statement", value=root.message)
    for currency in sorted(set(file.by_currency) - set(MINOR_DIGITS)):
        problems.add("bank_currency", value=currency)
    whole = sum((batch.sum for batch in file.batches), Decimal(0))
    _check_declared(problems, "GrpHdr", file.count, file.total, file.transactions, whole)
    for at, batch in enumerate(file.batches, 1):
        place = f"PmtInf {at}"
        _check_declared(problems, place, batch.count, batch.total, batch.transactions, batch.sum)
    file.complete = True


def _check_declared(
    problems: Problems, place: str, count: str | None, total: str | None, found: int, added: Decimal
) -> None:
    if count is not None and not _same(count, Decimal(found)):
        problems.add(
            "bank_declared", field=f"{place}/NbOfTxs", declared=count[:40], found=str(found)
        )
    if total is not None and not _same(total, added):
        problems.add(
            "bank_declared", field=f"{place}/CtrlSum", declared=total[:40], found=f"{added:f}"
        )


def _same(text: str, value: Decimal) -> bool:
    """Whether a declared number is this value; a text that is no number is not."""
    try:
        return len(text) <= _LONGEST_SUM and Decimal(text) == value
    except InvalidOperation:
        return False


def _leaf(element: "_Element | None", *names: str) -> str | None:
    """The first text below an element under one of these names."""
    if element is None:
        return None
    for leaf in element.iter():
        if local_name(leaf.tag) in names and not len(leaf):
            text = (leaf.text or "").strip()
            if text:
                return text
    return None
