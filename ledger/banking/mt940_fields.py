"""The fields of MT940 and MT942: tags with their lines, statement lines, balances.

A field begins with ``:61:`` at the start of a line and goes on until the next; a ``-`` ends a
message. Banks wrap messages in SWIFT's envelope, in blank lines, or in nothing. Bytes are read as
Latin-1, in which every byte is a character and no tag can be missed; texts are then decoded by what
they are. Only UTF-16 is decoded before, since its tags are no bytes of theirs.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from ledger.banking.currencies import Amount, read_amount
from ledger.kernel.dates import parse_date

_TAG: Final = re.compile(r":(?P<tag>[0-9]{2}[A-Z]?|94[0-9]|NS):")
_FRAMING: Final = "\x01\x02\x03\ufeff"
"""Characters that links put around a message."""

_HEAD: Final = 8
"""Bytes that tell whether a file is in UTF-16."""

_LINES_OF_A_HEAD: Final = 60
_ADDRESSES: Final = 8
"""A message begins behind at most so many lines of senders and receivers."""

_LINES_OF_A_FIELD: Final = 200
_LONGEST_LINE: Final = 4096
_CENTURY: Final = 80
"""Years from 80 on are of the last century."""

_AMOUNT: Final = r"(?P<amount>[0-9]{1,18}(?:[,.][0-9]{0,6})?)"
_ENTRY: Final = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4}|[ ]{4})?[ ]*"
    rf"(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?[ ]*{_AMOUNT}(?P<rest>.*)"
)
_BALANCE: Final = re.compile(
    rf"(?P<mark>[CD])(?P<day>[0-9]{{6}})(?P<currency>[A-Z]{{3}}){_AMOUNT}[ ]*"
)
_TOTAL: Final = re.compile(rf"(?P<entries>[0-9]{{1,9}})(?P<currency>[A-Z]{{3}}){_AMOUNT}[ ]*")
_SIGNS: Final = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
"""RC takes a credit back, so the account falls; RD a debit. EC and ED are only expected."""


class Field(NamedTuple):
    """One field.

    Attributes:
        tag: 20, 25, 60F, 61, 86, ...
        lines: Its lines without ends, the first after the tag.
        number: Of its first line in the file, from 1.
    """

    tag: str
    lines: list[str]
    number: int

    @property
    def text(self) -> str:
        """Its first line without blanks around it."""
        return self.lines[0].strip()


class Line(NamedTuple):
    """A statement line, ``:61:``.

    Attributes:
        amount: Unsigned, as it was read.
        sign: 1 or -1, as the account moves.
        reversal: Whether it takes an earlier one back.
        expected: Whether it has not been booked yet.
        value_on: Value date, or None for a day that there is not.
        booked_on: Entry date, the value date where there is none, or None.
        customer: Reference of the account's owner, or None.
        bank: Reference of the bank, or None.
    """

    amount: Amount
    sign: int
    reversal: bool
    expected: bool
    value_on: str | None
    booked_on: str | None
    customer: str | None
    bank: str | None


class Balance(NamedTuple):
    """A balance, ``:60F:`` to ``:65:``; signed."""

    amount: Amount
    sign: int
    currency: str
    on: str | None


class Total(NamedTuple):
    """A declared count and sum of MT942, ``:90C:`` or ``:90D:``."""

    entries: int
    currency: str
    amount: Amount


def is_mt940(head: bytes) -> bool:
    """Whether a file begins as MT940 or MT942 does, behind envelope, addresses and blank lines."""
    text = head.decode(_utf16(head) or "latin-1", "replace")
    lines = [_without_envelope(line).rstrip() for line in text.splitlines()[:_LINES_OF_A_HEAD]]
    told = [line for line in lines if line][:_ADDRESSES]
    return any(_TAG.match(line) is not None for line in told)


def fields(path: Path) -> Iterator[Field]:
    """Read the fields of a file one after another; between messages stand their addresses."""
    current: Field | None = None
    with path.open("rb") as raw_stream:
        utf16 = _utf16(raw_stream.read(_HEAD))
    with path.open(encoding=utf16 or "latin-1", errors="replace", newline=None) as stream:
        lines = _lines(stream)
        if utf16:  # as if it had been UTF-8
            lines = (line.encode("utf-8", "replace").decode("latin-1") for line in lines)
        for number, raw in enumerate(lines, 1):
            line = _without_envelope(raw.removeprefix("\xef\xbb\xbf") if number == 1 else raw)
            match = _TAG.match(line)
            if match is not None and match["tag"].startswith("94"):
                continue  # names the message, as some banks do in front of it
            if match is not None:
                if current is not None:
                    yield current
                current = Field(match["tag"], [line[match.end() :]], number)
            elif line.rstrip() in {"-", "-}"} or line.startswith("-}"):
                if current is not None:
                    yield current
                current = None
            elif current is not None and len(current.lines) < _LINES_OF_A_FIELD:
                current.lines.append(line)
    if current is not None:
        yield current


def _utf16(head: bytes) -> str | None:
    """Which UTF-16 a file is in, by its mark or by the zeros beside its first letters."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first = head[:_HEAD].ljust(_HEAD, b" ")
    if not first[::2].strip(b"\0") and b"\0" not in first[1::2]:
        return "utf-16-be"
    if not first[1::2].strip(b"\0") and b"\0" not in first[::2]:
        return "utf-16-le"
    return None


