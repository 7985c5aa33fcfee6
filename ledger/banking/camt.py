"""Statements of camt.053, reports of camt.052 and notifications of camt.054, as a stream.

Versions .02 to .14 share what is read here; another one is read all the same and flagged. The gate
is our own: what must be there, amounts that fit their currency, transactions that sum to their
entry, and the identity opening + booked entries = closing. Public files mostly fail their own
schema, so a schema decides nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.banking.camt_entry import Raw, Reading, entry_of, raw_of, read_early, sign_of
from ledger.banking.camt_stream import Turn, turns
from ledger.banking.checks import settle
from ledger.banking.currencies import format_minor, read_amount
from ledger.banking.statement import BOOKED, Entry, Kind, Statement
from ledger.banking.xml_stream import Root, Round, line_of, local_name
from ledger.kernel.dates import parse_date

if TYPE_CHECKING:
    from lxml.etree import _Element

OPENINGS: Final = ("OPBD", "PRCD", "ITBD")
"""Types of balance that open a statement, best first."""
CLOSINGS: Final = ("CLBD",)
CONTAINERS: Final = ("Stmt", "Rpt", "Ntfctn")


class Balance(NamedTuple):
    """A balance as the bank gave it, signed."""

    type: str
    minor: int
    currency: str
    on: str | None


@dataclass
class _Summary:
    """What a statement declares about its own entries, as texts."""

    count: str | None = None
    total: str | None = None


def read_camt(path: Path, root: Root, kind: Kind, *, parties: bool) -> Iterator[Statement]:
    """Read the statements of a camt file one after another.

    Raises:
        BankFileError: for a file that cannot be read, also while entries are taken.
    """
    source = turns(path, root, CONTAINERS, parties=parties)
    prefix = f"{{{root.namespace}}}" if root.namespace else ""
    for first in source:
        assert isinstance(first, Round)
        reader = _Reader(Statement(kind), prefix, source, parties=parties)
        yield reader.begun(first)
        for _left in reader.statement.entries:
            pass


class _Reader:
    """Reads one statement: what stands before its entries, the entries, and the rest."""

    def __init__(
        self, statement: Statement, prefix: str, source: Iterator[Turn], *, parties: bool
    ) -> None:
        self.statement = statement
        self.reading = Reading(prefix, statement.problems, parties)
        self.source = source
        self.balances: list[Balance] = []
        self.summary = _Summary()
        self.currencies: set[str] = set()
        self.entry_tag = f"{prefix}Ntry"

    def begun(self, first: Round) -> Statement:
        """Read up to the first entry."""
        children = self._children(first)
        for child in children:
            if isinstance(child, Raw):
                children = chain((child,), children)
                break
            self._beside(child)
        opening = _chosen(self.balances, OPENINGS, latest=False)
        if opening is not None:
            self.statement.opening_minor = opening.minor
        if self.statement.currency is None and self.balances:
            self.statement.currency = self.balances[0].currency
        self.statement.entries = self._entries(children)
        return self.statement

    def _children(self, first: Round) -> "Iterator[_Element | Raw]":
        """The children of the statement as they become whole, entries as their texts."""
        given: Turn | None = first
        while given is not None:
            if isinstance(given, list):
                yield from given
            else:
                for child in given.children:
                    is_entry = child.tag == self.entry_tag
                    yield raw_of(child, self.reading) if is_entry else child
                if given.ended:
                    return
                opened = given.opened
                is_entry = opened is not None and opened.tag == self.entry_tag
                if opened is not None and is_entry and read_early(opened, self.reading):
                    given.relieve()
            given = next(self.source, None)

    def _entries(self, children: "Iterable[_Element | Raw]") -> Iterator[Entry]:
        totals, currencies, reading = self.statement.totals, self.currencies, self.reading
        for child in children:
            if not isinstance(child, Raw):
                self._beside(child)
                continue
            entry, is_batch = entry_of(child, reading)
            totals.add(entry, is_batch=is_batch)
            if entry.status == BOOKED:
                currencies.add(entry.currency)
            yield entry
        self._finish()

    def _beside(self, element: "_Element") -> None:
        """Read what is no entry."""
        name = local_name(element.tag)
        statement = self.statement
        if name == "Id":
            statement.id = (element.text or "").strip() or None
        elif name == "Acct":
            self._account(element)
        elif name == "Bal":
            self._balance(element)
        elif name == "FrToDt":
            days = [self._day(child) for child in element]
            if days:
                statement.from_on, statement.to_on = days[0], days[-1]
        elif name == "TxsSummry":
            for part in element.iter(f"{self.reading.prefix}TtlNtries"):
                found = {local_name(child.tag): (child.text or "").strip() for child in part}
                self.summary = _Summary(found.get("NbOfNtries"), found.get("Sum"))

    def _account(self, element: "_Element") -> None:
        prefix = self.reading.prefix
        number = element.find(f"{prefix}Id")
        if number is not None:
            for leaf in number.iter(f"{prefix}IBAN", f"{prefix}Id"):
                text = (leaf.text or "").strip()
                if text and not len(leaf):
                    self.statement.account = text
                    break
        currency = element.findtext(f"{prefix}Ccy")
        if currency and currency.strip():
            self.statement.currency = self.reading.currency = currency.strip()

    def _balance(self, element: "_Element") -> None:
        prefix = self.reading.prefix
        amount = element.find(f"{prefix}Amt")
        kind = next((leaf.text for leaf in element.iter(f"{prefix}Cd", f"{prefix}Prtry")), None)
        if amount is None or not kind:
            field_name = "Bal/Tp" if amount is not None else "Bal/Amt"
            self.statement.problems.add("bank_line_unread", line=line_of(element), field=field_name)
            return
        money = self.reading.money(amount.text or "", amount.get("Ccy"), line_of(amount))
        indicator = element.findtext(f"{prefix}CdtDbtInd")
        if indicator is None:
            self.statement.problems.add("bank_sign_missing", line=line_of(element), value=kind)
        sign = 1 if indicator is None else sign_of(indicator, line_of(element))
        on = element.find(f"{prefix}Dt")
        day = None if on is None else self._day(on[0] if len(on) else on)
        self.balances.append(Balance(kind.strip(), money.minor * sign, money.currency, day))

    def _day(self, element: "_Element") -> str | None:
        day = (element.text or "").strip()[:10]
        if parse_date(day) is None:
            name = local_name(element.tag)
            self.statement.problems.add("bank_date", line=line_of(element), field=name)
            return None
        return day

    def _finish(self) -> None:
        """Choose the balances and hold them against the entries."""
        statement, totals = self.statement, self.statement.totals
        for balance in self.balances:
            statement.balances_minor.setdefault(balance.type, balance.minor)
        opening = _chosen(self.balances, OPENINGS, latest=False)
        closing = _chosen(self.balances, CLOSINGS, latest=True)
        if opening is not None:
            statement.opening_minor, statement.opening_on = opening.minor, opening.on
            self.currencies.add(opening.currency)
        if closing is not None:
            statement.closing_minor, statement.closing_on = closing.minor, closing.on
            self.currencies.add(closing.currency)
        settle(statement, self.currencies, inexact=self.reading.inexact)
        count, total = self.summary.count, self.summary.total
        if count and count != str(totals.entries):
            statement.problems.add(
                "bank_declared", field="NbOfNtries", declared=count, found=str(totals.entries)
            )
        currency = statement.currency or ""
        declared = read_amount(total, currency) if total else None
        moved = totals.credit_minor + totals.debit_minor
        if declared is not None and (declared.minor != moved or not declared.exact):
            statement.problems.add(
                "bank_declared", field="Sum", declared=str(total),
                found=format_minor(moved, currency),
            )  # fmt: skip


def _chosen(balances: Iterable[Balance], types: Iterable[str], *, latest: bool) -> Balance | None:
    """The balance of the best type there is: the earliest that opens, the latest that closes."""
    for kind in types:
        found = [balance for balance in balances if balance.type == kind]
        if found:
            days = [balance.on or "" for balance in found]
            return found[days.index(max(days) if latest else min(days))]
    return None
