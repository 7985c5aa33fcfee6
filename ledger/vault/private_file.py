"""Files that their owner alone may read: made once, replaced whole, refused when others can look.

A file that others may read is refused, not repaired: who read it before is not known, and the
person in charge must hear of it.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger.kernel.errors import LedgerError

OWNER_ONLY: Final = 0o600
_LINK: Final = "symbolic link"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class UnsafeFileError(Exception):
    """A private file is not private; ``reason`` says why, in words for a message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_private(path: Path, longest: int) -> bytes | None:
    """Read a private file, at most ``longest`` bytes; None where this user finds none.

    Raises:
        UnsafeFileError: others may read it, or it is a symbolic link or no plain file.
        PermissionError: it is not readable for this user.
    """
    # Without following a link, and without waiting for the other end of a pipe.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except PermissionError:
        raise
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnsafeFileError(_LINK) from None
        return None
    try:
        status = os.fstat(descriptor)
        problem = _problem(status)
        if problem:
            raise UnsafeFileError(problem)
        return os.read(descriptor, longest)
    finally:
        os.close(descriptor)


def create_private(path: Path, content: bytes) -> None:
    """Make a private file, with its folders, where there is none.

    It appears whole or not at all, and of two programs that make it one wins.

    Raises:
        LedgerError: ``storage_unreachable``, ``storage_read_only`` or ``storage_full``.
    """
    # A link fails where a name exists, a rename would replace another program's file.
    _placed(path, content, replace=False)


def replace_private(path: Path, content: bytes) -> None:
    """Put a private file in the place of what is there, whole or not at all.

    Raises:
        LedgerError: as ``create_private``.
    """
    _placed(path, content, replace=True)


def _problem(status: os.stat_result) -> str:
    """Why an open file is not private; empty where it is."""
    if not stat.S_ISREG(status.st_mode):
        return "not a plain file"
    return f"mode {stat.S_IMODE(status.st_mode):o}" if status.st_mode & _OTHERS else ""


def _placed(path: Path, content: bytes, *, replace: bool) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(aside, flags, OWNER_ONLY)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, OWNER_ONLY)  # whatever the umask took away
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            if replace:
                aside.replace(path)
            else:
                with suppress(FileExistsError):
                    os.link(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise _translated(error, path) from None


def _sync_folder(folder: Path) -> None:
    """Keep the new name over a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _translated(error: OSError, path: Path) -> LedgerError:
    code = "storage_unreachable"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        code = "storage_read_only"
    elif error.errno in {errno.ENOSPC, errno.EDQUOT}:
        code = "storage_full"
    return LedgerError(code, path=str(path.parent), problem=os.strerror(error.errno or 0))
