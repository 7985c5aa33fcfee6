"""Step 6 for registers, deposit, project funds, payroll and payout."""

from typing import Final

from tests.drills.town import (
    CONTRACTOR,
    CREW,
    DAY,
    FOUNDED,
    OTHER_CREW,
    STRANGER,
    Posting,
    approved,
    assigned,
    card,
    card_number,
    instructed,
    line,
    newborn_id,
    post,
    project,
    resident_id,
    sheet,
    transferred,
    worker,
)
from tests.ledger.refused import Refused, refused

_NEXT_YEAR: Final = "2026-02-28"
_GUARANTEE: Final = post("GuaranteeAccepted", project="P1", guarantee="G1", issuer="示例银行",
                         face_fen=50_000, valid_from=DAY, valid_to=_NEXT_YEAR)  # fmt: skip
_ATTENDANCE: Final = post("AttendancePosted", project="P1", employer=CREW, period="2025-02",
                          lines=[{"worker": "W1", "days": 20}])  # fmt: skip
_PROGRESS: Final = post("ProgressCertified", project="P1", period="2025-02", progress_fen=100,
                        labour_cost_fen=100, due_on=DAY)  # fmt: skip
_BATCH: Final = instructed("B1", line("S1/1", 500_000))
_APPROVED: Final = 1 + FOUNDED.index("PayrollApproved")
_MISDIRECTED: Final = post("MisdirectedCredited", project="P1", amount_fen=5, bank_ref="L-2")


def notice(name: str, amount_fen: int, claim: str = "S1/1") -> Posting:
    """A payment notice of case C1."""
    return post("PaymentNoticeIssued", project="P1", notice=name, case="C1",
                lines=[line(claim, amount_fen)])  # fmt: skip


def paid_out(amount_fen: int, claim: str = "S1/1") -> Posting:
    """Money from the deposit, on notice N1."""
    return post("DepositPaidOut", project="P1", notice="N1", lines=[line(claim, amount_fen)])


def closing(**fields: object) -> Posting:
    """The closing of P2's wage account."""
    return post("WageAccountClosed", project="P2", notice_posted_on="2025-01-10",
                **{"balance_to_gc_fen": 0, **fields})  # fmt: skip


REGISTER: Final[tuple[Refused, ...]] = (
    refused("party_exists", post("PartyRegistered", party=CREW, name="另一个名字")),
    refused("project_exists", project("P1", on=DAY)),
    refused("below_settled", post("ContractPriceChanged", project="P1", document={"number": "1"},
                                  contract_price_fen=1_999_999)),
    refused("document_required", post("ContractPriceChanged", project="P1",
                                      contract_price_fen=2_000_000)),
    refused("under_age", worker(7, on=DAY) | {"id_number": newborn_id()}),
    refused("worker_exists", worker(1, on=DAY)),
    refused("worker_exists", worker(7, on=DAY) | {"id_number": resident_id(1)}),
    refused("holder_mismatch", card(1, on=DAY, holder_name="别人")),
    refused("card_shared", card(2, on=DAY) | {"card_number": card_number(1)}),
    refused("not_on_project", assigned(6, on=DAY, employer=STRANGER)),
    refused("not_assigned", post("WorkerExited", project="P1", employer=CREW, worker="W6")),
    refused("not_assigned", sheet("S2", {"W6": 1}, on=DAY)),
    refused("attendance_exists", _ATTENDANCE, _ATTENDANCE | {"key": "again"}),
    refused("work_exists", post("NoWorkReported", project="P1", employer=CREW, period="2025-01")),
    refused("already_completed", post("ProjectCompleted", project="P1"),
            post("ProjectCompleted", project="P1")),
)  # fmt: skip

