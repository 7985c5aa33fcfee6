"""A log as files: written once, whole, the checkpoint last."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.eventlog.engine import open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.evidence import Evidence, KeyFile, Signer
from ledger.evidence.exporting import export_log, unpack_lines
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash, root
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.tiles import tiles_of, unpack_entries, unpack_hashes
from tests.ledger.eventlog.city import build
from tests.ledger.eventlog.conftest import append

NOW = datetime(2030, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    """An empty log."""
    opened = open_engine(ledger_url, create=True)
    upgrade(opened, [LOG])
    yield opened
    opened.dispose()


@pytest.fixture
def signer(engine: Engine, tmp_path: Path) -> Signer:
    """Whoever holds the log's key."""
    made = Signer(Evidence(engine, "main"), KeyFile(tmp_path / "keys" / "city.log.key"))
    made.create(NOW)
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def grown(signer: Signer, count: int) -> Evidence:
    """The log after so many more events, signed."""
    append(signer.evidence.engine, [b"%d" % number for number in range(count)])
    signer.sign(NOW)
    return signer.evidence


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_complete(evidence: Evidence, folder: Path) -> None:
    """The files alone give every entry, and the root that the checkpoint says."""
    raw = (folder / "checkpoint").read_bytes()
    head = open_checkpoint(raw, evidence.verifiers()).checkpoint
    entries: list[bytes] = []
    hashes: list[bytes] = []
    for tile in tiles_of(head.size):
        packed = (folder / tile.path).read_bytes()
        if tile.level == 0:
            hashes += unpack_hashes(packed, tile.width)
            entries += unpack_entries((folder / tile.entries_path).read_bytes())
        else:
            runs = [hashes[at : at + 256] for at in range(0, tile.width * 256, 256)]
            assert unpack_hashes(packed, tile.width) == [root(run) for run in runs]
    assert entries == list(evidence.entries(1, head.size))
    assert hashes == [leaf_hash(entry) for entry in entries]
    assert root(hashes) == head.root


def test_the_files_alone_give_every_entry_and_the_signed_root(signer: Signer, out: Path) -> None:
    done = export_log(grown(signer, 700), out)
    assert done.size == 700
    assert_complete(signer.evidence, out)
    assert not [path for path in files(out) if path.endswith(".part")]


def test_a_second_export_writes_only_what_is_new(signer: Signer, out: Path) -> None:
    evidence = grown(signer, 300)
    export_log(evidence, out)
    before = files(out)
    assert export_log(evidence, out).files == 0
    grown(signer, 300)
    export_log(evidence, out)
    after = files(out)
    assert {path: after[path] for path in before if path != "checkpoint"} == {
        path: content for path, content in before.items() if path != "checkpoint"
    }
    assert_complete(evidence, out)


def test_a_file_that_was_lost_is_written_again(signer: Signer, out: Path) -> None:
    evidence = grown(signer, 600)
    export_log(evidence, out)
    for lost in ("tile/0/001", "tile/entries/000", "tile/0/002.p/88"):
        (out / lost).unlink()
        assert export_log(evidence, out).files == 1
    assert_complete(evidence, out)


def test_where_a_file_cannot_be_written_the_old_checkpoint_stays(signer: Signer, out: Path) -> None:
    evidence = grown(signer, 10)
    export_log(evidence, out)
    before = (out / "checkpoint").read_bytes()
    grown(signer, 10)
    (out / "tile" / "0" / "000.p" / "20").mkdir()
    with pytest.raises(LedgerError) as caught:
        export_log(evidence, out)
    assert caught.value.code == "output_unwritable"
    assert caught.value.facts["file"] == str(out)
    assert (out / "checkpoint").read_bytes() == before


def test_a_folder_of_another_log_is_left_alone(signer: Signer, out: Path) -> None:
    other = Signer(Evidence(signer.evidence.engine, "other"), signer.file)
    other.create(NOW)
    export_log(grown(signer, 5), out)
    before = files(out)
    append(signer.evidence.engine, [b"x"], tenant="other")
    other.sign(NOW)
    with pytest.raises(LedgerError, match="checkpoint_unsigned"):
        export_log(other.evidence, out)
    assert files(out) == before


def test_lines_beside_the_tiles_lead_to_the_root_in_their_event(
    engine: Engine, signer: Signer, out: Path
) -> None:
    build(engine)
    signer.sign(NOW)
    export_log(signer.evidence, out)
    checked = 0
    for position, entry in enumerate(signer.evidence.entries(), 1):
        body = json.loads(entry)
        for part, key in enumerate(("lines", "journal_lines")):
            if key in body:
                lines = list(unpack_lines((out / "lines" / f"{position}.{part}").read_bytes()))
                assert len(lines) == body[key]["count"]
                assert root([leaf_hash(line) for line in lines]).hex() == body[key]["root"]
                checked += 1
    assert checked == len(list((out / "lines").iterdir())) > 0
