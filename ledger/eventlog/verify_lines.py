"""Verification of lines: thousands at a time, column by column.

A line is read once. It must be canonical JSON, its typed columns must repeat what it says, and
all lines of a document must give the root that their event states.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple, NoReturn

from sqlalchemy import Connection, text

from ledger.domain.effects import EFFECTS
from ledger.eventlog.findings import Report
from ledger.eventlog.topics import is_journal_line
from ledger.kernel.codes.definition import N_
from ledger.kernel.merkle import leaf_hash, root

_LINES_AT_ONCE: Final = 4_000
_SALT_DIGITS: Final = 32
_SALTS: Final = re.compile(r"[0-9a-f]*")
_HEX: Final = re.compile(rb"[0-9a-f]*")
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')
"""What JSON never holds in a string as it is."""

_LINES: Final = text(
    "SELECT position, part, line, effect, claim_position, claim_line, amount_fen, worker, body"
    " FROM event_line WHERE tenant = :tenant AND position >= :first"
    " ORDER BY position, part, line"
)

_DISAGREE: Final = N_("a column disagrees with the line")
_NOT_CANONICAL: Final = N_("the line is not spelled canonically")
_NO_SALT: Final = N_("the line has no salt")

_EFFECT_NAMES: Final = {code: effect.name for code, effect in enumerate(EFFECTS)}

Row = tuple[int, int, int, int, int | None, int | None, int | None, str | None, bytes]
Names = Callable[[int], str | None]
"""How the claims of an origin's position are called, or None where it is no origin."""


class Run(NamedTuple):
    """Neighbouring lines of one part of one document; ``first`` says that none came before."""

    position: int
    part: int
    rows: Sequence[Row]
    first: bool


def line_runs(connection: Connection, tenant: str, first: int) -> Iterator[Run]:
    """Read lines in the order of the log, some thousands at a time."""
    streaming = connection.execution_options(stream_results=True, max_row_buffer=_LINES_AT_ONCE)
    result = streaming.execute(_LINES, {"tenant": tenant, "first": first})
    last: tuple[int, int] | None = None
    for rows in result.partitions(_LINES_AT_ONCE):
        for place, run in groupby(rows, key=itemgetter(0, 1)):
            position, part = place
            yield Run(position, part, [tuple(row) for row in run], place != last)
            last = place


class LineCheck(ABC):
    """Checks one part of one document, run by run, then its root."""

    def __init__(self, report: Report, position: int, stated: Mapping[str, Any]) -> None:
        """Take what the event states of its lines: algorithm, count, root."""
        self._report = report
        self._position = position
        self._stated = stated
        self._leaves: list[bytes] = []

    def add(self, run: Run) -> None:
        """Check the next lines."""
        numbers = [row[2] for row in run.rows]
        first = len(self._leaves) + 1
        if numbers != list(range(first, first + len(numbers))):
            detail = N_("lines do not count from 1 without a gap")
            self._report.add(self._position, "lines", detail, numbers[0])
        bodies = [bytes(row[8]) for row in run.rows]
        self._leaves += map(leaf_hash, bodies)
        if self._are_plain(run.rows, bodies):
            return
        said = self._read(numbers, bodies)
        if said is not None:
            self._compare(numbers, run.rows, said)

    def finish(self) -> None:
        """Compare count and root with what the event states."""
        if len(self._leaves) != self._stated["count"]:
            detail = N_("the event states another number of lines")
            self._report.add(self._position, "lines", detail)
        elif root(self._leaves).hex() != self._stated["root"]:
            detail = N_("the event states another root")
            self._report.add(self._position, "root", detail)

    def _are_plain(self, _rows: Sequence[Row], _bodies: Sequence[bytes]) -> bool:
        """Tell at once that lines are right; False where they must be looked at one by one."""
        return False

    @abstractmethod
    def _compare(self, numbers: Sequence[int], rows: Sequence[Row], said: list[Any]) -> None:
        """Compare the typed columns with what the lines say."""

    def _read(self, numbers: Sequence[int], bodies: Sequence[bytes]) -> list[Any] | None:
        """Parse lines and see that they are canonical; None where one is not even JSON."""
        spelled, said = [], []
        for number, body in zip(numbers, bodies, strict=True):
            try:
                line = str(body, "utf-8")
                value, end = _parse(line)
                if end != len(line):
                    _refuse(line)
            except (ValueError, RecursionError):
                self._report.add(self._position, "line", N_("the line is no JSON"), number)
                return None
            spelled.append(line)
            said.append(value)
        # The canonical spelling is the shortest: where all together are as long as they should
        # be and equal, each one is.
        if _spell(said) != f"[{','.join(spelled)}]":
            for number, line, value in zip(numbers, spelled, said, strict=True):
                if _spell(value) != line:
                    self._report.add(self._position, "line", _NOT_CANONICAL, number)
        return said

    def _differences(
        self, numbers: Sequence[int], wanted: Sequence[object], said: Sequence[object], detail: str
    ) -> None:
        if wanted == said and bool not in set(map(type, said)):
            return
        for number, column, value in zip(numbers, wanted, said, strict=True):
            if column != value or type(column) is not type(value):
                self._report.add(self._position, "line", detail, number)


