"""From what a bank says of payouts to the postings that it makes, all decided before any is posted.

A file is taken whole or not at all: an amount that is not the instructed one, or a line settled
that had come back before, refuses everything. What a file repeats, of itself or of an earlier one,
is answered with the position where it was booked first: a line of a batch is settled once and
comes back once in its life, so that its history tells a repetition from news. References that the
ledger does not know are listed, and the rest is booked.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ledger.banking.references import PayoutReference, parse_reference
from ledger.banking.return_codes import return_code
from ledger.kernel.text import holds_identity, text_problem

SETTLED: Final = "PayoutSettled"
RETURNED: Final = "PayoutReturned"
_LONGEST_CODE: Final = 35
_SHOWN: Final = 40
_DIGITS: Final = 16


class BankAnswer(NamedTuple):
    """What a bank says of one line, or of all lines of a batch that it does not name.

    Attributes:
        row: Line of the file, or number of the transaction in it; 0 for the whole.
        named: Whom the answer is about, as the bank writes it.
        reference: The same as we read it, None for what is not ours.
        settled: True or False; None where nothing is final yet.
        code: The ledger's return code where a layout says it.
        bank_code: The bank's own, as received.
        amount_fen: The amount that the bank repeats, None where it repeats none.
        on: The bank's date, ISO text, None where it gives none.
        rest: About all lines of the batch that the file does not name.
    """

    row: int
    named: str
    reference: PayoutReference | None
    settled: bool | None
    code: str | None = None
    bank_code: str | None = None
    amount_fen: int | None = None
    on: str | None = None
    rest: bool = False


class Said(NamedTuple):
    """One word of the bank that is in the log: settled or not, where, when."""

    settled: bool
    position: int
    on: str


class Instructed(NamedTuple):
    """A line of a batch with what the bank said of it before."""

    claim: str
    amount_fen: int
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Batch:
    """A batch that is answered.

    Attributes:
        batch: Its id.
        project: Its project.
        position: Position of its instruction.
        lines: Its lines by number.
    """

    batch: str
    project: str
    position: int
    lines: Mapping[int, Instructed]


class Trouble(NamedTuple):
    """Why a file is refused, or what of it is unknown: the row, a code, its facts."""

    row: int
    code: str
    facts: dict[str, Any]


@dataclass
class AnswerFile:
    """A file of answers.

    Attributes:
        take: Gives out what it says.
        troubles: What is wrong with it; final once the answers were taken.
        document: Which paper it is.
        digest: SHA-256 of it, in hex.
    """

    take: Callable[[], Iterable[BankAnswer]]
    troubles: list[Trouble]
    document: dict[str, str]
    digest: str


class Part(NamedTuple):
    """One posting to be: what was said of a batch on one day."""

    on: str
    kind: str
    batch: Batch
    lines: list[dict[str, Any]]
    amounts: list[int]


@dataclass
class Repeated:
    """Lines that an earlier posting has booked; position 0 for one of this file.

    Attributes:
        position: Of that posting.
        on: Its day.
        kind: What it was.
        batch: Id of the batch.
        count: How many lines.
        amount_fen: Their sum.
    """

    position: int
    on: str
    kind: str
    batch: str
    count: int = 0
    amount_fen: int = 0


@dataclass
class Resolved:
    """What a file comes to.

    Attributes:
        parts: Postings to be, in the order in which they are posted.
        repeated: Lines that were booked before, by posting.
        pending: How many lines the bank says nothing final of.
        late: How many lines come back after they had been settled.
        unknown: References that are not of this ledger.
        troubles: Why the file is refused.
    """

    parts: list[Part] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)
    pending: int = 0
    late: int = 0
    unknown: list[Trouble] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def postings(self, digest: str, document: Mapping[str, str]) -> list[dict[str, Any]]:
        """The postings, with keys that follow from the file and its lines.

        Args:
            digest: SHA-256 of the file, in hex.
            document: What the postings name as their paper.
        """
        return [
            {
                "kind": part.kind, "on": part.on, "key": _key(digest, part),
                "project": part.batch.project, "batch": part.batch.batch,
                "document": dict(document), **_body(part),
            }
            for part in self.parts
        ]  # fmt: skip


def resolve(
    answers: Iterable[BankAnswer], batch_at: Callable[[int], Batch | None], today: str
) -> Resolved:
    """Go through a bank's answers in their order.

    Args:
        answers: What the file says; answers about the rest of a batch after all others.
        batch_at: The batch instructed at a position, None where there is none.
        today: Day of answers that give none.
    """
    run = _Run(batch_at, today)
    for answer in answers:
        run.take(answer)
    found = run.found
    found.parts.sort(key=lambda part: (part.on, part.kind != SETTLED, part.batch.position))
    return found


class _Run:
    def __init__(self, batch_at: Callable[[int], Batch | None], today: str) -> None:
        self.found = Resolved()
        self._batch_at = batch_at
        self._today = today
        self._batches: dict[int, Batch | None] = {}
        self._booked: dict[tuple[int, int], dict[bool, Said]] = {}
        self._repeated: dict[tuple[int, bool, int], Repeated] = {}
        self._named: set[tuple[int, int]] = set()
        self._parts: dict[tuple[int, str, str], Part] = {}

    def take(self, answer: BankAnswer) -> None:
        batch = self._batch(answer.reference)
        line = answer.reference.line if answer.reference is not None else None
        if batch is None or (line is None and not answer.rest) or (
            line is not None and line not in batch.lines
        ):  # fmt: skip
            facts = {"value": shown(answer.named)}
            self.found.unknown.append(Trouble(answer.row, "unknown_reference", facts))
            return
        numbers = [line] if line is not None else self._rest(batch)
        for number in numbers:
            self._take_line(answer, batch, number)

    def _batch(self, reference: PayoutReference | None) -> Batch | None:
        if reference is None:
            return None
        if reference.position not in self._batches:
            self._batches[reference.position] = self._batch_at(reference.position)
        return self._batches[reference.position]

    def _rest(self, batch: Batch) -> list[int]:
        return [one for one in batch.lines if (batch.position, one) not in self._named]

    def _take_line(self, answer: BankAnswer, batch: Batch, number: int) -> None:
        expected = batch.lines[number]
        place = (batch.position, number)
        if not answer.rest:
            self._named.add(place)
        if answer.amount_fen is not None and answer.amount_fen != expected.amount_fen:
            facts = {
                "claim": expected.claim, "amount_fen": answer.amount_fen,
                "instructed_fen": expected.amount_fen,
            }  # fmt: skip
            self.found.troubles.append(Trouble(answer.row, "answer_amount_differs", facts))
            return
        if answer.settled is None:
            self.found.pending += 1
            return
        booked = self._booked.setdefault(place, {word.settled: word for word in expected.said})
        if answer.settled in booked:
            self._repeat(booked[answer.settled], batch, expected)
            return
        if answer.rest and booked:
            return  # "all others": of this one the bank has said something before
        if answer.settled and False in booked:
            facts = {"claim": expected.claim, "batch": batch.batch}
            self.found.troubles.append(Trouble(answer.row, "not_pending", facts))
            return
        late = not answer.settled and True in booked
        self.found.late += late
        on = answer.on or self._today
        booked[answer.settled] = Said(answer.settled, 0, on)
        self._note(answer, on, batch, expected, late=late)

    def _repeat(self, word: Said, batch: Batch, line: Instructed) -> None:
        kind = SETTLED if word.settled else RETURNED
        key = (word.position, word.settled, batch.position)
        if key not in self._repeated:
            self._repeated[key] = Repeated(word.position, word.on, kind, batch.batch)
            self.found.repeated.append(self._repeated[key])
        self._repeated[key].count += 1
        self._repeated[key].amount_fen += line.amount_fen

    def _note(
        self, answer: BankAnswer, on: str, batch: Batch, line: Instructed, *, late: bool
    ) -> None:
        kind = SETTLED if answer.settled else RETURNED
        key = (batch.position, kind, on)
        if key not in self._parts:
            self._parts[key] = Part(on, kind, batch, [], [])
            self.found.parts.append(self._parts[key])
        said = {"claim": line.claim}
        if not answer.settled:
            said["code"] = answer.code or return_code(answer.bank_code, late=late)
            bank_code = fit_code(answer.bank_code)
            if bank_code is not None:
                said["bank_code"] = bank_code
        self._parts[key].lines.append(said)
        self._parts[key].amounts.append(line.amount_fen)


def reference_of(named: str | None) -> PayoutReference | None:
    """What a bank's text names, None where it is nothing of ours."""
    return None if named is None else parse_reference(named)


def shown(named: str) -> str:
    """What a bank wrote where a reference should be, as it may be shown: it may be a card."""
    if text_problem(named) is not None or holds_identity(named):
        return "***"
    return named[:_SHOWN]


def fit_code(bank_code: str | None) -> str | None:
    """A bank's code as the log may keep it: short, printable, nobody's identity."""
    if bank_code is None:
        return None
    cut = bank_code.strip()[:_LONGEST_CODE]
    return None if not cut or text_problem(cut) is not None or holds_identity(bank_code) else cut


def _body(part: Part) -> dict[str, Any]:
    if part.kind == SETTLED:
        return {"claims": [line["claim"] for line in part.lines]}
    return {"lines": part.lines}


def _key(digest: str, part: Part) -> str:
    """A key that is the same whenever the same lines of the same file are booked."""
    said = json.dumps([part.kind, part.on, part.batch.batch, part.lines], sort_keys=True)
    lines = hashlib.sha256(said.encode()).hexdigest()
    return f"bank-answer:{digest[:_DIGITS]}:{lines[:_DIGITS]}"
