"""Steps 2 to 5: keys, dates, what is named and whether it stands."""

from typing import Final

from tests.drills.town import (
    CREW,
    DAY,
    NOBODY,
    OTHER_CREW,
    OTHER_REGION,
    REGION,
    approved,
    assigned,
    instructed,
    line,
    post,
    project,
    sheet,
    transferred,
)
from tests.ledger.refused import Refused, refused

_COMPLETED: Final = post("ProjectCompleted", project="P1")
_OTHER_CASE: Final = post("CaseOpened", case="C2", project="P1", employer=OTHER_CREW,
                          source="station")  # fmt: skip

KEYS_AND_DATES: Final[tuple[Refused, ...]] = (
    refused("key_reused", _COMPLETED, _COMPLETED | {"project": "P2"}),
    refused("future_date", post("ProjectCompleted", project="P1", on="2026-07-01")),
    refused("future_period", post("NoWorkReported", project="P1", employer=CREW,
                                  period="2026-07")),
    refused(
        "period_closed",
        post("StatementReconciled", account="deposit:P2", to="2025-02-28"),
        post("DepositLodged", on="2025-02-28", project="P2", amount_fen=1, bank_ref="D-2"),
    ),
)  # fmt: skip

REFERENCES: Final[tuple[Refused, ...]] = (
    refused("unknown_party", post("SubcontractorPaid", project="P1", subcontractor=NOBODY,
                                  amount_fen=1)),
    refused("unknown_worker", assigned(99, on=DAY)),
    refused("unknown_project", post("ProjectCompleted", project="P9")),
    refused("unknown_case", post("CaseReopened", case="C9")),
    refused("unknown_claim", instructed("B1", line("S1/9", 1))),
    refused("unknown_claim", sheet("S2", {"W3": 1}), instructed("B1", line("S2/1", 1))),
    refused("unknown_notice", post("NoticeWithdrawn", project="P1", notice="N9")),
    refused("unknown_guarantee", post("GuaranteeReleased", guarantee="G9")),
    refused("unknown_sheet", approved("S9", on=DAY)),
    refused("unknown_batch", post("PayoutSettled", project="P1", batch="B9", claims="all")),
    refused("unknown_advance", post("AdvanceRejected", region=REGION, advance="A9")),
    refused("unknown_fund", post("FundSurrendered", region=OTHER_REGION, amount_fen=1)),
    refused("unknown_position", post("Reversed", reverses=10_000, reason="误记")),
    refused("unknown_statement", post(
        "StatementLineMatched", account="wage:P1", statement_id="K9", lines=["1"],
        matched=[{"position": 1}], rule="示例", score=1)),
)  # fmt: skip

STANDING: Final[tuple[Refused, ...]] = (
    refused("other_project", sheet("S2", {"W3": 1}), approved("S2", on=DAY, project="P2")),
    refused("other_case", _OTHER_CASE, post("PaymentNoticeIssued", project="P1", notice="N1",
                                            case="C2", lines=[line("S1/1", 1)])),
    refused(
        "other_region",
        post("FundEstablished", region=OTHER_REGION, floor_fen=0),
        post("AdvanceRequested", region=OTHER_REGION, advance="A1", project="P1", case="C1",
             lines=[line("S1/1", 1)]),
    ),
    refused("account_not_open", project("P3", on=DAY), post(
        "WageAccountToppedUp", project="P3", amount_fen=1, bank_ref="L-2")),
    refused("account_not_open", transferred(1, "L-2", on="2025-01-04")),
    refused(
        "case_closed",
        post("CaseClosed", case="C1", result="enforced"),
        post("CorrectionOrdered", case="C1", deadline_on=DAY),
    ),
    refused("before_cause", sheet("S2", {"W3": 1}), approved("S2", on="2025-01-31")),
)  # fmt: skip