class DocumentCheck(LineCheck):
    """Lines of a sheet, batch, return, notice, advance, statement."""

    def __init__(
        self, report: Report, position: int, stated: Mapping[str, Any], names: Names
    ) -> None:
        """Take, beside the rest, how claims are called."""
        super().__init__(report, position, stated)
        self._names = names

    def _are_plain(self, rows: Sequence[Row], bodies: Sequence[bytes]) -> bool:
        """Spell lines from their columns: most say nothing else but their salt.

        Where a body is that spelling, it is canonical JSON and agrees with its columns, without
        being parsed: 4 times faster.
        """
        names = self._claims(rows)
        salts = []
        for (_, _, line, effect, _, _, fen, worker, _), claim, body in zip(
            rows, names, bodies, strict=True
        ):
            if claim is None or worker is None or type(fen) is not int:
                return False
            effect_name = _EFFECT_NAMES.get(effect, "")
            before = (
                f'{{"amount_fen":{fen},"claim":"{claim}","effect":"{effect_name}",'
                f'"line":{line},"salt":"'
            ).encode()
            after = f'","worker":"{worker}"}}'.encode()
            if not (body.startswith(before) and body.endswith(after)):
                return False
            salt = body[len(before) : -len(after)]
            salts.append(salt)
            if len(salt) != _SALT_DIGITS:
                return False
        quoted = "".join(chain(names, map(itemgetter(7), rows)))  # type: ignore[arg-type]
        return _HEX.fullmatch(b"".join(salts)) is not None and _ESCAPED.search(quoted) is None

    def _compare(self, numbers: Sequence[int], rows: Sequence[Row], said: list[Any]) -> None:
        for number, line in zip(numbers, said, strict=True):
            if type(line) is not dict:
                self._report.add(self._position, "line", N_("the line is no object"), number)
                return
        _, _, _, effects, _, _, amounts, workers, _ = zip(*rows, strict=True)
        for key, wanted in (
            ("line", numbers),
            ("amount_fen", list(amounts)),
            ("worker", list(workers)),
            ("effect", [_EFFECT_NAMES.get(effect, "") for effect in effects]),
            ("claim", self._claims(rows)),
        ):
            self._differences(numbers, wanted, [line.get(key) for line in said], _DISAGREE)
        salts = [line.get("salt") for line in said]
        if not _are_salts(salts):
            for number, salt in zip(numbers, salts, strict=True):
                if not _are_salts([salt]):
                    self._report.add(self._position, "line", _NO_SALT, number)

    def _claims(self, rows: Sequence[Row]) -> list[str | None]:
        """Return what each line must call its claim."""
        names: dict[int, str] = {}
        claims: list[str | None] = []
        for row in rows:
            origin, number = row[4], row[5]
            if origin is None:
                claims.append(None)
                continue
            name = names.get(origin)
            if name is None:
                name = names[origin] = self._names(origin) or "?/"
            claims.append(f"{name}{number}" if name[-1] == "/" else name if number == 1 else "?")
        return claims


class JournalCheck(LineCheck):
    """Journal lines that would have made their event too large."""

    def __init__(self, report: Report, position: int, stated: Mapping[str, Any]) -> None:
        """Begin with empty sums."""
        super().__init__(report, position, stated)
        self.sums: dict[str, int] = {}
        """Sum of the lines by book, fen."""

    def _compare(self, numbers: Sequence[int], rows: Sequence[Row], said: list[Any]) -> None:
        for number, row, line in zip(numbers, rows, said, strict=True):
            if (
                type(line) is not list
                or not is_journal_line(line[:-1])
                or not _are_salts(line[-1:])
            ):
                detail = N_("the line is no journal line")
                self._report.add(self._position, "line", detail, number)
                continue
            book, amount_fen = line[0], line[5]
            self.sums[book] = self.sums.get(book, 0) + amount_fen
            if row[3:8] != (0, None, None, amount_fen, None):
                self._report.add(self._position, "line", _DISAGREE, number)


def _are_salts(values: Sequence[object]) -> bool:
    if set(map(type, values)) != {str}:
        return False
    salts: Any = values
    return set(map(len, salts)) == {_SALT_DIGITS} and _SALTS.fullmatch("".join(salts)) is not None


def _refuse(spelled: str) -> NoReturn:
    raise ValueError(spelled)


_parse: Final = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).raw_decode
_spell: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
