"""The tree grows with its log, whatever the groups it is written in, and never differs from it."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

from ledger.eventlog.engine import begin_reading, begin_writing, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import Component, upgrade
from ledger.eventlog.tree import StoredHashes, grow_whole
from ledger.kernel import merkle
from ledger.kernel.errors import LedgerError
from ledger.proof.tree import Tree
from tests.ledger.eventlog.conftest import append

SIZE = 66_000  # a complete node of level 2 and something after it


def bodies(first: int, count: int) -> list[bytes]:
    return [b"%d" % number for number in range(first, first + count)]


def write(log: Engine, groups: Sequence[int], tenant: str = "main") -> list[bytes]:
    written: list[bytes] = []
    for count in groups:
        append(log, bodies(len(written), count), tenant=tenant)
        written += bodies(len(written), count)
    return [merkle.leaf_hash(body) for body in written]


def nodes(log: Engine) -> list[tuple[object, ...]]:
    with begin_reading(log) as connection:
        rows = connection.execute(text("SELECT tenant, level, number, hash FROM tree_node"))
        return sorted((row[0], row[1], row[2], bytes(row[3])) for row in rows)


@pytest.mark.parametrize(
    "groups", [[1] * 5, [256], [255, 1, 1], [200, 100, 600, 3], [1000], [1, 511, 1]], ids=str
)
def test_a_log_written_in_any_groups_has_the_root_of_its_leaves(
    log: Engine, groups: list[int]
) -> None:
    leaves = write(log, groups)
    write(log, [300], tenant="other")
    with begin_reading(log) as connection:
        tree = Tree(StoredHashes(connection, "main"), len(leaves))
        for size in range(0, len(leaves) + 1, 7):
            assert tree.root(size) == merkle.root(leaves[:size])
        assert tree.root() == merkle.root(leaves)


def test_a_long_log_has_nodes_of_every_level_and_short_proofs(log: Engine) -> None:
    leaves = write(log, [65_000, 1_000])
    root = merkle.root(leaves)
    with begin_reading(log) as connection:
        tree = Tree(StoredHashes(connection, "main"), SIZE)
        assert tree.root() == root
        for index in (0, 255, 256, 65_535, 65_536, SIZE - 1):
            proof = tree.inclusion_proof(index)
            assert merkle.verify_inclusion(leaves[index], index, SIZE, proof, root)
    assert [kept[1] for kept in nodes(log)].count(1) == SIZE // 256
    assert [kept[1] for kept in nodes(log)].count(2) == 1


def test_an_older_log_gets_the_same_tree_when_it_is_upgraded(ledger_url: str) -> None:
    engine = open_engine(ledger_url, create=True)
    upgrade(engine, [LOG])
    write(engine, [700])
    kept = nodes(engine)
    with begin_writing(engine) as connection:
        for table in ("tree_node", "log_origin", "log_key", "log_checkpoint", "log_cosignature"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("DELETE FROM schema_version WHERE number = 2")
    assert upgrade(engine, [Component("log", LOG.migrations)])[0].startswith("log 2")
    assert nodes(engine) == kept
    assert len(kept) == 2
    engine.dispose()


def test_a_log_without_events_needs_no_nodes(log: Engine) -> None:
    with begin_writing(log) as connection:
        grow_whole(connection, "main", 0)
        assert Tree(StoredHashes(connection, "main"), 0).root() == merkle.EMPTY_ROOT
    assert nodes(log) == []


def test_a_tree_whose_hashes_are_missing_has_no_root(log: Engine) -> None:
    write(log, [300])
    with begin_reading(log) as connection:
        beyond = Tree(StoredHashes(connection, "main"), 400)
        with pytest.raises(LedgerError, match="verify_failed") as caught:
            beyond.root()
    assert caught.value.facts["position"] == 257
