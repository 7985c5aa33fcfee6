"""Workers: registered, assigned, attending, on sheets; names and cards stay in the vault.

Payments of a worker are found from the claims: here is the one way from a worker to them, a row
a line. Legal source: Decree 724 arts. 6 and 28.
"""

from typing import Final

from projections.base import Projection, ReadTable, Statement

worker_step: Final = ReadTable(
    name="worker_step",
    columns=(
        "tenant text", "worker text", "position int", "on_date text", "step text",
        "project text null", "employer text null", "card_last4 text null",
    ),
    key=("tenant", "worker", "position"),
)  # fmt: skip
"""registered, updated, card_bound, assigned, exited."""

worker_line: Final = ReadTable(
    name="worker_line",
    columns=("tenant text", "worker text", "position int", "line int", "effect int"),
    key=("tenant", "worker", "position", "line"),
    keyed_later=True,
)
"""Lines of sheets and attendance, and asserted claims, by worker.

``effect`` is that of ``ledger.domain.effects``: accrue, assert or attendance.
"""

WORKER: Final = Projection(
    name="worker",
    version=1,
    tables=(worker_step, worker_line),
    statements=(
        Statement(
            """
            INSERT INTO {worker_step} (tenant, worker, position, on_date, step, project, employer,
                card_last4)
            SELECT e.tenant, @text(e, fields.worker), e.position, e.on_date,
                CASE e.kind WHEN 'WorkerRegistered' THEN 'registered'
                    WHEN 'WorkerUpdated' THEN 'updated' WHEN 'CardBound' THEN 'card_bound'
                    WHEN 'WorkerAssigned' THEN 'assigned' ELSE 'exited' END,
                @text(e, fields.project), @text(e, fields.employer), @text(e, outcome.card_last4)
            FROM @events(WorkerRegistered, WorkerUpdated, CardBound, WorkerAssigned, WorkerExited)
                AS e
            """
        ),
        Statement(
            """
            INSERT INTO {worker_line} (tenant, worker, position, line, effect)
            SELECT l.tenant, l.worker, l.position, l.line, l.effect
            FROM @lines(PayrollSubmitted, ClaimAsserted, AttendancePosted) AS l
            ORDER BY l.worker, l.position, l.line
            """
        ),
    ),
)
