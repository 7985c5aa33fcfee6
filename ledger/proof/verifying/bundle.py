"""Verification of a bundle: files against the manifest, events against the checkpoint, figures.

Layout of a bundle (docs/concepts/evidence-bundles.md):

    manifest.json   what it is, for whom, from which log; the digest of every other file
    checkpoint      signed size and root of the log, with the witnesses' cosignatures
    keys.json       keys of log and witnesses, as the maker of the bundle names them
    events.txt      ``POSITION BODY``: every event shown, byte for byte as it is hashed
    proofs.txt      ``POSITION HASH HASH ...``: its way to the checkpoint's root
    lines/P-0.txt   excerpt of the document's lines of the event at P; -1: its journal lines
    figures.json    figures, each with the lines that it is the sum of
    history.json, documents.json, policies.json   what the events say, for people
"""

import hashlib
import re
from typing import Any, Final

from ledger.kernel.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.verifying.figures import check_figures
from ledger.proof.verifying.files import Files, UnreadableError, parsed_whole, require_size
from ledger.proof.verifying.report import COMPLETENESS, Report
from ledger.proof.verifying.shown import (
    DOCUMENT_LINE,
    PARTS,
    Event,
    check_balance,
    read_event,
    read_lines,
)  # fmt: skip
from ledger.proof.verifying.trust import Trust, check_checkpoint

FORMAT: Final = "wageledger-bundle/1"
MANIFEST: Final = "manifest.json"
CHECKPOINT: Final = "checkpoint"
KEYS: Final = "keys.json"
EVENTS: Final = "events.txt"
PROOFS: Final = "proofs.txt"
FIGURES: Final = "figures.json"
HISTORY: Final = "history.json"
DOCUMENTS: Final = "documents.json"
POLICIES: Final = "policies.json"

WITHHELD: Final = (
    "Withheld positions are not in this bundle: their number is proven, not what they say. Any of"
    " them can be asked for by its position and be checked against the same checkpoint"
)
UNSIGNED: Final = (
    "Texts, PDF and workbook are made from the events for reading; they are not in the log. What"
    " counts is what this program printed"
)

_ROW: Final = re.compile(rb"([1-9][0-9]{0,17}) (.+)")
_DEEPEST: Final = 63
_LINES: Final = re.compile(r"lines/([0-9]{10,18})-([01])\.txt")


def lines_path(position: int, part: int) -> str:
    """Where the lines of an event stand."""
    return f"lines/{position:010}-{part}.txt"


def check_bundle(files: Files, trust: Trust) -> Report:
    """Verify a bundle.

    Raises:
        UnreadableError: It is none, or one that cannot be judged.
    """
    report = Report("bundle")
    require_size(files)
    manifest = _manifest(files)
    _check_files(report, files, manifest)
    keys = parsed_whole(files.read(KEYS), KEYS)
    own = keys.get("log") if isinstance(keys, dict) else None
    if not isinstance(own, list) or not all(isinstance(key, str) for key in own):
        raise UnreadableError("the keys cannot be read", KEYS)
    head = check_checkpoint(report, files.read(CHECKPOINT), trust, own, CHECKPOINT)
    report.facts |= {name: manifest[name] for name in _TEXTS} | {
        "from": manifest.get("from"), "until": manifest.get("until"), "case": manifest.get("case"),
    }  # fmt: skip
    if (head.origin, head.size) != (manifest["origin"], manifest["size"]):
        report.add("manifest and checkpoint are not of the same log", file=MANIFEST)
    events = _check_events(report, files, manifest, head)
    _check_all_lines(report, files, events)
    for event in events.values():
        check_balance(report, event, EVENTS)
    _check_references(report, events)
    figures = parsed_whole(files.read(FIGURES), FIGURES)
    check_figures(report, figures, str(manifest["party"]), events, FIGURES)
    _check_told(report, files, events)
    shown = len(events)
    report.facts |= {
        "shown": shown,
        "withheld": max(0, head.size - shown),
        "withheld_runs": _runs(set(events), head.size),
        "lines": sum(len(event.lines) for event in events.values()),
    }
    report.notes += [WITHHELD, UNSIGNED]
    return report


_TEXTS: Final = ("origin", "tenant", "party", "name")


def _manifest(files: Files) -> dict[str, Any]:
    said = parsed_whole(files.read(MANIFEST), MANIFEST)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise UnreadableError("it is neither a bundle nor a receipt", MANIFEST)
    entries, positions = said.get("files"), said.get("events")
    whole = (
        all(isinstance(said.get(name), str) for name in _TEXTS)
        and type(said.get("size")) is int
        and isinstance(entries, list)
        and all(_is_entry(entry) for entry in entries)
        and isinstance(positions, list)
        and all(type(position) is int for position in positions)
    )
    if not whole:
        raise UnreadableError("the manifest cannot be read", MANIFEST)
    return said


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and type(entry.get("bytes")) is int
        and isinstance(entry.get("sha256"), str)
    )


def _check_files(report: Report, files: Files, manifest: dict[str, Any]) -> None:
    listed = {entry["path"]: entry for entry in manifest["files"]}
    for path in sorted(files.sizes.keys() - listed.keys() - {MANIFEST}):
        report.add("the manifest does not name this file", file=path)
    for path, entry in listed.items():
        if path not in files.sizes:
            report.add("a file is missing", verdict=COMPLETENESS, file=path)
            continue
        try:
            raw = files.read(path)
        except UnreadableError as error:
            report.add(error.problem, file=path)
            continue
        if len(raw) != entry["bytes"] or hashlib.sha256(raw).hexdigest() != entry["sha256"]:
            report.add("the file is not the one that the manifest names", file=path)


