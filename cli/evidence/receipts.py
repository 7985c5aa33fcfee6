"""A worker's receipt: the claim with its own lines and proofs, as one file and as a page.

The file is a first line that says what it is and one line of JSON. The page holds the same file as
an attachment, so that the paper's file alone can be verified, and a QR code that says where in
which log the claim stands.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cli.evidence.paper import Paper
from cli.headings import heading
from cli.messages import N_, _
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.merkle import leaf_hash
from ledger.kernel.money import format_yuan
from ledger.proof.excerpt import excerpt
from ledger.proof.receipt import LogProof
from ledger.proof.verifying.files import RECEIPT_HEAD
from ledger.proof.verifying.page import fingerprint
from ledger.proof.verifying.receipt_check import FORMAT
from ledger.proof.verifying.shown import PARTS
from projections.queries.lines import stored_json

if TYPE_CHECKING:
    from cli.evidence.source import Source

ATTACHED: Final = "receipt.txt"

_CLAIM: Final = (
    "claim", "worker", "employer", "employer_name", "project", "project_name", "period", "due_on",
    "net_fen", "paid_fen", "in_transit_fen", "open_fen", "state",
)  # fmt: skip
EFFECTS: Final[Mapping[str, str]] = {
    "accrue": N_("on the wage sheet"),
    "assert": N_("claim asserted"),
    "reduce": N_("reduced"),
    "instruct": N_("payout instructed"),
    "settle": N_("paid by the bank"),
    "return": N_("returned by the bank"),
    "late_return": N_("returned after payment"),
    "discharge": N_("cleared"),
    "undo": N_("clearing undone"),
}
"""What a line does to its claim, in words."""


def receipt_bytes(source: "Source", told: Mapping[str, Any]) -> bytes:
    """The receipt as a file.

    Raises:
        LedgerError: ``no_checkpoint`` where the newest does not cover it.
    """
    entries = []
    for position, numbers in told["places"].items():
        source.require(position)
        raw = source.log.entry(position)
        path = tuple(source.log.inclusion_proof(position, source.head.size))
        entry = {
            "position": position,
            "event": raw.decode(),
            "proof": LogProof(position - 1, path, source.signed).encode().decode(),
        }
        body = stored_json(raw)
        for part, name in PARTS.items():
            if name in body:
                shown = numbers if part == 0 else ()
                entry[name] = excerpt(source.lines(position, part), shown).decode()
        entries.append(entry)
    said = {
        "format": FORMAT,
        "claim": {key: told[key] for key in _CLAIM},
        "events": entries,
        "checkpoint": source.signed.decode(),
        "keys": {"log": list(source.keys)},
    }
    return RECEIPT_HEAD + canonical_bytes(said) + b"\n"


def receipt_pdf(
    receipt: bytes, source: "Source", told: Mapping[str, Any], who: str
) -> bytes:  # fmt: skip
    """The receipt as a page, with the file itself attached."""
    head = source.head
    paper = Paper(_("Wage receipt"), f"{head.origin}  {head.size}  {head.root.hex()[:16]}")
    pdf = paper.pdf
    top = pdf.get_y()
    side = 52.0
    code = code_text(source, told)
    paper.code(code, side, pdf.w - pdf.r_margin - side + 4, top - 14)
    pdf.set_right_margin(pdf.r_margin + side)
    project = f"{told['project_name']}  {told['project']}"
    paper.facts(
        (
            (heading("worker"), who),
            (heading("employer"), f"{told['employer_name']}\n{told['employer']}"),
            (heading("project"), project),
            (heading("period"), told["period"]),
            (heading("due_on"), told["due_on"]),
            (heading("claim"), told["claim"]),
        ),
        30,
    )
    pdf.set_right_margin(pdf.r_margin - side)
    pdf.set_y(max(pdf.get_y(), top + side - 10))
    paper.text(_("Amounts in yuan"), pale=True)
    names = ("net_fen", "paid_fen", "in_transit_fen", "open_fen")
    paper.table(
        [_(label) for label in _LABELS], [[format_yuan(told[name]) for name in names]],
        (1, 1, 1, 1), range(4), 13,
    )  # fmt: skip
    paper.heading(_("What happened to this wage"))
    paper.table(
        (heading("on"), _("Step"), heading("amount_fen"), heading("position"), heading("line")),
        [
            (row["on"], _(EFFECTS.get(row["effect"], row["effect"])),
             format_yuan(row["amount_fen"]), str(row["position"]), str(row["line"]))
            for row in steps(source, told)
        ],
        (22, 40, 26, 16, 12), (2, 3, 4), 9,
    )  # fmt: skip
    _how(paper, source)
    paper.attach(ATTACHED, receipt)
    return paper.output()


_LABELS: Final = (N_("Net wage"), N_("Paid"), N_("On its way"), N_("Still owed"))


def steps(source: "Source", told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The claim's own lines in the order of the log."""
    found = []
    for position, numbers in told["places"].items():
        on = stored_json(source.log.entry(position))["on"]
        bodies = source.lines(position) if numbers else ()
        for number in numbers:
            line = stored_json(bodies[number - 1])
            if line.get("amount_fen") is not None:
                found.append({**line, "position": position, "on": on})
    return found


def _how(paper: Paper, source: "Source") -> None:
    head = source.head
    paper.heading(_("How to check this receipt"))
    paper.text(
        _("Keep the file of this page. Whoever has it can check, without the Internet and without"
          " asking the employer, that these amounts stand in the ledger: wageledger-verify FILE")
    )  # fmt: skip
    paper.text(
        _("The QR code says where this wage stands in the log and the fingerprints of both. The"
          " receipt holds no other worker's data.")
    )  # fmt: skip
    rows = [
        (_("Log"), _("{origin}, postings 1 to {size}", origin=head.origin, size=head.size)),
        (_("Root of the log"), head.root.hex()),
    ]
    for key in source.keys:
        rows.append((_("Key of the log"), key))
        rows.append((_("Its fingerprint"), fingerprint(key)))
    paper.facts(rows, 30)
    paper.text(
        _("What was recorded later is not on it: ask for a new one when something was paid."),
        pale=True,
    )


def code_text(source: "Source", told: Mapping[str, Any]) -> str:
    """What the QR code says: log, size and root; position, line and leaf of the claim."""
    head = source.head
    position, line = told["origin_position"], told["line"]
    bodies: Sequence[bytes] = source.lines(position)
    leaf = leaf_hash(bodies[line - 1]) if bodies else leaf_hash(source.log.entry(position))
    parts = (
        "wageledger-receipt/1", f"log={head.origin}", f"size={head.size}",
        f"root={head.root.hex()}", f"position={position}", f"line={line}", f"leaf={leaf.hex()}",
    )  # fmt: skip
    return "\n".join(parts)
