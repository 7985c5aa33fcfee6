"""One entry of a camt message: its elements walked once, by name.

This is the inner loop of every statement: a hundred thousand entries have more than three million
elements. Each is looked at once at most, and branches that nobody asks for never.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.banking.currencies import format_minor, read_amount
from ledger.banking.problems import BankFileError, Problems
from ledger.banking.statement import BOOKED, INFO, PENDING, Detail, Entry, Status
from ledger.banking.xml_stream import line_of, local_name
from ledger.kernel.dates import parse_date

if TYPE_CHECKING:
    from lxml.etree import _Element

NOT_PROVIDED: Final = "NOTPROVIDED"
MANY_DETAILS: Final = 500
"""A batch with so many transactions is read before its end has come."""

_STATUS: Final[dict[str, Status]] = {
    "BOOK": BOOKED, "PDNG": PENDING, "FUTR": PENDING, "INFO": INFO,
}  # fmt: skip
_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_TRUE: Final = frozenset({"true", "1"})
_NAMES: Final = """
Amt CdtDbtInd RvslInd Sts BookgDt ValDt AcctSvcrRef NtryRef NtryDtls Btch TxDtls Refs EndToEndId
PmtInfId MsgId AmtDtls TxAmt RtrInf RltdPties RmtInf Rsn Cd Prtry Ustrd Cdtr Dbtr CdtrAcct DbtrAcct
Nm IBAN Id
"""


class Money(NamedTuple):
    """An amount with its currency; never negative."""

    minor: int
    currency: str


class Inside(NamedTuple):
    """A transaction inside an entry, before the entry's own sign and currency are known."""

    money: Money | None = None
    sign: int | None = None
    end_to_end: str | None = None
    batch: str | None = None
    return_code: str | None = None
    reference: str | None = None
    name: str | None = None
    account: str | None = None
    remittance: str | None = None


@dataclass(slots=True)
class Reading:
    """What the entries of one statement share while they are read.

    Attributes:
        prefix: Namespace in front of every tag.
        problems: Where problems go.
        parties: Whether names, accounts and texts of the other side are wanted.
        currency: Of the account as the file states it, or None.
        number: Entries read so far.
        inexact: Amounts that were finer than their currency.
        tags: Our names by tag.
        early: Transactions of a long batch that is not at its end.
    """

    prefix: str
    problems: Problems
    parties: bool
    currency: str | None = None
    number: int = 0
    inexact: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    early: list[Inside] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tags = {f"{self.prefix}{name}": name for name in _NAMES.split()}

    def money(self, element: "_Element") -> Money:
        """Read an ``Amt``.

        Raises:
            BankFileError: ``bank_amount`` for what is no amount.
        """
        currency = element.get("Ccy") or self.currency or ""
        amount = read_amount((element.text or "").strip(), currency)
        if amount is None:
            raise BankFileError("bank_amount", line=line_of(element), field="Amt")
        if not amount.exact:
            self.inexact += 1
            self.problems.add("bank_amount_fine", line=line_of(element), currency=currency)
        return Money(amount.minor, currency)


def text_of(element: "_Element") -> str | None:
    """The text of an element without blanks around it, None for an empty one."""
    text = element.text
    return (text.strip() or None) if text else None


def day_of(element: "_Element", problems: Problems) -> str | None:
    """The date in ``Dt`` or ``DtTm``, or of the element itself, by the bank's own calendar."""
    text = element.text
    for child in element:
        text = child.text
        break
    day = text.strip()[:10] if text else ""
    if parse_date(day) is None:
        problems.add("bank_date", line=line_of(element), field=local_name(element.tag))
        return None
    return day


def sign_of(element: "_Element") -> int:
    """1 for CRDT, -1 for DBIT.

    Raises:
        BankFileError: ``bank_field`` for anything else.
    """
    sign = _SIGNS.get((element.text or "").strip())
    if sign is None:
        raise BankFileError("bank_field", line=line_of(element), field="CdtDbtInd")
    return sign


