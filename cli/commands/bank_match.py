"""``wageledger bank match``: which booked lines show which postings, and taking that back.

A match holds the books against the bank and moves no money. What the bank says of single payments
beyond that, paid or come back, is proposed, and posted with ``--confirm``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from cli import answers
from cli.app import App
from cli.boundary import Ended
from cli.messages import N_, _, ngettext
from cli.output import Listing, View
from cli.program import Command, Option
from cli.progress import Waiting
from ledger.kernel.collector import collector_paused
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.banking.matching import Line, Matcher, Matches
    from ledger.banking.proposals import Debited, Name
    from ledger.domain.authority import Poster
    from ledger.service import Answer, Ledger

Json = dict[str, Any]

_VIEW: Final = View(
    (
        Listing("matched", ("account", "rule", "score", "lines"), title=N_("Matched"),
                empty=N_("Nothing new was matched."), of="bank"),
        Listing("proposed", ("on", "kind", "batch", "lines", "total_fen", "status"),
                title=N_("The bank says")),
        Listing("open", ("account", "lines", "postings"), title=N_("Still open"), of="bank"),
    ),
)  # fmt: skip


def match_command() -> click.Command:
    """Make ``bank match``."""
    return Command(
        "match",
        match_statements,
        summary=N_("Match booked lines with postings; propose what the bank says was paid"),
        params=[
            Option(
                ["--account"], metavar="ACCOUNT",
                help=N_("Only one account; all that have statements, if left out"),
            ),
            Option(
                ["--confirm"], is_flag=True,
                help=N_("Post what the bank says: settlements and returns"),
            ),
            Option(
                ["--on"], metavar="DATE", help=N_("Date of the matches; today, if left out")
            ),
            Option(["--dry-run"], is_flag=True, help=N_("Show what would be matched")),
        ],
        more=lambda: _(
            "First by our own references, then by the bank's reference, by totals of batches, and"
            " at last by amount and day where both sides have only one. A line that names one of"
            " our payments is never matched with another amount. What stays open: bank breaks."
        ),
    )  # fmt: skip


def match_statements(account: str | None, on: str | None, *, confirm: bool, dry_run: bool) -> None:
    """Match all accounts, or one; ends with the status of the postings."""
    app = App.of(click.get_current_context())
    with app.ledger() as ledger, Waiting(quiet=app.printer.quiet):
        known = ledger.accounts.with_statements()
        if account is not None and account not in known:
            raise LedgerError("no_statement", account=account)
        run = Run(ledger, app.poster, on or app.today, confirm=confirm, dry_run=dry_run)
        for each in [account] if account is not None else known:
            run.match(each)
    app.printer.show(run.result(), _VIEW)
    answers.tell(run.said())
    if run.tally.exit_status:
        raise Ended(run.tally.exit_status)


@dataclass
class Run:
    """One run over some accounts.

    Attributes:
        confirm: Post what the bank says of single payments.
    """

    ledger: "Ledger"
    poster: "Poster | None"
    on: str
    confirm: bool = False
    dry_run: bool = False
    tally: answers.Tally = field(default_factory=answers.Tally)
    matched: list[Json] = field(default_factory=list)
    proposed: list[Json] = field(default_factory=list)
    open: list[Json] = field(default_factory=list)
    failed: list["Answer"] = field(default_factory=list)

    def match(self, account: str) -> None:
        """Match one account, and again after what the bank says was posted."""
        with collector_paused():
            matcher, debited = self._match(account)
            proposals = self._proposals(account, matcher.open_lines(), debited)
            self._propose(proposals)
            came_back = any(posting["kind"] == "PayoutReturned" for posting in proposals)
            if self.confirm and not self.dry_run and came_back:
                matcher, _ = self._match(account)
            lines, postings = len(matcher.free_lines), len(matcher.open_postings())
        self.open.append({"account": account, "lines": lines, "postings": postings})

    def _match(self, account: str) -> "tuple[Matcher, Pending]":
        """Match what is open now, and tell which payments lines show that nobody has settled."""
        from ledger.banking.matching import Matcher  # noqa: PLC0415 - not for --help
        from ledger.banking.posting_matches import postings_of  # noqa: PLC0415 - not for --help
        from ledger.banking.proposals import debited  # noqa: PLC0415 - not for --help

        # Of many payments those that lines name by reference go first, some batches at a time:
        # what one batch's lines show says nothing of another's, and memory holds only these.
        for span in () if self.dry_run else self.ledger.accounts.spans(account):
            some = self.ledger.accounts.unmatched(account, span)
            named = Matcher(some.lines, some.items, some.refused).run_references()
            self._count(account, named)
            self._post(postings_of(account, named, self.on))
        rows = self.ledger.accounts.unmatched(account)
        matcher = Matcher(rows.lines, rows.items, rows.refused)
        found = matcher.run()
        self._count(account, found)
        pending = {key: list(claims) for key, claims in rows.debited.items()}
        for matches in found:
            for key, claims in debited(matches.pairs).items():
                pending.setdefault(key, []).extend(claims)
        self._post(postings_of(account, found, self.on))
        return matcher, Pending(pending, rows.batches)

    def _count(self, account: str, found: "Sequence[Matches]") -> None:
        """Add what rules found to what is shown."""
        for matches in found:
            name, score = matches.rule.name, matches.rule.score
            lines = len(matches.pairs) + sum(len(lines) for lines, _items in matches.groups)
            last = self.matched[-1] if self.matched else {}
            if (last.get("account"), last.get("rule")) == (account, name):
                last["lines"] += lines
                last["groups"] += len(matches.groups)
                continue
            counted = {"lines": lines, "groups": len(matches.groups)}
            self.matched.append({"account": account, "rule": name, "score": score, **counted})

    def _proposals(self, account: str, lines: "Sequence[Line]", pending: "Pending") -> list[Json]:
        """What single lines say of payments that the bank has not answered yet."""
        from ledger.banking import proposals  # noqa: PLC0415 - not for --help

        credited = proposals.batches_credited(lines)
        payments, names = self.ledger.accounts.payments(credited) if credited else ([], {})
        pot, _colon, project = account.partition(":")
        own = {at for at, name in names.items() if name.project == project and pot == "wage"}
        returned = proposals.returns(lines, (each for each in payments if each.batch in own))
        return proposals.postings(pending.debited, returned, {**names, **pending.batches})

    def _propose(self, postings: Sequence[Json]) -> None:
        given: Sequence[Answer | None] = [None] * len(postings)
        if self.confirm and postings:
            given = self._post(postings)
        for posting, answer in zip(postings, given, strict=True):
            self.proposed.append(
                {
                    "on": posting["on"],
                    "kind": posting["kind"],
                    "project": posting["project"],
                    "batch": posting["batch"],
                    "lines": len(posting.get("claims") or posting["lines"]),
                    "claims": posting.get("claims") or [line["claim"] for line in posting["lines"]],
                    "codes": [line["code"] for line in posting.get("lines", ())],
                    "status": "proposed" if answer is None else answer.status,
                    "position": answer.position if answer is not None else None,
                }
            )

    def _post(self, postings: Iterable[Json]) -> list["Answer"]:
        given = list(self.ledger.post(postings, poster=self.poster, dry_run=self.dry_run))
        for answer in given:
            self.tally.count(answer)
        self.failed.extend(answer for answer in given if answer.status in answers.FAILED)
        return given

    def result(self) -> Json:
        """What programs read."""
        return {"matched": self.matched, "proposed": self.proposed, "open": self.open}

    def said(self) -> Iterator[str]:
        """What a person should hear."""
        for answer in self.failed:
            yield from answers.failure_lines(answer)
        total = sum(row["lines"] for row in self.matched)
        if self.dry_run:
            yield ngettext(
                "Dry run: {n} line would be matched.", "Dry run: {n} lines would be matched.", total
            )
        else:
            yield ngettext("{n} line matched.", "{n} lines matched.", total)
        if any(row["status"] == "proposed" for row in self.proposed):
            yield _(
                "To post what the bank says: {command}", command="wageledger bank match --confirm"
            )
        if any(row["lines"] or row["postings"] for row in self.open):
            yield _("What stays open: {command}", command="wageledger bank breaks")


class Pending(NamedTuple):
    """Payments that lines show and that are not settled, with the names of their batches."""

    debited: "Debited"
    batches: "Mapping[int, Name]"
