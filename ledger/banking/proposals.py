"""What a statement asks to be posted: payments that the bank has made, money that came back.

A booked line is a bank's word on a payment: a debit that shows one line of a batch settles it, a
credit that names one returns it. It is proposed, and posted only when the bank's role confirms
it. A total says nothing of the single payments in it, and proposes nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.banking.matching import Line
from ledger.banking.references import parse_reference

_KEY_DIGITS: Final = 32

Json = dict[str, Any]


class Payment(NamedTuple):
    """A line of a batch, and what the bank has said of it: pending, settled or returned."""

    batch: int
    line: int
    claim: str
    amount_fen: int
    state: str


class Answer(NamedTuple):
    """What the bank says of a payment on a day; a code where it came back."""

    payment: Payment
    on: str
    code: str = ""


class Name(NamedTuple):
    """How postings name a batch."""

    batch: str
    project: str


def batches_credited(lines: Iterable[Line]) -> set[int]:
    """Batches that credits name: their money may have come back."""
    named = (parse_reference(line.end_to_end) for line in lines if line.amount_fen > 0)
    return {reference.position for reference in named if reference is not None and reference.line}


def returns(lines: Iterable[Line], payments: Iterable[Payment]) -> list[Answer]:
    """Credits that give a payment back whole: the amounts agree, and it has not come back yet."""
    known = {(payment.batch, payment.line): payment for payment in payments}
    found: dict[tuple[int, int], Answer] = {}
    for line in lines:
        named = parse_reference(line.end_to_end) if line.amount_fen > 0 else None
        if named is None or named.line is None:
            continue
        payment = known.get((named.position, named.line))
        if payment is None or payment.amount_fen != line.amount_fen or payment.state == "returned":
            continue
        code = line.return_code or ("late_return" if payment.state == "settled" else "other")
        found.setdefault((payment.batch, payment.line), Answer(payment, line.on, code))
    return list(found.values())


def postings(
    settled: Sequence[Answer], returned: Sequence[Answer], names: Mapping[int, Name]
) -> list[Json]:
    """The postings that these answers ask for: one a batch and day, settlements first.

    What was debited and came back before anybody confirmed it never reached the worker: it is
    returned and not settled.
    """
    back = {answer.payment for answer in returned}
    kept = [answer for answer in settled if answer.payment not in back]
    made = []
    for (batch, on), answers in _by_batch_and_day(kept):
        claims = [answer.payment.claim for answer in answers]
        made.append(_posting("PayoutSettled", on, names[batch], {"claims": claims}))
    for (batch, on), answers in _by_batch_and_day(returned):
        lines = [{"claim": answer.payment.claim, "code": answer.code} for answer in answers]
        made.append(_posting("PayoutReturned", on, names[batch], {"lines": lines}))
    return made


def _by_batch_and_day(
    answers: Iterable[Answer],
) -> list[tuple[tuple[int, str], list[Answer]]]:
    found: dict[tuple[int, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        found[answer.payment.batch, answer.on].append(answer)
    return sorted(found.items(), key=lambda each: (each[0][1], each[0][0]))


def _posting(kind: str, on: str, name: Name, own: Json) -> Json:
    said = {"kind": kind, "on": on, "project": name.project, "batch": name.batch, **own}
    digest = hashlib.sha256(repr(list(said.values())).encode())
    return {**said, "key": f"statement-line:{digest.hexdigest()[:_KEY_DIGITS]}"}
