"""Two checkpoints of one key beside each other, with the log's files or without."""

import shutil
from pathlib import Path

import pytest

from ledger.proof.checkpoint import Checkpoint
from ledger.proof.tiles import Tile
from ledger.witnessing.comparing import compare
from ledger.witnessing.exported import Exported, proof_between
from tests.ledger.witnessing.logs import ORIGIN, Log, key_of
from tests.ledger.witnessing.serving import web
from tests.ledger.witnessing.test_witness import refused

SIZES = [(1, 2), (3, 7), (255, 256), (256, 257), (5, 700), (512, 700)]


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_the_files_of_a_log_give_the_proof(tmp_path: Path, old: int, new: int) -> None:
    log = Log.of(new)
    exported = Exported(str(log.export(tmp_path)))
    heads = [Checkpoint(ORIGIN, size, log.root(size)) for size in (old, new)]
    assert proof_between(exported, *heads) == log.proof(old)
    assert exported.checkpoint() == log.checkpoint()


def test_files_of_a_longer_log_prove_a_shorter_one(tmp_path: Path) -> None:
    log = Log.of(700)
    exported = Exported(str(log.export(tmp_path)))
    heads = [Checkpoint(ORIGIN, size, log.root(size)) for size in (300, 600)]
    assert proof_between(exported, *heads) == log.proof(300, 600)


def test_one_history_is_one_with_files_or_proof(tmp_path: Path) -> None:
    log = Log.of(9)
    keys = [log.key.verifier]
    exported = Exported(str(log.export(tmp_path)))
    notes = (log.checkpoint(9), log.checkpoint(4))
    assert not compare(*notes, keys, exported=exported).is_fork
    assert not compare(*notes, keys, proof=log.proof(4)).is_fork
    assert not compare(log.checkpoint(), log.checkpoint(), keys).is_fork
    assert not compare(log.checkpoint(0), log.checkpoint(), keys).is_fork
    refused("comparison_open", lambda: compare(*notes, keys))
    refused("proof_fails", lambda: compare(*notes, keys, proof=log.proof(3)))


def test_two_histories_are_proven_by_two_notes_or_with_the_files(tmp_path: Path) -> None:
    log = Log.of(6)
    other = Log.of(4, log.key).grown(2, "other ")
    keys = [log.key.verifier]
    assert compare(log.checkpoint(), other.checkpoint(), keys).is_fork
    longer = other.grown(300)
    exported = Exported(str(longer.export(tmp_path)))
    found = compare(longer.checkpoint(), log.checkpoint(), keys, exported=exported)
    assert found.is_fork
    assert found.older.checkpoint.root == log.root()
    assert not compare(log.checkpoint(4), longer.checkpoint(), keys, exported=exported).is_fork


def test_nothing_is_proven_with_wrong_files_other_logs_or_unsigned_notes(tmp_path: Path) -> None:
    log = Log.of(300)
    keys = [log.key.verifier]
    older = log.checkpoint(7)
    exported = Exported(str(Log.of(300, log.key).grown(0).export(tmp_path / "own")))
    strange = Log.of(299, log.key).grown(1, "x").export(tmp_path / "strange")
    wrong = Exported(str(strange))
    refused("bad_tile", lambda: compare(older, log.checkpoint(), keys, exported=wrong))
    (tmp_path / "own" / Tile(0, 0, 256).path).unlink()
    refused("bad_tile", lambda: compare(older, log.checkpoint(), keys, exported=exported))
    (tmp_path / "own" / Tile(0, 0, 256).path).write_bytes(b"x" * 33)
    refused("bad_tile", lambda: compare(older, log.checkpoint(), keys, exported=exported))
    stranger = Log.of(3, key_of("other.example.org"))
    both = [*keys, stranger.key.verifier]
    refused("other_log", lambda: compare(older, stranger.checkpoint(), both))
    refused("checkpoint_unsigned", lambda: compare(older, stranger.checkpoint(), keys))
    shutil.rmtree(tmp_path / "own")
    refused("bad_tile", exported.checkpoint)


def test_the_files_may_lie_behind_a_web_server(tmp_path: Path) -> None:
    log = Log.of(600)
    with web(log.export(tmp_path)) as url:
        heads = [Checkpoint(ORIGIN, size, log.root(size)) for size in (300, 600)]
        assert proof_between(Exported(url), *heads) == log.proof(300)
        assert Exported(url).checkpoint() == log.checkpoint()
        refused("bad_tile", lambda: Exported(f"{url}nothing/").checkpoint())
    refused("file_unreadable", lambda: Exported(url).checkpoint())
