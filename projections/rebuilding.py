"""Building a read model anew beside the one that is read, comparing both, changing over.

Writers and readers go on meanwhile. The new rows fill the other slot, range after range; once
they have caught up, every catch-up moves both; then they are compared in one unchanging view and
the new slot becomes the one that is read. Who asks for read models whose rows others use gets
those too. A second rebuild takes over from the first, which then ends as ``busy``.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from ledger.eventlog.engine import begin_reading, begin_writing, is_postgres
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from projections.applying import (
    apply_or_park,
    clear,
    drop_indexes,
    kinds_between,
    owns_tables,
    restore_indexes,
    wipe,
)
from projections.base import SLOTS, Projection, ReadTable, Slot
from projections.positions import (
    BUILDING,
    LIVE,
    READY,
    Place,
    add_place,
    ease,
    enter,
    forget_place,
    lock_places,
    mark_place,
    move_place,
    survey,
)
from projections.registry import PROJECTIONS, with_dependants
from projections.runner import PAUSE_SECONDS, Pace, catch_up

Progress = Callable[[int, int], None]
"""Told how many positions are done, of how many."""

_FIRST_STEP: Final = 20_000
_LONG_SECONDS: Final = 0.1
_MEMORY: Final = "128MB"
_OTHERS: Final = text(
    "SELECT 1 FROM projection_position WHERE name = :name AND slot = :slot AND tenant <> :tenant"
    " LIMIT 1"
)


class UnknownProjectionError(LedgerError):
    """There is no read model of that name."""

    def __init__(self, name: str) -> None:
        """Take the name that was asked for."""
        known = ", ".join(projection.name for projection in PROJECTIONS)
        super().__init__("bad_option", option="NAME", problem=known, value=name)


def rebuild(
    engine: Engine,
    tenant: str,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Build read models anew and change over to them.

    Args:
        engine: The ledger's.
        tenant: Whose read models.
        names: Which; all where it is None or empty. Those that use their rows are built too.
        progress: Called after each range.

    Returns:
        ``{"name", "version", "position", "rows", "equal", "differing_rows"}`` of each, in the
        order in which they were built. ``equal`` tells whether the rows were the same before;
        the new ones are read from now on, whatever it says.

    Raises:
        LedgerError: ``bad_option`` for an unknown name; ``busy`` when another rebuild took over.
    """
    for name in names or ():
        if name not in {projection.name for projection in PROJECTIONS}:
            raise UnknownProjectionError(name)
    last = catch_up(engine, tenant)
    chosen = with_dependants(names or [projection.name for projection in PROJECTIONS])
    if not last:
        return [_nothing(projection) for projection in chosen]
    build = _Build(engine, tenant, chosen)
    build.start()
    build.fill(progress)
    build.finish_filling()
    results = build.compare()
    build.change_over()
    return results


