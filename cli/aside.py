"""Files that are whole or not there: written beside their place and renamed when they are done."""

import fcntl
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TextIO, cast

from cli.messages import N_
from cli.streams import ESCAPES
from ledger.kernel.errors import LedgerError

_PUBLIC: Final = 0o666


@contextmanager
def written_aside(path: Path, *, private: bool = False) -> Iterator[TextIO]:
    """Write a text file beside its place and rename it there when it is whole.

    Args:
        path: Where it shall stand.
        private: Only for its owner's eyes, whatever stood there before.

    Raises:
        LedgerError: ``no_folder``, ``output_unwritable``; a file that was there before is
            unchanged.
    """
    with bytes_aside(path, private=private) as raw:
        stream = io.TextIOWrapper(cast(io.BufferedWriter, raw), "utf-8", errors=ESCAPES)
        try:
            yield stream
        except BaseException:
            with suppress(OSError, ValueError):
                stream.detach()  # what is closed below is closed once
            raise
        stream.detach()


@contextmanager
def bytes_aside(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Write a file of bytes beside its place and rename it there when it is whole.

    Args:
        path: Where it shall stand.
        private: Only for its owner's eyes, whatever stood there before.

    Raises:
        LedgerError: ``no_folder``, ``output_unwritable``; a file that was there before is
            unchanged.
    """
    if path.exists() and not path.is_file():  # a device or a pipe has no place to rename to
        with translated(path), path.open("wb") as raw:
            yield raw
        return
    with translated(path):
        target = path.resolve()
        handle, aside = _begun(target)
    try:
        with translated(path), open(handle, "wb") as raw:  # noqa: PTH123 - a descriptor
            yield raw
            raw.flush()
            os.fsync(handle)
            if not private:  # mkstemp made it for its owner alone
                aside.chmod(target.stat().st_mode if target.exists() else _PUBLIC & ~_umask())
        with translated(path):
            aside.replace(target)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


_PART: Final = ".part"


def _begun(target: Path) -> tuple[int, Path]:
    """Make the file beside its place, and sweep away what killed runs have left of it there.

    Whoever writes such a file holds a lock on it, which goes with its process, however that ends.
    Names and cards may stand in what was left: it is not kept for anybody.
    """
    _sweep(target)
    while True:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=_begin(target), suffix=_PART)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if Path(name).exists():  # else another run took it for a leftover, before it was locked
            return handle, Path(name)
        os.close(handle)


def _sweep(target: Path) -> None:
    begin = _begin(target)
    with suppress(OSError):
        for entry in os.scandir(target.parent):
            name = entry.name
            if name.startswith(begin) and name.endswith(_PART) and "." not in _between(name, begin):
                _remove_unheld(Path(entry.path))


def _begin(target: Path) -> str:
    return f".{target.name}."


def _between(name: str, begin: str) -> str:
    """The part of a name that differs from run to run."""
    return name.removeprefix(begin).removesuffix(_PART)


def _remove_unheld(path: Path) -> None:
    with suppress(OSError), path.open("rb") as raw:
        fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Say with a code of ours why a file cannot be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LedgerError("no_folder", file=str(path)) from error
    except OSError as error:
        problem = os.strerror(error.errno) if error.errno else N_("it cannot be written")
        raise LedgerError("output_unwritable", file=str(path), problem=problem) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
