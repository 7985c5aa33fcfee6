"""What became of postings: one result each, for programs and for people.

A result is the JSON object of the contract: line, key, kind, status, position, code, message,
warnings; after a dry run also the event that would be recorded and the balances that it leaves.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli import tables
from cli.messages import N_, _, ngettext
from cli.names import kind_name, state_name
from cli.rendering import message_of, remedy_of
from ledger.kernel.codes import EXIT_OK, exit_status_of, file_exit_status

if TYPE_CHECKING:
    from ledger.domain.form import Problem
    from ledger.service import Answer

FAILED = frozenset({"refused", "invalid"})


def result_of(answer: "Answer", line: int, *, dry_run: bool = False) -> dict[str, Any]:
    """The result of one posting as programs read it.

    Args:
        answer: What the ledger answered.
        line: Number of the posting's line in its file.
        dry_run: Whether nothing was recorded.
    """
    result: dict[str, Any] = {
        "line": line,
        "key": answer.key,
        "kind": answer.kind,
        "status": answer.status,
        "position": answer.position,
        "code": answer.code,
        "message": None if answer.code is None else message_of(answer.code, answer.facts),
        "warnings": list(answer.warnings),
    }
    if dry_run and answer.event is not None:
        result["event"] = dict(answer.event)
        result["balances"] = [dict(balance) for balance in answer.balances]
    return result


def status_of(answer: "Answer") -> int:
    """Exit status that one answer asks for."""
    return exit_status_of(answer.code) if answer.code is not None else EXIT_OK


@dataclass
class Tally:
    """How the postings of a file ended.

    Attributes:
        statuses: How many ended how.
        codes: How many were answered with which code.
        exits: Exit statuses that occurred.
        last_position: The latest position recorded by this run.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    exits: set[int] = field(default_factory=set)
    last_position: int | None = None

    def count(self, answer: "Answer") -> None:
        """Count one answer."""
        self.statuses[answer.status] += 1
        self.exits.add(status_of(answer))
        if answer.code is not None:
            self.codes[answer.code] += 1
        if answer.status == "recorded" and answer.position is not None:
            self.last_position = answer.position

    @property
    def exit_status(self) -> int:
        """Exit status of the whole file."""
        return file_exit_status(self.exits)

    def summary(self, *, dry_run: bool = False) -> str:
        """One sentence about the file."""
        total = sum(self.statuses.values())
        parts = [
            f"{count:,} {state_name(status)}"
            for status in ("recorded", "duplicate", "refused", "invalid")
            if (count := self.statuses[status])
        ]
        said = ngettext(
            "{n} posting: {parts}", "{n} postings: {parts}", total, parts=", ".join(parts)
        )
        if self.codes:
            codes = ", ".join(f"{code} {count:,}" for code, count in self.codes.most_common())
            said = f"{said} ({codes})"
        return _("Dry run, nothing is recorded. {summary}", summary=said) if dry_run else said


# -- for people ---------------------------------------------------------------


def place(name: str, line: int) -> str:
    """Where something stands: ``file:line``."""
    return f"{name}:{line}"


def _at(where: str, problem: "Problem | None") -> str:
    """The beginning of a message: where it stands, with its column where there is one."""
    if not where:
        return ""
    if problem is not None and problem.field.startswith("column "):
        where = f"{where}:{problem.field.removeprefix('column ')}"
    return f"{where}: "


def failure_lines(answer: "Answer", where: str = "") -> Iterator[str]:
    """Say why a posting was not recorded: every problem of its form, or the refusal.

    Args:
        answer: A refused or invalid posting.
        where: Where the posting stands, before the message.
    """
    code = answer.code or "unexpected"
    if len(answer.problems) > 1:
        for problem in answer.problems:
            said = message_of(problem.code, problem.facts)
            yield f"{_at(where, problem)}{problem.code}: {said}"
    else:
        first = answer.problems[0] if answer.problems else None
        yield f"{_at(where, first)}{code}: {message_of(code, answer.facts)}"
    remedy = remedy_of(code, answer.facts)
    if remedy:
        yield f"  {remedy}"


def warning_lines(answer: "Answer", where: str = "") -> Iterator[str]:
    """Say what somebody should look at.

    Args:
        answer: A recorded posting.
        where: Where the posting stands, before the message.
    """
    facts = _warned_of(answer.event or {})
    for code in answer.warnings:
        said = _("warning {code}: {message}", code=code, message=message_of(code, facts))
        yield f"{where}: {said}" if where else said
        yield f"  {remedy_of(code, facts)}"


def _warned_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """What a warning may name: the posting's fields, and the rules that are national."""
    national = [each["parameter"] for each in event.get("policies", ()) if each["region"] == "CN"]
    return {**event.get("fields", {}), "parameter": national}


def success_lines(answer: "Answer", *, derived_key: bool) -> Iterator[str]:
    """Say where a posting is recorded, or was before."""
    kind = kind_name(answer.kind or "")
    if answer.status == "duplicate":
        yield _(
            "Recorded before at position {position}: {kind}", position=answer.position, kind=kind
        )
        if derived_key:
            yield "  " + _("If it is another one, give it a key of its own with --key.")
    elif answer.position is not None:
        yield _("Recorded at position {position}: {kind}", position=answer.position, kind=kind)
    else:
        yield _("Would be recorded: {kind}", kind=kind)
    yield "  " + _("Key: {key}", key=answer.key)


def event_lines(
    event: Mapping[str, Any], balances: tuple[Mapping[str, object], ...], width: int | None
) -> Iterator[str]:
    """Show what would be recorded, its journal, and the balances that it leaves."""
    own = {"on": event["on"], **event.get("fields", {}), **event.get("outcome", {})}
    told = {key: value for key, value in own.items() if not _is_list(value)}
    yield from tables.fields(told, of="bank")  # an account that a posting names is one at a bank
    lines = event.get("lines")
    if isinstance(lines, Mapping):
        yield ngettext("{n} line", "{n} lines", int(lines["count"]))
    journal = [dict(zip(JOURNAL, line, strict=True)) for line in event.get("journal", ())]
    if journal:
        yield ""
        yield _("Journal")
        yield from tables.table(journal, JOURNAL, width=width)
    if balances:
        yield ""
        yield _("Balances after it")
        yield from tables.table(list(balances), BALANCES, width=width)


JOURNAL = ("book", "account", "project", "counterparty", "due_on", "amount_fen")
BALANCES = ("book", "account", "project", "counterparty", "balance_fen")
STANDARD_INPUT = N_("standard input")


def _is_list(value: object) -> bool:
    return isinstance(value, list | dict)


def tell(lines: Iterator[str]) -> None:
    """Say lines to the person, beside the answer."""
    sys.stderr.writelines(f"{line}\n" for line in lines)
