"""Moving the read models to the end of the log, and telling how far they are.

``catch_up`` is called after each write and before each read. With nothing to do it costs one
query. Several programs may call it at once: the place of each read model is locked while it
moves, so no range is applied twice. A read model that is new here, or of another version than
this program's, is filled from the beginning.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from ledger.eventlog.engine import begin_reading, begin_writing, translated_errors
from ledger.kernel.errors import LedgerError
from projections.applying import apply_or_park, clear, kinds_between
from projections.base import SLOTS
from projections.positions import (
    LIVE,
    READY,
    Place,
    Survey,
    add_place,
    ease,
    enter,
    lock_places,
    move_place,
    parked_streams,
    survey,
)
from projections.preparing import not_prepared, prepare
from projections.registry import BY_NAME, PROJECTIONS, TABLES
from projections.view import View, view_of

FIRST_STEP: Final = 2_000
"""Positions applied in the first transaction of a longer way; later ones by the time it took."""
STEP_SECONDS: Final = 0.5
"""How long a transaction should take: others wait for it."""
PAUSE_SECONDS: Final = 0.025
"""SQLite has one write lock and no queue for it: between two steps others get their turn."""
_GROWTH: Final = 4
_READ_ONLY: Final = "storage_read_only"

_MOVING: Final = (LIVE, READY)
_MANY: Final = 100
"""Positions after which a catch-up makes sure that PostgreSQL knows the tables."""

_JOINED: Final = ("event", "event_line", "origin", "claim", "claim_move", "payout_line")
_GROWN: Final = text(
    "SELECT c.oid::regclass::text FROM pg_class AS c"
    " JOIN unnest(CAST(:tables AS text[])) AS n(name) ON c.oid = to_regclass(n.name)"
    " WHERE pg_relation_size(c.oid) > 1.2 * c.relpages * current_setting('block_size')::bigint"
)
_HEAD: Final = text("SELECT last_position FROM ledger_head WHERE tenant = :tenant")


class Pace:
    """How many positions the next transaction takes, so that none takes long."""

    def __init__(self, step: int = FIRST_STEP) -> None:
        self.step = step
        self._began = 0.0

    def begin(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def end(self) -> None:
        """Take more or fewer positions the next time."""
        took = max(time.monotonic() - self._began, STEP_SECONDS / _GROWTH)
        self.step = max(1, int(self.step * STEP_SECONDS / took))


def catch_up(engine: Engine, tenant: str) -> int:
    """Move every read model of a tenant to the end of its log; return that position.

    Raises:
        LedgerError: ``no_ledger``; ``schema_newer`` where a newer program made the tables;
            ``storage_read_only`` and what else the storage answers.
    """
    found = look(engine, tenant)
    if found.is_current():
        return found.last_position
    pace = Pace()
    while True:
        pace.begin()
        with begin_writing(engine) as connection:
            position, last = advance(connection, tenant, pace.step)
        pace.end()
        if position >= last:
            break
        if engine.dialect.name == "sqlite":
            time.sleep(PAUSE_SECONDS)
    if engine.dialect.name == "postgresql" and last - _lowest(found) >= _MANY:
        _learn(engine)
    return last


def _lowest(found: Survey) -> int:
    return min((place.position for place in found.live().values()), default=0)


def _learn(engine: Engine) -> None:
    """Let PostgreSQL look at tables that have grown by a fifth since it last did.

    It does so by itself within minutes. Until then it takes a new table, or a new tenant, for
    nearly empty and a bad plan for a good one: measured, 110 ms for what takes 1 ms.
    """
    slots = [table.physical(slot) for table in TABLES.values() for slot in SLOTS]
    with begin_writing(engine) as connection:
        grown = connection.execute(_GROWN, {"tables": [*_JOINED, *slots]}).scalars().all()
        if grown:
            connection.exec_driver_sql(f"ANALYZE {', '.join(grown)}")


def look(engine: Engine, tenant: str) -> Survey:
    """Read how far the read models are; make their tables where there are none yet."""
    with translated_errors(engine):
        found = _survey_if_prepared(engine, tenant)
        versions = {p.name: p.version for p in found.places if p.state == LIVE} if found else {}
        if any(
            versions.get(projection.name, 0) != projection.version for projection in PROJECTIONS
        ):
            prepare(engine)
        if found is None:
            with engine.connect() as connection:
                found = survey(connection, tenant)
    return found


def _survey_if_prepared(engine: Engine, tenant: str) -> Survey | None:
    """The survey, or None where the read models have no tables yet."""
    try:
        with engine.connect() as connection:
            return survey(connection, tenant)
    except DBAPIError as error:
        if not _is_missing_table(error):
            raise
    with engine.connect() as connection:  # fails as a missing ledger does where there is none
        connection.execute(text("SELECT 1 FROM ledger_head LIMIT 1")).first()
    return None


def advance(connection: Connection, tenant: str, step: int) -> tuple[int, int]:
    """Move what lags by at most ``step`` positions; return where it is now and the log's end."""
    ease(connection)
    places = _locked_places(connection, tenant)
    last = connection.execute(_HEAD, {"tenant": tenant}).scalar_one_or_none() or 0
    lowest = min(place.position for place in places)
    high = min(last, lowest + step)
    if lowest < high:
        kinds = kinds_between(connection, tenant, lowest, high)
        live = {place.name: place.slot for place in places if place.state == LIVE}
        ready = {place.name: place.slot for place in places if place.state == READY}
        for place in places:
            if place.position < high:
                slots = live if place.state == LIVE else {**live, **ready}
                apply_or_park(
                    connection, BY_NAME[place.name], tenant, place, high, slots=slots, kinds=kinds
                )
                move_place(connection, tenant, place, high)
    return high, last


