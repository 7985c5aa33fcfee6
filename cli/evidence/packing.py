"""An evidence bundle as files: each with the bytes that the verifier reads, and a zip of them."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from ledger.kernel.canonical import canonical_bytes
from ledger.proof.excerpt import excerpt
from ledger.proof.verifying.bundle import (
    CHECKPOINT,
    DOCUMENTS,
    EVENTS,
    FIGURES,
    FORMAT,
    HISTORY,
    KEYS,
    MANIFEST,
    POLICIES,
    PROOFS,
    lines_path,
)  # fmt: skip
from ledger.proof.verifying.shown import DOCUMENT_LINE, JOURNAL_LINE
from ledger.proof.verifying.single_file import packed_as

if TYPE_CHECKING:
    from cli.evidence.source import Source
    from ledger.proof.checkpoint import Checkpoint

PEOPLE: Final = "people.json"


@dataclass(frozen=True)
class Asked:
    """What a bundle is asked for.

    Attributes:
        party: Credit code.
        since: First day whose documents come with their lines, None for all.
        until: Day up to which everything counts.
        case: Number of the case for which it is made, None for none.
    """

    party: str
    since: str | None
    until: str
    case: str | None


Files = dict[str, bytes]


def proven_files(source: "Source", told: Mapping[str, Any]) -> Files:
    """The part of a bundle that is proven: events, proofs, lines, checkpoint, keys."""
    events, proofs = [], []
    files: Files = {CHECKPOINT: source.signed, KEYS: _json({"log": list(source.keys)})}
    with source.log.tree() as tree:
        for position in told["positions"]:
            source.require(position)
            path = tree.inclusion_proof(position - 1, source.head.size)
            hashes = " ".join(node.hex() for node in path) or "-"
            proofs.append(f"{position} {hashes}\n".encode())
    for position in told["positions"]:
        events.append(b"%d %b\n" % (position, source.log.entry(position)))
        body = told["bodies"][position]
        if "lines" in body:
            shown = told["lines"].get(position, {})
            files[lines_path(position, DOCUMENT_LINE)] = excerpt(source.lines(position), shown)
        if "journal_lines" in body:
            bodies = source.lines(position, JOURNAL_LINE)
            files[lines_path(position, JOURNAL_LINE)] = excerpt(bodies, range(1, len(bodies) + 1))
    files[EVENTS] = b"".join(events)
    files[PROOFS] = b"".join(proofs)
    return files


def told_files(told: Mapping[str, Any]) -> Files:
    """The part that tells of the events: figures, time line, documents, policy records."""
    bodies = told["bodies"]
    documents = [
        {"position": position, "kind": body["kind"], "on": body["on"],
         "document": body["document"]}
        for position, body in sorted(bodies.items()) if "document" in body
    ]  # fmt: skip
    policies = [
        {"position": position, "kind": body["kind"], "on": body["on"],
         "policies": body["policies"]}
        for position, body in sorted(bodies.items()) if "policies" in body
    ]  # fmt: skip
    return {
        FIGURES: _json({"figures": told["figures"]}),
        HISTORY: _json({"events": told["events"]}),
        DOCUMENTS: _json({"documents": documents}),
        POLICIES: _json({"policies": policies}),
    }


def manifest(
    asked: Asked, told: Mapping[str, Any], head: "Checkpoint", tenant: str, files: Files
) -> bytes:  # fmt: skip
    """What the bundle is, and the digest of every file in it."""
    entries = [
        {"path": path, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        for path, raw in sorted(files.items())
    ]
    return canonical_bytes(
        {
            "format": FORMAT, "origin": head.origin, "tenant": tenant, "size": head.size,
            "root": head.root.hex(), "party": asked.party, "name": told["name"],
            "from": asked.since, "until": asked.until, "case": asked.case,
            "unmasked": PEOPLE in files, "events": list(told["positions"]), "files": entries,
        }
    )  # fmt: skip


def write_zip(files: Files, manifest_bytes: bytes, stream: BinaryIO) -> None:
    """Write the files as a zip; the same files give the same bytes."""
    with zipfile.ZipFile(stream, "w") as archive:
        for path, raw in sorted({**files, MANIFEST: manifest_bytes}.items()):
            archive.writestr(packed_as(path), raw, compresslevel=6)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def people_file(people: Mapping[str, Any]) -> bytes:
    """Identities that a case allows to be shown."""
    return _json(people)
