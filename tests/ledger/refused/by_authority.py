"""Step 6 for cases, enforcement, the emergency fund, corrections, policy and statements."""

from typing import Final

from tests.drills.town import (
    CREW,
    DAY,
    FOUNDED,
    OTHER_CREW,
    REGION,
    Posting,
    instructed,
    line,
    post,
    transferred,
)
from tests.ledger.refused import Refused, refused


def asserted(claim: str, **fields: object) -> Posting:
    """A claim of W3 against the crew, asserted in case C1, due before `DAY`."""
    return post("ClaimAsserted", **{
        "project": "P1", "case": "C1", "claim": claim, "employer": CREW, "worker": "W3",
        "period": "2025-01", "net_fen": 300_000, "due_on": "2025-02-10", **fields})  # fmt: skip


def attributed(debtor: str = OTHER_CREW, claim: str = "S1/1") -> Posting:
    """The claim's debtor is another party."""
    return post("LiabilityAttributed", project="P1", case="C1", claims=[claim], debtor=debtor,
                ground="示例条款")  # fmt: skip


def requested(advance: str, amount_fen: int = 100_000, **fields: object) -> Posting:
    """A request to the fund for W1's wages."""
    return post("AdvanceRequested", region=REGION, advance=advance, project="P1", case="C1",
                lines=[line("S1/1", amount_fen)], **fields)  # fmt: skip


def advance(kind: str, name: str = "A1", **fields: object) -> Posting:
    """What becomes of a request."""
    return post(kind, region=REGION, advance=name, **fields)


def debt(kind: str, amount_fen: int, **fields: object) -> Posting:
    """Something between the fund and the crew."""
    return post(kind, region=REGION, debtor=CREW, amount_fen=amount_fen, **fields)


def statement(name: str, *lines: Posting, **fields: object) -> Posting:
    """A statement of P2's deposit for February that adds up."""
    closing = sum(each["amount_fen"] for each in lines)
    return post("StatementImported", **{
        "account": "deposit:P2", "statement_id": name, "from": "2025-02-01", "to": "2025-02-28",
        "opening_fen": 0, "closing_fen": closing, "lines": list(lines), **fields})  # fmt: skip


def matching(kind: str, line_number: str, position: int) -> Posting:
    """A line of statement K1 and a posting."""
    return post(kind, account="deposit:P2", statement_id="K1", lines=[line_number],
                matched=[{"position": position}], rule="示例", score=1)  # fmt: skip


_BOOKED: Final = {"line": "1", "on": "2025-02-05", "amount_fen": 70}
_PAID: Final = (requested("A1"), advance("AdvanceApproved"), advance("AdvancePaid"))
_BATCH: Final = instructed("B1", line("S1/1", 500_000))
_SETTLED: Final = post("PayoutSettled", project="P1", batch="B1", claims="all")
_POLICY: Final = post("PolicyPublished", region=REGION, parameter="fund.cap_p", value=30,
                      valid_from=DAY, source="示例")  # fmt: skip
_CLOSED: Final = post("CaseClosed", case="C1", result="enforced")
_RECEIVED: Final = 1 + FOUNDED.index("LabourCostTransferred")
"""Position of the labour cost that arrived while the town was founded."""

CASES: Final[tuple[Refused, ...]] = (
    refused("case_exists", post("CaseOpened", case="C1", project="P1", employer=CREW,
                                source="station")),
    refused("not_closed", post("CaseReopened", case="C1")),
    refused("claim_exists", asserted("K1"), asserted("K1")),
    refused("in_transit", _BATCH, attributed()),
    refused("partly_paid", _BATCH, _SETTLED, attributed()),
    refused("not_open", asserted("K1"), post("ClaimReduced", project="P1", claim="K1",
                                             amount_fen=300_000, reason="查无实据"),
            attributed(claim="K1")),
    refused("same_debtor", attributed(CREW)),
    refused("over_payable", post("RecourseRepaid", project="P1", subcontractor=CREW,
                                 amount_fen=1)),
    refused("over_payable", post("RecourseSetOff", project="P1", subcontractor=CREW,
                                 amount_fen=1)),
    refused("over_payable", post("ExtraCompensationPaid", case="C1", debtor=CREW, amount_fen=1)),
    refused("threshold_not_met", post("PoliceTransferred", case="C1", amount_fen=1, workers=1)),
    refused("open_claims", post("CaseClaimsLinked", case="C1", claims=["S1/1"]),
            _CLOSED | {"result": "paid"}),
    refused("open_claims", asserted("K1"), _CLOSED | {"result": "unfounded"}),
)  # fmt: skip