def read_entry(element: "_Element", reading: Reading) -> tuple[Entry, bool]:
    """Read one ``Ntry``; the second tells whether it is a batch.

    Raises:
        BankFileError: ``bank_amount``, ``bank_field``, ``bank_currency_mix``.
    """
    tags = reading.tags
    reading.number += 1
    inside, reading.early = reading.early, []
    parts: dict[str, _Element] = {}
    batches: list[_Element] = []
    for child in element:
        name = tags.get(child.tag)
        if name == "NtryDtls":
            for part in child:
                of = tags.get(part.tag)
                if of == "TxDtls":
                    inside.append(read_inside(part, reading, parts.get("CdtDbtInd")))
                elif of == "Btch":
                    batches.append(part)
        elif name is not None:
            parts[name] = child
    if "Amt" not in parts or "CdtDbtInd" not in parts:
        missing = "CdtDbtInd" if "Amt" in parts else "Amt"
        raise BankFileError("bank_field", line=line_of(element), field=missing)
    money = reading.money(parts["Amt"])
    signed = money.minor * sign_of(parts["CdtDbtInd"])
    if reading.currency is not None and money.currency != reading.currency:
        _foreign(element, money, reading)
    details: tuple[Detail, ...] = ()
    if inside:
        details = _details(inside, signed, money.currency)
        _check_sum(element, inside, details, Money(signed, money.currency), reading)
    entry = Entry(
        reading.number,
        signed,
        money.currency,
        _status(parts["Sts"], reading) if "Sts" in parts else BOOKED,
        day_of(parts["BookgDt"], reading.problems) if "BookgDt" in parts else None,
        day_of(parts["ValDt"], reading.problems) if "ValDt" in parts else None,
        _text(parts, "AcctSvcrRef") or _text(parts, "NtryRef"),
        details[0].end_to_end if len(details) == 1 else None,
        _batch_id(batches, details, reading),
        _shared([detail.return_code for detail in details]),
        _text(parts, "RvslInd") in _TRUE,
        line_of(element),
        details,
    )
    return entry, bool(batches) or len(details) > 1


def read_early(element: "_Element", reading: Reading) -> None:
    """Take the whole transactions out of a long batch that is still growing."""
    if not len(element):
        return
    growing = element[-1]
    if reading.tags.get(growing.tag) != "NtryDtls" or len(growing) < MANY_DETAILS:
        return
    sign = element.find(f"{reading.prefix}CdtDbtInd")
    for part in list(growing)[:-1]:
        if reading.tags.get(part.tag) == "TxDtls":
            reading.early.append(read_inside(part, reading, sign))
            growing.remove(part)


def read_inside(element: "_Element", reading: Reading, entry_sign: "_Element | None") -> Inside:
    """Read one ``TxDtls`` of an entry with this ``CdtDbtInd``."""
    tags = reading.tags
    parts = {tags.get(child.tag): child for child in element}
    refs: dict[str | None, _Element] = {}
    if "Refs" in parts:
        refs = {tags.get(part.tag): part for part in parts["Refs"]}
    money = None
    if "Amt" in parts:
        money = reading.money(parts["Amt"])
    elif "AmtDtls" in parts:
        money = _transaction_amount(parts["AmtDtls"], reading)
    end_to_end = _text(refs, "EndToEndId")
    sign = sign_of(parts["CdtDbtInd"]) if "CdtDbtInd" in parts else None
    returned = _reason(parts["RtrInf"], reading) if "RtrInf" in parts else None
    name = account = remittance = None
    if reading.parties:
        toward = sign or (-1 if entry_sign is None else sign_of(entry_sign))
        if "RltdPties" in parts:
            to_creditor = (toward < 0) == (returned is None)
            name, account = _counterparty(parts["RltdPties"], reading, to_creditor=to_creditor)
        if "RmtInf" in parts:
            remittance = _remittance(parts["RmtInf"], reading)
    return Inside(
        money,
        sign,
        None if end_to_end == NOT_PROVIDED else end_to_end,
        _text(refs, "PmtInfId") or _text(refs, "MsgId"),
        returned,
        _text(refs, "AcctSvcrRef"),
        name,
        account,
        remittance,
    )


# -- parts --------------------------------------------------------------------


def _status(element: "_Element", reading: Reading) -> Status:
    """``<Sts>BOOK</Sts>`` as it was, or ``<Sts><Cd>BOOK</Cd></Sts>`` as it is now."""
    code = (element[0].text if len(element) else element.text) or ""
    status = _STATUS.get(code.strip())
    if status is None:
        reading.problems.add("bank_status", line=line_of(element), field="Sts")
        return INFO
    return status


def _text(parts: Mapping[Any, "_Element"], name: str) -> str | None:
    """The text of a part, None where there is none."""
    part = parts.get(name)
    if part is None:
        return None
    text = part.text
    return (text.strip() or None) if text else None


