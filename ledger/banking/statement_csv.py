"""Statements of banks as CSV, read by a profile: one account, one row an entry.

The encoding is found strictly: UTF-8 with or without its mark, UTF-16 with its mark, else GB18030.
Above and below the table banks put labels (账号, 期初余额); balances come from there, else from the
running balance, whatever way round the rows stand. A row that cannot be read refuses the file: a
sum over the rest would be wrong in silence.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from ledger.banking.checks import settle
from ledger.banking.csv_profile import CsvProfile, matching, normalised
from ledger.banking.currencies import is_code, read_amount
from ledger.banking.problems import BankFileError, Problems
from ledger.banking.statement import Detail, Entry, Statement
from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import parse_date

MOST_ROWS: Final = 5_000_000
LONGEST_CELL: Final = 10_000
LONGEST_LINE: Final = 1_000_000
_PIECE: Final = 1 << 20
_HEAD_ROWS: Final = 40
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MONEY: Final = re.compile(r"([+-]?)((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?)")
_DATE: Final = re.compile(r"([0-9]{1,4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,4})日?(?:[ T].*)?")
_COMPACT: Final = re.compile(r"([0-9]{8})(?:[ T]?[0-9:]{4,8})?")
_EMPTY: Final = frozenset({"", "-", "--", "—"})


def encoding_of(path: Path) -> str:
    """Find the encoding of a text file, strictly.

    Raises:
        BankFileError: ``bank_encoding`` for a file in none of the three.
    """
    with path.open("rb") as stream:
        mark = stream.read(4)
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while piece := stream.read(_PIECE):
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise BankFileError("bank_encoding")


def find_profile(path: Path, profiles: Sequence[CsvProfile]) -> CsvProfile | None:
    """The profile whose headings stand in the file; None for a text that is no such statement."""
    encoding = encoding_of(path)
    by_delimiter: dict[str, list[CsvProfile]] = {}
    for profile in profiles:
        by_delimiter.setdefault(profile.delimiter, []).append(profile)
    for delimiter, known in by_delimiter.items():
        rows: list[list[str]] = []
        with suppress(BankFileError):  # a row that is broken is named when the file is read
            for _line, cells in islice(_rows(path, encoding, delimiter), _HEAD_ROWS):
                rows.append(cells)
        found = matching(rows, known)
        if found is not None:
            return found[0]
    return None


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the numbers of their lines.

    Raises:
        BankFileError: ``bank_row`` for broken quotes, controls, endless cells or too many rows.
    """
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
        try:
            for count, cells in enumerate(reader):
                if count > MOST_ROWS:
                    raise _bad(reader.line_num, "", N_("there are too many rows"))
                for cell in cells:
                    if len(cell) > LONGEST_CELL or _CONTROLS.search(cell) is not None:
                        raise _bad(reader.line_num, "", N_("a cell holds what no bank writes"))
                yield reader.line_num, cells
        except csv.Error:
            raise _bad(reader.line_num, "", N_("the quotes are broken")) from None
        except UnicodeDecodeError:
            raise BankFileError("bank_encoding", line=reader.line_num) from None


def _lines(stream: TextIO) -> Iterator[str]:
    """The lines of a file, none endless.

    Raises:
        BankFileError: ``bank_row``.
    """
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise _bad(number, "", N_("a cell holds what no bank writes"))
        yield line


@dataclass
class _Chain:
    """The running balances, in both directions, as far as they were read."""

    first: tuple[int, int] | None = None
    last: tuple[int, int] | None = None
    forward: Problems = field(default_factory=Problems)
    backward: Problems = field(default_factory=Problems)
    missing: bool = False

    def add(self, amount: int, balance: int | None, line: int) -> None:
        """Note the amount and the balance of a row."""
        if balance is None:
            self.missing = True
            return
        if self.last is not None:
            before_amount, before_balance = self.last
            if before_balance + amount != balance:
                self.forward.add("bank_running_balance", line=line)
            if balance + before_amount != before_balance:
                self.backward.add("bank_running_balance", line=line)
        self.first = self.first or (amount, balance)
        self.last = (amount, balance)