def _rows(report: Report, raw: bytes, file: str) -> dict[int, bytes]:
    rows: dict[int, bytes] = {}
    last = 0
    for number, row in enumerate(raw.split(b"\n"), 1):
        if not row:
            continue
        found = _ROW.fullmatch(row)
        position = int(found[1]) if found else 0
        if found is None or position <= last:
            report.add("a row cannot be read or is out of order", file=file, line=number)
            continue
        rows[position], last = found[2], position
    return rows


def _check_events(
    report: Report, files: Files, manifest: dict[str, Any], head: Checkpoint
) -> dict[int, Event]:
    bodies = _rows(report, files.read(EVENTS), EVENTS)
    proofs = _rows(report, files.read(PROOFS), PROOFS)
    events: dict[int, Event] = {}
    before = ""
    for position, raw in bodies.items():
        path = _path(proofs.get(position, b"-"))
        if path is None:
            report.add("the proof of the event is missing", file=PROOFS, position=position)
        elif not verify_inclusion(leaf_hash(raw), position - 1, head.size, path, head.root):
            report.add("the event is not the one in the log", file=EVENTS, position=position)
        event = read_event(report, position, raw, EVENTS)
        if event is None:
            continue
        if event.said["tenant"] != manifest["tenant"]:
            report.add("the event is of another ledger", file=EVENTS, position=position)
        if event.said["recorded_at"] <= before:
            report.add("the event was not recorded after the one before", file=EVENTS,
                       position=position)  # fmt: skip
        before = event.said["recorded_at"]
        events[position] = event
    named = set(manifest["events"])
    for position in sorted(named - bodies.keys()):
        report.add("an event is missing", verdict=COMPLETENESS, file=EVENTS, position=position)
    for position in sorted(bodies.keys() - named):
        report.add("the manifest does not name this event", file=EVENTS, position=position)
    return events


def _path(row: bytes) -> list[bytes] | None:
    """Hashes of a proof; ``-`` is the proof of the only leaf of a tree."""
    if row == b"-":
        return []
    parts = row.split(b" ")
    try:
        path = [bytes.fromhex(part.decode("ascii")) for part in parts]
    except ValueError:
        return None
    return path if len(path) <= _DEEPEST and all(len(one) == HASH_BYTES for one in path) else None


def _check_all_lines(report: Report, files: Files, events: dict[int, Event]) -> None:
    for path in sorted(files.sizes):
        found = _LINES.fullmatch(path)
        if found is None:
            if path.startswith("lines/"):
                report.add("it is no file of lines", file=path)
            continue
        event = events.get(int(found[1]))
        if event is None:
            report.add("its event is not here", file=path, position=int(found[1]))
        else:
            read_lines(report, event, int(found[2]), files.read(path), path)
    for position, event in events.items():
        for part, name in PARTS.items():
            if name in event.said and lines_path(position, part) not in files.sizes:
                report.add("the lines of the event are missing", verdict=COMPLETENESS,
                           file=lines_path(position, part), position=position)  # fmt: skip


def _check_references(report: Report, events: dict[int, Event]) -> None:
    """See that what shown lines rest on is shown: the sheet or posting that made each claim."""
    made = {
        str(event.fields.get(field))
        for event in events.values()
        for kind, field in (("PayrollSubmitted", "sheet"), ("ClaimAsserted", "claim"))
        if event.said["kind"] == kind
    }
    for position, event in events.items():
        for number, line in event.lines.items():
            claim = line.get("claim")
            if isinstance(claim, str) and not {claim, claim.rpartition("/")[0]} & made:
                report.add("the claim's own posting is not here", verdict=COMPLETENESS,
                           file=lines_path(position, DOCUMENT_LINE), position=position,
                           line=number, found=claim)  # fmt: skip


def _check_told(report: Report, files: Files, events: dict[int, Event]) -> None:
    """See that what is told of events for people is what they say."""
    for file, key, keys in (
        (HISTORY, "events", ("on", "kind", "recorded_at", "document")),
        (DOCUMENTS, "documents", ("document",)),
        (POLICIES, "policies", ("policies",)),
    ):
        said = parsed_whole(files.read(file), file)
        rows = said.get(key) if isinstance(said, dict) else None
        if not isinstance(rows, list):
            report.add("the file cannot be read", file=file)
            continue
        for row in rows:
            position = row.get("position") if isinstance(row, dict) else None
            event = events.get(position) if isinstance(position, int) else None
            if event is None:
                report.add("it tells of an event that is not here", file=file,
                           position=position if isinstance(position, int) else None)  # fmt: skip
            elif any(row.get(name) != event.said.get(name) for name in keys):
                report.add("it tells of an event what the event does not say", file=file,
                           position=event.position)  # fmt: skip


def _runs(shown: set[int], size: int) -> list[list[int]]:
    """Withheld positions as runs of first and last."""
    runs: list[list[int]] = []
    before = 0
    for position in (*sorted(one for one in shown if one <= size), size + 1):
        if position > before + 1:
            runs.append([before + 1, position - 1])
        before = position
    return runs
