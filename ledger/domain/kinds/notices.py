"""Payment notices: the authority's order to the bank to pay wages out of the deposit.

Legal source: 人社部发〔2021〕65号 art. 19: after a decision whose deadline was missed, the
bank pays the named workers from the deposit, or the guarantee is called.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper, free_from
from ledger.domain.journal import Journal, discharge
from ledger.domain.kinds.deposit import (
    cover_left,
    face_left,
    require_cell,
    undrawn_notices,
)  # fmt: skip
from ledger.domain.kinds.register import project_of
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import Amount, Case, Claim, Guarantee, NewRef, Notice, Project
from ledger.domain.state import CaseFile, Moves
from ledger.domain.state import Claim as ClaimRecord
from ledger.domain.state import Guarantee as GuaranteeRecord
from ledger.domain.state import Notice as NoticeRecord
from ledger.domain.timeline import Timeline
from ledger.kernel.errors import Refusal


class ClaimAmount(NamedTuple):
    """An amount on a claim, in fen."""

    claim: Claim
    amount_fen: Amount


ClaimAmounts = Annotated[Sequence[ClaimAmount], Shape("lines", refers="claim", line=ClaimAmount)]


@kind("I", "deposit")
class PaymentNoticeIssued(Posting):
    """The authority tells the bank which wages to pay from the deposit."""

    project: Project
    notice: NewRef
    case: Case
    lines: ClaimAmounts


@kind("I", "deposit")
class NoticeWithdrawn(Posting):
    """What is not drawn yet on the notice is free for good."""

    project: Project
    notice: Notice


@kind("B", "deposit")
class DepositPaidOut(Posting):
    """The bank pays workers from the deposit."""

    project: Project
    notice: Notice
    lines: ClaimAmounts


@kind("B", "deposit")
class GuaranteeCalled(Posting):
    """The guarantor pays workers on demand."""

    project: Project
    notice: Notice
    guarantee: Guarantee
    lines: ClaimAmounts


def claim_lines(at: Context, lines: Sequence[ClaimAmount], effect: int) -> list[DocumentLine]:
    """Document lines for amounts on claims."""
    return [
        DocumentLine(
            effect, at.claims[line.claim].key, at.claims[line.claim].worker, line.amount_fen,
            {"claim": line.claim},
        )
        for line in lines
    ]  # fmt: skip


def paid_claims(at: Context, lines: Sequence[ClaimAmount]) -> list[tuple[ClaimRecord, int]]:
    """The claims of lines with their amounts."""
    return [(at.claims[line.claim], line.amount_fen) for line in lines]


def require_free(at: Context, lines: Sequence[ClaimAmount]) -> None:
    """Refuse more than the free amount of a claim, on the day or on any later one."""
    for line in lines:
        free = free_from(at.claims[line.claim], at.posting.on, at.facts)
        if line.amount_fen > free:
            raise Refusal(
                "over_claim", claim=line.claim, amount_fen=line.amount_fen, available_fen=free
            )


def notice_left(notice: NoticeRecord, claim: str, on: str) -> int:
    """Least that is left of a notice's line from a day onwards, in fen."""
    if notice.withdrawn or claim not in notice.lines:
        return 0
    timeline = Timeline()
    timeline.add("", notice.lines[claim])
    for day, amount in notice.drawn.get(claim, ()):
        timeline.add(str(day), -int(amount))
    return timeline.lowest(on)


def require_on_notice(at: Context, lines: Sequence[ClaimAmount]) -> None:
    """Refuse what the notice does not name or has no amount left for."""
    assert at.notice is not None
    for line in lines:
        left = notice_left(at.notice, line.claim, at.posting.on)
        if line.amount_fen > left:
            raise Refusal(
                "not_on_notice", claim=line.claim, amount_fen=line.amount_fen, available_fen=left
            )


@decides("PaymentNoticeIssued")
def decide_issued(posting: PaymentNoticeIssued, at: Context) -> Decision:
    """A notice needs a missed decision, free claims and a deposit that covers it."""
    if at.facts.get(NoticeRecord, posting.notice) is not None:
        raise Refusal("notice_exists", notice=posting.notice)
    if not any(deadline < posting.on for deadline in at.the_case().decisions):
        raise Refusal("no_expired_decision", case=posting.case, on=posting.on)
    require_free(at, posting.lines)
    total = sum(line.amount_fen for line in posting.lines)
    left = cover_left(at, posting.on) - undrawn_notices(at)
    if total > left:
        raise Refusal("insufficient_funds", account="deposit", amount_fen=total, available_fen=left)
    return Decision(
        f"project:{at.project_id}", lines=claim_lines(at, posting.lines, effects.NOTICE)
    )