def _locked_places(connection: Connection, tenant: str) -> list[Place]:
    """The places to move, locked, in the order of the read models; new ones are added."""
    enter(connection, tenant)
    places = lock_places(connection, tenant, states=_MOVING)
    live = {place.name: place for place in places if place.state == LIVE}
    missing = [p for p in PROJECTIONS if p.name not in live]
    taken = {(p.name, p.slot) for p in lock_places(connection, tenant)} if missing else set()
    for projection in missing:
        slot = next(slot for slot in SLOTS if (projection.name, slot) not in taken)
        # Only who added the place may clear the slot: another may have filled it by now.
        if add_place(connection, tenant, (projection.name, slot, projection.version), LIVE):
            clear(connection, tenant, projection, slot)
    if missing:
        places = lock_places(connection, tenant, states=_MOVING)
    if any(p.state == LIVE and p.version > BY_NAME[p.name].version for p in places):
        raise not_prepared()
    return Survey(0, "", tuple(places)).moving()


def status(engine: Engine, tenant: str) -> list[dict[str, Any]]:
    """Tell of each read model how far it is and what stands still in it.

    Returns:
        ``{"name", "version", "position", "behind", "state", "parked": [{"stream", "position",
        "reason", "code"}]}`` each; ``state`` is ``current``, ``behind``, ``missing`` or
        ``stopped`` (something is parked).
    """
    look(engine, tenant)
    with begin_reading(engine) as connection:
        found = survey(connection, tenant)
        parked = parked_streams(connection, tenant)
    live = found.live()
    told = []
    for projection in PROJECTIONS:
        place = live.get(projection.name)
        position = place.position if place is not None else 0
        stopped = [
            {
                "stream": one.stream, "position": one.position, "reason": one.reason,
                "code": "stopped_project",
            }
            for one in parked
            if one.name == projection.name
        ]  # fmt: skip
        behind = found.last_position - position
        state = "stopped" if stopped else "behind" if behind else "current"
        told.append(
            {
                "name": projection.name,
                "version": place.version if place is not None else projection.version,
                "position": position,
                "behind": behind,
                "state": state if place is not None or not behind else "missing",
                "parked": stopped,
            }
        )
    return told


@contextmanager
def reading(engine: Engine, tenant: str) -> Iterator[View]:
    """Catch up, then open one unchanging view of the read models and the claims.

    Where nothing can be written (a read-only file, a reader's role) the view is as old as the
    read models are, and says its position.
    """
    try:
        catch_up(engine, tenant)
    except LedgerError as error:
        if error.code != _READ_ONLY:
            raise
    with begin_reading(engine) as connection:
        yield view_of(connection, tenant)


def _is_missing_table(error: DBAPIError) -> bool:
    missing = getattr(error.orig, "pgcode", None) == "42P01"
    return missing or "no such table" in str(error.orig)
