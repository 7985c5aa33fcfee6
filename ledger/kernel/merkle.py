"""RFC 6962 hash trees: one root binds many lines, a short proof shows that one is among them.

A leaf is SHA-256(0x00 || data), a node SHA-256(0x01 || left || right); every hash is 32 bytes.
Functions that take leaves take leaf *hashes*; indexes count from 0.

Source: RFC 6962 section 2.1, verification as in RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash what stands at a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over leaf hashes; of none, SHA-256 of nothing."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = leaf_hashes
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """Pair up one level; an odd last hash moves up as it is."""
    hashed = sha256  # a local name: this loop is the whole cost of a sheet's root
    parents = [
        hashed(b"\x01" + left + right).digest()
        for left, right in zip(level[::2], level[1::2], strict=False)
    ]
    if len(level) & 1:
        parents.append(level[-1])
    return parents


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the neighbours on the way from a leaf to the root, lowest first.

    Raises:
        IndexError: when there is no such leaf.
    """
    if not 0 <= index < len(leaf_hashes):
        message = f"no leaf {index} in a tree of {len(leaf_hashes)}"
        raise IndexError(message)
    proof = []
    level = leaf_hashes
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level = _parents(level)
        index >>= 1
    return proof


def consistency_proof(leaf_hashes: Sequence[bytes], size1: int) -> list[bytes]:
    """Return the nodes that show that the first ``size1`` leaves are a prefix of the tree.

    Raises:
        IndexError: when ``size1`` is not from 1 to the number of leaves: nothing is proved about
            an empty tree.
    """
    if not 1 <= size1 <= len(leaf_hashes):
        message = f"no prefix of {size1} in a tree of {len(leaf_hashes)}"
        raise IndexError(message)
    if size1 == len(leaf_hashes):
        return []
    proof: list[bytes] = []
    node, last = size1 - 1, len(leaf_hashes) - 1
    level = leaf_hashes
    # Up to the largest complete subtree that ends the prefix: the first node of the proof,
    # left out when it is the whole prefix, whose root the verifier holds.
    while node & 1:
        level, node, last = _parents(level), node >> 1, last >> 1
    if node:
        proof.append(level[node])
    while last:
        sibling = node ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level, node, last = _parents(level), node >> 1, last >> 1
    return proof


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether the proof leads from the leaf at ``index`` to the root of ``size`` leaves."""
    if not 0 <= index < size or len(leaf_hash) != HASH_BYTES or not _are_hashes(proof):
        return False
    node, last, computed = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> bool:
    """Tell whether the tree of ``size2`` leaves only appended to the tree of ``size1``.

    A proof from the empty tree says nothing and is refused.
    """
    if not 1 <= size1 <= size2 or not _are_hashes(proof):
        return False
    if size1 == size2:
        return not proof and root1 == root2
    if not proof:
        return False
    rest = list(proof)
    is_whole_subtree = size1 & (size1 - 1) == 0
    seed = root1 if is_whole_subtree else rest.pop(0)
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = seed
    for sibling in rest:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and before == root1 and after == root2


def _are_hashes(proof: Sequence[bytes]) -> bool:
    return all(len(node) == HASH_BYTES for node in proof)
