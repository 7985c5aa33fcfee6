"""The verifier as one file that Python runs: ``python3 wageledger-verify.pyz BUNDLE``.

It holds the sources of ``ledger.kernel`` and ``ledger.proof`` and nothing else. The same sources
give the same bytes, so that a copy in a bundle can be compared with one from elsewhere.
"""

import io
import zipfile
from pathlib import Path
from typing import Final

import ledger

NAME: Final = "wageledger-verify.pyz"

_SHEBANG: Final = b"#!/usr/bin/env python3\n"
_MAIN: Final = b"""from ledger.proof.verifying.main import run

run()
"""
_PACKED: Final = ("kernel", "proof")
_MADE_AT: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644


def single_file() -> bytes:
    """Make the file."""
    root = Path(ledger.__file__).parent
    sources = {"ledger/__init__.py": (root / "__init__.py").read_bytes(), "__main__.py": _MAIN}
    for package in _PACKED:
        for path in (root / package).rglob("*.py"):
            sources[f"ledger/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    target = io.BytesIO()
    target.write(_SHEBANG)
    with zipfile.ZipFile(target, "a") as archive:
        for name in sorted(sources):
            archive.writestr(packed_as(name), sources[name], compresslevel=9)
    return target.getvalue()


def packed_as(name: str) -> zipfile.ZipInfo:
    """Say how a file stands in an archive: with no trace of when and where it was made."""
    info = zipfile.ZipInfo(name, _MADE_AT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = _MODE << 16
    return info
