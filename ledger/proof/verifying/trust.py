"""Whom a verifier trusts, and whether the checkpoint is signed by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_text
from ledger.proof.note import VerifierKey, parse_note
from ledger.proof.verifying.files import UnreadableError
from ledger.proof.verifying.report import Report
from ledger.proof.verifying.words import PROBLEMS_OF_CODES

LOG_KEY_FROM_FILE: Final = (
    "The log's key was taken from the bundle itself: compare its fingerprint with the one that"
    " the supervising authority publishes, or give the key with --log-key"
)
NO_WITNESS: Final = (
    "No witness was asked for (--witness): only the log itself vouches that it shows everybody"
    " the same history"
)


@dataclass(frozen=True)
class Trust:
    """Keys that the caller brought.

    Attributes:
        log: Keys of the log; empty where the bundle's own must do.
        witnesses: Keys of witnesses.
        quorum: How many of them must have signed.
    """

    log: Sequence[VerifierKey] = ()
    witnesses: Sequence[VerifierKey] = ()
    quorum: int = 0


def read_key(text: str, file: str = "") -> VerifierKey:
    """Read a key.

    Raises:
        UnreadableError: It is none.
    """
    try:
        return VerifierKey.parse(text)
    except LedgerError:
        problem = "it is no key of a log or witness (name+id+key)"
        raise UnreadableError(problem, file or text[:60]) from None


def read_witness(text: str) -> VerifierKey:
    """Read a witness's key: a log's own signature is no second opinion.

    Raises:
        UnreadableError: It is none.
    """
    key = read_key(text)
    if not key.scheme.timestamped:
        raise UnreadableError("it is no witness's key: it signs no cosignatures", key.name)
    return key


def check_checkpoint(
    report: Report, raw: bytes, trust: Trust, own_keys: Sequence[str], file: str
) -> Checkpoint:
    """Read a checkpoint and see who signed it.

    Args:
        report: Takes findings and facts.
        raw: The signed note.
        trust: The caller's keys.
        own_keys: Keys of the log that stand beside the checkpoint.
        file: Where it stands.

    Raises:
        UnreadableError: It is no checkpoint.
    """
    try:
        checkpoint = parse_text(parse_note(raw).text)
    except LedgerError as error:
        raise UnreadableError(PROBLEMS_OF_CODES[error.code], file) from None
    keys = list(trust.log) or [read_key(text, file) for text in own_keys]
    if not trust.log:
        report.notes.append(LOG_KEY_FROM_FILE)
    if not trust.witnesses:
        report.notes.append(NO_WITNESS)
    report.facts |= {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "log_keys": [key.encode() for key in keys],
        "key_given": bool(trust.log),
        "signed": False,
        "witnesses": [],
    }
    try:
        opened = open_checkpoint(raw, keys, trust.witnesses)
    except LedgerError as error:
        report.add(PROBLEMS_OF_CODES[error.code], file=file, found=error.facts.get("value"))
        return checkpoint
    report.facts["signed"] = True
    report.facts["witnesses"] = [
        {"name": signed.key.name, "at": _instant(signed.at)} for signed in opened.cosigned
    ]
    names = {signed.key.name for signed in opened.cosigned}
    if len(names) < trust.quorum:
        report.add(PROBLEMS_OF_CODES["too_few_witnesses"], file=file,
                   found=f"{len(names)} < {trust.quorum}")  # fmt: skip
    return checkpoint


def _instant(at: int | None) -> str | None:
    try:
        return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return str(at)
