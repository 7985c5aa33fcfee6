"""Emergency turnover funds: floors, commitments, requests and what became of them, recoveries.

Cash, receivables and refunds stand in the journal of the fund's book; here is what no journal
line carries. Legal source: Decree 724 art. 63; postings.md, Emergency turnover fund.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

fund_floor: Final = ReadTable(
    name="fund_floor",
    columns=("tenant text", "region text", "position int", "on_date text", "floor_fen int"),
    key=("tenant", "region", "position"),
)
"""Floors of a fund: from its establishment, and from each change on."""

fund_commitment: Final = ReadTable(
    name="fund_commitment",
    columns=(
        "tenant text", "region text", "position int", "on_date text", "advance text",
        "amount_fen int",
    ),
    key=("tenant", "region", "position"),
)  # fmt: skip
"""Committed by an approval (positive), freed by a rejection or a payment (negative)."""

fund_recovery: Final = ReadTable(
    name="fund_recovery",
    columns=(
        "tenant text", "region text", "position int", "on_date text", "debtor text",
        "amount_fen int",
    ),
    key=("tenant", "region", "position"),
)  # fmt: skip
"""Repaid by debtors; a reversal counts with the opposite sign."""

advance: Final = ReadTable(
    name="advance",
    columns=(
        "tenant text", "advance text", "position int", "on_date text", "region text",
        "project text", "case_id text", "level text", "lines int", "total_fen int",
    ),
    key=("tenant", "advance"),
    indexes=(Index(name="advance_project", columns=("tenant", "project", "position")),),
)  # fmt: skip
"""Requests to a fund; their lines are those of the event at ``position``."""

advance_step: Final = ReadTable(
    name="advance_step",
    columns=(
        "tenant text", "advance text", "position int", "on_date text", "step text",
        "level text null", "amount_fen int",
    ),
    key=("tenant", "advance", "position"),
)  # fmt: skip
"""approved, rejected, paid, returned (with the amounts of the lines)."""

_LINE_SUM: Final = (
    "(SELECT coalesce(sum(l.amount_fen), 0) FROM event_line AS l WHERE l.tenant = e.tenant"
    " AND l.position = e.position AND l.part = 0)"
)

FUND: Final = Projection(
    name="fund",
    version=1,
    tables=(fund_floor, fund_commitment, fund_recovery, advance, advance_step),
    statements=(
        Statement(
            """
            INSERT INTO {fund_floor} (tenant, region, position, on_date, floor_fen)
            SELECT e.tenant, @text(e, fields.region), e.position, e.on_date,
                @int(e, fields.floor_fen)
            FROM @events(FundEstablished, FundFloorSet) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {fund_commitment} (tenant, region, position, on_date, advance, amount_fen)
            SELECT e.tenant, @text(e, fields.region), e.position, e.on_date,
                @text(e, fields.advance), @int(e, outcome.committed_fen)
            FROM @events(AdvanceApproved, AdvanceRejected, AdvancePaid) AS e
            WHERE @int(e, outcome.committed_fen) <> 0
            """
        ),
        Statement(
            """
            INSERT INTO {fund_recovery} (tenant, region, position, on_date, debtor, amount_fen)
            SELECT e.tenant, @text(e, fields.region), e.position, e.on_date,
                @text(e, fields.debtor), @int(e, fields.amount_fen)
            FROM @events(AdvanceRecovered) AS e
            UNION ALL
            SELECT e.tenant, @text(e, outcome.of.region), e.position, e.on_date,
                @text(e, outcome.of.debtor), -@int(e, outcome.of.amount_fen)
            FROM @events(Reversed) AS e
            WHERE @text(e, outcome.of_kind) = 'AdvanceRecovered'
            """
        ),
        Statement(
            f"""
            INSERT INTO {{advance}} (tenant, advance, position, on_date, region, project, case_id,
                level, lines, total_fen)
            SELECT e.tenant, @text(e, fields.advance), e.position, e.on_date,
                @text(e, fields.region), @text(e, fields.project), @text(e, fields.case),
                @text(e, fields.level), @int(e, lines.count), {_LINE_SUM}
            FROM @events(AdvanceRequested) AS e
            """
        ),
        Statement(
            f"""
            INSERT INTO {{advance_step}} (tenant, advance, position, on_date, step, level,
                amount_fen)
            SELECT e.tenant, @text(e, fields.advance), e.position, e.on_date,
                CASE e.kind WHEN 'AdvanceApproved' THEN 'approved'
                    WHEN 'AdvanceRejected' THEN 'rejected' WHEN 'AdvancePaid' THEN 'paid'
                    ELSE 'returned' END,
                @text(e, fields.level), {_LINE_SUM}
            FROM @events(AdvanceApproved, AdvanceRejected, AdvancePaid, AdvanceReturned) AS e
            """
        ),
    ),
)
