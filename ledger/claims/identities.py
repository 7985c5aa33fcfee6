"""What the log holds of people: the commitments to their identities, now and at a position."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from ledger.claims.bulk import fetch, listed
from ledger.domain.kinds.workers import IDENTITY_KINDS, committed_after
from ledger.eventlog.topics import decode

_MANY: Final = 2_000
_GOOD_PART: Final = 4
"""Reading so many workers in their order costs less than finding one among them."""


def commitments(connection: Connection, tenant: str, workers: Collection[str]) -> dict[str, str]:
    """What the log holds of workers now: their commitments as they are stored, JSON.

    Where a good part of the tenant's workers is asked for, all are read: finding each costs more.
    """
    if len(workers) >= _MANY:
        statement = "SELECT worker, commitments FROM worker WHERE tenant = ? LIMIT ?"
        most = _GOOD_PART * len(workers)
        everybody = fetch(connection, statement, (tenant, most))
        if len(everybody) < most:
            asked = set(workers)
            return {worker: stored for worker, stored in everybody if worker in asked}
    given, parameter = listed(connection, workers)
    found = fetch(
        connection,
        "SELECT worker, commitments FROM worker WHERE tenant = ?"
        f" AND worker IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    return dict(found)


def changed_after(connection: Connection, tenant: str, position: int) -> set[str]:
    """Workers of whose identity something was recorded after a position."""
    later = _identity_events(connection, tenant, ">", position)
    return {body["fields"]["worker"] for body in later}


def held_at(
    connection: Connection, tenant: str, workers: Collection[str], position: int
) -> dict[str, dict[str, str]]:
    """What the log held of workers at a position: field to commitment."""
    held: dict[str, dict[str, str]] = {worker: {} for worker in workers}
    if workers:
        for body in _identity_events(connection, tenant, "<=", position):
            worker = body["fields"]["worker"]
            if worker in held:
                held[worker] = committed_after(held[worker], body["kind"], body["fields"])
    return held


def _identity_events(
    connection: Connection, tenant: str, compared: str, position: int
) -> Iterator[Mapping[str, Any]]:
    kinds = ", ".join(f"'{kind}'" for kind in IDENTITY_KINDS)
    rows = fetch(
        connection,
        f"SELECT topic, body FROM event WHERE tenant = ? AND position {compared} ?"
        f" AND kind IN ({kinds}) ORDER BY position",
        (tenant, position),
    )
    return (decode(topic, bytes(raw)) for topic, raw in rows)
