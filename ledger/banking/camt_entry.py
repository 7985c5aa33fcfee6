"""One entry of a camt message, made of its texts: amounts, signs, references, and what must hold.

Whether the texts come from a tree or from the pattern of alike entries, the entry is made here, so
that both say the same about the same file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.banking.camt_parts import (
    DETAIL,
    DETAILS,
    ENTRY,
    PARTIES,
    TRANSACTION,
    Branch,
    Texts,
    branches,
    walk,
)
from ledger.banking.currencies import format_minor, read_amount
from ledger.banking.problems import BankFileError, Problems
from ledger.banking.statement import BOOKED, INFO, PENDING, Detail, Entry, Status
from ledger.banking.xml_stream import line_of
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


class Raw(NamedTuple):
    """An entry as its texts.

    Attributes:
        texts: Of the entry itself.
        details: Of each of its transactions.
        line: Where it begins in the file.
        holds: Tells whether it has an element of this name anywhere.
    """

    texts: Texts
    details: Sequence[Texts]
    line: int
    holds: Callable[[str], bool]


class Money(NamedTuple):
    """An amount with its currency; never negative."""

    minor: int
    currency: str


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
        early: Transactions of a long batch that is not at its end.
    """

    prefix: str
    problems: Problems
    parties: bool
    currency: str | None = None
    number: int = 0
    inexact: int = 0
    early: list[Texts] = field(default_factory=list)
    entry_branches: dict[str, Branch] = field(default_factory=dict)
    detail_branches: dict[str, Branch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entry_branches = branches(ENTRY, self.prefix)
        paths = {**DETAIL, **PARTIES} if self.parties else DETAIL
        self.detail_branches = branches(paths, self.prefix)

    def money(self, text: str, currency: str | None, line: int) -> Money:
        """Read an amount.

        Raises:
            BankFileError: ``bank_amount`` for what is no amount.
        """
        of = currency or self.currency or ""
        amount = read_amount(text.strip(), of)
        if amount is None:
            raise BankFileError("bank_amount", line=line, field="Amt")
        if not amount.exact:
            self.inexact += 1
            self.problems.add("bank_amount_fine", line=line, currency=of)
        return Money(amount.minor, of)


# -- from a tree --------------------------------------------------------------


def raw_of(element: "_Element", reading: Reading) -> Raw:
    """Collect the texts of one ``Ntry``."""
    texts: Texts = {}
    details, reading.early = reading.early, []
    walk(element, reading.entry_branches, texts)
    transaction = f"{reading.prefix}{TRANSACTION}"
    for part in element.iterchildren(f"{reading.prefix}{DETAILS}"):
        for each in part.iterchildren(transaction):
            details.append(_detail_texts(each, reading))

    def holds(name: str) -> bool:
        return next(element.iter(f"{reading.prefix}{name}"), None) is not None

    return Raw(texts, details, line_of(element), holds)


def read_early(element: "_Element", reading: Reading) -> bool:
    """Take the whole transactions out of a long batch that is still growing, if it is long."""
    if not len(element):
        return False
    growing = element[-1]
    if growing.tag != f"{reading.prefix}{DETAILS}" or len(growing) < MANY_DETAILS:
        return False
    for part in list(growing)[:-1]:
        if part.tag == f"{reading.prefix}{TRANSACTION}":
            reading.early.append(_detail_texts(part, reading))
            growing.remove(part)
    return True


def _detail_texts(element: "_Element", reading: Reading) -> Texts:
    texts: Texts = {}
    walk(element, reading.detail_branches, texts)
    return texts


# -- from texts ---------------------------------------------------------------


def entry_of(raw: Raw, reading: Reading) -> tuple[Entry, bool]:
    """Make an entry of its texts; the second tells whether it is a batch.

    Raises:
        BankFileError: ``bank_amount``, ``bank_field``, ``bank_currency_mix``.
    """
    texts, line = raw.texts, raw.line
    reading.number += 1
    if "amount" not in texts:
        raise BankFileError("bank_field", line=line, field="Amt")
    money = reading.money(texts["amount"], texts.get("currency"), line)
    signed = money.minor * sign_of(texts.get("sign"), line)
    if reading.currency is not None and money.currency != reading.currency:
        _foreign(raw, money, reading)
    details: tuple[Detail, ...] = ()
    if raw.details:
        details = _details(raw, signed, money, reading)
    entry = Entry(
        reading.number,
        signed,
        money.currency,
        _status(texts, line, reading) if "status" in texts else BOOKED,
        _day(texts, "booked", line, reading.problems) if "booked" in texts else None,
        _day(texts, "value", line, reading.problems) if "value" in texts else None,
        texts.get("servicer", "").strip() or texts.get("own", "").strip() or None,
        details[0].end_to_end if len(details) == 1 else None,
        texts.get("batch_payment", "").strip()
        or texts.get("batch_message", "").strip()
        or _shared([detail.batch for detail in details]),
        _shared([detail.return_code for detail in details]),
        "reversal" in texts and texts["reversal"].strip() in _TRUE,
        line,
        details,
    )
    return entry, "batch" in texts or len(details) > 1


def sign_of(text: str | None, line: int) -> int:
    """1 for CRDT, -1 for DBIT.

    Raises:
        BankFileError: ``bank_field`` for anything else.
    """
    sign = None if text is None else _SIGNS.get(text.strip())
    if sign is None:
        raise BankFileError("bank_field", line=line, field="CdtDbtInd")
    return sign


def _status(texts: Texts, line: int, reading: Reading) -> Status:
    """``<Sts>BOOK</Sts>`` as it was, or ``<Sts><Cd>BOOK</Cd></Sts>`` as it is now."""
    status = _STATUS.get((texts.get("status_code") or texts["status"]).strip())
    if status is None:
        reading.problems.add("bank_status", line=line, field="Sts")
        return INFO
    return status


def _day(texts: Texts, name: str, line: int, problems: Problems) -> str | None:
    """The date by the bank's own calendar, whatever time and zone follow it."""
    text = texts.get(f"{name}_day") or texts[name]
    day = text.strip()[:10]
    if parse_date(day) is None:
        problems.add("bank_date", line=line, field="BookgDt" if name == "booked" else "ValDt")
        return None
    return day


def _shared(values: Sequence[str | None]) -> str | None:
    """The value that all have, None where they differ."""
    if not values or values[0] is None:
        return None
    return values[0] if values.count(values[0]) == len(values) else None


def _details(raw: Raw, signed: int, whole: Money, reading: Reading) -> tuple[Detail, ...]:
    """The transactions of an entry, signed as the account moves; they sum to the entry."""
    made = []
    total, known = 0, True
    sign = -1 if signed < 0 else 1
    alone = len(raw.details) == 1
    for texts in raw.details:
        own = sign_of(texts["sign"], raw.line) if "sign" in texts else sign
        money = _own_money(texts, raw, whole, reading)
        amount = None
        if money is not None and money.currency == whole.currency:
            amount = money.minor * own
            total += amount
        else:
            known = False
            amount = signed if alone else None
        made.append(_detail(texts, amount, own))
    if known and total != signed and not raw.holds("Chrgs"):
        reading.problems.add(
            "bank_details_sum",
            line=raw.line,
            found=format_minor(total, whole.currency),
            declared=format_minor(signed, whole.currency),
        )
    return tuple(made)


def _own_money(texts: Texts, raw: Raw, whole: Money, reading: Reading) -> Money | None:
    """A transaction's own amount; the same text as the entry's is the same amount."""
    text, currency = texts.get("amount"), texts.get("currency")
    if text is None:
        text, currency = texts.get("tx_amount"), texts.get("tx_currency")
        if text is None:
            return None
    if text == raw.texts["amount"] and currency == raw.texts.get("currency"):
        return whole
    return reading.money(text, currency, raw.line)


def _detail(texts: Texts, amount: int | None, sign: int) -> Detail:
    returned = "returned" in texts
    end_to_end = texts.get("end_to_end", "").strip()
    side = "creditor" if (sign < 0) is not returned else "debtor"
    return Detail(
        amount,
        None if end_to_end in {"", NOT_PROVIDED} else end_to_end,
        texts.get("payment", "").strip() or texts.get("message", "").strip() or None,
        texts.get("reason", "").strip() if returned else None,
        texts.get("servicer", "").strip() or None,
        texts.get(f"{side}_name", "").strip() or None,
        texts.get(f"{side}_account", "").strip() or None,
        texts.get("remittance", "").strip() or None,
    )


def _foreign(raw: Raw, money: Money, reading: Reading) -> None:
    """An entry is in its account's currency; only with an exchange rate may it show another.

    Raises:
        BankFileError: ``bank_currency_mix``: how the account moved is not known.
    """
    if not raw.holds("CcyXchg"):
        raise BankFileError("bank_currency_mix", line=raw.line, currency=money.currency)
    reading.problems.add("bank_currency_differs", line=raw.line, currency=money.currency)
