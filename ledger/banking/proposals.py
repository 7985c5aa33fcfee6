"""What a statement asks to be posted: payments that the bank has made, money that came back.

A booked line is a bank's word on a payment: a debit that shows one line of a batch settles it, a
credit that names one returns it. It is proposed, and posted only when the bank's role confirms
it. A total says nothing of the single payments in it, and proposes nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.banking.matching import Item, Line
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


class Returned(NamedTuple):
    """A payment that came back on a day, and why."""

    payment: Payment
    on: str
    code: str


Debited = dict[tuple[int, str], list[str]]
"""Claims whose payments the bank has debited and not answered, by batch and day."""


class Name(NamedTuple):
    """How postings name a batch."""

    batch: str
    project: str


def batches_credited(lines: Iterable[Line]) -> set[int]:
    """Batches that credits name: their money may have come back."""
    named = (parse_reference(line.end_to_end) for line in lines if line.amount_fen > 0)
    return {reference.position for reference in named if reference is not None and reference.line}


def returns(lines: Iterable[Line], payments: Iterable[Payment]) -> list[Returned]:
    """Credits that give a payment back whole: the amounts agree, and it has not come back yet."""
    known = {(payment.batch, payment.line): payment for payment in payments}
    found: dict[tuple[int, int], Returned] = {}
    for line in lines:
        named = parse_reference(line.end_to_end) if line.amount_fen > 0 else None
        if named is None or named.line is None:
            continue
        payment = known.get((named.position, named.line))
        if payment is None or payment.amount_fen != line.amount_fen or payment.state == "returned":
            continue
        code = line.return_code or ("late_return" if payment.state == "settled" else "other")
        found.setdefault((payment.batch, payment.line), Returned(payment, line.on, code))
    return list(found.values())


def debited(pairs: Iterable[tuple[Line, Item]]) -> Debited:
    """Payments that lines show and that the bank has not answered yet."""
    found: Debited = defaultdict(list)
    for line, item in pairs:
        if item.state == "pending":
            found[item.position, line.on].append(item.claim)
    return found


def postings(
    settled: Debited, returned: Sequence[Returned], names: Mapping[int, Name]
) -> list[Json]:
    """The postings that this asks for: one a batch and day, settlements first.

    What was debited and came back before anybody confirmed it never reached the worker: it is
    returned and not settled.
    """
    back = {(answer.payment.batch, answer.payment.claim) for answer in returned}
    made = []
    for (batch, on), claims in sorted(settled.items(), key=lambda each: each[0][::-1]):
        kept = [claim for claim in claims if (batch, claim) not in back] if back else claims
        if kept:
            made.append(_posting("PayoutSettled", on, names[batch], {"claims": kept}))
    by_day: dict[tuple[str, int], list[Json]] = defaultdict(list)
    for payment, on, code in returned:
        by_day[on, payment.batch].append({"claim": payment.claim, "code": code})
    for (on, batch), lines in sorted(by_day.items(), key=lambda each: each[0]):
        made.append(_posting("PayoutReturned", on, names[batch], {"lines": lines}))
    return made


def _posting(kind: str, on: str, name: Name, own: Json) -> Json:
    said = {"kind": kind, "on": on, "project": name.project, "batch": name.batch, **own}
    digest = hashlib.sha256(repr(list(said.values())).encode())
    return {**said, "key": f"statement-line:{digest.hexdigest()[:_KEY_DIGITS]}"}
