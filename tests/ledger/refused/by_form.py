"""Step 1: what is wrong whatever the ledger holds."""

from typing import Final

from ledger.kernel.money import MAX_FEN
from tests.drills.town import (
    CREW,
    DAY,
    DEVELOPER,
    REGION,
    TODAY,
    instructed,
    line,
    post,
    resident_id,
    sheet,
    transferred,
    worker,
)
from tests.ledger.refused import Refused, refused

_WRONG_CHECK: Final = f"{CREW[:-1]}{'0' if CREW[-1] != '0' else '1'}"
_WRONG_ID: Final = f"{resident_id(9)[:-1]}{'0' if resident_id(9)[-1] != '0' else '1'}"
_MANY: Final = [{"worker": f"W{number}", "net_fen": 1} for number in range(200_001)]
_STATEMENT: Final = {"account": "wage:P1", "statement_id": "K1", "from": DAY, "to": DAY}

FORM: Final[tuple[Refused, ...]] = (
    refused("bad_json", '{"kind": "ProjectCompleted", "on": "2025-03-01", "key": "half'),
    refused("bad_kind", post("PayrollAgreed", project="P1", sheet="S1")),
    refused("bad_field", post("ProjectCompleted", project="P1", colour="red")),
    refused("bad_field", {"kind": "ProjectCompleted", "on": DAY, "project": "P1"}),
    refused("bad_field", post("ProjectCompleted", project="P1", note="长" * 501)),
    refused("bad_field", post("PayrollReturned", project="P1", sheet="S1",
                              reason=f"见 {resident_id(9)}")),
    refused("bad_id", post("ProjectCompleted", project="P 1")),
    refused("bad_id", post("FundEstablished", region="22020", floor_fen=0)),
    refused("bad_date", post("ProjectCompleted", project="P1", on="2025-02-30")),
    refused("bad_date", post("NoWorkReported", project="P1", employer=CREW, period="2025-13")),
    refused("bad_amount", transferred(MAX_FEN + 1, "L-2")),
    refused("bad_amount", post("ProjectFundsPaid", project="P1", amount_fen=0)),
    refused("bad_credit_code", post("SubcontractRegistered", project="P1",
                                    subcontractor=_WRONG_CHECK)),
    refused("bad_id_number", worker(9) | {"id_number": _WRONG_ID}),
    refused("bad_card_number", post("CardBound", worker="W1", card_number="62000")),
    refused("empty_lines", post("PayoutReturned", project="P1", batch="B1", lines=[])),
    refused("empty_lines", post("CaseClaimsLinked", case="C1", claims=[])),
    refused("too_many_lines", sheet("S9", {}) | {"lines": _MANY}),
    refused("duplicate_claim", instructed("B1", line("S1/1", 1), line("S1/1", 1))),
    refused("duplicate_worker", sheet("S9", {}) | {
        "lines": [{"worker": "W1", "net_fen": 1}, {"worker": "W1", "net_fen": 2}]}),
    refused("line_arithmetic", sheet("S9", {}) | {
        "lines": [{"worker": "W1", "net_fen": 9, "gross_fen": 11, "deductions_fen": 1}]}),
    refused("control_total", instructed("B1", line("S1/1", 100)) | {"total_fen": 101}),
    refused("control_total", instructed("B1", line("S1/1", 100)) | {"count": 2}),
    refused("bad_split", post("ProgressCertified", project="P1", period="2025-02",
                              progress_fen=100, labour_cost_fen=101, due_on=TODAY)),
    refused("bad_deadline", post("CorrectionOrdered", case="C1", deadline_on="2025-02-28")),
    refused("bad_deadline", post("DecisionIssued", case="C1", deadline_on="2025-02-28",
                                 outcome="clear", debtor=DEVELOPER)),
    refused("statement_arithmetic", post("StatementImported", **_STATEMENT, opening_fen=0,
                                         closing_fen=1, lines=[])),
    refused("bad_field", post("PolicyPublished", region=REGION, parameter="fund.cap_p",
                              value=-1, valid_from=DAY, source="示例")),
)  # fmt: skip
