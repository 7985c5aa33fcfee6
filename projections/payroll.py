"""Payroll sheets: submitted, approved or returned, reversed; and claims that changed their debtor.

What is open on the claims themselves the write side holds (``ledger.claims``); here is what the
lists of sheets show, each fact with its position and date. Legal source: Decree 724 arts. 12 to
15, 28 and 31.
"""

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

sheet: Final = ReadTable(
    name="sheet",
    columns=(
        "tenant text", "sheet text", "position int", "on_date text", "project text",
        "employer text", "period text", "due_on text", "back_pay int", "lines int",
        "total_fen int",
    ),
    key=("tenant", "sheet"),
    indexes=(
        Index(name="sheet_position", columns=("tenant", "position")),
        Index(name="sheet_project", columns=("tenant", "project", "position")),
    ),
)  # fmt: skip
"""Sheets as they were submitted; their position is the first half of their claims' keys."""

sheet_step: Final = ReadTable(
    name="sheet_step",
    columns=(
        "tenant text", "sheet text", "position int", "on_date text", "step text",
        "worker text null", "reason text null",
    ),
    key=("tenant", "sheet", "position"),
)  # fmt: skip
"""approved, returned, reversed, and objections of workers."""

asserted_claim: Final = ReadTable(
    name="asserted_claim",
    columns=(
        "tenant text", "claim text", "position int", "on_date text", "project text",
        "case_id text", "employer text", "worker text", "period text", "due_on text",
        "net_fen int",
    ),
    key=("tenant", "claim"),
    indexes=(
        Index(name="asserted_claim_position", columns=("tenant", "position")),
        Index(name="asserted_claim_project", columns=("tenant", "project", "position")),
        Index(name="asserted_claim_worker", columns=("tenant", "worker", "position")),
    ),
)  # fmt: skip
"""Claims without a sheet, as they were established in a case."""

attribution: Final = ReadTable(
    name="attribution",
    columns=(
        "tenant text", "claim_position int", "claim_line int", "position int", "on_date text",
        "case_id text", "from_party text", "to_party text", "ground text",
    ),
    key=("tenant", "claim_position", "claim_line", "position"),
)  # fmt: skip
"""Claims that the law put on another debtor: from that day on the new one is their employer."""

PAYROLL: Final = Projection(
    name="payroll",
    version=1,
    tables=(sheet, sheet_step, asserted_claim, attribution),
    statements=(
        Statement(
            """
            INSERT INTO {sheet} (tenant, sheet, position, on_date, project, employer, period,
                due_on, back_pay, lines, total_fen)
            SELECT e.tenant, @text(e, fields.sheet), e.position, e.on_date,
                @text(e, fields.project), @text(e, fields.employer), @text(e, fields.period),
                @text(e, fields.due_on), @flag(e, fields.back_pay), @int(e, lines.count),
                @int(e, outcome.total_fen)
            FROM @events(PayrollSubmitted) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {sheet_step} (tenant, sheet, position, on_date, step, worker, reason)
            SELECT e.tenant, @text(e, fields.sheet), e.position, e.on_date,
                CASE e.kind WHEN 'PayrollApproved' THEN 'approved'
                    WHEN 'PayrollReturned' THEN 'returned' ELSE 'objection' END,
                @text(e, fields.worker), @text(e, fields.reason)
            FROM @events(PayrollApproved, PayrollReturned, ObjectionRaised) AS e
            UNION ALL
            SELECT e.tenant, @text(e, outcome.of.sheet), e.position, e.on_date, 'reversed', NULL,
                @text(e, fields.reason)
            FROM @events(Reversed) AS e WHERE @text(e, outcome.of_kind) = 'PayrollApproved'
            """
        ),
        Statement(
            """
            INSERT INTO {asserted_claim} (tenant, claim, position, on_date, project, case_id,
                employer, worker, period, due_on, net_fen)
            SELECT e.tenant, @text(e, fields.claim), e.position, e.on_date,
                @text(e, fields.project), @text(e, fields.case), @text(e, fields.employer),
                @text(e, fields.worker), @text(e, fields.period), @text(e, fields.due_on),
                @int(e, fields.net_fen)
            FROM @events(ClaimAsserted) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {attribution} (tenant, claim_position, claim_line, position, on_date,
                case_id, from_party, to_party, ground)
            SELECT b.tenant, b.claim_position, b.claim_line, b.position, b.on_date, b.case_id,
                @text(b, from), @text(b, to), b.ground
            FROM (SELECT x.tenant, x.position, x.on_date, x.case_id, x.ground, l.claim_position,
                    l.claim_line, @doc(l)
                FROM (SELECT e.tenant, e.position, e.on_date, @text(e, fields.case) AS case_id,
                        @text(e, fields.ground) AS ground
                    FROM @events(LiabilityAttributed) AS e @fence) AS x
                CROSS JOIN event_line AS l
                WHERE l.tenant = x.tenant AND l.position = x.position AND l.part = 0
                    AND @near(l) @fence) AS b
            """
        ),
    ),
)
