"""``wageledger worker import``: a roster becomes registrations, cards and assignments, at once.

Who is registered already is found by ID number and brought up to date; who is not is registered
under the reference in the file, or under a new one. All of the file is recorded or nothing, and
what is recorded already is not recorded again: importing a roster twice changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.boundary import Ended
from cli.completing import completer
from cli.entering import derived_key
from cli.field_help import FIELDS
from cli.messages import N_, _
from cli.options import kind_of
from cli.output import Listing, View
from cli.people_files import (
    aliases_option,
    document_of,
    note,
    read_people,
    tell_remedies,
    tell_sheet,
    unmasked,
)
from cli.program import Command, Option, PostingOption, Word
from cli.progress import Waiting
from ledger.kernel.codes import EXIT_INVALID
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.intake.people import PeopleFile
    from ledger.people import Matched
    from ledger.service import Answer, Ledger

Posting = dict[str, Any]

_DONE: Final[Mapping[str, str]] = {
    "WorkerRegistered": "registered", "WorkerUpdated": "updated", "CardBound": "cards",
    "WorkerAssigned": "assigned", "WorkerExited": "exited",
}  # fmt: skip
_VIEW: Final = View(
    (
        Listing("workers", ("row", "worker", "state")),
        Listing("problems", ("row", "column", "severity", "code", "message")),
    ),
    facts=("rows", *_DONE.values(), "unchanged"),
)
_ROLLED_BACK: Final = "rolled_back"


def roster_command() -> click.Command:
    """Make ``worker import``."""
    return Command(
        "import",
        import_roster,
        summary=N_("Register, update and assign the workers of a roster"),
        params=[
            Word(["file"], N_("The roster: a workbook or delimited text"), metavar="FILE"),
            Option(
                ["--project"], metavar="TEXT", help=FIELDS["project"],
                shell_complete=completer("project"),
            ),
            Option(
                ["--employer"], metavar="CODE", help=FIELDS["employer"],
                shell_complete=completer("party"),
            ),
            aliases_option(),
            PostingOption(["--on"], metavar="DATE", help=N_("Business date; today, if left out")),
            PostingOption(
                ["--by"], metavar="CODE", help=N_("Credit code of the posting party")
            ),
            PostingOption(["--dry-run"], is_flag=True, help=N_("Record nothing")),
        ],
        more=lambda: _(
            "Columns: 姓名 and 身份证号; where they are there 工人编号, 联系电话, 银行卡号, 开户行,"
            " 户名, 进场时间, 离场时间. With --project and --employer the workers are assigned,"
            " from 进场时间 or --on. All of the file or nothing; importing it twice is harmless."
        ),
    )  # fmt: skip


def import_roster(
    file: str, project: str | None, employer: str | None, aliases: str | None, on: str | None,
    by: str | None, dry_run: bool,
) -> None:  # fmt: skip
    """Import a roster; ends with status 3 when something is wrong with it."""
    from ledger.intake.roster import read_roster  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    if (project is None) != (employer is None):
        raise LedgerError("missing_option", option="--employer" if project else "--project")
    roster = read_people(file, aliases, read_roster, app.today)
    if not roster.numbers and not roster.failed:
        note(roster, None, "", "empty_table", {})
    with app.ledger() as ledger:
        plan = _Plan(roster, on or app.today, project, employer, by)
        plan.make(ledger, app, dry_run=dry_run)
        answers: list[Answer] = []
        if not roster.failed:
            with Waiting(quiet=app.printer.quiet):
                asked = [posting for _at, posting in plan.postings]
                answers = list(ledger.post(asked, poster=app.poster, atomic=True, dry_run=dry_run))
            plan.take(answers)
        tell_sheet(app, roster)
        app.printer.show(plan.document(), _VIEW)
        if roster.failed:
            tell_remedies(app, roster)
            raise Ended(EXIT_INVALID)
        if answers and not dry_run:
            app.catch_up(ledger)


@dataclass
class _Plan:
    """What of a roster is to be posted.

    Attributes:
        roster: The file.
        on: Business date.
        project: Where the workers are assigned, if they are.
        employer: To whom.
        by: Who posts for whom.
        postings: Postings in order, each with the place of its person.
        refs: Reference by place.
    """

    roster: "PeopleFile"
    on: str
    project: str | None
    employer: str | None
    by: str | None
    postings: list[tuple[int, Posting]] = field(default_factory=list)
    refs: list[str | None] = field(default_factory=list)
    position: int = 0

    def make(self, ledger: "Ledger", app: App, *, dry_run: bool) -> None:
        """Match the people and make the postings that are missing."""
        matched = self._matched(ledger, app.today)
        if self.roster.failed:
            return
        self.position = ledger.position()
        new = [at for at, worker in enumerate(matched.workers) if worker is None]
        self.refs = list(matched.workers)
        for at, ref in zip(new, self._new_refs(ledger, new), strict=True):
            self.refs[at] = ref
        spans = self._spans(ledger)
        changed: dict[int, set[str]] = {}
        for at, of in [*((each.at, each.field) for each in matched.differing), *matched.absent]:
            changed.setdefault(at, set()).add(of)
        added = set(new)
        phones = {} if dry_run else self._kept_phones(ledger, app, changed)
        for at, line in enumerate(self.roster.lines):
            worker = str(self.refs[at])
            for posting in (
                *_identity(
                    worker,
                    {**phones.get(worker, {}), **line},
                    changed.get(at, set()),
                    is_new=at in added,
                ),
                *self._assignment(worker, line, spans.get(worker, ())),
            ):
                self._add(at, posting)

    def _matched(self, ledger: "Ledger", today: str) -> "Matched":
        from ledger.intake.people import require_cards, require_digits  # noqa: PLC0415 - as above
        from ledger.people import Claimed  # noqa: PLC0415 - loads storage

        roster = self.roster
        claimed = Claimed(
            workers=roster.workers,
            id_numbers=roster.id_numbers,
            compared={
                "name": unmasked(roster.names),
                "card_number": roster.cards,
                "phone": [line.get("phone") for line in roster.lines],
            },
        )
        matched = ledger.people.match(claimed)
        born_until = parse_date(today)
        assert born_until is not None  # noqa: S101 - a date of ours
        unknown = [at for at in range(len(roster.numbers)) if at not in matched.vouched]
        require_digits(roster, born_until, unknown)
        require_cards(roster, sorted(matched.vouched))
        for at in matched.contradicted:
            if at in matched.vouched or matched.workers[at] is not None:
                roster.report(at, "id_number", "id_differs", worker=roster.workers[at])
        return matched

    def _new_refs(self, ledger: "Ledger", places: Sequence[int]) -> Iterator[str]:
        """References for who is new: those of the file, else the next free numbers.

        The log grows by at least one for each of them, so that counting on from its position
        meets none that was given out before, but those that somebody chose.
        """
        from ledger.people import Claimed  # noqa: PLC0415 - loads storage

        named = {self.roster.workers[at] for at in places}
        wanted = len(places)
        made = [f"W{self.position + number:06}" for number in range(1, 2 * wanted + 1)]
        nothing = [None] * len(made)
        taken = set(ledger.people.match(Claimed(workers=made, id_numbers=nothing)).workers)
        free = iter(ref for ref in made if ref not in taken and ref not in named)
        for at in places:
            yield self.roster.workers[at] or next(free, f"W{self.position}-{at + 1}")

    def _kept_phones(
        self, ledger: "Ledger", app: App, changed: Mapping[int, set[str]]
    ) -> Mapping[str, Mapping[str, str]]:
        """Phones that the roster does not have, of people whose names it corrects.

        A correction says all of a person: what it leaves out is forgotten. A column that is not
        there takes nothing back; an empty cell may, but more often nobody knew the number, so that
        it stays and somebody looks. The log says that the numbers were read.
        """
        places = {
            str(self.refs[at]): at
            for at, fields in changed.items()
            if "name" in fields and "phone" not in self.roster.lines[at]
        }
        shown = ledger.people.masked(places)
        with_phone = [worker for worker in places if "phone" in shown.get(worker, {})]
        for worker in with_phone if "phone" in self.roster.headings else ():
            self.roster.warn(places[worker], "phone", "phone_kept", worker=worker)
        return ledger.reveal(with_phone, ("phone",), purpose="roster", poster=app.poster)

    def _spans(self, ledger: "Ledger") -> Mapping[str, Sequence[Sequence[str]]]:
        if self.project is None or self.employer is None:
            return {}
        refs = [ref for ref in self.refs if ref is not None]
        return ledger.people.assignments(project=self.project, employer=self.employer, workers=refs)

    def _assignment(
        self, worker: str, line: Mapping[str, str], spans: Sequence[Sequence[str]]
    ) -> Iterator[Posting]:
        """Assign and exit, as far as the assignments that are there do not say it already."""
        if self.project is None:
            return
        first, last = line.get("from_on", self.on), line.get("to_on")
        place = {"project": self.project, "employer": self.employer, "worker": worker}
        is_open = any(not end for _start, end in spans)
        if (last is None and not is_open) or (last is not None and not spans):
            yield {"kind": "WorkerAssigned", "on": min(first, last or first), **place}
            is_open = True
        if last is not None and is_open and all(end != last for _start, end in spans):
            yield {"kind": "WorkerExited", "on": last, **place}

    def _add(self, at: int, posting: Posting) -> None:
        made = {"on": self.on, **posting}
        if self.by is not None:
            made["by"] = self.by
        made["key"] = f"{derived_key(kind_of(made['kind']), made)}-{self.position}"
        self.postings.append((at, made))

    def take(self, answers: Sequence["Answer"]) -> None:
        """Note what was refused, the first of each row: what follows from it says nothing."""
        for (at, _posting), answer in zip(self.postings, answers, strict=True):
            if answer.code is None or answer.code == _ROLLED_BACK or at in self.roster.broken:
                continue
            facts = {name: value for name, value in answer.facts.items() if name != "field"}
            self.roster.report(at, _column_of(answer), answer.code, **facts)

    def document(self) -> dict[str, Any]:
        """What became of the roster."""
        found = document_of(self.roster)
        counts = dict.fromkeys(_DONE.values(), 0)
        states: dict[int, str] = {}
        if not self.roster.failed:
            for at, posting in self.postings:
                done = _DONE[posting["kind"]]
                counts[done] += 1
                states.setdefault(at, done)
        workers = [
            {"row": self.roster.numbers[at], "worker": ref, "state": states[at]}
            for at, ref in enumerate(self.refs)
            if at in states
        ]
        unchanged = 0 if self.roster.failed else len(self.roster.numbers) - len(states)
        return {
            "rows": found["rows"],
            **counts,
            "unchanged": unchanged,
            "workers": workers,
            "problems": found["problems"],
        }


def _identity(
    worker: str, line: Mapping[str, str], changed: set[str], *, is_new: bool
) -> Iterator[Posting]:
    """Register or update a person and bind the card, as far as it is not so already."""
    person = {name: line[name] for name in ("name", "id_number", "phone") if name in line}
    if is_new:
        yield {"kind": "WorkerRegistered", "worker": worker, **person}
    elif changed & {"name", "phone"} and "*" not in person["name"]:
        yield {"kind": "WorkerUpdated", "worker": worker, **person}
    if "card_number" in line and (is_new or "card_number" in changed):
        card = ("card_number", "bank_name", "holder_name")
        yield {
            "kind": "CardBound", "worker": worker,
            **{name: line[name] for name in card if name in line},
        }  # fmt: skip


def _column_of(answer: "Answer") -> str:
    """Under which heading a refusal stands."""
    if answer.status == "invalid" and answer.problems:
        return answer.problems[0].field
    by_code = {
        "under_age": "id_number", "worker_exists": "worker", "card_shared": "card_number",
        "holder_mismatch": "holder_name", "not_assigned": "to_on",
    }  # fmt: skip
    return by_code.get(answer.code or "", "id_number")
