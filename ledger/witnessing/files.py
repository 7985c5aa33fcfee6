"""Files of a witness: for its owner alone, whole or not at all, on the disk before the answer."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError

_OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ALLOWED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Say with a code of ours why a file cannot be reached."""
    try:
        yield
    except OSError as error:
        code = "storage_unreachable"
        if error.errno == errno.ELOOP:
            raise _mode(path, N_("it is a symbolic link")) from None
        if error.errno in _NOT_ALLOWED:
            code = "storage_read_only"
        elif error.errno in _NO_ROOM:
            code = "storage_full"
        problem = os.strerror(error.errno or 0)
        raise LedgerError(code, path=str(path), reason=problem) from None


def read_private(path: Path) -> bytes:
    """Read a file that is its owner's alone.

    Raises:
        FileNotFoundError: it is not there.
        LedgerError: ``witness_file_mode``, or what storage answers.
    """
    # Without following a link, and without waiting for the other end of a pipe.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with translated(path):
            descriptor = os.open(path, flags)
    except LedgerError as error:
        if not os.path.lexists(path):
            raise FileNotFoundError(path) from error
        raise
    with translated(path), open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
        require_private(path, os.fstat(descriptor))
        return file.read()


def require_private(path: Path, status: os.stat_result) -> None:
    """Refuse what others can read or change: who did so is not known.

    Raises:
        LedgerError: ``witness_file_mode``.
    """
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise _mode(path, N_("it is no plain file"))
    if status.st_uid != os.geteuid():
        raise _mode(path, N_("it belongs to somebody else"))
    if status.st_mode & _OTHERS:
        raise _mode(path, f"{stat.S_IMODE(status.st_mode):o}")


def write_private(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there, durable when this returns.

    Only one program at a time may write it: it holds the lock.

    Raises:
        LedgerError: what storage answers.
    """
    aside = path.with_name(f"{path.name}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with translated(path):
        descriptor = os.open(aside, flags, _OWNER_ONLY)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            os.fchmod(descriptor, _OWNER_ONLY)  # whatever the umask took away
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        aside.replace(path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Keep new names in a folder over a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a folder; other threads and other programs wait.

    Raises:
        LedgerError: what storage answers.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with translated(path):
        descriptor = os.open(path, flags, _OWNER_ONLY)
    try:
        with translated(path):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _mode(path: Path, problem: str) -> LedgerError:
    return LedgerError("witness_file_mode", path=str(path), problem=problem)
