"""From a bank's statement to postings: which lines are booked, on which days, under which names.

Only what is booked in CNY becomes a line; an entry whose details add up to it becomes one line a
detail. Names, accounts and texts of the other side are dropped: nothing needs them, and what the
ledger does not hold nobody has to guard. A line bears the bank's own reference. Where the bank
gives none it bears its amount and an occurrence number (``-5000.00/2``), so that the same line has
the same name on every statement that shows it, and equal lines of one day stay apart.

A statement of more lines than `SOME_LINES` becomes several postings, cut between days; a day that
alone has more than `MOST_LINES` comes in parts, each beginning with the balance with which the one
before ended.
Amounts in fen, dates ISO text.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from ledger.banking.problems import BankFileError
from ledger.banking.return_codes import return_code
from ledger.banking.statement import BOOKED, Statement
from ledger.kernel.identifiers import resident_id_ok
from ledger.kernel.money import format_yuan
from ledger.kernel.text import text_problem

SOME_LINES: Final = 20_000
"""A statement is cut between days where so many lines are together: memory stays small."""

MOST_LINES: Final = 100_000
"""Lines of a day that is not cut: half of what a posting may have."""

CNY: Final = "CNY"
STATEMENTS: Final = frozenset({"statement", "mt940-statement"})
"""Kinds of bank file whose entries are final: reports and notifications are not."""

_LONG_NUMBER: Final = re.compile(r"[0-9]{17}[0-9Xx]")
_ID_CHARACTERS: Final = 18
_KEY_DIGITS: Final = 32

Json = dict[str, Any]


class Line(NamedTuple):
    """A line as it will be booked; ``name`` is empty where the bank gave no reference."""

    on: str
    name: str
    amount_fen: int
    value_on: str | None
    end_to_end: str | None
    batch: str | None
    return_code: str | None


@dataclass(slots=True)
class Booking:
    """One statement on its way into the ledger.

    Attributes:
        statement: As the reader gives it out.
        account: Statement account of the ledger, such as ``wage:P-1``.
        left_out: Entries that are not booked yet, or move nothing.
        lines: Lines given out so far.
        from_on, to_on: Days that it covers so far.
        opening_fen, closing_fen: Balances around the lines so far.
    """

    statement: Statement
    account: str
    left_out: int = 0
    lines: int = 0
    from_on: str = ""
    to_on: str = ""
    opening_fen: int = 0
    closing_fen: int = 0
    _used: dict[tuple[str, str], int] = field(default_factory=dict)
    _day_in_parts: str = ""

    def postings(self) -> Iterator[Json]:
        """Give out the postings, in the order of their days.

        Raises:
            BankFileError: ``bank_not_a_statement``, ``bank_not_cny``, ``bank_no_date``,
                ``bank_no_balances``, ``bank_day_order``, ``bank_balance_gap``; and as the reader.
        """
        if self.statement.kind not in STATEMENTS:
            raise BankFileError("bank_not_a_statement", value=self.statement.kind)
        kept: list[Line] = []
        for line in self._in_order():
            if kept and line.on != kept[-1].on and kept[0].on == self._day_in_parts:
                yield self._posting(kept, line.on, -1)
                kept = []
            kept.append(line)
            if len(kept) > SOME_LINES:
                yield from self._cut(kept)
        self._require_tied(sum(line.amount_fen for line in kept))
        yield from self._last(kept)

    def _cut(self, kept: list[Line]) -> Iterator[Json]:
        """Give out the whole days before the last one, or a part of a day that is too long."""
        day = kept[-1].on
        if day != kept[0].on:
            cut = next(at for at, line in enumerate(kept) if line.on == day)
            yield self._posting(kept[:cut], day, -1)
            del kept[:cut]
        elif len(kept) > MOST_LINES:
            if self._first_day(day) < day:
                yield self._posting([], day, -1)
            self._day_in_parts = day
            yield self._posting(kept[:-1], day)
            del kept[:-1]

    def _last(self, kept: list[Line]) -> Iterator[Json]:
        """What is left at the end, up to the last day that the statement covers."""
        ends = [self.statement.to_on, self.statement.closing_on if not kept else None, self.to_on]
        to_on = max([end for end in ends if end] + [line.on for line in kept[-1:]], default="")
        if not to_on:
            raise BankFileError("bank_no_date")
        if kept and kept[0].on == self._day_in_parts != to_on:
            yield self._posting(kept, self._day_in_parts)
            kept = []
        if kept or self.to_on < to_on:
            yield self._posting(kept, to_on)

    def _in_order(self) -> Iterator[Line]:
        """Lines by day. A file that runs the other way is read whole before, however large.

        Of a statement that runs by day only so much is held as shows that it does.
        """
        source = self._all_lines()
        head = list(islice(source, MOST_LINES))
        days = [line.on for line in head]
        if days != sorted(days):
            head.extend(source)
            head.sort(key=_day)
        if head:
            self._begin(head)
        elif self.statement.opening_minor is not None:
            self.opening_fen = self.closing_fen = self.statement.opening_minor
        last = ""
        for line in chain(head, source):
            if line.on < last:
                raise BankFileError("bank_day_order", on=line.on)
            last = line.on
            yield line

    def _begin(self, head: list[Line]) -> None:
        """Know first day and opening balance before anything is given out."""
        statement = self.statement
        self.from_on = min(statement.from_on or head[0].on, head[0].on)
        opening = statement.opening_minor
        if opening is None and statement.complete and statement.closing_minor is not None:
            opening = statement.closing_minor - sum(line.amount_fen for line in head)
        if opening is None:
            raise BankFileError("bank_no_balances")
        self.opening_fen = self.closing_fen = opening

    def _all_lines(self) -> Iterator[Line]:
        """The lines of an entry: its details where they add up to it, else itself."""
        for entry in self.statement.entries:
            amount, details = entry.amount_minor, entry.details
            if entry.status != BOOKED or not amount:
                self.left_out += 1
                continue
            if entry.currency != CNY:
                raise BankFileError("bank_not_cny", currency=entry.currency, line=entry.place)
            on = entry.booked_on or entry.value_on
            if on is None:
                raise BankFileError("bank_no_date", line=entry.place)
            value_on = None if entry.value_on == on else entry.value_on
            if len(details) > 1 and sum(d.amount_minor or 0 for d in details) == amount:
                for detail in details:
                    if detail.amount_minor:
                        yield Line(
                            on, usable(detail.reference or entry.reference) or "",
                            detail.amount_minor, value_on, usable(detail.end_to_end),
                            usable(detail.batch or entry.batch), _code(detail.return_code),
                        )  # fmt: skip
                continue
            yield Line(
                on, usable(entry.reference) or "", amount, value_on, usable(entry.end_to_end),
                usable(entry.batch), _code(entry.return_code),
            )  # fmt: skip

    def _require_tied(self, rest_fen: int) -> None:
        """Refuse a statement whose lines do not lead from one balance to the other.

        Raises:
            BankFileError: ``bank_balance_gap``.
        """
        closing, found = self.statement.closing_minor, self.closing_fen + rest_fen
        if closing is not None and closing != found:
            raise BankFileError(
                "bank_balance_gap", gap=f"{format_yuan(closing - found)} {CNY}",
                found=f"{format_yuan(found)} {CNY}", declared=f"{format_yuan(closing)} {CNY}",
            )  # fmt: skip

    def _posting(self, lines: list[Line], to_on: str, days: int = 0) -> Json:
        """The posting of some lines: from the end of the one before it to so many days after."""
        to_on = _day_after(to_on, days) if days else to_on
        opening = self.closing_fen
        self.closing_fen = opening + sum(line.amount_fen for line in lines)
        first = self._first_day(to_on)
        self.from_on, self.to_on = self.from_on or first, to_on
        self.lines += len(lines)
        said: Json = {
            "kind": "StatementImported", "on": to_on, "account": self.account,
            "statement_id": self.statement_id, "from": first, "to": to_on,
            "opening_fen": opening, "closing_fen": self.closing_fen,
        }  # fmt: skip
        digest = hashlib.sha256(repr((*said.values(), lines)).encode("utf-8", "surrogatepass"))
        said["lines"] = [self._spelled(line) for line in lines]
        return {**said, "key": f"statement:{digest.hexdigest()[:_KEY_DIGITS]}"}

    def _first_day(self, to_on: str) -> str:
        """Where the next posting begins; a further part of a day is of that day alone."""
        if not self.to_on:
            return self.from_on or self.statement.from_on or to_on
        return to_on if to_on == self.to_on else _day_after(self.to_on)

    @property
    def statement_id(self) -> str:
        """The bank's own id; of a statement without one the days that it covers."""
        days = f"{self.statement.from_on or self.from_on}..{self.statement.to_on or self.to_on}"
        return usable(self.statement.id) or days

    def _spelled(self, line: Line) -> Json:
        on, name, amount, value_on, end_to_end, batch, code = line
        base = name or _amount_name(amount)
        count = self._used[on, base] = self._used.get((on, base), 0) + 1
        if not name or count > 1:
            base = f"{base}/{count}"
        said: Json = {"line": base, "on": on, "amount_fen": amount}
        if value_on is not None:
            said["value_on"] = value_on
        if end_to_end is not None:
            said["end_to_end"] = end_to_end
        if batch is not None:
            said["batch"] = batch
        if code is not None:
            said["return_code"] = code
        return said


def usable(text: str | None) -> str | None:
    """A bank's reference as it may stand in the log for ever; None where it may not.

    Some banks write an ID number into it, which could never be erased.
    """
    if text is None or not text.strip():
        return None
    if len(text) < _ID_CHARACTERS and text.isascii() and text.isprintable():
        return text  # as nearly all are
    if text_problem(text) is not None:
        return None
    if len(text) >= _ID_CHARACTERS:
        runs = (text[at : at + _ID_CHARACTERS] for at in range(len(text) - _ID_CHARACTERS + 1))
        if any(_LONG_NUMBER.fullmatch(run) and resident_id_ok(run.upper()) for run in runs):
            return None
    return text


def _code(bank_code: str | None) -> str | None:
    """The ledger's code of a return; None for a line that is none."""
    return None if bank_code is None else return_code(bank_code or None)


def _amount_name(amount_fen: int) -> str:
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{yuan}.{fen:02}"


def _day(line: Line) -> str:
    return line.on


def _day_after(on: str, days: int = 1) -> str:
    return (date.fromisoformat(on) + timedelta(days=days)).isoformat()
