"""Profiles of statement CSV: which heading means what at which bank, as data.

A profile is a TOML file. Those under ``ledger/banking/profiles`` come with the program; a user
writes one more for his own bank. Headings are compared without blanks and with full-width
characters made narrow. The amount stands in one signed column, in one column with a mark beside
it, or in two columns, one for money out (``debit``) and one for money in (``credit``).
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from ledger.banking.currencies import is_code
from ledger.banking.problems import BankFileError
from ledger.kernel.codes.definition import N_

COLUMNS: Final = frozenset(
    {
        "booked_on", "value_on", "amount", "mark", "debit", "credit", "balance", "reference",
        "end_to_end", "batch", "counterparty_name", "counterparty_account", "remittance",
        "return_code",
    }
)  # fmt: skip
"""What a column may mean."""

LABELS: Final = frozenset({"account", "currency", "from", "to", "opening", "closing"})
"""What may stand beside a label, above or below the table."""

WORDS: Final = frozenset({"debit", "credit", "totals", "returns"})
DATES: Final = ("ymd", "dmy", "mdy")
_KEYS: Final = frozenset({"name", "currency", "dates", "delimiter", "columns", "labels", "words"})
_LARGEST: Final = 64 * 1024
_ROWS_OF_A_HEAD: Final = 40

Style = Literal["signed", "marked", "two"]


@dataclass(frozen=True)
class CsvProfile:
    """How one bank writes its statements.

    Attributes:
        name: What it is called.
        currency: Of the account, where the file does not say.
        dates: Order of year, month and day.
        delimiter: Between cells.
        style: Where the amount stands.
        columns: Headings by meaning, normalised.
        labels: Labels by meaning, normalised.
        words: Words in cells by meaning, normalised.
    """

    name: str
    currency: str
    dates: str
    delimiter: str
    style: Style
    columns: Mapping[str, Sequence[str]]
    labels: Mapping[str, Sequence[str]]
    words: Mapping[str, Sequence[str]]

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which no row can be read."""
        amounts = {"signed": ("amount",), "marked": ("amount", "mark"), "two": ("debit", "credit")}
        return ("booked_on", *amounts[self.style])

    def placed(self, cells: Sequence[str]) -> dict[str, int] | None:
        """Which column stands where, if this row has the headings that are needed.

        Raises:
            BankFileError: ``bank_row`` for a heading that stands there twice.
        """
        names = [normalised(cell) for cell in cells]
        found: dict[str, int] = {}
        for meaning, headings in self.columns.items():
            for heading in headings:
                if heading in names:
                    found[meaning] = names.index(heading)
                    break
        if not set(self.needed) <= set(found):
            return None
        for meaning, at in found.items():
            if names.count(names[at]) > 1:
                problem = N_("two columns have this heading")
                raise BankFileError("bank_row", field=meaning, problem=problem)
        return found


def normalised(text: str) -> str:
    """A heading, label or word as it is compared."""
    return "".join(unicodedata.normalize("NFKC", text).split()).rstrip(":")


def shipped() -> Iterator[CsvProfile]:
    """The profiles that come with the program."""
    yield from _shipped()


@cache
def _shipped() -> tuple[CsvProfile, ...]:
    folder = files("ledger.banking") / "profiles"
    texts = {each.name: each.read_text("utf-8") for each in folder.iterdir()}
    return tuple(
        profile_of(text, name) for name, text in sorted(texts.items()) if name.endswith(".toml")
    )


def load(path: Path) -> CsvProfile:
    """Read an own profile.

    Raises:
        BankFileError: ``bank_profile``.
        OSError: for a file that is not there or may not be read.
    """
    with path.open("rb") as stream:
        raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise BankFileError("bank_profile", file=str(path), problem=N_("it is too large"))
    try:
        return profile_of(raw.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError:
        problem = N_("it is not UTF-8")
        raise BankFileError("bank_profile", file=str(path), problem=problem) from None


def profile_of(text: str, file: str) -> CsvProfile:
    """Make a profile of its text.

    Raises:
        BankFileError: ``bank_profile`` with the field that is wrong.
    """
    import tomllib  # noqa: PLC0415 - not for --help

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise _wrong(file, "", N_("it is no TOML")) from None
    for key in table:
        if key not in _KEYS:
            raise _wrong(file, key, N_("there is no such key"))
    columns = _words(table, "columns", COLUMNS, file)
    currency = table.get("currency", "CNY")
    dates, delimiter = table.get("dates", "ymd"), table.get("delimiter", ",")
    if not isinstance(currency, str) or not is_code(currency):
        raise _wrong(file, "currency", N_("it is no currency code"))
    if dates not in DATES:
        raise _wrong(file, "dates", N_("it is not ymd, dmy or mdy"))
    if not isinstance(delimiter, str) or delimiter not in (",", ";", "\t", "|"):
        raise _wrong(file, "delimiter", N_("it is not a comma, semicolon, tab or bar"))
    words = _words(table, "words", WORDS, file)
    if "booked_on" not in columns:
        raise _wrong(file, "columns.booked_on", N_("it is missing"))
    return CsvProfile(
        str(table.get("name", file)), currency, dates, delimiter, _style(columns, words, file),
        columns, _words(table, "labels", LABELS, file), words,
    )  # fmt: skip


def _style(
    columns: Mapping[str, Sequence[str]], words: Mapping[str, Sequence[str]], file: str
) -> Style:
    if "debit" in columns and "credit" in columns and "amount" not in columns:
        return "two"
    if "amount" not in columns or "debit" in columns or "credit" in columns:
        raise _wrong(file, "columns.amount", N_("give amount, or both debit and credit"))
    if "mark" not in columns:
        return "signed"
    if not words.get("debit") or not words.get("credit"):
        raise _wrong(file, "words.debit", N_("a mark needs its words for debit and credit"))
    return "marked"


def _words(
    table: Mapping[str, Any], section: str, known: frozenset[str], file: str
) -> dict[str, tuple[str, ...]]:
    """A section whose values are lists of words."""
    given = table.get(section, {})
    if not isinstance(given, dict):
        raise _wrong(file, section, N_("it is no table"))
    found: dict[str, tuple[str, ...]] = {}
    for key, value in given.items():
        if key not in known:
            raise _wrong(file, f"{section}.{key}", N_("there is no such key"))
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(each, str) and each for each in texts):
            raise _wrong(file, f"{section}.{key}", N_("it is no list of words"))
        found[key] = tuple(normalised(each) for each in texts)
    return found


def _wrong(file: str, field: str, problem: str) -> BankFileError:
    return BankFileError("bank_profile", file=file, field=field, problem=problem)


def matching(
    rows: Sequence[Sequence[str]], profiles: Sequence[CsvProfile]
) -> tuple[CsvProfile, int] | None:
    """The profile that knows most headings of these rows, and the number of their row from 0."""
    best: tuple[int, CsvProfile, int] | None = None
    for at, cells in enumerate(rows[:_ROWS_OF_A_HEAD]):
        for profile in profiles:
            placed = profile.placed(cells)
            if placed is not None and (best is None or len(placed) > best[0]):
                best = (len(placed), profile, at)
    return None if best is None else (best[1], best[2])