def _lines(stream: TextIO) -> Iterator[str]:
    """The lines without their ends; of one that is endless only the beginning."""
    while line := stream.readline(_LONGEST_LINE):
        rest = line
        while len(rest) == _LONGEST_LINE and not rest.endswith("\n"):
            rest = stream.readline(_LONGEST_LINE)
        yield line.rstrip("\r\n")


def _without_envelope(line: str) -> str:
    """The line without ``{1:...}{2:...}{4:`` in front of it."""
    line = line.lstrip(_FRAMING)
    if not line.startswith("{"):
        return line
    return line.rpartition("{4:")[2] if "{4:" in line else ""


def amount_of(text: str, currency: str) -> Amount | None:
    """Read ``1234,5``; a full stop is taken for the comma that it stands for."""
    return read_amount(text.replace(".", ","), currency, ",")


def line_of(lines: Sequence[str], currency: str) -> Line | None:
    """Read a statement line, which some banks break in two; None for what is none."""
    match = _ENTRY.match(lines[0].strip()) or _ENTRY.match("".join(lines[:2]).strip())
    if match is None:
        return None
    amount = amount_of(match["amount"], currency)
    if amount is None:
        return None
    mark = match["mark"]
    value_on = day_of(match["value"])
    booked_on = _entry_day(match["value"], (match["entry"] or "").strip())
    customer, _slashes, bank = match["rest"].strip()[4:].partition("//")
    return Line(
        amount, _SIGNS[mark], mark.startswith("R"), mark.startswith("E"), value_on,
        booked_on if match["entry"] and match["entry"].strip() else value_on,
        _reference(customer), _reference(bank),
    )  # fmt: skip


def balance_of(text: str) -> Balance | None:
    """Read a balance; None for what is none."""
    match = _BALANCE.fullmatch(text.strip())
    amount = None if match is None else amount_of(match["amount"], match["currency"])
    if match is None or amount is None:
        return None
    return Balance(amount, _SIGNS[match["mark"]], match["currency"], day_of(match["day"]))


def total_of(text: str) -> Total | None:
    """Read a declared count and sum; None for what is none."""
    match = _TOTAL.fullmatch(text.strip())
    amount = None if match is None else amount_of(match["amount"], match["currency"])
    if match is None or amount is None:
        return None
    return Total(int(match["entries"]), match["currency"], amount)


def day_of(text: str) -> str | None:
    """Read ``YYMMDD``; None for a day that there is not, such as 30 February."""
    century = "19" if int(text[:2]) >= _CENTURY else "20"
    day = f"{century}{text[:2]}-{text[2:4]}-{text[4:6]}"
    return None if parse_date(day) is None else day


def _entry_day(value: str, entry: str) -> str | None:
    """The entry date ``MMDD``: of the year that brings it nearest to the value date."""
    if not entry:
        return None
    year = int(value[:2])
    apart = int(entry[:2]) - int(value[2:4])
    half = 6
    year += -1 if apart > half else 1 if apart < -half else 0
    return day_of(f"{year % 100:02}{entry}")


def _reference(text: str) -> str | None:
    text = text.strip()
    return None if text in {"", "NONREF"} else text


def decoded(text: str) -> str:
    """A text that was read as Latin-1, in the encoding that it is in: UTF-8, GB18030 or Latin-1.

    GB18030 is believed only where it gives Chinese characters throughout: Latin letters with
    accents can be taken for it, one or two at a time.
    """
    if text.isascii():
        return text
    raw = text.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        found = raw.decode("gb18030")
    except UnicodeDecodeError:
        return text
    strange = [character for character in found if not character.isascii()]
    chinese = [character for character in strange if "\u3000" <= character <= "\uffef"]
    high = sum(byte >= 0x80 for byte in raw)  # noqa: PLR2004 - the bytes beyond ASCII
    return found if len(chinese) == len(strange) and high == 2 * len(strange) else text
