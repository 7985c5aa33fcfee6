"""The file of the master key: made once, readable by its owner alone.

One line, ``wageledger-vault-key 1 KEY_ID BASE64``. The id lets a damaged file be told from the
key of another vault. A key that others may read is refused, not repaired: who read it before is
not known, and the person in charge must hear of it.
"""

import base64
import binascii
import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger.kernel.errors import LedgerError
from ledger.vault.cipher import MasterKey
from ledger.vault.failures import KeyMissingError, KeyModeError, KeyWrongError

_HEADING: Final = "wageledger-vault-key"
_FORMAT: Final = "1"
_OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LONGEST: Final = 1024


def load_key(path: Path) -> MasterKey:
    """Read the master key.

    Raises:
        KeyMissingError: no such file, or not readable for this user.
        KeyModeError: others may read it, or it is a symbolic link or no plain file.
        KeyWrongError: it holds no key, or a damaged one.
    """
    # Without following a link, and without waiting for the other end of a pipe.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise KeyModeError(path, "symbolic link") from None
        if error.errno in {errno.EACCES, errno.EPERM}:
            raise KeyMissingError(path, "not readable for this user") from None
        raise KeyMissingError(path) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeyModeError(path, "not a plain file")
        if status.st_mode & _OTHERS:
            raise KeyModeError(path, f"mode {stat.S_IMODE(status.st_mode):o}")
        content = os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)
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
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, MasterKey.random())
        except OSError as error:
            raise _translated(error, path) from None
    return load_key(path)


def _create(path: Path, key: MasterKey) -> None:
    line = f"{_HEADING} {_FORMAT} {key.key_id} {base64.b64encode(key.secret()).decode()}\n"
    aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(aside, flags, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, _OWNER_ONLY)  # whatever the umask took away
            file.write(line.encode())
            file.flush()
            os.fsync(descriptor)
        # A link fails where a name exists, a rename would replace another program's key.
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Keep the new name over a power cut: a vault without its key is lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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


def _translated(error: OSError, path: Path) -> LedgerError:
    code = "storage_unreachable"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        code = "storage_read_only"
    elif error.errno in {errno.ENOSPC, errno.EDQUOT}:
        code = "storage_full"
    return LedgerError(code, path=str(path.parent), reason=os.strerror(error.errno or 0))
