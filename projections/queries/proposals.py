"""What booked lines say of payments and nobody has posted yet: settlements and returns.

The same as ``bank match`` proposes (``ledger.banking.proposals``), read from the tables: a line
that is matched with a pending payment settles it, a credit that names a payment and has its amount
returns it, settled before or not. Nothing is matched here.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.banking.references import PayoutReference, parse_reference
from ledger.domain import effects
from projections.queries.breaks import lines_without_match
from projections.queries.payout import answers_of
from projections.view import Cut, Row, View

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

_RETURNED = frozenset({effects.RETURN, effects.LATE_RETURN})
_SHOWN = """
    SELECT q.account, q.of_position AS batch, q.claim_position, q.claim_line, q.booked_on,
        p.amount_fen
    FROM (SELECT m.account, m.of_position, m.claim_position, m.claim_line, m.booked_on
        FROM {bank_match} AS m WHERE m.tenant = :tenant AND m.booked_on IS NOT NULL
        AND m.claim_position IS NOT NULL AND m.on_date <= :on AND m.position <= :known
        GROUP BY m.account, m.of_position, m.claim_position, m.claim_line, m.booked_on
        HAVING sum(m.sign) > 0) AS q
    JOIN payout_line AS p ON p.tenant = :tenant AND p.position = q.of_position
        AND p.claim_position = q.claim_position AND p.claim_line = q.claim_line
    ORDER BY q.of_position, q.booked_on
"""
_OF_BATCH = (
    "SELECT b.batch, b.project, p.general_contractor FROM {batch} AS b"
    " LEFT JOIN {project} AS p ON p.tenant = b.tenant AND p.project = b.project"
    " WHERE b.tenant = :tenant AND b.position = :position"
)

Key = tuple[int, int]


class Proposal(NamedTuple):
    """One posting that a statement asks for.

    Attributes:
        kind: Kind of the posting.
        batch: Id of the batch.
        party: General contractor of its project.
        on: Day of the booked lines.
        amount_fen: Their sum.
        lines: The booked lines that no match explains, by account, day and name.
    """

    kind: str
    batch: str
    project: str
    party: str | None
    account: str
    on: str
    amount_fen: int
    lines: tuple[tuple[str, str, str], ...] = ()


def proposals(view: View, cut: Cut) -> list[Proposal]:
    """Settlements, then returns: one a batch and day."""
    answers = _Answers(view, cut)
    returned = list(_returned(view, cut, answers))
    back = {(batch, key) for batch, key, _row in returned}
    settled = [
        (row.batch, row)
        for row in view.rows(_SHOWN, on=cut.on, known=cut.known)
        if (key := (row.claim_position, row.claim_line)) not in answers.of(row.batch)
        and (row.batch, key) not in back
    ]
    found = [
        *_together(view, "PayoutSettled", ((batch, row, row.booked_on) for batch, row in settled)),
        *_together(
            view, "PayoutReturned", ((batch, row, row.on_date) for batch, _key, row in returned)
        ),
    ]
    return sorted(found, key=lambda one: (one.on, one.kind != "PayoutSettled", one.batch))


class _Answers:
    """What the bank's answers have said of the claims of batches."""

    def __init__(self, view: View, cut: Cut) -> None:
        self._view = view
        self._cut = cut
        self._known: dict[int, dict[Key, int]] = {}

    def of(self, batch: int) -> dict[Key, int]:
        """Effect of the last word on each claim of a batch."""
        if batch not in self._known:
            said = answers_of(self._view, self._cut, batch)
            self._known[batch] = {
                key: line.effect for key, (_on, line) in said.items() if key is not None
            }
        return self._known[batch]


def _returned(view: View, cut: Cut, answers: _Answers) -> Iterator[tuple[int, Key, Row]]:
    """Credits that name a payment which has not come back yet, the first of each."""
    named = [
        (row, reference)
        for row in lines_without_match(view, cut)
        if row.left_fen == row.amount_fen > 0
        and row.end_to_end is not None
        and (reference := parse_reference(row.end_to_end)) is not None
        and reference.line is not None
    ]
    payments = _payments(view, cut, [reference for _row, reference in named])
    seen: set[PayoutReference] = set()
    for row, reference in named:
        payment = payments.get(reference)
        if payment is None or reference in seen:
            continue
        key = (payment.claim_position, payment.claim_line)
        came_back = answers.of(reference.position).get(key) in _RETURNED
        own = row.account == f"wage:{payment.project}"
        if own and not came_back and payment.amount_fen == row.amount_fen:
            seen.add(reference)
            yield reference.position, key, row


def _payments(view: View, cut: Cut, named: Iterable[PayoutReference]) -> dict[PayoutReference, Row]:
    wanted: dict[int, set[int]] = {}
    for reference in named:
        if reference.line is not None:
            wanted.setdefault(reference.position, set()).add(reference.line)
    found = {}
    for position, numbers in wanted.items():
        listed = ", ".join(str(number) for number in sorted(numbers))
        for row in view.rows(
            "SELECT p.line, p.claim_position, p.claim_line, p.amount_fen, b.project"
            " FROM payout_line AS p JOIN {batch} AS b ON b.tenant = p.tenant"
            " AND b.position = p.position WHERE p.tenant = :tenant AND p.position = :position"
            f" AND b.on_date <= :on AND b.position <= :known AND p.line IN ({listed})",
            position=position, on=cut.on, known=cut.known,
        ):  # fmt: skip
            found[PayoutReference(position, row.line)] = row
    return found


def _together(view: View, kind: str, rows: Iterable[tuple[int, Row, str]]) -> Iterator[Proposal]:
    """One proposal a batch and day."""
    groups: dict[tuple[int, str], list[Row]] = {}
    for batch, row, on in rows:
        groups.setdefault((batch, on), []).append(row)
    for (position, on), found in groups.items():
        of = view.row(_OF_BATCH, position=position)
        if of is None:
            continue
        lines = () if kind == "PayoutSettled" else tuple(
            (row.account, row.on_date, row.line) for row in found
        )  # fmt: skip
        yield Proposal(
            kind, of.batch, of.project, of.general_contractor, found[0].account, on,
            sum(row.amount_fen for row in found), lines,
        )  # fmt: skip
