"""``wageledger check``, ``verify`` and ``projections``: are the books right, and is the log whole?

A difference ends with status 8 and every finding.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.boundary import Ended
from cli.intake import read_whole
from cli.messages import N_, _
from cli.output import Listing, View
from cli.program import Command, Group, Option, Word
from cli.progress import Progress, Waiting
from cli.witness_files import head_of
from ledger.kernel.codes import EXIT_DIFFERENCE
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.evidence import Held
    from ledger.store import Store

CLAIMS: Final = "claims"
"""Name under which the write side's claims are rebuilt, beside the read models."""

_VERIFIED: Final = View(
    (
        Listing(
            "findings", ("position", "line", "rule", "detail"), empty=N_("The log is as written.")
        ),
    ),
    facts=(
        "tenant", "from_position", "last_position", "events", "lines", "checkpoints", "found",
        "integrity", "completeness", "proved_to", "witnesses", "not_proved",
    ),
)  # fmt: skip
_CHECKED: Final = View(
    (
        Listing("rules", ("rule", "holds", "meaning")),
        Listing(
            "differences",
            (
                "rule", "position", "on", "book", "account", "region", "project", "counterparty",
                "due_on", "claim", "batch", "amount_fen", "table", "missing_rows",
                "surplus_rows", "detail",
            ),
            title=N_("Differences"),
        ),
    ),
    facts=("position",),
)  # fmt: skip
MEANINGS: Final[Mapping[str, str]] = {
    "balanced": N_("lines of a posting sum to zero in each book"),
    "mirrors": N_("mirrored accounts agree"),
    "claims": N_("open claims are the wages payable, claims in transit the money in transit"),
    "signs": N_("accounts that may not change sign never do"),
    "reserves": N_("wage accounts cover what is not theirs, funds what they committed"),
    "free": N_("nothing is taken from a claim twice"),
    "payout_lines": N_("an instructed line ends settled or returned, once"),
    "outflows": N_("wage accounts and deposits go down only as the law allows"),
    "fund": N_("a fund holds what was paid into it, less what left it"),
    "reversals": N_("a reversed posting and its reversal sum to zero"),
    "tables": N_("what decisions read is what the log gives"),
    "replay": N_("replaying the log gives every row again"),
}
"""The invariants by name, in the order of postings.md; a test holds them to the service's."""

NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "1": ("balanced", "mirrors"),
    "2": ("claims",),
    "3": ("signs", "reserves", "free"),
    "4": ("payout_lines",),
    "5": ("outflows",),
    "6": ("fund",),
    "7": ("tables", "replay"),
    "8": ("reversals",),
}
"""The numbers of the invariants in postings.md."""
_STATUS: Final = View(
    (
        Listing("projections", ("name", "state", "version", "position", "behind")),
        Listing("parked", ("name", "stream", "position", "reason"), title=N_("Standing still")),
    ),
)
_REBUILT: Final = View(
    (Listing("projections", ("name", "version", "position", "rows", "equal", "differing_rows")),)
)


def command(name: str) -> click.Command:
    """Make ``check``, ``verify`` or ``projections``."""
    if name == "verify":
        return Command(
            "verify",
            verify,
            summary=N_("Verify the log: order, content, lines"),
            params=[
                Option(
                    ["--from", "from_position"], type=int, metavar="POSITION",
                    help=N_("Where to begin; of what lies before only the kept hashes are used"),
                ),
                Option(["--full"], is_flag=True, help=N_("From the first event (the default)")),
                Option(
                    ["--incremental"], is_flag=True,
                    help=N_("Begin after the latest checkpoint that you hold"),
                ),
                Option(
                    ["--checkpoint", "checkpoints"], multiple=True, metavar="FILE",
                    help=N_("A signed checkpoint that you hold; may be repeated"),
                ),
                Option(
                    ["--log", "folder"], metavar="FOLDER",
                    help=N_("An export of this log that you hold"),
                ),
                Option(
                    ["--log-key", "log_keys"], multiple=True, metavar="KEY",
                    help=N_("Public key of the log, as you got it; may be repeated"),
                ),
                Option(
                    ["--witness", "witnesses"], multiple=True, metavar="KEY",
                    help=N_("Public key of a witness that you trust; may be repeated"),
                ),
            ],
        )  # fmt: skip
    if name == "check":
        return Command(
            "check",
            check,
            summary=N_("Check the invariants of the books"),
            params=[
                Word(
                    ["rules"],
                    N_("Names of invariants or their numbers; all, if left out"),
                    nargs=-1,
                    metavar="[RULE...]",
                )
            ],
        )
    return Group(
        "projections",
        summary=N_("State of the read models; rebuild them"),
        commands=[
            Command("status", status, summary=N_("Say how far each read model is")),
            Command(
                "rebuild",
                rebuild,
                summary=N_("Build read models anew beside the old ones, compare, change over"),
                params=[
                    Word(
                        ["names"],
                        N_("Names of read models; all, if left out"),
                        nargs=-1,
                        metavar="[NAME...]",
                    )
                ],
            ),
        ],
    )


