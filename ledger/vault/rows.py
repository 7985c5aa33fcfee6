"""Reading and writing the rows of one tenant's vault, many at a time.

Everything that comes and goes here is sealed or a digest; nothing is decrypted in this module.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from ledger.eventlog.copying import copy_rows
from ledger.eventlog.engine import is_postgres
from ledger.vault.tables import equality, person, person_value

CHUNK: Final = 1_000
"""Values in one ``IN`` list."""

_MANY: Final = 2_000
_GOOD_PART: Final = 6
"""Reading so many rows in their order costs less than finding one among them."""

T = TypeVar("T")

ValueKey = tuple[str, str, int]
"""Whose, which field, which version."""
Claimant = tuple[str, int]
"""Whose value this is or was, and as which version."""


@dataclass(slots=True)
class NewRows:
    """Rows to insert, and the persons whose rows go first."""

    replaced: list[str] = field(default_factory=list)
    persons: list[tuple[str, bytes]] = field(default_factory=list)
    values: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    equalities: list[tuple[str, bytes, str, int]] = field(default_factory=list)


def write(connection: Connection, tenant: str, rows: NewRows) -> None:
    """Delete and insert inside the transaction of a writing connection."""
    for refs in _chunked(rows.replaced):
        connection.execute(delete(person).where(person.c.tenant == tenant, person.c.ref.in_(refs)))
    constants = {"tenant": tenant}
    # In the order of the keys: pages are then filled one after the other.
    copy_rows(connection, person, ("ref", "sealed_keys"), sorted(rows.persons), constants=constants)
    columns = ("ref", "field", "version", "sealed")
    copy_rows(connection, person_value, columns, sorted(rows.values), constants=constants)
    columns = ("field", "digest", "ref", "version")
    copy_rows(connection, equality, columns, sorted(rows.equalities), constants=constants)


def sealed_keys(connection: Connection, tenant: str, refs: Collection[str]) -> dict[str, bytes]:
    """Return the sealed keys of those of the persons who are here."""
    found: dict[str, bytes] = {}
    for chunk in _chunked(refs):
        statement = select(person.c.ref, person.c.sealed_keys).where(
            person.c.tenant == tenant, person.c.ref.in_(chunk)
        )
        found.update((row.ref, row.sealed_keys) for row in connection.execute(statement))
    return found


def latest_versions(
    connection: Connection, tenant: str, refs: Collection[str], fields: Collection[str]
) -> dict[tuple[str, str], int]:
    """Return the number of the latest version of the fields, by person and field."""
    found: dict[tuple[str, str], int] = {}
    newest = func.max(person_value.c.version)
    for chunk in _chunked(refs):
        statement = (
            select(person_value.c.ref, person_value.c.field, newest.label("version"))
            .where(_values_of(tenant, chunk, fields))
            .group_by(person_value.c.ref, person_value.c.field)
        )
        found.update(((row.ref, row.field), row.version) for row in connection.execute(statement))
    return found


def sealed_values(
    connection: Connection, tenant: str, refs: Collection[str], fields: Collection[str]
) -> dict[ValueKey, bytes]:
    """Return every version of the fields of the persons."""
    found: dict[ValueKey, bytes] = {}
    for chunk in _chunked(refs):
        statement = select(
            person_value.c.ref,
            person_value.c.field,
            person_value.c.version,
            person_value.c.sealed,
        ).where(_values_of(tenant, chunk, fields))
        found.update(
            ((row.ref, row.field, row.version), row.sealed) for row in connection.execute(statement)
        )
    return found


def holders(
    connection: Connection, tenant: str, field_name: str, digests: Collection[bytes]
) -> dict[bytes, list[Claimant]]:
    """Return who holds or held the values behind the digests; an empty list for nobody."""
    found: dict[bytes, list[Claimant]] = {digest: [] for digest in digests}
    for chunk in _chunked(digests):
        statement = select(equality.c.digest, equality.c.ref, equality.c.version).where(
            equality.c.tenant == tenant,
            equality.c.field == field_name,
            equality.c.digest.in_(chunk),
        )
        # Sorted here: asked for the order, SQLite walks through all of a tenant by the other index.
        for row in connection.execute(statement):
            found[bytes(row.digest)].append((row.ref, row.version))
    for claimants in found.values():
        claimants.sort()
    return found


Equality = tuple[bytes, str, int]


def equalities(
    connection: Connection, tenant: str, field_name: str, digests: Collection[bytes]
) -> list[Equality]:
    """Return digests of a field with their claimants: all that the claimants ever had, at least.

    Where a good part of a tenant's people is asked for, everybody is read: in the order in which
    they are stored that is many times as fast as finding each.
    """
    columns = "SELECT digest, ref, version FROM equality WHERE tenant = ? AND field = ?"
    if _is_good_part(connection, f"{columns} LIMIT ?", (tenant, field_name), len(digests)):
        return _fetch(connection, columns, (tenant, field_name))
    found: list[Equality] = []
    for chunk in _chunked(digests):
        condition, parameters = _one_of(connection, "digest", chunk)
        found += _fetch(connection, f"{columns} AND {condition}", (tenant, field_name, *parameters))
    asked = set(digests)
    for refs in _chunked({ref for _digest, ref, _version in found}):
        condition, parameters = _one_of(connection, "ref", refs)
        others = _fetch(connection, f"{columns} AND {condition}", (tenant, field_name, *parameters))
        found += [row for row in others if bytes(row[0]) not in asked]
    return found


def all_sealed_keys(
    connection: Connection, tenant: str, refs: Collection[str]
) -> list[tuple[str, bytes]]:
    """Return the sealed keys of those of the persons who are here."""
    columns = "SELECT ref, sealed_keys FROM person WHERE tenant = ?"
    if _is_good_part(connection, f"{columns} LIMIT ?", (tenant,), len(refs)):
        asked = set(refs)
        everybody = _fetch(connection, columns, (tenant,))
        return [(ref, bytes(sealed)) for ref, sealed in everybody if ref in asked]
    found: list[tuple[str, bytes]] = []
    for chunk in _chunked(refs):
        condition, parameters = _one_of(connection, "ref", chunk)
        rows = _fetch(connection, f"{columns} AND {condition}", (tenant, *parameters))
        found += [(ref, bytes(sealed)) for ref, sealed in rows]
    return found


def _is_good_part(
    connection: Connection, limited: str, parameters: tuple[object, ...], asked: int
) -> bool:
    """Whether at most a few times as many rows are stored as are asked for."""
    if asked < _MANY:
        return False
    most = _GOOD_PART * asked
    counted = f"SELECT count(*) FROM ({limited}) AS counted"  # noqa: S608 - our own words
    return bool(_fetch(connection, counted, (*parameters, most))[0][0] < most)


def _one_of(
    connection: Connection, column: str, values: Collection[Any]
) -> tuple[str, tuple[object, ...]]:
    """A condition on a column, and its parameters."""
    if is_postgres(connection):
        return f"{column} = ANY(?)", (list(values),)
    return f"{column} IN ({', '.join('?' * len(values))})", tuple(values)


def _fetch(connection: Connection, statement: str, parameters: tuple[object, ...]) -> list[Any]:
    """All rows of a statement of our own words with ``?`` places, straight from the driver."""
    cursor = connection.connection.cursor()
    try:
        if is_postgres(connection):
            statement = statement.replace("?", "%s")
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def all_refs(connection: Connection, tenant: str) -> Iterator[str]:
    """Yield the reference of every person, in order."""
    statement = select(person.c.ref).where(person.c.tenant == tenant).order_by(person.c.ref)
    yield from connection.execute(statement).scalars()


def delete_person(connection: Connection, tenant: str, ref: str) -> bool:
    """Delete a person with all values and digests; tell whether there was one."""
    statement = delete(person).where(person.c.tenant == tenant, person.c.ref == ref)
    return connection.execute(statement).rowcount > 0


def _values_of(tenant: str, refs: Collection[str], fields: Collection[str]) -> ColumnElement[bool]:
    return and_(
        person_value.c.tenant == tenant,
        person_value.c.ref.in_(refs),
        person_value.c.field.in_(fields),
    )


def _chunked(values: Iterable[T]) -> Iterator[list[T]]:
    pending = iter(values)
    while chunk := list(islice(pending, CHUNK)):
        yield chunk
