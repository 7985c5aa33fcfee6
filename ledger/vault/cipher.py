"""The vault's cryptography: one master key, and for every person a key and a salt.

- Values: AES-256-GCM under the person's own data key, a fresh 12-byte nonce each, bound to their
  place (tenant, person, field, version), so that a moved row does not open.
- Data key and salt, 32 random bytes each, are sealed together under a key derived from the master
  key; deleting those 92 bytes erases the person.
- Commitment to a value: HMAC-SHA-256(salt, field || 0x00 || value), in hex. Without the salt it
  can neither be guessed nor checked.
- Equality: HMAC-SHA-256 under a key of the tenant, derived from the master key; never leaves the
  vault.

No ``repr`` here shows a secret, and no error carries a value.
"""

import hmac
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring
from os import urandom
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.kernel.canonical import canonical_bytes

SECRET_BYTES: Final = 32
_KEY_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_FORMAT: Final = "wageledger vault 1"


class MasterKey:
    """The one secret that opens a vault.

    Keys are derived from it, one for each use, and nothing is encrypted with it, so that no two
    uses can be played against each other.
    """

    __slots__ = ("_secret", "_wrapping", "key_id")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            message = f"a master key has {SECRET_BYTES} bytes"
            raise ValueError(message)
        self._secret = secret
        self._wrapping = AESGCM(self._derive("wrapping", SECRET_BYTES))
        self.key_id = self._derive("key id", _KEY_ID_BYTES).hex()
        """Names the key without telling anything about it; stored in the vault."""

    @classmethod
    def random(cls) -> Self:
        """Make a new master key."""
        return cls(urandom(SECRET_BYTES))

    def __repr__(self) -> str:
        return f"MasterKey({self.key_id})"

    def secret(self) -> bytes:
        """Return the secret, for the key file alone."""
        return self._secret

    def equality_key(self, tenant: str) -> bytes:
        """Return the key under which a tenant's equal values get equal digests."""
        return self._derive("equality", SECRET_BYTES, tenant)

    def wrap(self, keys: bytes, tenant: str, ref: str) -> bytes:
        """Seal a person's keys, bound to tenant and person."""
        return _seal(self._wrapping, keys, _place(tenant, ref))

    def unwrap(self, sealed: bytes, tenant: str, ref: str) -> bytes:
        """Open a person's keys.

        Raises:
            InvalidTag: when they were changed, or are another person's.
        """
        return _open(self._wrapping, sealed, _place(tenant, ref))

    def salts(self, sealed: Sequence[tuple[str, bytes]], tenant: str) -> dict[str, bytes]:
        """Open the keys of many persons for their salts alone: to compare, nothing else is needed.

        Raises:
            InvalidTag: when any were changed, or are another person's.
        """
        if any(len(keys) <= _NONCE_BYTES for _ref, keys in sealed):
            raise InvalidTag
        begin, decrypt = _place(tenant).decode().removesuffix("]"), self._wrapping.decrypt
        return {
            ref: decrypt(
                keys[:_NONCE_BYTES],
                keys[_NONCE_BYTES:],
                f"{begin},{encode_basestring(ref)}]".encode(),
            )[SECRET_BYTES:]
            for ref, keys in sealed
        }

    def _derive(self, *use: str | int) -> bytes:
        purpose, length, *rest = use
        info = canonical_bytes([_FORMAT, purpose, *rest])
        return HKDF(SHA256(), int(length), salt=None, info=info).derive(self._secret)


