"""Disks that are really full: a few megabytes of memory mounted as a folder, where root may."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of its own, gone afterwards; every account may enter it."""
    folder = Path(tempfile.mkdtemp(prefix="wageledger-disk-"))
    folder.chmod(0o755)
    size = f"size={megabytes}m,mode=1777"
    subprocess.run([_mount(), "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run([_mount().replace("mount", "umount"), str(folder)], check=True)
        folder.rmdir()


@lru_cache
def can_mount() -> bool:
    """Whether this account may mount disks here; containers often forbid it even to root."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    try:
        with small_disk(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _mount() -> str:
    return shutil.which("mount") or "mount"
