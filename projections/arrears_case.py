"""Arrears cases: opened, ordered, decided, closed; and the events that name claims of a case.

Legal source: 劳动保障监察条例; Decree 724 arts. 36 to 42.
"""

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

case_file: Final = ReadTable(
    name="case_file",
    columns=(
        "tenant text", "case_id text", "position int", "on_date text", "project text",
        "employer text", "source text",
    ),
    key=("tenant", "case_id"),
    indexes=(Index(name="case_file_project", columns=("tenant", "project", "position")),),
)  # fmt: skip
"""Cases as they were opened."""

case_step: Final = ReadTable(
    name="case_step",
    columns=(
        "tenant text", "case_id text", "position int", "on_date text", "kind text",
        "deadline_on text null", "outcome text null", "debtor text null", "ref text null",
        "amount_fen int null", "workers int null",
    ),
    key=("tenant", "case_id", "position"),
)  # fmt: skip
"""Every event that names the case after its opening, by kind.

``outcome`` is a decision's outcome or a closing's result; ``ref`` the notice, advance or claim.
"""

CASE: Final = Projection(
    name="case",
    version=1,
    tables=(case_file, case_step),
    statements=(
        Statement(
            """
            INSERT INTO {case_file} (tenant, case_id, position, on_date, project, employer,
                source)
            SELECT e.tenant, @text(e, fields.case), e.position, e.on_date,
                @text(e, fields.project), @text(e, fields.employer), @text(e, fields.source)
            FROM @events(CaseOpened) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {case_step} (tenant, case_id, position, on_date, kind, deadline_on,
                outcome, debtor, ref, amount_fen, workers)
            SELECT e.tenant, @text(e, fields.case), e.position, e.on_date, e.kind,
                @text(e, fields.deadline_on),
                coalesce(@text(e, fields.outcome), @text(e, fields.result)),
                coalesce(@text(e, fields.debtor), @text(e, fields.party)),
                coalesce(@text(e, fields.notice), @text(e, fields.advance),
                    @text(e, fields.claim), @text(e, fields.number)),
                coalesce(@int(e, fields.amount_fen), @int(e, fields.net_fen)),
                @int(e, fields.workers)
            FROM @events(CaseReopened, CaseClosed, CaseClaimsLinked, ClaimAsserted,
                CorrectionOrdered, DecisionIssued, LiabilityAttributed, PaymentNoticeIssued,
                AdvanceRequested, ExtraCompensationOrdered, ExtraCompensationPaid,
                PoliceTransferred, DishonestListed, MajorViolationPublished) AS e
            """
        ),
    ),
)