class PersonKeys:
    """One person's data key and salt, opened."""

    __slots__ = ("_opened", "_ref", "_secret", "_tenant", "salt")

    def __init__(self, secret: bytes, tenant: str, ref: str) -> None:
        self._secret = secret
        self._opened: AESGCM | None = None
        self.salt = secret[SECRET_BYTES:]
        self._tenant = tenant
        self._ref = ref

    @classmethod
    def random(cls, tenant: str, ref: str) -> Self:
        """Make the keys of a new person."""
        return cls(urandom(2 * SECRET_BYTES), tenant, ref)

    @classmethod
    def opened(cls, sealed: bytes, master: MasterKey, tenant: str, ref: str) -> Self:
        """Open sealed keys.

        Raises:
            InvalidTag: when they were changed, or are another person's.
        """
        return cls(master.unwrap(sealed, tenant, ref), tenant, ref)

    def sealed(self, master: MasterKey) -> bytes:
        """Return the keys sealed under a master key."""
        return master.wrap(self._secret, self._tenant, self._ref)

    def __repr__(self) -> str:
        return f"PersonKeys({self._ref})"

    def commitment(self, field: str, value: str) -> str:
        """Commit to a value: the same for the same person, field and value, and to nobody else."""
        return _digest(self.salt, field, value).hex()

    def seal(self, field: str, version: int, value: str) -> bytes:
        """Encrypt one version of a field."""
        return _seal(self._cipher(), value.encode(), self._place(field, version))

    def open(self, field: str, version: int, sealed: bytes) -> str:
        """Decrypt one version of a field.

        Raises:
            InvalidTag: when it was changed, or belongs elsewhere.
        """
        return _open(self._cipher(), sealed, self._place(field, version)).decode()

    def _cipher(self) -> AESGCM:
        """The cipher of the values, made when one is opened: comparing needs the salt alone."""
        if self._opened is None:
            self._opened = AESGCM(self._secret[:SECRET_BYTES])
        return self._opened

    def _place(self, field: str, version: int) -> bytes:
        return _place(self._tenant, self._ref, field, version)


def equality_digest(equality_key: bytes, field: str, value: str) -> bytes:
    """Return 32 bytes that are the same for the same field and value in one tenant."""
    return _digest(equality_key, field, value)


def commitments_of(
    field: str, salts: Iterable[bytes | None], values: Iterable[str | None]
) -> list[str | None]:
    """Commit to one field of many persons, by salt and value; None where either is missing.

    HMAC as RFC 2104 spells it, in one line: two hashes cost less than setting up an HMAC for
    every person.
    """
    begin = _INNER_REST + field.encode() + b"\x00"
    return [
        sha256(
            salt.translate(_OUTER)
            + _OUTER_REST
            + sha256(salt.translate(_INNER) + begin + value.encode()).digest()
        ).hexdigest()
        if salt is not None and value is not None
        else None
        for salt, value in zip(salts, values, strict=True)
    ]


def equality_digests(equality_key: bytes, field: str, values: Collection[str]) -> dict[bytes, str]:
    """Return many values by their digest; the key is prepared once for all of them."""
    inner = sha256(equality_key.translate(_INNER) + _INNER_REST + field.encode() + b"\x00").copy
    outer = equality_key.translate(_OUTER) + _OUTER_REST
    made = {}
    for value in values:
        digest = inner()
        digest.update(value.encode())
        made[sha256(outer + digest.digest()).digest()] = value
    return made


_BLOCK_BYTES: Final = 64
"""Block of SHA-256, to which HMAC fills a key up."""

_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_INNER_REST, _OUTER_REST = (bytes([pad]) * (_BLOCK_BYTES - SECRET_BYTES) for pad in (0x36, 0x5C))


def _digest(key: bytes, field: str, value: str) -> bytes:
    return hmac.digest(key, field.encode() + b"\x00" + value.encode(), "sha256")


def _place(*parts: str | int) -> bytes:
    """The canonical bytes of format and parts, spelled without looking at each again."""
    spelled = [encode_basestring(part) if type(part) is str else str(part) for part in parts]
    return f'["{_FORMAT}",{",".join(spelled)}]'.encode()


def _seal(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, place)


def _open(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    if len(sealed) <= _NONCE_BYTES:
        raise InvalidTag
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
