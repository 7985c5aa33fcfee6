"""Layouts of payout files as data: a TOML file says which records and fields a bank wants.

    title = "Bank of Example, wages"
    kind = "fixed"                  # or "delimited"
    encoding = "gb18030"            # utf-8, utf-8-sig, gb18030, ascii
    newline = "crlf"                # or "lf"
    separator = ","                 # delimited only
    quote = "minimal"               # never, minimal, always; delimited only
    formulas = "refuse"             # apostrophe, keep: a text that a spreadsheet would compute
    headings = true                 # a first row with the names of the detail's fields
    one_line_a_worker = true        # refuse a batch that names a worker twice
    file_name = "{employer_id}.SIF" # what the bank wants the file to be called

    [facts.payer_account]           # what the ledger does not hold: --set payer_account=...
    about = "account that pays"
    pattern = "[0-9]{10,25}"
    default = ""

    [[records]]
    at = "begin"                    # begin, line, end
    fields = [{ name = "TTLAMT", from = "total", unit = "fen", width = 15, pad = "0" }]

    [returns]                       # how the bank's answer is read: see ``return_file``

A field takes its text from one of ``value`` (as written), ``from`` (``SOURCES``) or ``set`` (a
fact). Amounts are in ``unit`` yuan or fen; dates, months and times follow ``form``, in strftime's
letters. ``width`` counts bytes of the encoding; what is shorter is filled with ``pad`` on the
other side of ``align``. What is longer is refused, or cut at a whole character where ``cut`` says
so, which no field of identity may. ``longest`` counts characters. ``pattern`` must match the whole
text. ``contains`` turns it into ``yes`` or ``no``. ``missing`` stands for identity that a worker
does not have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from ledger.banking.payout_order import IDENTITY

SOURCES: Final[Mapping[str, str]] = {
    "file_id": "text", "payment_id": "text", "batch": "text", "project": "text",
    "project_name": "text", "contractor": "text", "contractor_name": "text", "count": "number",
    "total": "amount", "on": "date", "created": "date", "period": "date", "period_start": "date",
    "period_end": "date", "period_days": "number",
    "line": "number", "reference": "text", "claim": "text", "worker": "text", "amount": "amount",
    **dict.fromkeys(IDENTITY, "text"),
}  # fmt: skip
"""What a field may show, and what sort of value it is."""

OF_A_LINE: Final = frozenset({"line", "reference", "claim", "worker", "amount", *IDENTITY})
ENCODINGS: Final = ("utf-8", "utf-8-sig", "gb18030", "ascii")
NEWLINES: Final = {"lf": "\n", "crlf": "\r\n"}


@dataclass(frozen=True, kw_only=True)
class LayoutField:
    """One field of a record; see the module."""

    name: str
    value: str | None = None
    source: str | None = None
    fact: str | None = None
    unit: str = "yuan"
    form: str = "%Y-%m-%d"
    width: int | None = None
    align: str = "left"
    pad: str = " "
    cut: bool = False
    longest: int | None = None
    pattern: str | None = None
    contains: str | None = None
    yes: str = "Y"
    no: str = "N"
    missing: str | None = None

    @property
    def sort(self) -> str:
        """What sort of value it shows: text, number, amount or date."""
        return SOURCES[self.source] if self.source is not None else "text"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record: at the begin or end of the file, or one a line of the batch."""

    at: str
    fields: tuple[LayoutField, ...]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that the ledger does not hold and the user says."""

    name: str
    about: str = ""
    pattern: str | None = None
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Returns:
    """How the bank's answer is read; see ``ledger.banking.return_file``."""

    columns: Mapping[str, str | int]
    encoding: str | None = None
    separator: str = ","
    heading: bool = True
    widths: tuple[int, ...] = ()
    unit: str = "yuan"
    form: str = "%Y-%m-%d"
    tag: str | None = None
    settled: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PayoutLayout:
    """A layout as its file says it; see the module."""

    name: str
    title: str
    kind: str
    records: tuple[Record, ...]
    encoding: str = "utf-8"
    newline: str = "crlf"
    separator: str = ","
    quote: str = "minimal"
    formulas: str = "refuse"
    headings: bool = False
    one_line_a_worker: bool = False
    file_name: str = ""
    facts: tuple[Fact, ...] = ()
    returns: Returns | None = None

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """Fields of identity that it shows: no others are read."""
        shown = {each.source for record in self.records for each in record.fields}
        return tuple(name for name in IDENTITY if name in shown)

    def records_at(self, place: str) -> tuple[Record, ...]:
        """Records of one place."""
        return tuple(record for record in self.records if record.at == place)
