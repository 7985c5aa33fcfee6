"""Workers: registered, assigned, attending; names and cards stay in the vault.

A worker's claims have no rows here: they stand on the sheets of the employers to whom the worker
was assigned, and the write side finds them there by sheet and worker. That spares a row a line.
Legal source: Decree 724 arts. 6 and 28.
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

attendance_line: Final = ReadTable(
    name="attendance_line",
    columns=("tenant text", "worker text", "position int", "line int"),
    key=("tenant", "worker", "position", "line"),
    keyed_later=True,
)
"""Lines of attendance by worker."""

WORKER: Final = Projection(
    name="worker",
    version=1,
    tables=(worker_step, attendance_line),
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
            INSERT INTO {attendance_line} (tenant, worker, position, line)
            SELECT l.tenant, l.worker, l.position, l.line FROM @lines(AttendancePosted) AS l
            ORDER BY l.worker, l.position, l.line
            """
        ),
    ),
)
