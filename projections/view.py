"""One unchanging view of a tenant's read models, and what a question as of a date may count.

Every query takes a ``View``: figures, register and claims in it agree with each other, and it
knows the position that they hold at. Every question has a ``Cut``: which facts count.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from ledger.eventlog.engine import is_postgres
from ledger.kernel.dates import business_date, parse_instant
from ledger.kernel.errors import LedgerError
from projections.base import spell_tables
from projections.positions import Survey, keep_join_order, physical_tables, survey

EVERYTHING: Final = 2**62
"""A position above all: nothing is left out for not having been known."""

Row = Any
"""What a query returns: a tuple whose values have the names of the columns."""

_PLACE: Final = re.compile(r"(?<![:\w]):(\w+)(?!:)")
_STREAMED: Final = {"yield_per": 2_000}
_RECORDED_AT: Final = "SELECT recorded_at FROM event WHERE tenant = :tenant AND position = :at"


class Cut(NamedTuple):
    """Which facts count: dated up to ``on``, recorded up to position ``known``.

    ``latest`` says that nothing is left out, so that sums over all dates will do.
    """

    on: str
    known: int
    latest: bool


@dataclass(frozen=True)
class View:
    """What one reader sees.

    Attributes:
        connection: Its snapshot.
        tenant: Whose ledger.
        position: Position up to which the figures count.
        last_position: End of the log in this snapshot.
        recorded_at: When the last posting was recorded.
        tables: Logical to physical names of the read models' tables.
        parked: How many streams stand still in some read model.
    """

    connection: Connection
    tenant: str
    position: int
    last_position: int
    recorded_at: str
    tables: tuple[tuple[str, str], ...]
    parked: int

    def rows(self, sql: str, /, **values: object) -> list[Row]:
        """Run a query that names tables of the read models as ``{table}``, values as ``:value``.

        It runs straight on the driver: a page asks a few small questions, and what SQLAlchemy
        does for each costs as much as the answer.
        """
        statement = _statement(sql, self.tables, postgres=is_postgres(self.connection))
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(statement, {"tenant": self.tenant, **values})
            made = _row_type(tuple(column[0] for column in cursor.description or ()))
            return list(map(made, cursor.fetchall()))

    def row(self, sql: str, /, **values: object) -> Row | None:
        """Run a query of which the first row, or none, is asked for."""
        return next(iter(self.rows(sql, **values)), None)

    def stream(self, sql: str, /, **values: object) -> Iterator[Row]:
        """Run such a query whose rows are too many to hold: they come as they are read."""
        statement = text(spell_tables(sql, dict(self.tables)))
        asked = {"tenant": self.tenant, **values}
        yield from self.connection.execute(statement, asked, execution_options=_STREAMED)

    def cut(self, as_of: str, known_at: int | None = None) -> Cut:
        """What counts on a date, as known at a position.

        No posting lies in the future of its recording, so a date from the last recording on
        leaves nothing out.
        """
        last = parse_instant(self.recorded_at)
        whole = last is None or as_of >= business_date(last).isoformat()
        if known_at is not None and known_at >= self.position:
            known_at = None
        known = EVERYTHING if known_at is None else known_at
        return Cut(as_of, known, whole and known_at is None)

    def position_at(self, instant: str) -> int:
        """Position of the last posting recorded at or before an instant, 0 before the first.

        Args:
            instant: ``2026-03-31T08:00:00.000001Z``, as the log spells it.
        """
        low, high = 0, self.last_position
        while low < high:
            middle = (low + high + 1) // 2
            found = self.row(_RECORDED_AT, at=middle)
            if found is not None and found.recorded_at <= instant:
                low = middle
            else:
                high = middle - 1
        return low


def view_of(connection: Connection, tenant: str) -> View:
    """Open a view on a snapshot (``begin_reading``) without catching up."""
    keep_join_order(connection)
    found = survey(connection, tenant)
    return make_view(connection, tenant, found)


def make_view(connection: Connection, tenant: str, found: Survey) -> View:
    """Make a view of what a survey found."""
    live = found.live()
    position = min((place.position for place in live.values()), default=0)
    slots = tuple((name, place.slot) for name, place in sorted(live.items()))
    return View(
        connection=connection,
        tenant=tenant,
        position=position,
        last_position=found.last_position,
        recorded_at=found.recorded_at,
        tables=_tables(slots),
        parked=sum(place.parked for place in live.values()),
    )


def unknown(what: str, name: str) -> LedgerError:
    """What a query answers that is asked for something the ledger does not know."""
    return LedgerError(f"unknown_{what}", **{what: name})


@lru_cache(maxsize=64)
def _tables(slots: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return physical_tables(dict(slots))


@lru_cache(maxsize=1024)
def _statement(sql: str, tables: tuple[tuple[str, str], ...], *, postgres: bool) -> str:
    named: Mapping[str, str] = dict(tables)
    spelled = spell_tables(sql, named)
    return _PLACE.sub(r"%(\1)s", spelled.replace("%", "%%")) if postgres else spelled


@lru_cache(maxsize=1024)
def _row_type(names: tuple[str, ...]) -> Callable[[Sequence[object]], Row]:
    made = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024
    return made._make