DEPOSIT: Final[tuple[Refused, ...]] = (
    refused("bank_ref_reused", post("DepositLodged", project="P1", amount_fen=1, bank_ref="D-1")),
    refused("insufficient_funds", post("DepositInterestWithdrawn", project="P1", amount_fen=1)),
    refused("guarantee_exists", _GUARANTEE, _GUARANTEE | {"key": "again"}),
    refused("guarantee_too_short", _GUARANTEE | {"valid_to": "2026-02-27"}),
    refused("not_longer", _GUARANTEE, post("GuaranteeExtended", guarantee="G1",
                                           valid_to=_NEXT_YEAR)),
    refused("guarantee_expired", _GUARANTEE, post(
        "GuaranteeExtended", on="2026-03-01", guarantee="G1", valid_to="2027-02-28")),
    refused("notice_exists", notice("N1", 1), notice("N1", 1)),
    refused("no_expired_decision", notice("N1", 1) | {"on": "2025-02-20"}),
    refused("insufficient_funds", notice("N1", 500_000), notice("N2", 300_001, "S1/2")),
    refused("notice_withdrawn", notice("N1", 1),
            *(post("NoticeWithdrawn", project="P1", notice="N1") for _ in range(2))),
    refused("not_on_notice", notice("N1", 1), paid_out(2)),
    refused("not_on_notice", notice("N1", 1), paid_out(1, "S1/2")),
    refused("notice_too_short", post("DepositReleaseConfirmed", project="P1",
                                     notice_posted_on="2025-01-31")),
    refused("not_completed", post("DepositReleaseConfirmed", project="P1",
                                  notice_posted_on="2025-01-30")),
    refused("open_claims", post("ProjectCompleted", project="P1"),
            post("DepositReleaseConfirmed", project="P1", notice_posted_on="2025-01-30")),
    refused("no_release_confirmation", post("DepositReleased", project="P1", amount_fen=1)),
)  # fmt: skip

FUNDS: Final[tuple[Refused, ...]] = (
    refused("period_certified", _PROGRESS, _PROGRESS | {"key": "again"}),
    refused("over_unsettled_price", post("DeveloperAdvancePaid", project="P1", bank_ref="L-2",
                                         amount_fen=98_000_001)),
    refused("bank_ref_reused", transferred(1, "L-1", on=DAY)),
    refused("over_payable", _MISDIRECTED, post("MisdirectedReturned", project="P1",
                                               amount_fen=6, bank_ref="L-3")),
    refused("over_payable", post("SubcontractorPaid", project="P1", subcontractor=CREW,
                                 amount_fen=1_200_001)),
    refused("account_exists", post("WageAccountOpened", project="P1")),
    refused("suspense_open", post("ProjectCompleted", project="P2"),
            _MISDIRECTED | {"project": "P2"}, closing(balance_to_gc_fen=5)),
    refused("balance_mismatch", post("ProjectCompleted", project="P2"),
            closing(balance_to_gc_fen=1)),
)  # fmt: skip

PAYROLL: Final[tuple[Refused, ...]] = (
    refused("sheet_exists", sheet("S1", {"W3": 1})),
    refused("period_paid_twice", sheet("S2", {"W1": 1})),
    refused("sheet_closed", approved("S1")),
    refused("not_on_sheet", post("ObjectionRaised", project="P1", sheet="S1", worker="W3",
                                 reason="漏记")),
    refused("over_claim", post("ClaimReduced", project="P1", claim="S1/1", amount_fen=500_001,
                               reason="多记")),
)  # fmt: skip

PAYOUT: Final[tuple[Refused, ...]] = (
    refused("batch_exists", _BATCH, instructed("B1", line("S1/2", 1))),
    refused("over_claim", _BATCH, instructed("B2", line("S1/1", 1))),
    refused("insufficient_funds", instructed("B1", line("S1/1", 1), on="2025-02-02")),
    refused("card_missing", instructed("B1", line("S1/3", 1))),
    refused("not_pending", _BATCH, *(post("PayoutSettled", project="P1", batch="B1",
                                          claims="all") for _ in range(2))),
    refused("not_pending", _BATCH, post("PayoutReturned", project="P1", batch="B1", lines=[
        {"claim": "S1/2", "code": "account_closed"}])),
    refused("not_returnable", post("TransferReturned", project="P1", position=_APPROVED, lines=[
        {"claim": "S1/1", "code": "other"}])),
    refused("document_required", post("PaidOutsideAccount", project="P1",
                                      lines=[line("S1/1", 1)])),
    refused(
        "mixed_employers",
        assigned(6, on=DAY, employer=OTHER_CREW),
        sheet("S2", {"W6": 100}, employer=OTHER_CREW, period="2025-03", on=DAY),
        approved("S2", on=DAY),
        post("PaidOutsideAccount", project="P1", lines=[line("S1/1", 1), line("S2/1", 1)],
             document={"type": "receipt"}),
    ),
    refused(
        "not_a_subcontractor",
        assigned(6, on=DAY, employer=CONTRACTOR),
        sheet("S2", {"W6": 100}, employer=CONTRACTOR, period="2025-03", on=DAY),
        approved("S2", on=DAY),
        post("AdvanceClearingPaid", project="P1", lines=[line("S2/1", 1)]),
    ),
)  # fmt: skip

SITE: Final = (*REGISTER, *DEPOSIT, *FUNDS, *PAYROLL, *PAYOUT)