def _batch_id(
    batches: Sequence["_Element"], details: Sequence[Detail], reading: Reading
) -> str | None:
    """The batch that an entry books: as it says itself, else what all its transactions say."""
    for batch in batches:
        named = {reading.tags.get(child.tag): child for child in batch}
        found = _text(named, "PmtInfId") or _text(named, "MsgId")
        if found is not None:
            return found
    return _shared([detail.batch for detail in details])


def _reason(element: "_Element", reading: Reading) -> str:
    """The code inside ``RtrInf/Rsn``; empty where a return has none."""
    for child in element:
        if reading.tags.get(child.tag) == "Rsn":
            for part in child:
                if reading.tags.get(part.tag) in ("Cd", "Prtry"):
                    return text_of(part) or ""
    return ""


def _transaction_amount(element: "_Element", reading: Reading) -> Money | None:
    for child in element:
        if reading.tags.get(child.tag) == "TxAmt":
            for part in child:
                if reading.tags.get(part.tag) == "Amt":
                    return reading.money(part)
    return None


def _remittance(element: "_Element", reading: Reading) -> str | None:
    texts = [text_of(child) for child in element if reading.tags.get(child.tag) == "Ustrd"]
    return " ".join(text for text in texts if text) or None


def _shared(values: Sequence[str | None]) -> str | None:
    """The value that all have, None where they differ."""
    if not values or values[0] is None:
        return None
    return values[0] if all(value == values[0] for value in values) else None


def _details(inside: Sequence[Inside], signed: int, currency: str) -> tuple[Detail, ...]:
    """The transactions of an entry, signed as the account moves."""
    sign = -1 if signed < 0 else 1
    alone = len(inside) == 1
    made = []
    for each in inside:
        amount = None
        if each.money is not None and each.money.currency == currency:
            amount = each.money.minor * (each.sign or sign)
        elif alone:
            amount = signed
        made.append(
            Detail(
                amount, each.end_to_end, each.batch, each.return_code, each.reference,
                each.name, each.account, each.remittance,
            )
        )  # fmt: skip
    return tuple(made)


def _counterparty(
    element: "_Element", reading: Reading, *, to_creditor: bool
) -> tuple[str | None, str | None]:
    """Name and account of the other side: who was paid, or who paid; of a return who was paid."""
    tags = reading.tags
    parts = {tags.get(child.tag): child for child in element}
    party, account = ("Cdtr", "CdtrAcct") if to_creditor else ("Dbtr", "DbtrAcct")
    name = number = None
    if (found := parts.get(party)) is not None:
        name = _first(found, tags, ("Nm",))
    if (found := parts.get(account)) is not None:
        number = _first(found, tags, ("IBAN", "Id"))
    return name, number


def _first(element: "_Element", tags: dict[str, str], names: tuple[str, ...]) -> str | None:
    """The first text under one of these names, at most four levels down."""
    at: _Element | None = element
    for _level in range(4):
        if at is None or not len(at):
            return None
        following = None
        for child in at:
            if tags.get(child.tag) in names and not len(child):
                return text_of(child)
            if following is None:
                following = child
        at = following
    return None


# -- checks -------------------------------------------------------------------


def _foreign(element: "_Element", money: Money, reading: Reading) -> None:
    """An entry is in its account's currency; only with an exchange rate may it show another.

    Raises:
        BankFileError: ``bank_currency_mix``: how the account moved is not known.
    """
    exchanged = next(element.iter(f"{reading.prefix}CcyXchg"), None)
    if exchanged is None:
        raise BankFileError(
            "bank_currency_mix", line=line_of(element), currency=money.currency
        )  # fmt: skip
    reading.problems.add("bank_currency_differs", line=line_of(element), currency=money.currency)


def _check_sum(
    element: "_Element", inside: Sequence[Inside], details: Sequence[Detail], whole: Money,
    reading: Reading,
) -> None:  # fmt: skip
    """The transactions of an entry sum to the entry, where each has an amount and no charge."""
    if any(each.money is None for each in inside):
        return
    amounts = [detail.amount_minor for detail in details]
    total = sum(amount for amount in amounts if amount is not None)
    if None in amounts or total == whole.minor:
        return
    if next(element.iter(f"{reading.prefix}Chrgs"), None) is not None:
        return
    reading.problems.add(
        "bank_details_sum",
        line=line_of(element),
        found=format_minor(total, whole.currency),
        declared=format_minor(whole.minor, whole.currency),
    )
