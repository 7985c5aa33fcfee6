"""The outcome of a verification as a page for people, or as JSON."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from ledger.kernel.money import format_yuan
from ledger.proof.verifying.report import COMPLETENESS, INTEGRITY, Finding, Report
from ledger.proof.verifying.words import say

_VERDICTS: Final = {
    INTEGRITY: (
        "intact: what is here is as it was recorded",
        "BROKEN: something here is not as it was recorded",
    ),
    COMPLETENESS: (
        "whole: all that it names and rests on is here",
        "GAPS: something that it names or rests on is missing",
    ),
}
_SHOWN: Final = 40
"""Findings on a page; JSON has more."""

_RUNS: Final = 6
_AMOUNTS: Final = (
    ("Net wage", "net_fen"), ("Paid", "paid_fen"), ("In transit", "in_transit_fen"),
    ("Open", "open_fen"),
)  # fmt: skip


def document(report: Report) -> dict[str, Any]:
    """The outcome as JSON-able values; keys are never translated."""
    return {
        "kind": report.kind,
        "integrity": report.holds(INTEGRITY),
        "completeness": report.holds(COMPLETENESS),
        **report.facts,
        "found": report.count,
        "findings": [asdict(finding) for finding in report.findings],
        "notes": report.notes,
    }


def page(report: Report, language: str) -> Iterator[str]:
    """The lines of a page."""

    def word(text: str) -> str:
        return say(text, language)

    for verdict, (good, bad) in _VERDICTS.items():
        yield f"{word(verdict)}: {word(good if report.holds(verdict) else bad)}"
    yield ""
    for label, value in _facts(report, language):
        yield f"{word(label)}: {value}"
    yield from _amounts(report, language)
    if report.findings:
        yield ""
        yield f"{word('Findings')}: {report.count}"
        for finding in report.findings[:_SHOWN]:
            yield f"  {_place(finding, language)}"
        if report.count > _SHOWN:
            yield f"  {say('and {n} more', language, n=report.count - _SHOWN)}"
    yield ""
    for note in report.notes:
        yield f"{word('Note')}: {word(note)}"


def _facts(report: Report, language: str) -> Iterator[tuple[str, str]]:
    facts = report.facts
    yield (
        "Bundle" if report.kind == "bundle" else "Receipt",
        plain(facts.get("name") or facts.get("claim") or ""),
    )
    yield "Log", plain(facts["origin"])
    yield "Postings in the log", f"{facts['size']:,}"
    yield "Root", facts["root"]
    yield "Signed by the log", say("yes" if facts["signed"] else "NO", language)
    for key in facts["log_keys"]:
        yield "Key of the log", f"{key} ({say('fingerprint', language)} {fingerprint(key)})"
    witnesses = [f"{one['name']} {one['at'] or ''}".strip() for one in facts["witnesses"]]
    yield "Witnesses", plain(", ".join(witnesses)) or say("none", language)
    for label, name in (
        ("Party", "party"), ("From", "from"), ("Until", "until"), ("Case", "case"),
        ("Worker", "worker"), ("Employer", "employer_name"), ("Project", "project_name"),
        ("Period", "period"), ("Due on", "due_on"),
    ):  # fmt: skip
        if isinstance(facts.get(name), str):
            yield label, plain(facts[name])
    if report.kind == "bundle":
        yield "Postings shown", f"{facts['shown']:,}"
        runs = [f"{a}" if a == b else f"{a}-{b}" for a, b in facts["withheld_runs"]]
        listed = ", ".join(runs[:_RUNS]) + (" ..." if len(runs) > _RUNS else "")
        yield "Postings withheld", f"{facts['withheld']:,}" + (f" ({listed})" if runs else "")
        yield "Lines shown", f"{facts['lines']:,}"


def _amounts(report: Report, language: str) -> Iterator[str]:
    facts = report.facts
    if report.kind == "receipt":
        for label, name in _AMOUNTS:
            yield f"{say(label, language)}: {format_yuan(facts[name])}"
        yield f"{say('Steps', language)}:"
        for step in facts["steps"]:
            amount = step["amount_fen"]
            shown = format_yuan(amount) if type(amount) is int else ""
            effect = plain(say(str(step["effect"]), language))
            place = f"{say('position', language)} {step['position']}/{step['line']}"
            yield f"  {plain(step['on'])}  {place}  {effect}  {shown}"
    elif facts.get("figures"):
        yield ""
        yield f"{say('Figures, computed anew', language)}:"
        for figure in facts["figures"]:
            label = plain(say(figure["component"], language))
            yield f"  {plain(figure['as_of'])}  {label}  {format_yuan(figure['figure_fen'])}"


def _place(finding: Finding, language: str) -> str:
    parts = []
    if finding.position is not None:
        parts.append(f"{say('position', language)} {finding.position}")
    if finding.line is not None:
        parts.append(f"{say('line', language)} {finding.line}")
    if finding.file:
        parts.append(plain(finding.file))
    found = f" ({plain(finding.found)})" if finding.found else ""
    return f"{', '.join(parts)}: {say(finding.problem, language)}{found}"


def fingerprint(key: str) -> str:
    """A key's fingerprint as it is published: SHA-256 of its text, in groups."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def plain(text: object) -> str:
    """Text from a file as it may be shown: nothing in it steers a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text))
