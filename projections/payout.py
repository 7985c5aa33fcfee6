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

_SUMS: Final = ", ".join(
    f"sum(CASE l.effect WHEN {effect} THEN {what} ELSE 0 END)"
    for what in ("l.amount_fen", "1")
    for effect in (effects.SETTLE, effects.RETURN, effects.LATE_RETURN)
)

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
            # All lines of a settlement settle: what left in_transit is their sum.
            """
            INSERT INTO {batch_step} (tenant, batch_position, position, on_date, step,
                settled_fen, returned_fen, late_fen, settled_lines, returned_lines, late_lines)
            SELECT e.tenant, @int(e, outcome.batch_position), e.position, e.on_date, 'settled',
                (SELECT -sum(j.amount_fen) FROM {journal_line} AS j WHERE j.tenant = e.tenant
                    AND j.position = e.position AND j.account = 'in_transit'),
                0, 0, @int(e, lines.count), 0, 0
            FROM @events(PayoutSettled) AS e
            """
        ),
        Statement(
            f"""
            INSERT INTO {{batch_step}} (tenant, batch_position, position, on_date, step,
                settled_fen, returned_fen, late_fen, settled_lines, returned_lines, late_lines)
            SELECT x.tenant, x.batch_position, x.position, x.on_date, 'returned', {_SUMS}
            FROM (SELECT e.tenant, e.position, e.on_date,
                    @int(e, outcome.batch_position) AS batch_position
                FROM @events(PayoutReturned) AS e @fence) AS x
            CROSS JOIN event_line AS l
            WHERE l.tenant = x.tenant AND l.position = x.position AND l.part = 0 AND @near(l)
            GROUP BY x.tenant, x.batch_position, x.position, x.on_date
            """
        ),
    ),
    reads=("journal",),
)
