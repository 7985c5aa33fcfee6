"""Reading and writing the rows of one tenant's vault, many at a time.

Everything that comes and goes here is sealed or a digest; nothing is decrypted in this module.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from ledger.eventlog.copying import copy_rows
from ledger.vault.tables import equality, person, person_value

CHUNK: Final = 1_000
"""Values in one ``IN`` list."""

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
        statement = (
            select(equality.c.digest, equality.c.ref, equality.c.version)
            .where(
                equality.c.tenant == tenant,
                equality.c.field == field_name,
                equality.c.digest.in_(chunk),
            )
            .order_by(equality.c.ref, equality.c.version)
        )
        for row in connection.execute(statement):
            found[bytes(row.digest)].append((row.ref, row.version))
    return found


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
