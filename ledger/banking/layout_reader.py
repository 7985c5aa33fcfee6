"""Finding a layout by its name or path, and reading its TOML: every mistake names its place."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from ledger.banking.payout_layout import (
    ENCODINGS,
    NEWLINES,
    OF_A_LINE,
    SOURCES,
    Fact,
    LayoutField,
    PayoutLayout,
    Record,
    Returns,
)
from ledger.banking.payout_order import IDENTITY
from ledger.banking.return_codes import RETURN_CODES
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError

_FOLDER: Final = "ledger.banking.payout_profiles"
_ENDING: Final = ".toml"
_LARGEST: Final = 1024 * 1024
_BAD: Final = "bad_layout"

T = TypeVar("T")


def shipped_layouts() -> tuple[str, ...]:
    """Names of the layouts that come with the program."""
    found = (each.name for each in files(_FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))


def load_layout(name: str) -> PayoutLayout:
    """Load a layout by its name, or from a file of the user's own by its path.

    Raises:
        LedgerError: ``unknown_layout``, ``file_unreadable`` or ``bad_layout``.
    """
    if name in shipped_layouts():
        text = files(_FOLDER).joinpath(f"{name}{_ENDING}").read_text("utf-8")
        return parse_layout(name, text, name)
    path = Path(name)
    if not name.endswith(_ENDING):
        known = ", ".join(shipped_layouts())
        raise LedgerError("unknown_layout", value=name, problem=known)
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        raise LedgerError("no_file", file=name) from None
    except (OSError, ValueError):
        raise LedgerError("file_unreadable", file=name, problem=_UNREADABLE) from None
    if len(raw) > _LARGEST:
        raise LedgerError("file_unreadable", file=name, problem=_TOO_LARGE)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LedgerError("file_unreadable", file=name, problem=_NOT_UTF8) from None
    return parse_layout(path.stem, text, name)


def parse_layout(name: str, text: str, file: str) -> PayoutLayout:
    """Read a layout and check that it can be written.

    Raises:
        LedgerError: ``bad_layout``, which names the place.
    """
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LedgerError(_BAD, file=file, value=str(error)[:80], problem=_NO_TOML) from None
    return _Reader(file).layout(name, said)


@dataclass(frozen=True)
class _Reader:
    """Turns a TOML document into a layout; every mistake names its place."""

    file: str

    def layout(self, name: str, said: dict[str, Any]) -> PayoutLayout:
        said = dict(said)
        raw_records = said.pop("records", None)
        if not isinstance(raw_records, list) or not raw_records:
            self.refuse("records", _MISSING)
        facts = tuple(
            self.made(Fact, f"facts.{key}", {"name": key, **self.table(f"facts.{key}", one)})
            for key, one in self.table("facts", said.pop("facts", {})).items()
        )
        records = tuple(self.record(at, one) for at, one in enumerate(raw_records, 1))
        returns = said.pop("returns", None)
        read = None if returns is None else self.returns(self.table("returns", returns))
        made = self.made(
            PayoutLayout, "",
            {**said, "name": name, "records": records, "facts": facts, "returns": read},
        )  # fmt: skip
        self.check(made)
        return made

    def record(self, number: int, said: object) -> Record:
        place = f"records[{number}]"
        table = self.table(place, said)
        listed = table.get("fields")
        if not isinstance(listed, list) or not listed:
            self.refuse(f"{place}.fields", _MISSING)
        made = tuple(self.field(f"{place}.fields[{at}]", one) for at, one in enumerate(listed, 1))
        return self.made(Record, place, {**table, "fields": made})

    def field(self, place: str, said: object) -> LayoutField:
        table = dict(self.table(place, said))
        for written, attribute in (("from", "source"), ("set", "fact")):
            if attribute in table:
                self.refuse(f"{place}.{attribute}", _UNKNOWN)
            if written in table:
                table[attribute] = table.pop(written)
        if table.get("source") is not None and SOURCES.get(table["source"]) in {"amount", "number"}:
            table.setdefault("align", "right")
            table.setdefault("pad", "0")
        return self.made(LayoutField, place, table)

    def returns(self, table: dict[str, Any]) -> Returns:
        said = dict(table)
        for name in ("settled", "pending", "returned", "widths"):
            if isinstance(said.get(name), list):
                said[name] = tuple(said[name])
        return self.made(Returns, "returns", said)

    def made(self, kind: type[T], place: str, said: Mapping[str, Any]) -> T:
        """Build a part of a layout out of a table whose keys and types are right."""
        known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
        for key, value in said.items():
            if key not in known:
                self.refuse(f"{place}.{key}".lstrip("."), _UNKNOWN)
            if not _is_a(value, _written(known[key].type)):
                self.refuse(f"{place}.{key}".lstrip("."), _WRONG_TYPE)
        try:
            return kind(**said)
        except TypeError as error:
            missing = re.findall(r"'(\w+)'", str(error))
            self.refuse(f"{place}.{missing[0] if missing else ''}".strip("."), _MISSING)

    def table(self, place: str, said: object) -> dict[str, Any]:
        if not isinstance(said, dict):
            self.refuse(place, _WRONG_TYPE)
        return said

    def check(self, layout: PayoutLayout) -> None:
        """Refuse a layout that cannot be written as it says."""
        self.one_of("kind", layout.kind, ("fixed", "delimited"))
        self.one_of("encoding", layout.encoding, ENCODINGS)
        self.one_of("newline", layout.newline, tuple(NEWLINES))
        self.one_of("quote", layout.quote, ("never", "minimal", "always"))
        self.one_of("formulas", layout.formulas, ("refuse", "apostrophe", "keep"))
        if len(layout.separator) != 1:
            self.refuse("separator", _WRONG_TYPE)
        facts = {fact.name for fact in layout.facts}
        for fact in layout.facts:
            self.pattern(f"facts.{fact.name}.pattern", fact.pattern)
        for number, record in enumerate(layout.records, 1):
            self.one_of(f"records[{number}].at", record.at, ("begin", "line", "end"))
            for at, each in enumerate(record.fields, 1):
                self.check_field(f"records[{number}].fields[{at}]", each, record.at, facts, layout)
        if not layout.records_at("line"):
            self.refuse("records", _NO_LINE)
        if layout.returns is not None:
            self.check_returns(layout.returns)

    def check_field(
        self, place: str, each: LayoutField, at: str, facts: set[str], layout: PayoutLayout
    ) -> None:
        given = [one for one in (each.value, each.source, each.fact) if one is not None]
        if len(given) != 1:
            self.refuse(place, _ONE_SOURCE)
        if each.source is not None and each.source not in SOURCES:
            self.refuse(f"{place}.from", _UNKNOWN)
        if each.source in OF_A_LINE and at != "line":
            self.refuse(f"{place}.from", _NOT_HERE)
        if each.fact is not None and each.fact not in facts:
            self.refuse(f"{place}.set", _UNKNOWN)
        if each.cut and each.source in IDENTITY:
            self.refuse(f"{place}.cut", _NO_CUT)
        if layout.kind == "fixed" and not each.width:
            self.refuse(f"{place}.width", _MISSING)
        if each.width is not None and each.width <= 0:
            self.refuse(f"{place}.width", _WRONG_TYPE)
        if len(each.pad) != 1 or not each.pad.isascii() or not each.pad.isprintable():
            self.refuse(f"{place}.pad", _WRONG_TYPE)
        self.one_of(f"{place}.align", each.align, ("left", "right"))
        self.one_of(f"{place}.unit", each.unit, ("yuan", "fen"))
        self.pattern(f"{place}.pattern", each.pattern)

    def check_returns(self, returns: Returns) -> None:
        known = {"reference", "line", "result", "code", "amount", "on"}
        columns = self.table("returns.columns", returns.columns)
        for name, column in columns.items():
            if name not in known:
                self.refuse(f"returns.columns.{name}", _UNKNOWN)
            by_name = returns.heading and not returns.widths
            if type(column) is not (str if by_name else int):
                self.refuse(f"returns.columns.{name}", _WRONG_TYPE)
        if "result" not in columns or not {"reference", "line"} & columns.keys():
            self.refuse("returns.columns", _MISSING)
        if not returns.settled:
            self.refuse("returns.settled", _MISSING)
        for word, code in returns.codes.items():
            self.one_of(f"returns.codes.{word}", code, RETURN_CODES)
        self.one_of("returns.unit", returns.unit, ("yuan", "fen"))
        if returns.encoding is not None:
            self.one_of("returns.encoding", returns.encoding, ENCODINGS)

    def one_of(self, place: str, value: object, known: Sequence[str]) -> None:
        if value not in known:
            self.refuse(place, _UNKNOWN)

    def pattern(self, place: str, pattern: str | None) -> None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error:
                self.refuse(place, _WRONG_TYPE)

    def refuse(self, place: str, problem: str) -> NoReturn:
        raise LedgerError(_BAD, file=self.file, value=place, problem=problem)


def _written(annotation: object) -> str:
    """A type as it is written in an annotation, without its module."""
    plain = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return plain.removeprefix("collections.abc.")


def _is_a(value: object, written: str) -> bool:
    """Whether a TOML value is of the type that an attribute is written with."""
    if value is None:
        return "None" in written
    check = _TYPES.get(written.split(" |", maxsplit=1)[0])
    return check is None or check(value)  # no check for a part of a layout, made here


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "str": lambda value: type(value) is str,
    "bool": lambda value: type(value) is bool,
    "int": lambda value: type(value) is int,
    "tuple[str, ...]": lambda value: type(value) is tuple and {type(one) for one in value} <= {str},
    "tuple[int, ...]": lambda value: (
        type(value) is tuple and all(type(one) is int and one > 0 for one in value)
    ),
    "Mapping[str, str]": lambda value: (
        type(value) is dict and {*map(type, value.values())} <= {str}
    ),
    "Mapping[str, str": lambda value: (  # written | int
        type(value) is dict and {*map(type, value.values())} <= {str, int}
    ),
}
_UNKNOWN: Final = N_("this is not known here")
_MISSING: Final = N_("it is missing")
_WRONG_TYPE: Final = N_("the value is of another kind than is wanted here")
_ONE_SOURCE: Final = N_("a field has exactly one of value, from and set")
_NOT_HERE: Final = N_("a record at the begin or end of the file knows no single line")
_NO_CUT: Final = N_("identity is never cut")
_NO_LINE: Final = N_("there is no record for the lines of a batch")
_NO_TOML: Final = N_("it is not TOML")
_UNREADABLE: Final = N_("it cannot be read")
_TOO_LARGE: Final = N_("it is too large for a layout")
_NOT_UTF8: Final = N_("it is not UTF-8")
