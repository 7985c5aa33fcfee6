"""Signature schemes of signed notes, each with the byte that names it.

A scheme says what is signed and with which algorithm. Keys are raw bytes: a seed of 32 bytes and
a public key. Nothing here knows names, texts or files.

Source: C2SP signed-note (0x01), C2SP tlog-cosignature (0x04 and 0x06).
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

SEED_BYTES: Final = 32


class Scheme(ABC):
    """One kind of signature line.

    Attributes:
        identifier: The byte of the signed-note registry.
        label: What outputs call it.
        public_bytes: Length of a public key.
        signature_bytes: Length of a signature, its time not counted.
        timestamped: The signature says when: it is a cosignature of a checkpoint.
    """

    identifier: ClassVar[int]
    label: ClassVar[str]
    public_bytes: ClassVar[int]
    signature_bytes: ClassVar[int]
    timestamped: ClassVar[bool]

    @abstractmethod
    def message(self, name: str, text: str, at: int) -> bytes:
        """Return what is signed: by whom, which text, at which POSIX second (0 without time)."""

    @abstractmethod
    def public_of(self, seed: bytes) -> bytes:
        """Return the public key of a seed."""

    @abstractmethod
    def sign(self, seed: bytes, message: bytes) -> bytes:
        """Sign."""

    @abstractmethod
    def is_valid(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Tell whether a signature is this key's over this message."""


class _Ed25519(Scheme):
    public_bytes = 32
    signature_bytes = 64

    def public_of(self, seed: bytes) -> bytes:
        """As every scheme."""
        return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """As every scheme."""
        return Ed25519PrivateKey.from_private_bytes(seed).sign(message)

    def is_valid(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """As every scheme."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: no point of the curve
            return False
        return True


class Ed25519Note(_Ed25519):
    """What a log signs its checkpoints with: Ed25519 over the note's text."""

    identifier = 0x01
    label = "ed25519"
    timestamped = False

    def message(self, name: str, text: str, at: int) -> bytes:  # noqa: ARG002
        """Return the text alone: neither name nor time is signed."""
        return text.encode()


class Ed25519Cosignature(_Ed25519):
    """What a witness signs checkpoints with: Ed25519 over its time and the whole text."""

    identifier = 0x04
    label = "ed25519-cosignature"
    timestamped = True

    def message(self, name: str, text: str, at: int) -> bytes:  # noqa: ARG002
        """Return time and text: the name is not signed."""
        return f"cosignature/v1\ntime {at}\n{text}".encode()


class MlDsa44Cosignature(Scheme):
    """The same with ML-DSA-44, which withstands quantum computers and binds the cosigner's name."""

    identifier = 0x06
    label = "ml-dsa-44-cosignature"
    public_bytes = 1312
    signature_bytes = 2420
    timestamped = True

    def message(self, name: str, text: str, at: int) -> bytes:
        """As every scheme."""
        from ledger.proof.checkpoint import parse_text  # noqa: PLC0415 - it stands on this module

        checkpoint = parse_text(text)
        return b"".join(
            (
                b"subtree/v1\n\x00",
                _short(name),
                at.to_bytes(8),
                _short(checkpoint.origin),
                (0).to_bytes(8),
                checkpoint.size.to_bytes(8),
                checkpoint.root,
            )
        )

    def public_of(self, seed: bytes) -> bytes:
        """As every scheme."""
        return MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """As every scheme."""
        return MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)

    def is_valid(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """As every scheme."""
        try:
            MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def _short(text: str) -> bytes:
    """A text after its length, which is one byte."""
    encoded = text.encode()
    return len(encoded).to_bytes(1) + encoded


ED25519: Final = Ed25519Note()
ED25519_COSIGNATURE: Final = Ed25519Cosignature()
ML_DSA_44_COSIGNATURE: Final = MlDsa44Cosignature()

SCHEMES: Final = {
    scheme.identifier: scheme for scheme in (ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE)
}
"""Every scheme by the byte that names it in a key."""