@evolves("PaymentNoticeIssued")
def evolve_issued(event: Recorded, keeper: Keeper) -> None:
    """Open the notice and add its claims to the case."""
    fields = event.fields
    lines = {line.body["claim"]: line.amount_fen or 0 for line in event.lines}
    keeper.keep(fields["notice"], NoticeRecord(fields["project"], fields["case"], event.on, lines))
    project = project_of(event, keeper)
    project.notices.append(fields["notice"])
    keeper.keep(fields["project"], project)
    add_case_claims(fields["case"], lines, keeper)


def add_case_claims(case_id: str, claims: Sequence[str] | dict[str, int], keeper: Keeper) -> None:
    """Count claims among those of a case."""
    case = keeper.get(CaseFile, case_id)
    assert case is not None
    known = set(case.claims)
    case.claims.extend(claim for claim in claims if claim not in known)
    keeper.keep(case_id, case)


@decides("NoticeWithdrawn")
def decide_withdrawn(posting: NoticeWithdrawn, at: Context) -> Decision:
    """Withdrawn once, for good."""
    assert at.notice is not None
    if at.notice.withdrawn:
        raise Refusal("notice_withdrawn", notice=posting.notice)
    return Decision(f"project:{at.project_id}")


@evolves("NoticeWithdrawn")
def evolve_withdrawn(event: Recorded, keeper: Keeper) -> None:
    """Nothing is left on it from now on."""
    notice = keeper.get(NoticeRecord, event.fields["notice"])
    assert notice is not None
    notice.withdrawn = True
    keeper.keep(event.fields["notice"], notice)


@decides("DepositPaidOut")
def decide_paid_out(posting: DepositPaidOut, at: Context) -> Decision:
    """Deposit cash discharges the wages named on the notice."""
    require_on_notice(at, posting.lines)
    require_free(at, posting.lines)
    require_cell(at, "deposit_cash", sum(line.amount_fen for line in posting.lines))
    return discharged(at, posting.lines, "deposit_cash")


@decides("GuaranteeCalled")
def decide_called(posting: GuaranteeCalled, at: Context) -> Decision:
    """The guarantee pays in the contractor's place: its own debt is discharged."""
    assert at.guarantee is not None
    assert at.notice is not None
    if not at.guarantee.valid(at.notice.issued_on):
        raise Refusal("guarantee_expired", guarantee=posting.guarantee, on=at.notice.issued_on)
    total = sum(line.amount_fen for line in posting.lines)
    left = face_left(at.guarantee, posting.on)
    if total > left:
        raise Refusal(
            "insufficient_funds", account="guarantee", amount_fen=total, available_fen=left
        )
    require_on_notice(at, posting.lines)
    require_free(at, posting.lines)
    return discharged(at, posting.lines, "own_cash")


def discharged(at: Context, lines: Sequence[ClaimAmount], source: str) -> Decision:
    """Discharge the lines' claims out of an account of the contractor."""
    journal = Journal()
    discharge(
        journal, paid_claims(at, lines), source=source,
        contractor=at.the_project().general_contractor, project=at.project_id,
        on=at.posting.on, facts=at.facts,
    )  # fmt: skip
    return Decision(
        f"project:{at.project_id}", journal.lines(), claim_lines(at, lines, effects.DISCHARGE)
    )


@evolves("DepositPaidOut", "GuaranteeCalled")
def evolve_drawn(event: Recorded, keeper: Keeper) -> None:
    """The notice's lines and the guarantee's face are used."""
    draw(event.fields["notice"], event, 1, keeper)
    if event.kind == "GuaranteeCalled":
        call(event.fields["guarantee"], event, 1, keeper)


def draw(notice_id: str, event: Recorded, sign: int, keeper: Keeper) -> None:
    """Draw on a notice's lines (sign 1), or give bounced draws back (-1)."""
    notice = keeper.get(NoticeRecord, notice_id)
    assert notice is not None
    for line in event.lines:
        moves: Moves = notice.drawn.setdefault(line.body["claim"], [])
        moves.append([event.on, sign * (line.amount_fen or 0)])
    keeper.keep(notice_id, notice)


def call(guarantee_id: str, event: Recorded, sign: int, keeper: Keeper) -> None:
    """Use a guarantee's face (sign 1), or give it back (-1)."""
    guarantee = keeper.get(GuaranteeRecord, guarantee_id)
    assert guarantee is not None
    guarantee.calls.append([event.on, sign * sum(line.amount_fen or 0 for line in event.lines)])
    keeper.keep(guarantee_id, guarantee)
