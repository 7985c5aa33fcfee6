"""The file of the master key: made once, readable by its owner alone.

One line, ``wageledger-vault-key 1 KEY_ID BASE64``. The id lets a damaged file be told from the
key of another vault. A key that others may read is refused, not repaired: who read it before is
not known, and the person in charge must hear of it.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import Final

from ledger.vault.cipher import MasterKey
from ledger.vault.failures import KeyMissingError, KeyModeError, KeyWrongError
from ledger.vault.private_file import UnsafeFileError, create_private, read_private

_HEADING: Final = "wageledger-vault-key"
_FORMAT: Final = "1"
_LONGEST: Final = 1024


def load_key(path: Path) -> MasterKey:
    """Read the master key.

    Raises:
        KeyMissingError: no such file, or not readable for this user.
        KeyModeError: others may read it, or it is a symbolic link or no plain file.
        KeyWrongError: it holds no key, or a damaged one.
    """
    try:
        content = read_private(path, _LONGEST)
    except UnsafeFileError as error:
        raise KeyModeError(path, error.reason) from None
    except PermissionError:
        raise KeyMissingError(path, "not readable for this user") from None
    if content is None:
        raise KeyMissingError(path)
    return _parse(content, path)


def load_or_create_key(path: Path) -> MasterKey:
    """Read the master key, or make one where there is none.

    Missing folders are made, for their owner alone. The file appears whole or not at all, and of
    two programs that make it one wins and both use it.

    Raises:
        KeyModeError, KeyWrongError: as ``load_key``.
        LedgerError: ``storage_unreachable``, ``storage_read_only`` or ``storage_full``.
    """
    if not os.path.lexists(path):
        key = MasterKey.random()
        secret = base64.b64encode(key.secret()).decode()
        create_private(path, f"{_HEADING} {_FORMAT} {key.key_id} {secret}\n".encode())
    return load_key(path)


def _parse(content: bytes, path: Path) -> MasterKey:
    words = content.decode("ascii", "replace").split()
    if len(words) != 4 or words[:2] != [_HEADING, _FORMAT]:  # noqa: PLR2004 - the words of the line
        raise KeyWrongError(path, "not a key file")
    try:
        key = MasterKey(base64.b64decode(words[3], validate=True))
    except (binascii.Error, ValueError):
        raise KeyWrongError(path, "damaged") from None
    if key.key_id != words[2]:
        raise KeyWrongError(path, "damaged")
    return key
