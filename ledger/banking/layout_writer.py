"""Writing a batch in a layout: CSV or fixed width, as its TOML file says.

Nothing is changed on the way that decides whom a bank pays: a name, a card or an ID number stands
in the file as it was recorded, or the file is not made and the line is named.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.banking.credit_transfer import MISSING, require_account
from ledger.banking.payout_layout import (
    NEWLINES,
    OF_A_LINE,
    Fact,
    LayoutField,
    PayoutLayout,
    Record,
)
from ledger.banking.payout_order import (
    IDENTITY,
    OrderLine,
    PayoutOrder,
    Unfit,
    UnfitLinesError,
    masked,
    plain_yuan,
)
from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import parse_date, period_bounds
from ledger.kernel.errors import LedgerError

FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINES_A_PIECE: Final = 500
_PERIODS: Final = frozenset({"period", "period_start", "period_end", "period_days"})
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

Value = str | int | date


class MissingFactsError(LedgerError):
    """The layout needs what the ledger does not hold and the user did not say."""

    def __init__(self, missing: tuple[Fact, ...]) -> None:
        names = ", ".join(f"--set {fact.name}" for fact in missing)
        super().__init__("missing_option", option=names)
        self.missing = missing


@dataclass
class LayoutWriter:
    """A layout with the facts that the user says (``payout_order.Layout``).

    Attributes:
        layout: What the bank wants.
        given: Facts by name, as the user said them.
    """

    layout: PayoutLayout
    given: Mapping[str, str]
    _unfit: list[Unfit] = field(default_factory=list, init=False, repr=False)

    @property
    def name(self) -> str:
        """What the user calls it."""
        return f"csv:{self.layout.name}"

    @property
    def identity(self) -> tuple[str, ...]:
        """Fields of the workers' identity that it shows."""
        return self.layout.identity

    @property
    def facts(self) -> dict[str, str]:
        """What the user says, with the layout's defaults."""
        found = {fact.name: fact.default for fact in self.layout.facts if fact.default is not None}
        return {**found, **self.given}

    # -- before anybody's identity is read ------------------------------------

    def require(self, order: PayoutOrder) -> None:
        """Refuse what can be known to be wrong before anybody's identity is read.

        Raises:
            LedgerError: ``missing_option`` with all facts that are missing, ``bad_option``,
                ``layout_one_worker``, ``layout_one_month``, or what does not fit the layout.
        """
        known = {fact.name for fact in self.layout.facts}
        for name in self.given:
            if name not in known:
                option = f"--set {name}"
                raise LedgerError("bad_option", option=option, problem=_NO_FACT)
        facts = self.facts
        missing = tuple(fact for fact in self.layout.facts if fact.name not in facts)
        if missing:
            raise MissingFactsError(missing)
        for fact in self.layout.facts:
            if fact.pattern is not None and not re.fullmatch(fact.pattern, facts[fact.name]):
                problem = _PATTERN
                raise LedgerError("bad_option", option=f"--set {fact.name}", problem=problem)
        require_account(facts.get("payer_account") or None, order)
        if self.layout.one_line_a_worker:
            self._require_one_line(order)
        self._require_one_month(order)
        self._require_fit(order)

    @staticmethod
    def _require_one_line(order: PayoutOrder) -> None:
        seen: dict[str, int] = {}
        for line in order.lines:
            if line.worker in seen:
                raise LedgerError("layout_one_worker", worker=line.worker, line=line.line)
            seen[line.worker] = line.line

    def _require_one_month(self, order: PayoutOrder) -> None:
        shown = {
            each.source
            for record in self.layout.records
            if record.at != "line"
            for each in record.fields
        }
        months = {line.period for line in order.lines}
        if _PERIODS & shown and len(months) != 1:
            raise LedgerError("layout_one_month", count=len(months))

    def _require_fit(self, order: PayoutOrder) -> None:
        """Lay out everything but identity, so that nobody's is read for a file that cannot be."""
        self._unfit = []
        for record in self.layout.records:
            lines = order.lines if record.at == "line" else (None,)
            for each in record.fields:
                if each.source in IDENTITY:
                    continue
                alike = each.source is None or each.source not in {*OF_A_LINE, *_PERIODS}
                for line in lines[:1] if alike else lines:
                    text = self._text(each, order, line)
                    if text is not None:
                        self._cell(each, text, None if line is None else line.line)
        if self._unfit:
            raise UnfitLinesError(sorted(self._unfit, key=lambda one: one.line or 0))

    # -- writing --------------------------------------------------------------

    def write(self, order: PayoutOrder) -> Iterator[bytes]:
        """Write the file, piece by piece.

        Raises:
            UnfitLinesError: After the last line, where any does not fit.
        """
        self._unfit = []
        if self.layout.encoding == "utf-8-sig":
            yield _BYTE_ORDER_MARK
        if self.layout.headings:
            (record, *_) = self.layout.records_at("line")
            yield self._joined([self._quoted(each.name) for each in record.fields])
        yield from self._of_the_file("begin", order)
        details = self.layout.records_at("line")
        for at in range(0, order.count, _LINES_A_PIECE):
            piece = order.lines[at : at + _LINES_A_PIECE]
            yield b"".join(self._record(one, order, line) for line in piece for one in details)
        yield from self._of_the_file("end", order)
        if self._unfit:
            raise UnfitLinesError(self._unfit)

    def called(self, order: PayoutOrder) -> str:
        """What the bank wants the file to be called, empty where it does not care."""
        created = order.created
        words = {
            **self.facts, "batch": order.batch, "date": f"{created:%Y%m%d}",
            "short_date": f"{created:%y%m%d}", "time": f"{created:%H%M%S}",
        }  # fmt: skip
        return re.sub(
            r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), self.layout.file_name
        )

    def _of_the_file(self, place: str, order: PayoutOrder) -> Iterator[bytes]:
        for record in self.layout.records_at(place):
            yield self._record(record, order, None)

    def _record(self, record: Record, order: PayoutOrder, line: OrderLine | None) -> bytes:
        cells = []
        for each in record.fields:
            text = self._text(each, order, line)
            if text is None:
                continue
            cells.append(self._cell(each, text, None if line is None else line.line))
        return self._joined(cells)

    def _joined(self, cells: list[str]) -> bytes:
        separator = self.layout.separator if self.layout.kind == "delimited" else ""
        whole = separator.join(cells) + NEWLINES[self.layout.newline]
        return whole.encode(self._codec, errors="replace")  # what does not fit is noted before

    @property
    def _codec(self) -> str:
        return "utf-8" if self.layout.encoding == "utf-8-sig" else self.layout.encoding

    # -- a field --------------------------------------------------------------

    def _text(self, each: LayoutField, order: PayoutOrder, line: OrderLine | None) -> str | None:
        """What stands in a field before it is laid out; None where it was noted as unfit."""
        if each.value is not None:
            text = each.value
        elif each.fact is not None:
            text = self.facts[each.fact]
        else:
            found = self._value(str(each.source), order, line)
            if found in ("", None):
                if each.missing is None:
                    self._note(None if line is None else line.line, each, "", MISSING)
                    return None
                found = each.missing
            text = found if isinstance(found, str) else self._spelled(each, found)
        if each.contains is not None:
            text = each.yes if each.contains in text else each.no
        return text

    @staticmethod
    def _spelled(each: LayoutField, value: int | date) -> str:
        if isinstance(value, date):
            return value.strftime(each.form)
        if each.sort == "amount":
            return plain_yuan(value) if each.unit == "yuan" else str(value)
        return str(value)

    def _value(self, source: str, order: PayoutOrder, line: OrderLine | None) -> Value | None:
        if source in _PERIODS:
            return _of_month((line or order.lines[0]).period, source)
        if source in OF_A_LINE:
            assert line is not None
            return _of_line(source, order, line)
        of_the_file: dict[str, Value | None] = {
            "file_id": order.file_id(self.name), "total": order.total_fen,
            "on": parse_date(order.on),
        }  # fmt: skip
        if source in of_the_file:
            return of_the_file[source]
        found: Value = getattr(order, source)
        return found

    def _cell(self, each: LayoutField, text: str, line: int | None) -> str:
        """Lay a text out, and note why it does not fit where it does not."""
        problem = self._problem(each, text)
        if problem is None and self.layout.kind == "delimited" and each.sort == "text":
            text = self._harmless(each, text)
            problem = _FORMULA if text.startswith(FORMULA_BEGINS) and self._minds(each) else None
        if problem is not None:
            self._note(line, each, masked(each.source or "", text), problem)
            return ""
        if each.width is not None:
            return self._filled(each, text, line)
        return self._quoted(text) if self.layout.kind == "delimited" else text

    def _problem(self, each: LayoutField, text: str) -> str | None:
        if _CONTROLS.search(text):
            return _CONTROL
        if each.pattern is not None and not re.fullmatch(each.pattern, text):
            return _PATTERN
        if each.longest is not None and len(text) > each.longest and not each.cut:
            return _TOO_LONG
        try:
            text.encode(self._codec)
        except UnicodeEncodeError:
            return _NO_SUCH_LETTER
        if self.layout.kind == "delimited" and self.layout.quote == "never":
            return _SEPARATOR if self.layout.separator in text or '"' in text else None
        return None

    def _harmless(self, each: LayoutField, text: str) -> str:
        if each.longest is not None and each.cut:
            text = text[: each.longest]
        if self.layout.formulas == "apostrophe" and text.startswith(FORMULA_BEGINS):
            return text if each.source in IDENTITY else f"'{text}"
        return text

    def _minds(self, each: LayoutField) -> bool:
        """Whether a text that begins like a formula is refused here.

        The layout's own words are meant; identity may not be changed, so that an apostrophe
        before it is no way out.
        """
        return self.layout.formulas != "keep" and each.value is None

    def _filled(self, each: LayoutField, text: str, line: int | None) -> str:
        """Fill a text up to its width in bytes, or cut it at a whole character."""
        assert each.width is not None
        room = each.width - len(text.encode(self._codec))
        if room < 0 and each.cut:
            while room < 0:
                text = text[:-1]
                room = each.width - len(text.encode(self._codec))
        if room < 0:
            self._note(line, each, masked(each.source or "", text), _TOO_LONG)
            return ""
        filled = text + each.pad * room if each.align == "left" else each.pad * room + text
        return self._quoted(filled) if self.layout.kind == "delimited" else filled

    def _quoted(self, text: str) -> str:
        quote = self.layout.quote
        if self.layout.kind != "delimited" or quote == "never":
            return text
        needs = self.layout.separator in text or '"' in text or text != text.strip()
        if quote == "always" or needs:
            return '"' + text.replace('"', '""') + '"'
        return text

    def _note(self, line: int | None, each: LayoutField, shown: str, problem: str) -> None:
        self._unfit.append(Unfit(line, each.name, shown, problem))


def _of_line(source: str, order: PayoutOrder, line: OrderLine) -> Value | None:
    if source in IDENTITY:
        return order.person(line).get(source)
    if source == "reference":
        return order.reference(line)
    found: Value = line.amount_fen if source == "amount" else getattr(line, source)
    return found


def _of_month(period: str, source: str) -> Value | None:
    """A month, its first or last day, or how many days it has; None where there is no month."""
    if not period:
        return None
    first, last = period_bounds(period)
    found: Mapping[str, Value] = {
        "period": first, "period_start": first, "period_end": last,
        "period_days": (last - first).days + 1,
    }  # fmt: skip
    return found[source]


_NO_FACT: Final = N_("the format does not ask for it")
_PATTERN: Final = N_("it is not written as the layout wants it")
_CONTROL: Final = N_("it holds a tab, a line end or another control character")
_TOO_LONG: Final = N_("it is longer than the field")
_NO_SUCH_LETTER: Final = N_("it holds characters that the file's encoding does not have")
_SEPARATOR: Final = N_("it holds the separator or a quotation mark, and the layout does not quote")
_FORMULA: Final = N_("it begins as a formula of a spreadsheet would")
