"""The log as static files: any web server can serve them, any verifier of the format read them.

``checkpoint`` and ``tile/`` are those of C2SP tlog-tiles. Beside them ``lines/`` holds the lines of
long documents, which the format does not know: one file a document and part, each line after its
length of four bytes, in order; their hashes lead to the root in the document's event.

A file is written aside and renamed. What never changes is written once; the checkpoint comes last,
so that whoever reads while it is written finds everything that the checkpoint needs.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from ledger.eventlog.engine import begin_reading
from ledger.eventlog.tables import event_line
from ledger.eventlog.tree import StoredHashes
from ledger.evidence.log import Evidence
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.tiles import CHECKPOINT, Tile, pack_entries, pack_hashes, tiles_of
from ledger.proof.tree import TILE_HEIGHT, TILE_WIDTH

LINES: Final = "lines"
_LENGTH_BYTES: Final = 4
_AT_ONCE: Final = 1_000

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Exported:
    """What an export holds: the checkpoint's origin and size, and how many files were new."""

    origin: str
    size: int
    files: int


def export_log(evidence: Evidence, folder: Path, progress: Progress | None = None) -> Exported:
    """Write the log up to its latest checkpoint into a folder; what is there already stays.

    Args:
        evidence: The log.
        folder: Where; an earlier export of the same log, or empty, or not there.
        progress: Called now and then with the position reached.

    Raises:
        LedgerError: ``no_checkpoint``, ``log_forked`` where the folder holds another log,
            ``output_unwritable``.
    """
    latest = evidence.latest()
    if latest is None:
        raise LedgerError("no_checkpoint")
    note = evidence.note_of(latest)
    before = _size_before(evidence, folder)
    writing = _Writing(folder)
    try:
        with begin_reading(evidence.engine) as connection:
            for tile in tiles_of(latest.size):
                if tile.width == TILE_WIDTH and _is_there(folder, tile, before):
                    continue
                _export_tile(connection, evidence, tile, writing)
                if progress is not None and tile.level == 0:
                    progress(tile.index * TILE_WIDTH + tile.width)
            _export_lines(connection, evidence.tenant, before, latest.size, writing)
        writing.put(CHECKPOINT, note)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise LedgerError("output_unwritable", file=str(folder), problem=problem) from None
    return Exported(evidence.origin(), latest.size, writing.files)


def _size_before(evidence: Evidence, folder: Path) -> int:
    """Size of the log that a folder holds already, which must be the beginning of this one."""
    try:
        raw = (folder / CHECKPOINT).read_bytes()
    except OSError:
        return 0
    before = open_checkpoint(raw, evidence.verifiers()).checkpoint
    with evidence.tree() as tree:
        if before.size > tree.size or tree.root(before.size) != before.root:
            raise LedgerError("log_forked", position=min(before.size, tree.size))
    return before.size


def _is_there(folder: Path, tile: Tile, before: int) -> bool:
    """Tell whether an earlier export of the same log left a full tile, which never changes."""
    ends = (tile.index + 1) * TILE_WIDTH << tile.level * TILE_HEIGHT
    files = [tile.path] if tile.level else [tile.path, tile.entries_path]
    return ends <= before and all((folder / path).is_file() for path in files)


def _export_tile(
    connection: Connection, evidence: Evidence, tile: Tile, writing: "_Writing"
) -> None:
    hashes = StoredHashes(connection, evidence.tenant).tile(tile.level, tile.index, tile.width)
    writing.put(tile.path, pack_hashes(hashes))
    if tile.level == 0:
        first = tile.index * TILE_WIDTH + 1
        entries = evidence.entries(first, first + tile.width - 1)
        writing.put(tile.entries_path, pack_entries(entries))


def _export_lines(
    connection: Connection, tenant: str, before: int, size: int, writing: "_Writing"
) -> None:
    table = event_line.c
    streaming = connection.execution_options(stream_results=True, max_row_buffer=_AT_ONCE)
    rows = streaming.execute(
        select(table.position, table.part, table.body)
        .where(table.tenant == tenant, table.position > before, table.position <= size)
        .order_by(table.position, table.part, table.line)
    )
    packed: dict[tuple[int, int], list[bytes]] = {}
    for position, part, body in rows:
        if (position, part) not in packed:
            _put_lines(packed, writing)
            packed = {(position, part): []}
        packed[position, part].append(len(body).to_bytes(_LENGTH_BYTES) + bytes(body))
    _put_lines(packed, writing)


def _put_lines(packed: dict[tuple[int, int], list[bytes]], writing: "_Writing") -> None:
    for (position, part), lines in packed.items():
        writing.put(f"{LINES}/{position}.{part}", b"".join(lines))


def unpack_lines(packed: bytes) -> Iterator[bytes]:
    """Take the lines of a document apart."""
    at = 0
    while at < len(packed):
        end = at + _LENGTH_BYTES + int.from_bytes(packed[at : at + _LENGTH_BYTES])
        yield packed[at + _LENGTH_BYTES : end]
        at = end


@dataclass
class _Writing:
    """Files under a folder, each there whole or not at all."""

    folder: Path
    files: int = 0

    def put(self, path: str, content: bytes | Iterable[bytes]) -> None:
        """Write a file, aside first; one that is there and the same stays."""
        whole = content if isinstance(content, bytes) else b"".join(content)
        target = self.folder / path
        if target.is_file() and target.read_bytes() == whole:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with aside.open("wb") as raw:
                raw.write(whole)
                raw.flush()
                os.fsync(raw.fileno())  # else a power cut could leave an empty file of this name
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        self.files += 1
