"""Signed notes: a text, and under it lines of signatures by named keys.

Source: C2SP signed-note.
"""

import base64
import binascii
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, NamedTuple, Self

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.proof.schemes import SCHEMES, SEED_BYTES, Scheme

MAX_NOTE_BYTES: Final = 1_000_000
"""A note of more is not read: a checkpoint with a hundred post-quantum signatures is smaller."""
MAX_SIGNATURES: Final = 100

_SEPARATOR: Final = "\n\n"
_MARK: Final = "\u2014 "
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_PRIVATE: Final = "PRIVATE+KEY+"


class Signature(NamedTuple):
    """One line under a note: whose key, its id (4 bytes), and what the key's scheme wrote."""

    name: str
    key_id: bytes
    value: bytes

    def encode(self) -> str:
        """Return the line, with its end."""
        return f"{_MARK}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text, which ends with a line feed, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """Return the note as it is stored and sent."""
        lines = "".join(signature.encode() for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def with_signatures(self, more: Iterable[Signature]) -> Self:
        """Return the note with further signatures, each once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))


def parse_note(raw: bytes) -> Note:
    """Read a signed note; nothing about its signatures is believed yet.

    Raises:
        LedgerError: ``bad_note``.
    """
    if len(raw) > MAX_NOTE_BYTES:
        raise _bad_note(N_("it is too large"))
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad_note(N_("it is not UTF-8")) from None
    if any(sign < " " and sign != "\n" for sign in whole):
        raise _bad_note(N_("it holds control characters"))
    at = whole.rfind(_SEPARATOR)
    if at < 1:
        raise _bad_note(N_("no blank line separates text and signatures"))
    return Note(whole[: at + 1], parse_signatures(whole[at + len(_SEPARATOR) :]))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read lines of signatures.

    Raises:
        LedgerError: ``bad_note``.
    """
    if not lines.endswith("\n"):
        raise _bad_note(N_("the last line is cut off"))
    found = lines[:-1].split("\n")
    if len(found) > MAX_SIGNATURES:
        raise _bad_note(N_("it has too many signatures"))
    return tuple(map(_parse_signature, found))


def _parse_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_MARK).partition(" ")
    value = _decoded(encoded)
    if not line.startswith(_MARK) or not is_key_name(name) or len(value) <= _ID_BYTES:
        raise _bad_note(N_("a line of signature cannot be read"))
    return Signature(name, value[:_ID_BYTES], value[_ID_BYTES:])


def is_key_name(name: str) -> bool:
    """Tell whether a key may be called so: not empty, without spaces, plus and controls."""
    return bool(name) and not any(sign.isspace() or sign == "+" or sign < " " for sign in name)


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name of its owner, as somebody who trusts it holds it."""

    name: str
    scheme: Scheme
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand in a signature."""
        named = f"{self.name}\n".encode() + bytes([self.scheme.identifier]) + self.public
        return sha256(named).digest()[:_ID_BYTES]

    def encode(self) -> str:
        """Return the key as text, ``name+id+base64``."""
        material = base64.b64encode(bytes([self.scheme.identifier]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key that ``encode``, or another program of this format, wrote.

        Raises:
            LedgerError: ``bad_key``.
        """
        name, key_id, scheme, public = _key_parts(text.strip())
        key = cls(name, scheme, public)
        if len(public) != scheme.public_bytes or key.key_id.hex() != key_id:
            raise LedgerError("bad_key", problem=N_("name, id and key do not belong together"))
        return key

    def made(self, signature: Signature) -> bool:
        """Tell whether a signature claims to be this key's."""
        return signature.name == self.name and signature.key_id == self.key_id

    def is_valid(self, text: str, signature: Signature) -> bool:
        """Tell whether a signature really is this key's over a text."""
        at, value = self._split(signature)
        if not self.made(signature) or len(value) != self.scheme.signature_bytes:
            return False
        return self.scheme.is_valid(self.public, self.scheme.message(self.name, text, at), value)

    def signed_at(self, signature: Signature) -> int | None:
        """When a signature of this key says that it was made, POSIX seconds; None without time."""
        return self._split(signature)[0] if self.scheme.timestamped else None

    def _split(self, signature: Signature) -> tuple[int, bytes]:
        if not self.scheme.timestamped:
            return 0, signature.value
        time = signature.value[:_TIME_BYTES]
        return int.from_bytes(time), signature.value[_TIME_BYTES:]


@dataclass(frozen=True)
class SignerKey:
    """A secret key with the name of its owner. Its text never stands in an answer or an error."""

    name: str
    scheme: Scheme
    seed: bytes

    @classmethod
    def random(cls, name: str, scheme: Scheme) -> Self:
        """Make a new key.

        Raises:
            LedgerError: ``bad_key`` for a name that no key may have.
        """
        if not is_key_name(name):
            raise LedgerError("bad_key", problem=N_("no key may have this name"), value=name)
        return cls(name, scheme, os.urandom(SEED_BYTES))

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.scheme, self.scheme.public_of(self.seed))

    def encode(self) -> str:
        """Return the secret as text, for a file that only its owner can read."""
        material = base64.b64encode(bytes([self.scheme.identifier]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``encode`` wrote.

        Raises:
            LedgerError: ``bad_key``.
        """
        name, key_id, scheme, seed = _key_parts(text.strip().removeprefix(_PRIVATE))
        key = cls(name, scheme, seed)
        is_private = text.startswith(_PRIVATE)
        if not is_private or len(seed) != SEED_BYTES or key.verifier.key_id.hex() != key_id:
            raise LedgerError("bad_key", problem=N_("name, id and key do not belong together"))
        return key

    def sign(self, text: str, at: int = 0) -> Signature:
        """Sign a text.

        Args:
            text: Ends with a line feed.
            at: POSIX seconds, for a scheme with time.
        """
        value = self.scheme.sign(self.seed, self.scheme.message(self.name, text, at))
        time = at.to_bytes(_TIME_BYTES) if self.scheme.timestamped else b""
        return Signature(self.name, self.verifier.key_id, time + value)

    def __repr__(self) -> str:
        return f"SignerKey({self.verifier.encode()})"


class Signed(NamedTuple):
    """A key that really signed, and when it says it did (POSIX seconds, None without time)."""

    key: VerifierKey
    at: int | None


def check_note(note: Note, keys: Sequence[VerifierKey]) -> list[Signed]:
    """Return which of the known keys signed a note; unknown signatures are ignored.

    Raises:
        LedgerError: ``bad_signature`` where a line claims to be a known key's and is not.
    """
    found = []
    for signature in note.signatures:
        for key in keys:
            if not key.made(signature):
                continue
            if not key.is_valid(note.text, signature):
                raise LedgerError("bad_signature", value=key.name)
            found.append(Signed(key, key.signed_at(signature)))
    return found


def _key_parts(text: str) -> tuple[str, str, Scheme, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    material = _decoded(encoded)
    if not is_key_name(name) or not material:
        raise LedgerError("bad_key", problem=N_("it is no key of a signed note"))
    scheme = SCHEMES.get(material[0])
    if scheme is None:
        raise LedgerError("bad_key", problem=N_("its algorithm is not known"))
    return name, key_id, scheme, material[1:]


def _decoded(encoded: str) -> bytes:
    """Standard base64, spelled in its one way; nothing for anything else."""
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return value if base64.b64encode(value).decode() == encoded else b""


def _bad_note(problem: str) -> LedgerError:
    return LedgerError("bad_note", problem=problem)
