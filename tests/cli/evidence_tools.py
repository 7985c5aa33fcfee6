"""Evidence in the hands of a stranger: unpacked, changed, packed again, verified as they would."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.proof.verifying.main import main

VERIFIER = Path(sys.executable).with_name("wageledger-verify")


@dataclass(frozen=True)
class Judged:
    """How the verifier ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any answer
        """The answer of ``--format json``."""
        return json.loads(self.out)

    def places(self) -> set[tuple[str | None, int | None, str]]:
        """File, position and verdict of every finding."""
        return {(one["file"], one["position"], one["verdict"]) for one in self.json["findings"]}


def judged(path: Path, *words: str, command: tuple[str, ...] | None = None) -> Judged:
    """Run the verifier here, where nothing that it lets through goes unseen, or by a command."""
    if command is not None:
        done = subprocess.run(
            [*command, str(path), *words], capture_output=True, check=False, timeout=120
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in out + err
        return Judged(done.returncode, out, err)
    shown, told = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _stream in range(2))
    with redirect_stdout(shown), redirect_stderr(told):
        status = main([str(path), *words])
    texts = []
    for stream in (shown, told):
        stream.seek(0)
        texts.append(stream.read())
    return Judged(status, *texts)


def unpacked(bundle: Path, folder: Path) -> Path:
    """A bundle as a folder."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def changed(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change a file, and the manifest too, as somebody would who knows what it is for."""
    path = folder / name
    before = path.read_bytes()
    after = change(before)
    assert after != before
    path.write_bytes(after)
    relisted(folder)


def relisted(folder: Path) -> None:
    """Make the manifest anew over the files that are there now."""
    path = folder / "manifest.json"
    said = json.loads(path.read_bytes())
    said["files"] = [
        {
            "path": one.relative_to(folder).as_posix(), "bytes": one.stat().st_size,
            "sha256": hashlib.sha256(one.read_bytes()).hexdigest(),
        }
        for one in sorted(folder.rglob("*")) if one.is_file() and one != path
    ]  # fmt: skip
    path.write_text(json.dumps(said), "utf-8")


def with_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what the manifest says."""
    path = folder / "manifest.json"
    said = json.loads(path.read_bytes())
    change(said)
    path.write_text(json.dumps(said), "utf-8")