FUND: Final[tuple[Refused, ...]] = (
    refused("fund_exists", post("FundEstablished", region=REGION, floor_fen=0)),
    refused("advance_exists", requested("A1"), requested("A1")),
    refused("not_in_arrears", asserted("K1", due_on=DAY),
            requested("A1") | {"lines": [line("K1", 1)]}),
    refused("over_claim", requested("A1", 400_000, level="government"),
            requested("A2", 100_001, level="government")),
    refused("over_cap", requested("A1", 100_001)),
    refused("advance_decided", requested("A1"), *(advance("AdvanceApproved") for _ in range(2))),
    refused("level_too_low", requested("A1", level="government"), advance("AdvanceApproved")),
    refused("insufficient_funds", requested("A1"),
            post("FundSurrendered", region=REGION, amount_fen=4_900_001),
            advance("AdvanceApproved")),
    refused("already_paid", *_PAID, advance("AdvancePaid")),
    refused("not_approved", requested("A1"), advance("AdvancePaid")),
    refused("not_requested", requested("A1"), advance("AdvanceApproved"),
            advance("AdvancePaid", claims=["S1/2"])),
    refused("not_paid", requested("A1"), advance("AdvanceReturned", claims=["S1/1"])),
    refused("over_payable", *_PAID, debt("AdvanceRecovered", 100_001)),
    refused("over_payable", *_PAID, debt("AdvanceSetOff", 1)),
    refused("over_payable", debt("AdvanceRefunded", 1)),
    refused("document_required", *_PAID, debt("AdvanceWrittenOff", 1)),
    refused("insufficient_funds", *_PAID[:2], post("FundSurrendered", region=REGION,
                                                   amount_fen=4_900_001)),
)  # fmt: skip

CORRECTIONS: Final[tuple[Refused, ...]] = (
    refused("already_reversed", *(post("Reversed", reverses=_RECEIVED, reason="误记")
                                  for _ in range(2))),
    refused("not_reversible", post("Reversed", reverses=1, reason="误记")),
    refused("depended_upon", _BATCH, transferred(1, "L-2", on=DAY),
            post("Reversed", reverses=_RECEIVED, reason="误记")),
    refused("unknown_parameter", _POLICY | {"parameter": "fund.colour"}),
    refused("policy_overlap", _POLICY, _POLICY | {"key": "again", "value": 40}),
)  # fmt: skip

STATEMENTS: Final[tuple[Refused, ...]] = (
    refused("statement_overlap", statement("K1"), statement("K2", _BOOKED)),
    refused("over_match", statement("K1", _BOOKED),
            post("DepositLodged", project="P2", amount_fen=71, bank_ref="D-2"),
            matching("StatementLineMatched", "1", len(FOUNDED) + 2)),
    refused("not_matched", statement("K1", _BOOKED),
            matching("StatementLineUnmatched", "1", _RECEIVED)),
    refused("not_a_break", post("BreakResolved", account="deposit:P2", position=1,
                                reason="不是差异")),
    refused("open_breaks", statement("K1", _BOOKED),
            post("StatementReconciled", account="deposit:P2", to="2025-02-28")),
)  # fmt: skip

AUTHORITY: Final = (*CASES, *FUND, *CORRECTIONS, *STATEMENTS)
