"""Peak memory of a process of its own that opens a ledger and does one thing with a file."""

import contextlib
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ledger.service import Ledger, LedgerConfig
from measures.places import Place

_ASKED: Final = "--peak"
_KIB_PER_MB: Final = 1_000_000 / 1024


def peak_memory_mb(measure: str, place: Place, path: Path) -> float:
    """Peak memory of a measure's work on a file, in MB.

    Args:
        measure: Its module, whose ``main`` asks ``said_peak`` first.
        place: Where the ledger is.
        path: The file.
    """
    config = place.config
    command = [
        sys.executable, "-m", measure, _ASKED, str(path), config.url, str(config.vault_url),
        str(config.key_file),
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def said_peak(given: Sequence[str], work: Callable[[Ledger, Path], object]) -> bool:
    """Do the work and print the peak, where that is what a process was started for."""
    if list(given[:1]) != [_ASKED]:
        return False
    path, url, vault_url, key_file = given[1:]
    config = LedgerConfig(url, vault_url=vault_url, key_file=Path(key_file))
    with contextlib.closing(Ledger.open(config)) as ledger:
        work(ledger, Path(path))
    sys.stdout.write(f"{own_peak_kib() / _KIB_PER_MB:.1f}\n")
    return True


def own_peak_kib() -> float:
    """Peak of this process alone: ``ru_maxrss`` on Linux begins with the parent's."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform == "darwin" else peak
