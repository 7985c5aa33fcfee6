"""Notes, checkpoints, tiles and proofs are those of the published formats."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel import merkle
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_text
from ledger.proof.note import Note, SignerKey, VerifierKey, check_note, parse_note
from ledger.proof.receipt import LogProof
from ledger.proof.schemes import ED25519, SCHEMES, Scheme
from ledger.proof.tiles import Tile, pack_entries, tiles_of, unpack_entries
from ledger.proof.tree import TILE_WIDTH, Tree

SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 70_000)


class Kept:
    """Every hash of a tree by level, as a log keeps them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [list(leaves)]
        while len(self.levels[-1]) >= TILE_WIDTH:
            below = self.levels[-1]
            runs = range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH)
            self.levels.append([merkle.root(below[at : at + TILE_WIDTH]) for at in runs])

    def tile(self, level: int, index: int, width: int) -> Sequence[bytes]:
        found = self.levels[level][index * TILE_WIDTH : index * TILE_WIDTH + width]
        assert len(found) == width
        return found


LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(70_000)]
KEPT = Kept(LEAVES)


def facts(shared_dir: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        (shared_dir / "data/own/facts/tlog_vectors.json").read_text(encoding="utf-8")
    )
    return found


def test_a_note_of_another_program_is_read_written_and_believed(shared_dir: Path) -> None:
    given_note = facts(shared_dir)["signed_note"]
    raw = given_note["msg"].encode()
    key = VerifierKey.parse(given_note["vkey"])
    note = parse_note(raw)
    assert [signed.key for signed in check_note(note, [key])] == [key]
    assert (note.encode(), key.encode()) == (raw, given_note["vkey"])


def test_the_text_of_a_checkpoint_is_read_and_written(shared_dir: Path) -> None:
    given_note = facts(shared_dir)["tree_note"]
    checkpoint = parse_text(given_note["text"])
    assert checkpoint.size == given_note["n"]
    assert checkpoint.text == given_note["text"]


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.label)
def test_every_scheme_signs_what_only_its_key_verifies(scheme: Scheme) -> None:
    key = SignerKey.parse(SignerKey.random("log.example/a", scheme).encode())
    text = Checkpoint("log.example/a", 3, bytes(32)).text
    note = Note(text, (key.sign(text, at=1_700_000_000),))
    known = VerifierKey.parse(key.verifier.encode())
    (signed,) = check_note(parse_note(note.encode()), [known])
    assert signed.at == (1_700_000_000 if scheme.timestamped else None)
    other = Checkpoint("log.example/a", 4, bytes(32)).text
    with pytest.raises(LedgerError, match="bad_signature"):
        check_note(Note(other, note.signatures), [known])
    stranger = SignerKey.random("log.example/a", scheme).verifier
    assert check_note(note, [stranger]) == []
    assert key.encode() not in repr(key)


@pytest.mark.parametrize("size", SIZES)
def test_proofs_from_tiles_are_those_of_the_whole_tree(size: int) -> None:
    tree = Tree(KEPT, 70_000)
    leaves = LEAVES[:size]
    root = merkle.root(leaves)
    assert tree.root(size) == root
    for index in {0, size // 2, size - 1}:
        proof = tree.inclusion_proof(index, size)
        assert proof == merkle.inclusion_proof(leaves, index)
        assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    for earlier in {1, (size + 1) // 2, size}:
        proof = tree.consistency_proof(earlier, size)
        assert proof == merkle.consistency_proof(leaves, earlier)


@given(st.data())
def test_any_two_sizes_are_proved_consistent(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 2_000))
    earlier = data.draw(st.integers(1, size))
    tree = Tree(KEPT, size)
    proof = tree.consistency_proof(earlier)
    assert merkle.verify_consistency(earlier, size, proof, tree.root(earlier), tree.root())


def test_tiles_of_a_size_are_those_of_the_specification() -> None:
    tiles = list(tiles_of(70_000))
    assert len([tile for tile in tiles if tile.level == 0]) == 274
    assert tiles[-3:] == [Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert Tile(0, 1234067, 256).path == "tile/0/x001/x234/067"
    assert Tile(0, 273, 112).entries_path == "tile/entries/273.p/112"
    assert list(tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert list(tiles_of(300, from_size=256)) == [Tile(0, 1, 44), Tile(1, 0, 1)]


@given(st.lists(st.binary(max_size=300)))
def test_entries_come_out_of_a_bundle_as_they_went_in(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


def test_a_bundle_that_is_cut_off_is_refused() -> None:
    with pytest.raises(LedgerError, match="bad_tile"):
        unpack_entries(pack_entries([b"whole"])[:-1])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        "text\n\n\u2014 name AAAA\n".encode(),
        "text\n\n\u2014 name !\n".encode(),
        "text\n\n\u2014 a+b AAAAAAAAAAA=\n".encode(),
        b"t\x00ext\n\nx",
        b"\xff\n\n",
    ],
)
def test_what_is_no_note_is_refused(raw: bytes) -> None:
    with pytest.raises(LedgerError, match="bad_note"):
        parse_note(raw)


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n01\nAA==\n", "a\n1\nAA==\n", "a\n-1\nAA==\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="bad_checkpoint"):
        parse_text(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AQ==", "a b+00000000+AQ==", "a+0+/w=="])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="bad_key"):
        VerifierKey.parse(text)


def test_a_proof_leads_from_the_entry_to_a_signed_checkpoint() -> None:
    key = SignerKey.random("log.example/a", ED25519)
    tree = Tree(KEPT, 1000)
    checkpoint = Checkpoint("log.example/a", 1000, tree.root())
    note = Note(checkpoint.text, (key.sign(checkpoint.text),))
    proof = LogProof(500, tuple(tree.inclusion_proof(500)), note.encode(), extra=b"line 3")
    read = LogProof.parse(proof.encode())
    assert read == proof
    assert read.verify(b"500", [key.verifier]).checkpoint == checkpoint
    with pytest.raises(LedgerError, match="proof_fails"):
        read.verify(b"501", [key.verifier])
    with pytest.raises(LedgerError, match="too_few_witnesses"):
        read.verify(b"500", [key.verifier], quorum=1)
    with pytest.raises(LedgerError, match="checkpoint_unsigned"):
        open_checkpoint(note.encode(), [SignerKey.random("log.example/a", ED25519).verifier])
    with pytest.raises(LedgerError, match="bad_proof"):
        LogProof.parse(proof.encode()[1:])
