"""Payout batches: what was instructed, and what the bank settled and returned.

Only a bank's confirmation discharges a wage; a return opens the claim again (rules.md,
conclusion 3). Legal source: Decree 724 art. 31.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from typing import Final

from ledger.domain import effects
from projections.base import Index, Projection, ReadTable, Statement

batch: Final = ReadTable(
    name="batch",
    columns=(
        "tenant text", "batch text", "position int", "on_date text", "project text", "lines int",
        "total_fen int",
    ),
    key=("tenant", "batch"),
    indexes=(
        Index(name="batch_position", columns=("tenant", "position")),
        Index(name="batch_project", columns=("tenant", "project", "position")),
    ),
)  # fmt: skip
"""Batches as they were instructed; their lines are those of the event at ``position``."""

batch_step: Final = ReadTable(
    name="batch_step",
    columns=(
        "tenant text", "batch_position int", "position int", "on_date text", "step text",
        "settled_fen int", "returned_fen int", "late_fen int", "settled_lines int",
        "returned_lines int", "late_lines int",
    ),
    key=("tenant", "batch_position", "position"),
    indexes=(Index(name="batch_step_position", columns=("tenant", "position")),),
)  # fmt: skip
"""What the bank said of a batch; ``late`` came back after it had been settled."""

_SUMS: Final = f"""
    SELECT l.tenant, l.position,
        sum(CASE l.effect WHEN {effects.SETTLE} THEN l.amount_fen ELSE 0 END) AS settled_fen,
        sum(CASE l.effect WHEN {effects.RETURN} THEN l.amount_fen ELSE 0 END) AS returned_fen,
        sum(CASE l.effect WHEN {effects.LATE_RETURN} THEN l.amount_fen ELSE 0 END) AS late_fen,
        sum(CASE l.effect WHEN {effects.SETTLE} THEN 1 ELSE 0 END) AS settled_lines,
        sum(CASE l.effect WHEN {effects.RETURN} THEN 1 ELSE 0 END) AS returned_lines,
        sum(CASE l.effect WHEN {effects.LATE_RETURN} THEN 1 ELSE 0 END) AS late_lines
    FROM @lines(PayoutSettled, PayoutReturned) AS l GROUP BY l.tenant, l.position
"""

PAYOUT: Final = Projection(
    name="payout",
    version=1,
    tables=(batch, batch_step),
    statements=(
        Statement(
            """
            INSERT INTO {batch} (tenant, batch, position, on_date, project, lines, total_fen)
            SELECT e.tenant, @text(e, fields.batch), e.position, e.on_date,
                @text(e, fields.project), @int(e, fields.count), @int(e, fields.total_fen)
            FROM @events(PayoutInstructed) AS e
            """
        ),
        Statement(
            f"""
            INSERT INTO {{batch_step}} (tenant, batch_position, position, on_date, step,
                settled_fen, returned_fen, late_fen, settled_lines, returned_lines, late_lines)
            SELECT e.tenant, @int(e, outcome.batch_position), e.position, e.on_date,
                CASE e.kind WHEN 'PayoutSettled' THEN 'settled' ELSE 'returned' END,
                s.settled_fen, s.returned_fen, s.late_fen, s.settled_lines, s.returned_lines,
                s.late_lines
            FROM @events(PayoutSettled, PayoutReturned) AS e
            JOIN ({_SUMS}) AS s ON s.tenant = e.tenant AND s.position = e.position
            """
        ),
    ),
)
