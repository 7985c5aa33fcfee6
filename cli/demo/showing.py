"""What ``wageledger demo`` prints: liabilities, the fund, one crew's history, refusals, the check.

People get a page that fits 80 columns; ``--format json`` gives one object with the same figures.
"""

from collections.abc import Iterator
from typing import Any, Final, TextIO

from cli import tables
from cli.app import App
from cli.demo.playing import Played, day_of, own_ledger, play
from cli.messages import _, ngettext
from cli.names import heading, kind_name
from cli.output import Listing, Printer, View
from cli.widths import wrap
from ledger.kernel.errors import LedgerError
from ledger.store import CHECK_RULES

DEFAULT_SEED: Final = 1
_WIDTH: Final = 80
_CONTRACTORS: Final = (
    "own_arrears_fen", "accrued_not_due_fen", "joint_arrears_fen", "due_to_fund_fen",
    "recourse_payable_fen", "recourse_receivable_fen", "deposit_shortfall_fen",
    "compensation_payable_fen", "hard_debt_fen",
)  # fmt: skip
"""Figures of a party, the ones that it has."""
_FUND: Final = (
    "cash_fen", "committed_fen", "available_fen", "receivable_fen", "appropriated_fen",
    "donated_fen", "interest_fen", "recovered_fen", "floor_fen", "floor_gap_fen",
)  # fmt: skip
_EVENTS: Final = ("position", "on", "kind", "amount_fen")
_VIEW: Final = View((Listing("contractors", ("party", *_CONTRACTORS)),))
"""What JSON Lines and CSV write row by row."""


def run(app: App, seed: int | None, as_of: str | None) -> None:
    """Play the city into a ledger of its own and show its figures.

    Raises:
        LedgerError: ``bad_option``, what storage answers, ``check_failed``.
    """
    seed = DEFAULT_SEED if seed is None else seed
    on = day_of(app, as_of)
    app = own_ledger(app)
    played = play(app, seed, on)
    document = {"ledger": app.shown_url, "seed": seed, **_figures(app, played)}
    printer = app.printer
    if printer.chosen == "table":
        with printer.opened() as stream:
            stream.writelines(f"{line}\n" for line in page(document, printer, stream))
    else:
        printer.show(document, _VIEW)
    _say_where(app, played)
    if played.differences:
        first = played.differences[0]
        raise LedgerError("check_failed", rule=first["rule"], position=first["position"])


def _figures(app: App, played: Played) -> dict[str, Any]:
    at = {"as_of": played.as_of}
    with app.books() as books:
        owed = books.ask("liability:liability", **at)
        funds = books.ask("fund:fund_show", **at)["funds"]
        events = books.ask("history:history", party=played.party, **at)["events"]
        name = books.ask("party:party_show", party=played.party, **at)["name"]
    return {
        **at,
        "recorded": played.counts["recorded"],
        "duplicate": played.counts["duplicate"],
        "refused": played.refused,
        "contractors": owed["contractors"],
        "system_arrears_fen": owed["system_arrears_fen"],
        "funds": funds,
        "party": played.party,
        "name": name,
        "events": [event for event in events if event["on"] >= played.since],
        "rules": len(CHECK_RULES),
        "differences": played.differences,
    }


# -- the page -------------------------------------------------------------------


def page(document: dict[str, Any], printer: Printer, stream: TextIO) -> Iterator[str]:
    """Lay the figures out for people, at most 80 columns wide."""
    yield from wrap(
        _(
            "An invented city up to {as_of} (seed {seed}): three general contractors, eight "
            "subcontractors, six projects, 300 workers, wages of six months.",
            as_of=document["as_of"],
            seed=document["seed"],
        ),
        _WIDTH,
    )
    yield _(
        "{recorded} postings recorded, {duplicate} arrived twice, {refused} refused.",
        recorded=f"{document['recorded']:,}",
        duplicate=document["duplicate"],
        refused=len(document["refused"]),
    )
    yield from _section(_("What they owe, in yuan"), printer, stream)
    owed = [
        {"name": row["name"], "description": heading(key), "amount_fen": row[key]}
        for row in document["contractors"]
        for key in _CONTRACTORS
        if row[key]
    ]
    yield from tables.table(owed, ("name", "description", "amount_fen"), width=_WIDTH)
    yield from ("", *tables.fields({"system_arrears_fen": document["system_arrears_fen"]}))
    for fund in document["funds"]:
        title = _("The emergency fund of {region}", region=fund["region"])
        yield from _section(title, printer, stream)
        yield from tables.fields({key: fund[key] for key in _FUND})
    yield from _section(
        _("History of {name}: not paid, and how it was put right", name=document["name"]),
        printer,
        stream,
    )
    yield from tables.table(document["events"], _EVENTS, width=_WIDTH)
    yield from _section(_("Refused, as it should be"), printer, stream)
    for refusal in document["refused"]:
        yield f"{refusal['on']}  {kind_name(refusal['kind'])}: {refusal['code']}"
        yield from (f"            {line}" for line in wrap(refusal["message"], _WIDTH - 12))
    yield from _section(_("Check"), printer, stream)
    yield from _checked(document)


def _section(title: str, printer: Printer, stream: TextIO) -> Iterator[str]:
    yield ""
    yield printer.bold(title, stream)


def _checked(document: dict[str, Any]) -> Iterator[str]:
    if document["differences"]:
        yield from tables.records(document["differences"], list(document["differences"][0]))
        return
    rules = document["rules"]
    yield ngettext("{n} rule holds on every day.", "All {n} rules hold on every day.", rules)


def _say_where(app: App, played: Played) -> None:
    say = app.printer.say
    say("")
    say(_("The city stays where it is. To look around:"))
    say(f"  export WAGELEDGER_URL={app.shown_url}")
    for words in ("project show P-5", "case show CASE-1", f"explain {played.party} due_to_fund"):
        say(f"  wageledger {words}")
