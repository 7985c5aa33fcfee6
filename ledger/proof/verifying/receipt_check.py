"""Verification of a worker's receipt: one claim, what became of it, nothing of anybody else.

A receipt is a text: a first line that says what it is, and one line of JSON. It holds the events
that the claim went through as they were recorded, each with its tlog-proof, and of their lines the
worker's own; the others are hashes of subtrees.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash, verify_inclusion
from ledger.proof.receipt import LogProof
from ledger.proof.verifying.files import UnreadableError
from ledger.proof.verifying.report import COMPLETENESS, Report
from ledger.proof.verifying.shown import (
    PARTS,
    Event,
    check_balance,
    read_event,
    read_lines,
)  # fmt: skip
from ledger.proof.verifying.trust import Trust, check_checkpoint
from ledger.proof.verifying.words import PROBLEMS_OF_CODES

FORMAT: Final = "wageledger-receipt/1"

EFFECTS: Final[Mapping[str, tuple[int, int, int]]] = {
    "accrue": (1, 0, 0), "assert": (1, 0, 0), "reduce": (-1, 0, 0), "instruct": (0, 0, 1),
    "settle": (0, 1, -1), "return": (0, 0, -1), "late_return": (0, -1, 0), "discharge": (0, 1, 0),
    "undo": (0, -1, 0),
}  # fmt: skip
"""What a line does to its claim: signs for net, paid, in transit, as the domain's effects say."""

LATER: Final = (
    "What the ledger recorded about this claim after the checkpoint, or left out of this receipt,"
    " is not in it: ask for a new one"
)

_AMOUNTS: Final = ("net_fen", "paid_fen", "in_transit_fen", "open_fen")


def check_receipt(said: Mapping[str, Any], trust: Trust, name: str) -> Report:
    """Verify a receipt.

    Raises:
        UnreadableError: It is none, or one that cannot be judged.
    """
    report = Report("receipt")
    claim, entries, keys, checkpoint = _parts(said, name)
    head = check_checkpoint(report, checkpoint.encode(), trust, keys, name)
    events: dict[int, Event] = {}
    for entry in entries:
        event = _check_entry(report, entry, head.size, head.root, checkpoint, name)
        if event is not None:
            events[event.position] = event
    _check_claim(report, claim, events, name)
    report.facts |= {"claim": claim["claim"], "events": sorted(events)}
    report.facts |= {key: claim[key] for key in _TOLD if isinstance(claim.get(key), str)}
    report.notes.append(LATER)
    return report


_TOLD: Final = ("worker", "employer", "employer_name", "project", "project_name", "period",
                "due_on")  # fmt: skip


def _parts(
    said: Mapping[str, Any], name: str
) -> tuple[dict[str, Any], list[dict[str, Any]], list[str], str]:
    claim, entries, keys = said.get("claim"), said.get("events"), said.get("keys")
    own = keys.get("log") if isinstance(keys, dict) else None
    checkpoint = said.get("checkpoint")
    if (
        said.get("format") != FORMAT
        or not isinstance(claim, dict)
        or not isinstance(claim.get("claim"), str)
        or not all(type(claim.get(key)) is int for key in _AMOUNTS)
        or not isinstance(entries, list)
        or not all(_is_entry(entry) for entry in entries)
        or not isinstance(own, list)
        or not all(isinstance(key, str) for key in own)
        or not isinstance(checkpoint, str)
    ):
        raise UnreadableError("the receipt cannot be read", name)
    return claim, entries, own, checkpoint


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and type(entry.get("position")) is int
        and isinstance(entry.get("event"), str)
        and isinstance(entry.get("proof"), str)
        and isinstance(entry.get("lines", ""), str)
        and isinstance(entry.get("journal_lines", ""), str)
    )


def _check_entry(
    report: Report, entry: Mapping[str, Any], size: int, root: bytes, checkpoint: str, name: str
) -> Event | None:
    position = entry["position"]
    raw = _bytes(entry["event"])
    try:
        proof = LogProof.parse(_bytes(entry["proof"]))
    except LedgerError as error:
        report.add(PROBLEMS_OF_CODES[error.code], file=name, position=position)
        return None
    if proof.checkpoint != checkpoint.encode("utf-8", "replace"):
        report.add("the proof is of another checkpoint", file=name, position=position)
    if proof.index != position - 1 or not verify_inclusion(
        leaf_hash(raw), proof.index, size, proof.path, root
    ):
        report.add("the event is not the one in the log", file=name, position=position)
    event = read_event(report, position, raw, name)
    if event is None:
        return None
    for part, key in PARTS.items():
        if key in entry:
            read_lines(report, event, part, _bytes(entry[key]), name)
        elif key in event.said:
            report.add("the lines of the event are missing", verdict=COMPLETENESS, file=name,
                       position=position)  # fmt: skip
    if event.whole_journal:
        check_balance(report, event, name)
    return event


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _check_claim(
    report: Report, claim: Mapping[str, Any], events: Mapping[int, Event], name: str
) -> None:
    """Sum the claim's lines and compare; see that its sheet was approved."""
    sums, steps, others = [0, 0, 0], [], 0
    origin: Event | None = None
    for event, number, line in _lines(events):
        if line.get("claim") != claim["claim"]:
            others += 1
            continue
        amount, effect = line.get("amount_fen"), str(line.get("effect"))
        if type(amount) is int:
            signs = EFFECTS.get(effect, (0, 0, 0))
            sums = [old + sign * amount for old, sign in zip(sums, signs, strict=True)]
        if effect in {"accrue", "assert"}:
            origin = event
        if line.get("worker") != claim.get("worker"):
            report.add("the line is of another worker", file=name, position=event.position,
                       line=number)  # fmt: skip
        steps.append({"position": event.position, "line": number, "on": event.on,
                      "effect": effect, "amount_fen": amount})  # fmt: skip
    net, paid, transit = sums
    found = {"net_fen": net, "paid_fen": paid, "in_transit_fen": transit, "open_fen": net - paid}
    report.facts |= {**found, "steps": steps, "foreign_lines": others}
    for key, amount in found.items():
        if claim[key] != amount:
            report.add("the lines give another amount", file=name,
                       found=f"{key}: {claim[key]} / {amount}")  # fmt: skip
    if origin is None:
        report.add("the claim's own posting is not here", verdict=COMPLETENESS, file=name)
    else:
        _check_origin(report, claim, origin, events, name)


def _lines(events: Mapping[int, Event]) -> Iterator[tuple[Event, int, dict[str, Any]]]:
    for _position, event in sorted(events.items()):
        for number, line in sorted(event.lines.items()):
            yield event, number, line


def _check_origin(
    report: Report, claim: Mapping[str, Any], origin: Event, events: Mapping[int, Event], name: str
) -> None:
    """Compare what the receipt tells of the claim with the posting that made it."""
    for key in ("project", "period", "due_on"):
        said = origin.fields.get(key)
        if said is not None and claim.get(key) != said:
            report.add("it tells of an event what the event does not say", file=name,
                       position=origin.position, found=key)  # fmt: skip
    approved = any(
        event.said["kind"] == "PayrollApproved"
        and event.fields.get("sheet") == origin.fields.get("sheet")
        for event in events.values()
    )
    if origin.said["kind"] == "PayrollSubmitted" and not approved:
        report.add("the approval of the sheet is not here", verdict=COMPLETENESS, file=name)
