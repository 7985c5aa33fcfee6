"""How far each read model has read, in which slot, and at which events it stands still.

A position and the rows that it stands for move in one transaction. The rows of one read model
stand in one of two slots for each tenant: ``live`` is read; ``building`` is being filled by a
rebuild; ``ready`` has caught up with ``live`` and moves in step with it until they are compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from ledger.eventlog.engine import is_postgres
from projections.base import Slot, Spelling
from projections.registry import OWNER, PROJECTIONS, TABLES

LIVE: Final = "live"
BUILDING: Final = "building"
READY: Final = "ready"

OWN_TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS projection_table (
        name {text} NOT NULL, version {int} NOT NULL, PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS projection_position (
        tenant {text} NOT NULL, name {text} NOT NULL, slot {text} NOT NULL, version {int} NOT NULL,
        position {int} NOT NULL, state {text} NOT NULL, builder {text} NOT NULL,
        PRIMARY KEY (tenant, name, slot)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS projection_parked (
        tenant {text} NOT NULL, name {text} NOT NULL, slot {text} NOT NULL, stream {text} NOT NULL,
        position {int} NOT NULL, reason {text} NOT NULL, PRIMARY KEY (tenant, name, slot, stream)
    )
    """,
)
"""Which versions the tables have; who has read how far; what stands still."""

_SURVEY: Final = text(
    "SELECT h.last_position, h.recorded_at, p.name, p.slot, p.version, p.position, p.state,"
    " (SELECT count(*) FROM projection_parked AS k WHERE k.tenant = p.tenant AND k.name = p.name"
    " AND k.slot = p.slot) AS parked"
    " FROM ledger_head AS h LEFT JOIN projection_position AS p ON p.tenant = h.tenant"
    " WHERE h.tenant = :tenant"
)
_KEEP_ORDER: Final = text("SET LOCAL join_collapse_limit = 1")
_EASE: Final = text(
    "SELECT set_config('join_collapse_limit', '1', true),"
    " set_config('synchronous_commit', 'off', true)"
)
_GATE: Final = "wageledger projections of"
_ENTER: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || :name, 0))")
_LOCK: Final = (
    "SELECT name, slot, version, position, state, builder FROM projection_position"
    " WHERE tenant = :tenant"
)
_INSERT: Final = text(
    "INSERT INTO projection_position (tenant, name, slot, version, position, state, builder)"
    " VALUES (:tenant, :name, :slot, :version, 0, :state, :builder) ON CONFLICT DO NOTHING"
)
_MOVE: Final = text(
    "UPDATE projection_position SET position = :position"
    " WHERE tenant = :tenant AND name = :name AND slot = :slot"
)
_MARK: Final = text(
    "UPDATE projection_position SET state = :state, builder = ''"
    " WHERE tenant = :tenant AND name = :name AND slot = :slot"
)
_FORGET: Final = text(
    "DELETE FROM projection_position WHERE tenant = :tenant AND name = :name AND slot = :slot"
)
_UNPARK: Final = text(
    "DELETE FROM projection_parked WHERE tenant = :tenant AND name = :name AND slot = :slot"
)
_PARK: Final = text(
    "INSERT INTO projection_parked (tenant, name, slot, stream, position, reason)"
    " VALUES (:tenant, :name, :slot, :stream, :position, :reason)"
)
_PARKED: Final = text(
    "SELECT k.name, k.slot, k.stream, k.position, k.reason FROM projection_parked AS k"
    " JOIN projection_position AS p ON p.tenant = k.tenant AND p.name = k.name"
    " AND p.slot = k.slot WHERE k.tenant = :tenant AND p.state = :state"
    " ORDER BY k.name, k.position"
)


class Place(NamedTuple):
    """One read model of a tenant in one slot, and how far it has read."""

    name: str
    slot: Slot
    version: int
    position: int
    state: str
    builder: str = ""
    parked: int = 0


class Parked(NamedTuple):
    """A stream that a read model has left behind, from which event on, and why."""

    name: str
    slot: str
    stream: str
    position: int
    reason: str


@dataclass(frozen=True)
class Survey:
    """Where a tenant's log ends and how far its read models have come."""

    last_position: int
    recorded_at: str
    places: tuple[Place, ...] = field(default=())

    def live(self) -> dict[str, Place]:
        """The places that are read, by read model."""
        return {place.name: place for place in self.places if place.state == LIVE}

    def moving(self) -> list[Place]:
        """The places that a catch-up moves, in the order of the read models."""
        order = [projection.name for projection in PROJECTIONS]
        places = [p for p in self.places if p.state in {LIVE, READY} and p.name in order]
        return sorted(places, key=lambda place: order.index(place.name))

    def is_current(self) -> bool:
        """Whether every read model of this program stands at the end of the log."""
        if not self.last_position:
            return True
        live = self.live()
        return all(
            (place := live.get(projection.name)) is not None
            and place.version == projection.version
            and place.position == self.last_position
            for projection in PROJECTIONS
        ) and all(place.position == self.last_position for place in self.moving())


