"""Payouts: instructed by the contractor, settled or returned line by line by the bank.

Legal source: Decree 724 art. 31 (payment from the wage account to the worker's own
account). Only a bank's confirmation discharges a wage; a return opens the claim again on
its original due date (rules.md, conclusion 3).
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.journal import Journal, discharge, undo_discharge
from ledger.domain.kinds.notices import (
    ClaimAmounts,
    call,
    claim_lines,
    discharged,
    draw,
    paid_claims,
    require_free,
)  # fmt: skip
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    BankRef,
    Batch,
    Claim,
    ClaimsOrAll,
    Count,
    NewRef,
    Position,
    Project,
    ReturnCode,
    Text,
)  # fmt: skip
from ledger.domain.state import Batch as BatchRecord
from ledger.domain.state import Claim as ClaimRecord
from ledger.domain.state import Marks, PayoutLine
from ledger.domain.timeline import lowest
from ledger.kernel.errors import Refusal


class ReturnLine(NamedTuple):
    """A line that came back, and why."""

    claim: Claim
    code: ReturnCode
    bank_code: Text | None = None


ReturnLines = Annotated[Sequence[ReturnLine], Shape("lines", refers="claim", line=ReturnLine)]


@kind("G", "payout")
class PayoutInstructed(Posting):
    """The contractor instructs the bank to pay a batch from the wage account."""

    project: Project
    batch: NewRef
    lines: ClaimAmounts
    total_fen: Amount
    count: Count


@kind("B", "payout")
class PayoutSettled(Posting):
    """The bank confirms that lines of a batch reached the workers' cards."""

    project: Project
    batch: Batch
    claims: ClaimsOrAll
    bank_ref: BankRef | None = None


@kind("B", "payout")
class PayoutReturned(Posting):
    """Lines of a batch did not reach the card, at once or late."""

    project: Project
    batch: Batch
    lines: ReturnLines


@kind("B", "payout")
class TransferReturned(Posting):
    """A transfer from the deposit, a guarantee or the contractor's own money bounced."""

    project: Project
    position: Position
    lines: ReturnLines


@kind("SG", "payout")
class PaidOutsideAccount(Posting):
    """An employer paid workers outside the wage account; recorded with a warning."""

    project: Project
    lines: ClaimAmounts


RETURNABLE = {
    "DepositPaidOut": "deposit_cash",
    "GuaranteeCalled": "own_cash",
    "AdvanceClearingPaid": "own_cash",
}
"""Transfers that may bounce, and the account of the contractor that they came from."""


@decides("PayoutInstructed")
def decide_instructed(posting: PayoutInstructed, at: Context) -> Decision:
    """Free claims, enough on the account beside what is not the project's, and cards."""
    if at.facts.get(BatchRecord, posting.batch) is not None:
        raise Refusal("batch_exists", batch=posting.batch)
    require_free(at, posting.lines)
    gc = at.the_project().general_contractor
    account = at.facts.cell(gc, "wage_account", at.project_id, "")
    suspense = at.facts.cell(gc, "suspense", at.project_id, "")
    available = lowest(posting.on, (1, account), (1, suspense))
    if posting.total_fen > available:
        raise Refusal(
            "insufficient_funds", account="wage_account", amount_fen=posting.total_fen,
            available_fen=available,
        )  # fmt: skip
    workers = [at.claims[line.claim].worker for line in posting.lines]
    without = at.facts.without_card(workers)
    for worker in workers:
        if worker in without:
            raise Refusal("card_missing", worker=worker)
    journal = Journal()
    journal.add(gc, "in_transit", posting.total_fen, project=at.project_id)
    journal.add(gc, "wage_account", -posting.total_fen, project=at.project_id)
    lines = claim_lines(at, posting.lines, effects.INSTRUCT)
    return Decision(f"project:{at.project_id}", journal.lines(), lines)


@evolves("PayoutInstructed")
def evolve_instructed(event: Recorded, keeper: Keeper) -> None:
    """Keep the batch; its lines follow from their effects."""
    fields = event.fields
    keeper.keep(fields["batch"], BatchRecord(event.position, fields["project"], event.on))


def batch_at(at: Context) -> BatchRecord:
    """The batch that the posting names."""
    assert at.batch is not None
    return at.batch


def settling_lines(posting: PayoutSettled, at: Context) -> list[tuple[ClaimRecord, PayoutLine]]:
    """The pending lines that are settled, in the order of the posting or of the batch."""
    in_batch = at.facts.payout_lines(batch_at(at).position)
    chosen: Iterable[ClaimRecord]
    if posting.claims == "all":
        pending = [line for line in in_batch.values() if line.state == "pending"]
        named = at.facts.claims_by_key([line.claim for line in pending])
        chosen = [named[line.claim] for line in pending]
    else:
        chosen = at.claims.values()
    settling = []
    for claim in chosen:
        line = in_batch.get(claim.key)
        if line is None or line.state != "pending":
            raise Refusal("not_pending", claim=claim.name, batch=posting.batch)
        settling.append((claim, line))
    if not settling:
        raise Refusal("not_pending", batch=posting.batch)
    return settling


