"""A root binds its lines, and short proofs show it, as RFC 6962 says."""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel import merkle

# Facts from the test suite of RFC 6962 implementations (transparency-dev/merkle, Apache-2.0).
LEAVES = tuple(
    map(
        bytes.fromhex,
        (
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ),
    )
)
ROOTS_BY_SIZE = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def hashes(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


def root_by_definition(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = root_by_definition(leaves[:split]), root_by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_known_lines_is_the_published_one(size: int) -> None:
    leaves = [merkle.leaf_hash(data) for data in LEAVES[:size]]

    assert merkle.root(leaves).hex() == ROOTS_BY_SIZE[size]


def test_leaves_and_nodes_hash_as_published() -> None:
    assert merkle.leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert merkle.node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


@pytest.mark.parametrize("size", [*range(70), 127, 128, 129, 1000])
def test_the_fast_root_is_the_root_of_the_definition(size: int) -> None:
    assert merkle.root(hashes(size)) == root_by_definition(hashes(size))


def test_computing_a_root_leaves_the_lines_alone() -> None:
    leaves = hashes(7)
    before = list(leaves)

    merkle.root(leaves)

    assert leaves == before


@pytest.mark.parametrize("size", [*range(1, 34), 100])
def test_every_line_is_proved_to_be_in_its_document_and_nowhere_else(size: int) -> None:
    leaves, root = hashes(size), merkle.root(hashes(size))
    for index, leaf in enumerate(leaves):
        proof = merkle.inclusion_proof(leaves, index)

        assert merkle.verify_inclusion(leaf, index, size, proof, root)
        assert not merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, proof, root)
        assert not merkle.verify_inclusion(leaf, index, size, proof, merkle.leaf_hash(b"x"))
        assert not merkle.verify_inclusion(leaf, index, size, [*proof, root], root)
        assert not proof or not merkle.verify_inclusion(leaf, index, size, proof[:-1], root)
        other = (index + 1) % size
        assert other == index or not merkle.verify_inclusion(leaf, other, size, proof, root)


@pytest.mark.parametrize("size2", [*range(1, 34), 100])
def test_a_longer_log_is_proved_to_begin_with_the_shorter(size2: int) -> None:
    leaves = hashes(size2)
    root2 = merkle.root(leaves)
    for size1 in range(1, size2 + 1):
        root1 = merkle.root(leaves[:size1])
        proof = merkle.consistency_proof(leaves, size1)

        assert merkle.verify_consistency(size1, size2, proof, root1, root2)
        changed = merkle.leaf_hash(b"x")
        assert not merkle.verify_consistency(size1, size2, proof, changed, root2)
        assert not merkle.verify_consistency(size1, size2, proof, root1, changed)
        assert not merkle.verify_consistency(size1, size2, [*proof, root2], root1, root2)
        assert not proof or not merkle.verify_consistency(size1, size2, proof[1:], root1, root2)


def test_nothing_is_proved_about_an_empty_log() -> None:
    leaves = hashes(3)

    assert not merkle.verify_consistency(0, 3, [], merkle.EMPTY_ROOT, merkle.root(leaves))
    with pytest.raises(IndexError):
        merkle.consistency_proof(leaves, 0)
    with pytest.raises(IndexError):
        merkle.consistency_proof(leaves, 4)


@pytest.mark.parametrize("index", [-1, 3])
def test_no_proof_is_given_for_a_line_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_proof(hashes(3), index)


@given(
    st.binary(max_size=40),
    st.integers(-2, 5),
    st.integers(-2, 5),
    st.lists(st.binary(max_size=40), max_size=4),
)
def test_a_proof_of_any_shape_is_answered_and_never_fails(
    leaf: bytes, index: int, size: int, proof: list[bytes]
) -> None:
    assert merkle.verify_inclusion(leaf, index, size, proof, b"") is False
    same = index == size >= 1 and not proof
    assert merkle.verify_consistency(index, size, proof, b"1", b"1") is same


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_the_published_proofs_are_judged_as_their_authors_judge_them(shared_dir: Path) -> None:
    files = [
        file
        for file in sorted((shared_dir / "data/fetched/merkle").glob("*/*.json"))
        if not file.name.startswith("subtree")
    ]
    if not files:
        pytest.skip("the shared examples are not here: no published proofs")
    for file in files:
        case = json.loads(file.read_text())
        proof = [decoded(node) for node in case.get("proof") or ()]
        if file.name.startswith("inclusion"):
            answer = merkle.verify_inclusion(
                decoded(case.get("leafHash")),
                case.get("leafIdx", 0),
                case.get("treeSize", 0),
                proof,
                decoded(case.get("root")),
            )
        else:
            answer = merkle.verify_consistency(
                case.get("size1", 0),
                case.get("size2", 0),
                proof,
                decoded(case.get("root1")),
                decoded(case.get("root2")),
            )
        assert answer is not case["wantErr"], file.name


def test_the_shared_vectors_are_the_ones_copied_here(shared_dir: Path) -> None:
    file = shared_dir / "data/own/facts/tlog_vectors.json"
    if not file.is_file():
        pytest.skip("the shared examples are not here: no tree vectors")
    facts = json.loads(file.read_text())

    assert tuple(facts["roots_by_size"]) == ROOTS_BY_SIZE
    assert tuple(facts["leaves_hex"]) == tuple(leaf.hex() for leaf in LEAVES)
