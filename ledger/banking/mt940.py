"""Statements of MT940 and interim reports of MT942, as a stream of pages.

Every ``:20:`` begins a page, which is a statement here: its opening balance (``:60F:`` first or
``:60M:`` carried over), its lines, its closing balance (``:62M:`` carried forward or ``:62F:``
last). What a page ends with, the next one of the account begins with, or it is flagged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from ledger.banking.checks import settle
from ledger.banking.currencies import format_minor
from ledger.banking.mt940_details import information_of
from ledger.banking.mt940_fields import (
    Balance,
    Field,
    Line,
    balance_of,
    decoded,
    fields,
    line_of,
    total_of,
)
from ledger.banking.statement import BOOKED, PENDING, Detail, Entry, Statement

_OPENING: Final = ("60F", "60M")
_CLOSING: Final = ("62F", "62M")
_AVAILABLE: Final = ("64", "65")
_INFORMATION: Final = ("86", "NS")


@dataclass
class _Carried:
    """What one page hands on to the next."""

    account: str | None = None
    forward_minor: int | None = None


@dataclass
class _Page:
    """A page while it is read."""

    statement: Statement
    currencies: set[str] = field(default_factory=set)
    inexact: int = 0
    opened_by: str = ""
    closed_by: str = ""
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_mt940(path: Path, *, parties: bool) -> Iterator[Statement]:
    """Read the pages of a file one after another."""
    source = fields(path)
    carried = _Carried()
    first = next(source, None)
    while first is not None:
        reader = _Reader(source, carried, parties=parties)
        yield reader.begun(first)
        for _left in reader.page.statement.entries:
            pass
        first = reader.following


class _Reader:
    """Reads one page."""

    def __init__(self, source: Iterator[Field], carried: _Carried, *, parties: bool) -> None:
        self.page = _Page(Statement("mt940-statement"))
        self.source = source
        self.carried = carried
        self.parties = parties
        self.following: Field | None = None
        self.begun_with_tag = False

    def begun(self, first: Field) -> Statement:
        """Read up to the first line of the statement."""
        statement = self.page.statement
        own = self._own(first)
        for each in own:
            if each.tag == "61":
                own = chain((each,), own)
                break
            self._beside(each)
        statement.entries = self._entries(own)
        return statement

    def _own(self, first: Field) -> Iterator[Field]:
        """The fields of this page: up to the next ``:20:``."""
        yield first
        for each in self.source:
            if each.tag == "20":
                self.following = each
                return
            yield each

    def _entries(self, own: Iterator[Field]) -> Iterator[Entry]:
        statement, page = self.page.statement, self.page
        at: Field | None = None
        about: list[str] = []
        for each in own:
            if at is not None and each.tag in _INFORMATION:
                about += each.lines
                continue
            entry = None if at is None else self._entry(at, about)
            at, about = None, []
            if entry is not None:
                yield entry
            if each.tag == "61":
                at = each
            else:
                self._beside(each)
        entry = None if at is None else self._entry(at, about)
        if entry is not None:
            yield entry
        _check_totals(page)
        settle(statement, page.currencies, inexact=page.inexact)
        self._carry()

    def _entry(self, at: Field, about: list[str]) -> Entry | None:
        """Make an entry of ``:61:`` and what follows it."""
        page, statement = self.page, self.page.statement
        currency = statement.currency or ""
        line = line_of(at.lines, currency)
        if line is None:
            statement.problems.add("bank_line_unread", line=at.number, field=":61:")
            return None
        if not line.amount.exact:
            page.inexact += 1
            statement.problems.add("bank_amount_fine", line=at.number, currency=currency)
        if line.value_on is None or line.booked_on is None:
            statement.problems.add("bank_date", line=at.number, field=":61:")
        detail = self._detail(line, about)
        entry = Entry(
            statement.totals.entries + 1,
            line.amount.minor * line.sign,
            currency,
            PENDING if line.expected else BOOKED,
            line.booked_on,
            line.value_on,
            _text(line.bank),
            None if detail is None else detail.end_to_end,
            None if detail is None else detail.batch,
            None if detail is None else detail.return_code,
            line.reversal,
            at.number,
            () if detail is None else (detail,),
        )
        if entry.status == BOOKED and currency:
            page.currencies.add(currency)
        statement.totals.add(entry, is_batch=False)
        return entry

    def _detail(self, line: Line, about: list[str]) -> Detail | None:
        if not about and line.customer is None:
            return None
        known = information_of([decoded(each) for each in about])
        wanted = self.parties
        return Detail(
            line.amount.minor * line.sign,
            known.end_to_end or _text(line.customer),
            known.batch,
            known.return_code,
            _text(line.bank),
            known.name if wanted else None,
            known.account if wanted else None,
            known.text if wanted else None,
        )

    def _beside(self, each: Field) -> None:
        """Read what is no statement line."""
        statement, tag = self.page.statement, each.tag
        if tag == "20":
            statement.id = _text(each.text)
        elif tag in ("25", "25P"):
            statement.account = _text(each.text)
        elif tag == "34F":
            statement.currency = statement.currency or (each.text[:3] or None)
        elif tag in _OPENING or tag in _CLOSING or tag in _AVAILABLE:
            self._balance(each)
        elif tag in ("90C", "90D"):
            total = total_of(each.text)
            if total is None:
                statement.problems.add("bank_line_unread", line=each.number, field=f":{tag}:")
            else:
                self.page.totals[tag] = (total.entries, total.amount.minor)

    def _balance(self, each: Field) -> None:
        page, statement = self.page, self.page.statement
        balance = balance_of(each.text)
        if balance is None:
            statement.problems.add("bank_line_unread", line=each.number, field=f":{each.tag}:")
            return
        if not balance.amount.exact:
            page.inexact += 1
            statement.problems.add("bank_amount_fine", line=each.number, currency=balance.currency)
        if balance.on is None:
            statement.problems.add("bank_date", line=each.number, field=f":{each.tag}:")
        minor = balance.amount.minor * balance.sign
        statement.balances_minor[each.tag] = minor
        if each.tag in _OPENING:
            statement.opening_minor, statement.opening_on = minor, balance.on
            statement.currency, statement.from_on = balance.currency, balance.on
            page.opened_by = each.tag
            self._check_carried(minor, balance)
        elif each.tag in _CLOSING:
            statement.closing_minor, statement.closing_on = minor, balance.on
            statement.currency = statement.currency or balance.currency
            statement.to_on = balance.on
            page.closed_by = each.tag
        if each.tag not in _AVAILABLE:
            page.currencies.add(balance.currency)

    def _check_carried(self, minor: int, balance: Balance) -> None:
        """A page that is carried over begins with what the page before ended with."""
        forward = self.carried.forward_minor
        same = self.page.statement.account == self.carried.account
        if self.page.opened_by == "60M" and same and forward is not None and forward != minor:
            self.page.statement.problems.add(
                "bank_page_gap",
                found=format_minor(minor, balance.currency),
                declared=format_minor(forward, balance.currency),
            )

    def _carry(self) -> None:
        statement = self.page.statement
        self.carried.account = statement.account
        carried = self.page.closed_by == "62M"
        self.carried.forward_minor = statement.closing_minor if carried else None


def _check_totals(page: _Page) -> None:
    """Hold the counts and sums that MT942 declares against the lines."""
    totals, currency = page.statement.totals, page.statement.currency or ""
    found = {
        "90C": (totals.credits, totals.credit_minor),
        "90D": (totals.debits, totals.debit_minor),
    }
    for tag, declared in page.totals.items():
        if declared != found[tag]:
            page.statement.problems.add(
                "bank_declared",
                field=f":{tag}:",
                declared=f"{declared[0]}, {format_minor(declared[1], currency)}",
                found=f"{found[tag][0]}, {format_minor(found[tag][1], currency)}",
            )


def _text(raw: str | None) -> str | None:
    """A text of the file in its own encoding, None for an empty one."""
    return decoded(raw).strip() or None if raw else None