class _Build:
    """One rebuild under way."""

    def __init__(self, engine: Engine, tenant: str, chosen: Sequence[Projection]) -> None:
        self._engine = engine
        self._tenant = tenant
        self._chosen = chosen
        self._names = [projection.name for projection in chosen]
        self._token = secrets.token_hex(8)
        self._old: dict[str, Slot] = {}
        self._new: dict[str, Slot] = {}
        self._without_indexes: set[str] = set()

    def start(self) -> None:
        """Take over from any other rebuild, and empty the slots that will be filled."""
        with begin_writing(self._engine) as connection:
            enter(connection, self._tenant)
            for place in lock_places(connection, self._tenant):
                if place.state == LIVE:
                    self._old[place.name] = place.slot
                else:
                    forget_place(connection, self._tenant, place.name, place.slot)
            for projection in self._chosen:
                slot = SLOTS[1 - SLOTS.index(self._old[projection.name])]
                self._new[projection.name] = slot
                if self._empty(connection, projection, slot):
                    drop_indexes(connection, projection, slot)
                    self._without_indexes.add(projection.name)
                elif owns_tables(connection, projection, slot):
                    restore_indexes(connection, projection, slot)
                add_place(
                    connection, self._tenant, (projection.name, slot, projection.version),
                    BUILDING, self._token,
                )  # fmt: skip

    def _empty(self, connection: Connection, projection: Projection, slot: Slot) -> bool:
        """Empty a slot; tell whether it is ours alone, so that indexes may go meanwhile."""
        at = {"name": projection.name, "slot": slot, "tenant": self._tenant}
        alone = connection.execute(_OTHERS, at).first() is None
        if alone and not is_postgres(connection):
            wipe(connection, projection, slot)
        else:
            # On PostgreSQL nothing faster: TRUNCATE would empty it for readers of older views.
            clear(connection, self._tenant, projection, slot)
        return alone and owns_tables(connection, projection, slot)

    def fill(self, progress: Progress | None) -> None:
        """Apply range after range until there is little left to do."""
        pace = Pace(_FIRST_STEP)
        while True:
            pace.begin()
            with self._writing() as connection:
                places = self._ours(connection)
                found = survey(connection, self._tenant)
                target = min(place.position for place in found.live().values())
                low = min(place.position for place in places)
                high = min(target, low + pace.step)
                self._apply(connection, places, high)
            pace.end()
            if progress is not None:
                progress(high, target)
            if high >= target:
                return

    def finish_filling(self) -> None:
        """Make the indexes; catch up with the live slots and move in step with them from now."""
        bare = [p for p in self._chosen if p.name in self._without_indexes]
        self._in_short_transactions(bare, self._restore)
        with self._writing() as connection:
            enter(connection, self._tenant)
            live = [p for p in lock_places(connection, self._tenant) if p.state == LIVE]
            places = self._ours(connection)
            self._apply(connection, places, min(place.position for place in live))
            for place in places:
                mark_place(connection, self._tenant, place, READY)
        if self._engine.dialect.name == "postgresql":
            self._analyze()

    def _analyze(self) -> None:
        """Tell PostgreSQL what the new tables hold; a plan made blindly can be very slow."""
        with begin_writing(self._engine) as connection:
            for projection in self._chosen:
                slot = self._new[projection.name]
                if owns_tables(connection, projection, slot):
                    for table in projection.tables:
                        connection.exec_driver_sql(f"ANALYZE {table.physical(slot)}")

    def compare(self) -> list[dict[str, Any]]:
        """Compare old and new rows at one position."""
        with begin_reading(self._engine) as connection:
            give_memory(connection)
            places = {
                (place.name, place.state): place
                for place in survey(connection, self._tenant).places
            }
            return [self._compared(connection, projection, places) for projection in self._chosen]

    def _compared(
        self,
        connection: Connection,
        projection: Projection,
        places: Mapping[tuple[str, str], Place],
    ) -> dict[str, Any]:
        ready = places.get((projection.name, READY))
        live = places[projection.name, LIVE]
        if ready is None:
            raise _taken_over()
        if ready.position != live.position:
            message = f"{projection.name}: {ready.position} and {live.position} are not in step"
            raise RuntimeError(message)
        rows = differing = 0
        for table in projection.tables:
            old, new, same = _counts(
                connection, table, self._tenant, self._old[projection.name], ready.slot
            )
            rows += new
            differing += old + new - 2 * same
        return {
            "name": projection.name,
            "version": projection.version,
            "position": ready.position,
            "rows": rows,
            "equal": differing == 0,
            "differing_rows": differing,
        }

    def change_over(self) -> None:
        """Read the new slots from now on, then empty the old ones."""
        with begin_writing(self._engine) as connection:
            enter(connection, self._tenant)
            places = [p for p in lock_places(connection, self._tenant) if p.name in self._names]
            ready = [place for place in places if place.state == READY]
            if {place.name: place.slot for place in ready} != self._new:
                raise _taken_over()
            for place in places:
                if place.state == LIVE:
                    forget_place(connection, self._tenant, place.name, place.slot)
            for place in ready:
                mark_place(connection, self._tenant, place, LIVE)
        self._in_short_transactions(self._chosen, self._clean)

    def _restore(self, connection: Connection, projection: Projection) -> None:
        self._ours(connection)
        restore_indexes(connection, projection, self._new[projection.name])

    def _clean(self, connection: Connection, projection: Projection) -> None:
        """Empty the slot that is no longer read, unless somebody fills it again already."""
        enter(connection, self._tenant)
        taken = lock_places(connection, self._tenant, [projection.name])
        if self._old[projection.name] not in {place.slot for place in taken}:
            self._empty(connection, projection, self._old[projection.name])

    def _in_short_transactions(
        self,
        projections: Sequence[Projection],
        act: Callable[[Connection, Projection], None],
    ) -> None:
        """Do something to each of them, as many in a transaction as do not take long."""
        pending = list(projections)
        while pending:
            with self._writing() as connection:
                began = time.monotonic()
                while pending and time.monotonic() - began < _LONG_SECONDS:
                    act(connection, pending.pop(0))

    def _ours(self, connection: Connection) -> list[Place]:
        """Lock the places that this rebuild fills, in the order of the read models."""
        found = {
            place.name: place
            for place in lock_places(connection, self._tenant, self._names)
            if place.state == BUILDING and place.builder == self._token
        }
        if len(found) != len(self._names):
            raise _taken_over()
        return [found[name] for name in self._names]

    def _apply(self, connection: Connection, places: Iterable[Place], high: int) -> None:
        behind = [place for place in places if place.position < high]
        if not behind:
            return
        low = min(place.position for place in behind)
        kinds = kinds_between(connection, self._tenant, low, high)
        by_name = {projection.name: projection for projection in self._chosen}
        for place in behind:
            apply_or_park(
                connection, by_name[place.name], self._tenant, place, high,
                slots={**self._old, **self._new}, kinds=kinds,
            )  # fmt: skip
            move_place(connection, self._tenant, place, high)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction of the rebuild; after a long one others get their turn."""
        began = time.monotonic()
        with begin_writing(self._engine) as connection:
            ease(connection)
            give_memory(connection)
            yield connection
        if self._engine.dialect.name == "sqlite" and time.monotonic() - began > _LONG_SECONDS:
            time.sleep(PAUSE_SECONDS)


def give_memory(connection: Connection) -> None:
    """Let PostgreSQL sort and join a whole table in memory, for this transaction."""
    if is_postgres(connection):
        connection.execute(text(f"SET LOCAL work_mem = '{_MEMORY}'"))
        connection.execute(text(f"SET LOCAL maintenance_work_mem = '{_MEMORY}'"))


def _nothing(projection: Projection) -> dict[str, Any]:
    """What is told of a read model of a ledger without postings."""
    return {
        "name": projection.name, "version": projection.version, "position": 0, "rows": 0,
        "equal": True, "differing_rows": 0,
    }  # fmt: skip


def _taken_over() -> LedgerError:
    return LedgerError("busy", problem=N_("another rebuild has taken over"))


def _counts(
    connection: Connection, table: ReadTable, tenant: str, old: str, new: str
) -> tuple[int, int, int]:
    """Rows in the old slot, in the new one, and those that are the same in both."""
    first, second = table.physical(old), table.physical(new)
    if is_postgres(connection):
        before, after = (_digest(connection, name, tenant) for name in (first, second))
        if before == after:
            return before[0], before[0], before[0]
    same = "IS NOT DISTINCT FROM" if is_postgres(connection) else "IS"
    on = [f"o.{name} = n.{name}" for name in table.key]
    on += [f"o.{name} {same} n.{name}" for name in table.values]
    row = connection.execute(
        text(
            f"SELECT (SELECT count(*) FROM {first} WHERE tenant = :tenant),"
            f" (SELECT count(*) FROM {second} WHERE tenant = :tenant),"
            f" (SELECT count(*) FROM {first} AS o JOIN {second} AS n ON {' AND '.join(on)}"
            " WHERE o.tenant = :tenant)"
        ),
        {"tenant": tenant},
    ).one()
    return row[0], row[1], row[2]


def _digest(connection: Connection, table: str, tenant: str) -> tuple[int, int]:
    """Number of rows and the sum of their hashes: cheaper than a join where they are the same."""
    row = connection.execute(
        text(
            f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {table} AS t"
            " WHERE t.tenant = :tenant"
        ),
        {"tenant": tenant},
    ).one()
    return row[0], int(row[1] or 0)