def survey(connection: Connection, tenant: str) -> Survey:
    """Read, in one query, where the log ends and how far everything has come."""
    rows = connection.execute(_SURVEY, {"tenant": tenant}).all()
    if not rows:
        return Survey(0, "")
    places = tuple(
        Place(row.name, row.slot, row.version, row.position, row.state, "", row.parked)
        for row in rows
        if row.name is not None
    )
    return Survey(rows[0].last_position, rows[0].recorded_at, places)


def keep_join_order(connection: Connection) -> None:
    """Let PostgreSQL join tables in the order in which our statements name them.

    They name the few rows first. Left to itself it would guess, and right after a bulk posting
    it knows nothing of the new rows: measured, it then took 250 ms for 4 rows instead of 1 ms.
    SQLite keeps the order of CROSS JOIN anyway.
    """
    if is_postgres(connection):
        connection.execute(_KEEP_ORDER)


def ease(connection: Connection) -> None:
    """What every transaction that moves read models wants of PostgreSQL.

    Its joins in our order, and a commit that does not wait for the disk: after a power cut the
    read models are a moment older, rows and positions together, and catch up again. What was
    posted has been on the disk before they read it.
    """
    if is_postgres(connection):
        connection.execute(_EASE)


def enter(connection: Connection, tenant: str) -> None:
    """Wait until nobody else moves, makes ready or changes over read models of this tenant.

    The order in which rows would be locked is not the same everywhere; one lock before them all
    cannot deadlock, and what is read after it is what the one before has committed. Ranges that
    fill a slot which nobody reads do not need it. On SQLite the transaction is alone anyway.
    """
    if is_postgres(connection):
        connection.execute(_ENTER, {"name": f"{_GATE} {tenant}"})


def lock_places(
    connection: Connection,
    tenant: str,
    names: Sequence[str] = (),
    states: Sequence[str] = (LIVE, BUILDING, READY),
) -> list[Place]:
    """Lock places of a tenant and return them: nobody else moves them before we commit.

    On SQLite the transaction holds the only write lock already.
    """
    sql = f"{_LOCK} AND state IN ({_quoted(states)})"
    if names:
        sql += f" AND name IN ({_quoted(names)})"
    sql += " ORDER BY name, slot"
    if is_postgres(connection):
        sql += " FOR UPDATE"
    return [Place(*row) for row in connection.execute(text(sql), {"tenant": tenant})]


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def add_place(
    connection: Connection, tenant: str, place: tuple[str, Slot, int], state: str, builder: str = ""
) -> bool:
    """Note a read model that begins at position 0; tell whether nobody else just did."""
    name, slot, version = place
    added = connection.execute(
        _INSERT,
        {
            "tenant": tenant, "name": name, "slot": slot, "version": version, "state": state,
            "builder": builder,
        },
    )  # fmt: skip
    return added.rowcount == 1


def move_place(connection: Connection, tenant: str, place: Place, position: int) -> None:
    """Note how far a read model has come now."""
    connection.execute(
        _MOVE, {"tenant": tenant, "name": place.name, "slot": place.slot, "position": position}
    )


def mark_place(connection: Connection, tenant: str, place: Place, state: str) -> None:
    """Change what a slot is used for."""
    connection.execute(
        _MARK, {"tenant": tenant, "name": place.name, "slot": place.slot, "state": state}
    )


def forget_place(connection: Connection, tenant: str, name: str, slot: str) -> None:
    """Forget a slot: its rows are gone, or about to go."""
    at = {"tenant": tenant, "name": name, "slot": slot}
    connection.execute(_UNPARK, at)
    connection.execute(_FORGET, at)


def park(connection: Connection, tenant: str, place: Place, stopped: tuple[str, int, str]) -> None:
    """Leave a stream behind from an event on."""
    stream, position, reason = stopped
    connection.execute(
        _PARK,
        {
            "tenant": tenant, "name": place.name, "slot": place.slot, "stream": stream,
            "position": position, "reason": reason,
        },
    )  # fmt: skip


def parked_streams(connection: Connection, tenant: str, state: str = LIVE) -> list[Parked]:
    """What stands still in the slots that are read."""
    return [Parked(*row) for row in connection.execute(_PARKED, {"tenant": tenant, "state": state})]


def physical_tables(slots: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Logical and physical name of every table, by the slot of its read model."""
    return tuple(
        (name, table.physical(slots.get(OWNER[name], "a"))) for name, table in TABLES.items()
    )


def spelling_of(
    connection: Connection, slots: Mapping[str, str], parked: tuple[str, str] | None = None
) -> Spelling:
    """How statements are spelled on this database, with these slots."""
    return Spelling(is_postgres(connection), physical_tables(slots), parked)