def read_statement_csv(path: Path, profile: CsvProfile, *, parties: bool) -> Statement:
    """Open a statement CSV; entries are read when they are taken."""
    reader = _Reader(path, profile, parties=parties)
    reader.begin()
    return reader.statement


class _Reader:
    """Reads one file."""

    def __init__(self, path: Path, profile: CsvProfile, *, parties: bool) -> None:
        self.profile = profile
        self.parties = parties
        self.statement = Statement("statement")
        self.rows = _rows(path, encoding_of(path), profile.delimiter)
        self.places: dict[str, int] = {}
        self.width = 0
        self.labels: dict[str, tuple[int, str]] = {}
        self.chain = _Chain()
        self.inexact = 0

    def begin(self) -> None:
        """Read up to the headings."""
        for _line, cells in self.rows:
            placed = self.profile.placed(cells)
            if placed is not None:
                self.places, self.width = placed, len(cells)
                break
            self._label(_line, cells)
        statement = self.statement
        account = self.labels.get("account")
        statement.account = None if account is None else account[1]
        given = normalised(self.labels["currency"][1]) if "currency" in self.labels else ""
        statement.currency = given if is_code(given) else self.profile.currency
        statement.entries = self._entries()

    def _label(self, line: int, cells: Sequence[str]) -> None:
        """Note what stands beside a label: in the next cell, or behind a colon."""
        for at, cell in enumerate(cells):
            head, colon, tail = unicodedata.normalize("NFKC", cell).partition(":")
            name = normalised(head)
            value = tail.strip() or (cells[at + 1].strip() if at + 1 < len(cells) else "")
            if not name or not (colon or value):
                continue
            for meaning, labels in self.profile.labels.items():
                if name in labels and value and meaning not in self.labels:
                    self.labels[meaning] = (line, value.strip("\t'"))

    def _entries(self) -> Iterator[Entry]:
        totals = self.statement.totals
        ended = False
        for line, cells in self.rows:
            if not any(cell.strip() for cell in cells):
                continue
            if ended or self._is_total(cells):
                ended = True
                self._label(line, cells)
                continue
            if self._is_label(cells):
                self._label(line, cells)
                continue
            entry = self._entry(line, cells)
            totals.add(entry, is_batch=False)
            yield entry
        self._finish()

    def _is_total(self, cells: Sequence[str]) -> bool:
        words = self.profile.words.get("totals", ())
        return any(normalised(cell) in words for cell in cells[:2])

    def _is_label(self, cells: Sequence[str]) -> bool:
        """Whether a row has no date and begins with a label: it stands below the table."""
        at = self.places["booked_on"]
        first = normalised(unicodedata.normalize("NFKC", cells[0]).partition(":")[0])
        labelled = any(first in labels for labels in self.profile.labels.values())
        return labelled and (at == 0 or at >= len(cells) or not cells[at].strip())

    def _entry(self, line: int, cells: Sequence[str]) -> Entry:
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            raise _bad(line, "", N_("the row has more cells than headings"))
        texts = {
            name: cells[at].strip().strip("\t'") if at < len(cells) else ""
            for name, at in self.places.items()
        }
        amount, reversal = self._amount(line, texts)
        balance = None
        if texts.get("balance", "") not in _EMPTY:
            balance = self._money(line, "balance", texts["balance"])
        self.chain.add(amount, balance, line)
        booked_on = self._day(line, "booked_on", texts["booked_on"])
        value_on = None
        if texts.get("value_on"):
            value_on = self._day(line, "value_on", texts["value_on"])
        code = texts.get("return_code") or None
        if code is None and self._is_return(texts.get("remittance", "")):
            code = ""
        named = {name: text or None for name, text in texts.items()}
        detail = Detail(
            amount, named.get("end_to_end"), named.get("batch"), code, named.get("reference"),
            named.get("counterparty_name") if self.parties else None,
            named.get("counterparty_account") if self.parties else None,
            named.get("remittance") if self.parties else None,
        )  # fmt: skip
        return Entry(
            self.statement.totals.entries + 1, amount, self.statement.currency or "",
            booked_on=booked_on, value_on=value_on, reference=named.get("reference"),
            end_to_end=named.get("end_to_end"), batch=named.get("batch"), return_code=code,
            reversal=reversal, place=line, details=(detail,),
        )  # fmt: skip

    def _is_return(self, remittance: str) -> bool:
        text = normalised(remittance)
        return any(word in text for word in self.profile.words.get("returns", ()))

    def _amount(self, line: int, texts: dict[str, str]) -> tuple[int, bool]:
        """The amount signed as the account moves, and whether it takes back an earlier one."""
        if self.profile.style == "two":
            given = {name: texts[name] for name in ("debit", "credit")
                     if texts[name] not in _EMPTY}  # fmt: skip
            amounts = {name: self._money(line, name, text) for name, text in given.items()}
            moved = [name for name, amount in amounts.items() if amount]
            if not given or len(moved) > 1:
                raise _bad(line, "debit", N_("exactly one of the two amounts must be given"))
            debit, credit = amounts.get("debit", 0), amounts.get("credit", 0)
            return credit - debit, debit < 0 or credit < 0
        amount = self._money(line, "amount", texts["amount"])
        if self.profile.style == "signed":
            return amount, False
        mark = normalised(texts["mark"])
        words = self.profile.words
        if mark not in words["debit"] and mark not in words["credit"]:
            raise _bad(line, "mark", N_("it is neither debit nor credit"))
        return (-amount if mark in words["debit"] else amount), amount < 0

    def _money(self, line: int, name: str, text: str) -> int:
        """Read an amount with thousands separators and sign."""
        plain = unicodedata.normalize("NFKC", text).replace("¥", "").replace(" ", "")
        match = _MONEY.fullmatch(plain)
        read = None
        if match is not None:
            read = read_amount(match[2].replace(",", ""), self.statement.currency or "")
        if match is None or read is None:
            raise _bad(line, name, N_("it is no amount"))
        if not read.exact:
            self.inexact += 1
            currency = self.statement.currency
            self.statement.problems.add("bank_amount_fine", line=line, currency=currency)
        return -read.minor if match[1] == "-" else read.minor

    def _day(self, line: int, name: str, text: str) -> str:
        day = self._day_of(text)
        if day is None:
            raise _bad(line, name, N_("it is no date"))
        return day

    def _day_of(self, text: str) -> str | None:
        plain = unicodedata.normalize("NFKC", text).strip()
        compact = _COMPACT.fullmatch(plain)
        order = self.profile.dates
        if compact is not None and order == "ymd":
            digits = compact[1]
            parts = {"y": digits[:4], "m": digits[4:6], "d": digits[6:]}
        else:
            match = _DATE.fullmatch(plain)
            if match is None:
                return None
            parts = dict(zip(order, match.groups(), strict=True))
        day = f"{parts['y']:0>4}-{parts['m']:0>2}-{parts['d']:0>2}"
        return None if parse_date(day) is None else day

    def _finish(self) -> None:
        statement, chain = self.statement, self.chain
        backward = chain.backward.count < chain.forward.count
        statement.problems.extend(chain.backward if backward else chain.forward)
        if chain.first is not None and chain.last is not None and not chain.missing:
            oldest, newest = (chain.last, chain.first) if backward else (chain.first, chain.last)
            statement.opening_minor = oldest[1] - oldest[0]
            statement.closing_minor = newest[1]
        for name in ("opening", "closing"):
            if name in self.labels:
                line, text = self.labels[name]
                setattr(statement, f"{name}_minor", self._money(line, name, text))
        for name in ("from", "to"):
            if name in self.labels:
                line, text = self.labels[name]
                setattr(statement, f"{name}_on", self._day(line, name, text))
        settle(statement, {statement.currency or ""}, inexact=self.inexact)


def _bad(line: int, name: str, problem: str) -> BankFileError:
    return BankFileError("bank_row", line=line, field=name, problem=problem)
