"""The hash tree over a tenant's log, kept as it grows.

The leaf hashes stand with their events. Beside them the log keeps the root of every complete run
of 256 leaves, of every run of 256 such roots, and so on: an event in 256 costs a row more, and a
root or a proof in a log of a million events reads a handful of runs. Nodes are written in the
transaction of the event that completes them and never change.

What is kept is believed here; ``verify`` makes every hash again from the bodies.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, select

from ledger.eventlog.copying import copy_rows
from ledger.eventlog.tables import event, tree_node
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import root
from ledger.proof.tree import TILE_HEIGHT, TILE_WIDTH

if TYPE_CHECKING:
    from ledger.eventlog.appending import EventRow

_COLUMNS: Final = ("tenant", "level", "number", "hash")
_AT_ONCE: Final = 256
"""Runs of leaves hashed at a time, where a log gets its tree at once."""


class StoredHashes:
    """The hashes of a tenant's tree as the database keeps them."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = tenant

    def tile(self, level: int, index: int, width: int) -> Sequence[bytes]:
        """Return the first ``width`` (1 to 256) hashes of a tile.

        Raises:
            LedgerError: ``verify_failed`` where some are missing: of fewer hashes a root would
                be made as well, and it would be another log's.
        """
        hashes = self.run(level, index * TILE_WIDTH, width)
        if len(hashes) != width:
            first = (index * TILE_WIDTH << level * TILE_HEIGHT) + 1
            problem = N_("hashes of the log are missing")
            raise LedgerError("verify_failed", position=first, problem=problem)
        return hashes

    def run(self, level: int, first: int, count: int) -> list[bytes]:
        """Return hashes of a level from one on; fewer where fewer are kept."""
        if level == 0:
            leaves = event.c
            statement = select(leaves.leaf_hash).where(
                leaves.tenant == self._tenant,
                leaves.position > first,
                leaves.position <= first + count,
            )
            ordered = statement.order_by(leaves.position)
        else:
            nodes = tree_node.c
            statement = select(nodes.hash).where(
                nodes.tenant == self._tenant,
                nodes.level == level,
                nodes.number >= first,
                nodes.number < first + count,
            )
            ordered = statement.order_by(nodes.number)
        return [bytes(found) for found in self._connection.execute(ordered).scalars()]


def grow(connection: Connection, tenant: str, rows: Sequence["EventRow"]) -> None:
    """Keep the nodes that these events complete; they are the log's last, and stored already."""
    given = {row.position - 1: row.leaf_hash for row in rows}
    _grow(connection, tenant, rows[0].position - 1, rows[-1].position, given)


def grow_whole(connection: Connection, tenant: str, size: int) -> None:
    """Keep every node of a log that has none yet."""
    step = _AT_ONCE * TILE_WIDTH
    for begin in range(0, size, step):
        _grow(connection, tenant, begin, min(begin + step, size), {})


def _grow(
    connection: Connection, tenant: str, before: int, after: int, given: Mapping[int, bytes]
) -> None:
    """Keep the nodes that a tree has with ``after`` leaves and not with ``before``.

    Args:
        connection: Of a writer.
        tenant: Whose tree.
        before: Leaves before.
        after: Leaves now.
        given: Hashes of leaves by their index, so far as they need not be read.
    """
    level, known = 0, given
    while before >> TILE_HEIGHT != after >> TILE_HEIGHT:
        first = (before >> TILE_HEIGHT) << TILE_HEIGHT
        last = (after >> TILE_HEIGHT) << TILE_HEIGHT
        hashes = _hashes(connection, tenant, level, range(first, last), known)
        level += 1
        made = {
            number: root(hashes[at : at + TILE_WIDTH])
            for at, number in zip(
                range(0, len(hashes), TILE_WIDTH),
                range(first >> TILE_HEIGHT, last >> TILE_HEIGHT),
                strict=True,
            )
        }
        rows = [(tenant, level, number, node) for number, node in made.items()]
        copy_rows(connection, tree_node, _COLUMNS, rows)
        before, after, known = before >> TILE_HEIGHT, after >> TILE_HEIGHT, made


def _hashes(
    connection: Connection, tenant: str, level: int, wanted: range, known: Mapping[int, bytes]
) -> list[bytes]:
    """Hashes of a level, read where they are not known; what is not known comes first."""
    unknown = next((at - wanted.start for at in wanted if at in known), len(wanted))
    stored = StoredHashes(connection, tenant).run(level, wanted.start, unknown) if unknown else []
    return stored + [known[at] for at in wanted[unknown:]]