@decides("PayoutSettled")
def decide_settled(posting: PayoutSettled, at: Context) -> Decision:
    """Money in transit reached the cards: the wages are discharged."""
    settling = settling_lines(posting, at)
    journal = Journal()
    discharge(
        journal, [(claim, line.amount_fen) for claim, line in settling], source="in_transit",
        contractor=at.the_project().general_contractor, project=at.project_id, on=posting.on,
        facts=at.facts,
    )  # fmt: skip
    lines = [
        DocumentLine(
            effects.SETTLE, claim.key, claim.worker, line.amount_fen, {"claim": claim.name}
        )
        for claim, line in settling
    ]
    return Decision(
        f"project:{at.project_id}", journal.lines(), lines,
        outcome={"batch_position": batch_at(at).position},
    )  # fmt: skip


@decides("PayoutReturned")
def decide_returned(posting: PayoutReturned, at: Context) -> Decision:
    """Pending lines go back to the account; settled ones open their claims again."""
    in_batch = at.facts.payout_lines(batch_at(at).position)
    pending: list[tuple[ClaimRecord, int]] = []
    late: list[tuple[ClaimRecord, int]] = []
    lines = []
    for returned in posting.lines:
        claim = at.claims[returned.claim]
        line = in_batch.get(claim.key)
        if line is None or line.state == "returned":
            raise Refusal("not_pending", claim=claim.name, batch=posting.batch)
        settled = line.state == "settled"
        (late if settled else pending).append((claim, line.amount_fen))
        lines.append(
            returned_line(
                effects.LATE_RETURN if settled else effects.RETURN, claim, line.amount_fen, returned
            )
        )
    project = at.the_project()
    gc = project.general_contractor
    journal = Journal()
    back = sum(amount for _, amount in pending)
    journal.add(gc, "in_transit", -back, project=at.project_id)
    journal.add(gc, "wage_account", back, project=at.project_id)
    target = "wage_account"
    if late and project.account_state != "open":
        target = "own_cash"
        at.warn("return_after_closing")
    undo_discharge(
        journal, late, source=target, contractor=gc, project=at.project_id, on=posting.on,
        facts=at.facts,
    )  # fmt: skip
    return Decision(
        f"project:{at.project_id}", journal.lines(), lines,
        outcome={"batch_position": batch_at(at).position},
    )  # fmt: skip


def returned_line(
    effect: int, claim: ClaimRecord, amount_fen: int, returned: ReturnLine
) -> DocumentLine:
    """Document line of something that came back, with the bank's reason."""
    body = {"claim": claim.name, "code": returned.code}
    if returned.bank_code is not None:
        body["bank_code"] = returned.bank_code
    return DocumentLine(effect, claim.key, claim.worker, amount_fen, body)


@decides("TransferReturned")
def decide_transfer_returned(posting: TransferReturned, at: Context) -> Decision:
    """The source gets its money back and the claims are open again."""
    paid = at.facts.posting(posting.position)
    source = RETURNABLE.get(paid.kind)
    if source is None:
        raise Refusal("not_returnable", position=posting.position, kind=paid.kind)
    amounts = {line.body["claim"]: line.amount_fen or 0 for line in paid.lines}
    marks = at.facts.get(Marks, str(posting.position)) or Marks()
    returned: list[tuple[ClaimRecord, int]] = []
    lines = []
    for line in posting.lines:
        if line.claim not in amounts or line.claim in marks.returned:
            raise Refusal("not_pending", claim=line.claim, position=posting.position)
        claim = at.claims[line.claim]
        returned.append((claim, amounts[line.claim]))
        lines.append(returned_line(effects.UNDO, claim, amounts[line.claim], line))
    journal = Journal()
    undo_discharge(
        journal, returned, source=source, contractor=at.the_project().general_contractor,
        project=at.project_id, on=posting.on, facts=at.facts,
    )  # fmt: skip
    outcome = {"of_kind": paid.kind}
    outcome.update({f: paid.fields[f] for f in ("notice", "guarantee") if f in paid.fields})
    return Decision(f"project:{at.project_id}", journal.lines(), lines, outcome=outcome)


@evolves("TransferReturned")
def evolve_transfer_returned(event: Recorded, keeper: Keeper) -> None:
    """The notice's lines and the guarantee's face come back."""
    name = str(event.fields["position"])
    marks = keeper.get(Marks, name) or Marks()
    marks.returned.extend(line.body["claim"] for line in event.lines)
    keeper.keep(name, marks)
    if "notice" in event.outcome:
        draw(event.outcome["notice"], event, -1, keeper)
    if "guarantee" in event.outcome:
        call(event.outcome["guarantee"], event, -1, keeper)


@decides("PaidOutsideAccount")
def decide_outside(posting: PaidOutsideAccount, at: Context) -> Decision:
    """Recorded because it discharges the wage; warned of because the law wants the account."""
    require_free(at, posting.lines)
    if not posting.document:
        raise Refusal("document_required", kind="PaidOutsideAccount")
    employers = {at.claims[line.claim].employer for line in posting.lines}
    if len(employers) > 1:
        raise Refusal("mixed_employers", count=len(employers))
    at.warn("paid_outside_account")
    (employer,) = employers
    journal = Journal()
    for claim, amount in paid_claims(at, posting.lines):
        journal.add(employer, "wages_payable", amount, project=at.project_id, due_on=claim.due_on)
        journal.add(employer, "own_cash", -amount, project=at.project_id)
    return Decision(
        f"project:{at.project_id}", journal.lines(),
        claim_lines(at, posting.lines, effects.DISCHARGE),
    )  # fmt: skip


@evolves("PayoutSettled", "PayoutReturned", "PaidOutsideAccount")
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The effects of the lines say it all."""


__all__ = ["RETURNABLE", "discharged"]