def verify(
    *,
    from_position: int | None,
    full: bool,
    incremental: bool,
    checkpoints: tuple[str, ...],
    folder: str | None,
    log_keys: tuple[str, ...],
    witnesses: tuple[str, ...],
) -> None:
    """Read the log and say what is not as it was written, signed and seen.

    Raises:
        LedgerError: ``bad_option``, ``verify_failed``, or why what is held cannot be used.
    """
    from ledger.evidence import Held  # noqa: PLC0415 - loads storage
    from ledger.proof.note import VerifierKey  # noqa: PLC0415 - loads cryptography

    app = App.of(click.get_current_context())
    held = Held(
        [read_whole(name) for name in checkpoints],
        Path(folder) if folder else None,
        [VerifierKey.parse(key) for key in log_keys],
        [VerifierKey.parse(key) for key in witnesses],
    )
    begin = _beginning(from_position, held, full=full, incremental=incremental)
    with app.readable_store() as store:
        left = max(0, store.position() - begin + 1)
        with Progress(left, quiet=app.printer.quiet) as bar:
            report = store.verify(begin, _advancing(bar, begin - 1), held)
    found = [{**asdict(finding), "detail": _(finding.detail)} for finding in report.findings]
    answer = {
        **asdict(report), "findings": found, "integrity": report.intact,
        "completeness": report.complete,
        "not_proved": max(0, report.last_position - report.proved_to),
    }  # fmt: skip
    app.printer.show(answer, _VERIFIED)
    if not report.clean:
        raise LedgerError("verify_failed", position=report.findings[0].position)


def _beginning(from_position: int | None, held: "Held", *, full: bool, incremental: bool) -> int:
    """Position from which bodies and lines are read.

    Raises:
        LedgerError: ``bad_option`` where the options do not fit together.
    """
    if full + incremental + (from_position is not None) > 1:
        raise LedgerError("bad_option", option="--full, --incremental, --from")
    if incremental:
        sizes = [head_of(raw).size for raw in held.checkpoints]
        if not sizes:
            raise LedgerError("bad_option", option="--incremental", value="--checkpoint")
        return max(sizes) + 1
    if from_position is not None and from_position < 1:
        raise LedgerError("bad_option", option="--from", value=from_position)
    return from_position or 1


def _advancing(bar: Progress, begin: int) -> Callable[[int], None]:
    """Move a bar to the positions that are reported."""
    reached = begin

    def advance(position: int) -> None:
        nonlocal reached
        bar.advance(position - reached, position - reached)
        reached = position

    return advance


def check(rules: tuple[str, ...]) -> None:
    """Check invariants over the whole log and show every difference.

    Raises:
        LedgerError: ``bad_option`` for a rule that does not exist, ``check_failed``.
    """
    app = App.of(click.get_current_context())
    names = named_rules(rules)
    with app.readable_store() as store, Waiting(quiet=app.printer.quiet):
        findings = store.check(names)
        position = store.position()
    failed = {finding.rule for finding in findings}
    document = {
        "position": position,
        "rules": [
            {"rule": name, "holds": name not in failed, "meaning": _(MEANINGS[name])}
            for name in names
        ],
        "differences": [
            {"rule": each.rule, "position": each.position, **each.facts} for each in findings
        ],
    }
    app.printer.show(document, _CHECKED)
    if findings:
        raise LedgerError("check_failed", rule=findings[0].rule, position=findings[0].position)


def named_rules(given: tuple[str, ...]) -> list[str]:
    """Names of invariants, from names or from their numbers in postings.md; none means all.

    Raises:
        LedgerError: ``bad_option`` for one that does not exist.
    """
    names: list[str] = []
    for text in given:
        if text not in MEANINGS and text not in NUMBERS:
            raise LedgerError("bad_option", option="RULE", value=text)
        names += NUMBERS.get(text, (text,))
    return [name for name in MEANINGS if name in names or not given]


def status() -> None:
    """Show how far the read models are; status 8 when one stands still."""
    from projections.runner import status as status_of  # noqa: PLC0415 - loads storage

    app = App.of(click.get_current_context())
    with app.store() as store:
        rows = status_of(store.engine, store.tenant)
    parked = [{"name": row["name"], **one} for row in rows for one in row["parked"]]
    app.printer.show({"projections": rows, "parked": parked}, _STATUS)
    if parked:
        raise Ended(EXIT_DIFFERENCE)


def _rebuilt_claims(store: "Store") -> dict[str, Any]:
    """Rebuild what decisions read, and say it as of a read model."""
    differing = sum(found.missing + found.surplus for found in store.rebuild_claims())
    return {
        "name": CLAIMS, "version": 1, "position": store.position(), "rows": None,
        "equal": not differing, "differing_rows": differing,
    }  # fmt: skip


def rebuild(names: tuple[str, ...]) -> None:
    """Rebuild claims and read models; status 8 when the rows before were not the same.

    Raises:
        LedgerError: ``bad_option`` for a name that does not exist, ``projection_differs``.
    """
    from projections.rebuilding import rebuild as rebuild_models  # noqa: PLC0415 - loads storage

    app = App.of(click.get_current_context())
    models = [name for name in names if name != CLAIMS]
    rows: list[dict[str, Any]] = []
    with app.store() as store, Progress(quiet=app.printer.quiet) as bar:
        if not names or CLAIMS in names:
            rows.append(_rebuilt_claims(store))
        if not names or models:
            rows += rebuild_models(store.engine, store.tenant, models or None, bar.reach)
    app.printer.show({"projections": rows}, _REBUILT)
    for row in rows:
        if not row["equal"]:
            raise LedgerError("projection_differs", projection=row["name"])
