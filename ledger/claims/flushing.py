"""Writing what a group of postings changed, in bulk, inside the posting's transaction."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger.claims import tables
from ledger.claims.bank_flushing import flush_accounts
from ledger.claims.bodies import body_of
from ledger.claims.bulk import Row, kinds_of, run, update_by_key, upsert
from ledger.claims.changes import Changes
from ledger.domain import effects
from ledger.domain.base import DocumentLine
from ledger.domain.state import Assignment, Record, Worker
from ledger.eventlog.copying import Batch, Same, copy_batches, copy_rows
from ledger.eventlog.engine import is_postgres

if TYPE_CHECKING:
    from ledger.claims.reading import Reader

_DISPUTED = True
_CELL = ("book", "account", "project", "counterparty", "due_on")


def flush(world: "Reader", connection: Connection) -> None:
    """Write all gathered changes; the world goes on from there."""
    changes, world.changes = world.changes, Changes()
    tenant = world.tenant
    _flush_records(world, changes, connection)
    _flush_sheets(changes, tenant, connection)
    _flush_claims(changes, tenant, connection)
    _flush_payout_lines(changes, tenant, connection)
    _flush_cells(changes, tenant, connection)
    flush_accounts(changes, tenant, connection)


def _flush_records(world: "Reader", changes: Changes, connection: Connection) -> None:
    tenant = world.tenant
    workers: list[Row] = []
    spans: list[Row] = []
    documents: list[Row] = []
    for kind, name in sorted(changes.records, key=_by_type_and_name):
        record = world.get(kind, name)
        assert record is not None
        if isinstance(record, Worker):
            workers.append(
                (tenant, name, record.has_card, json.dumps(record.commitments, sort_keys=True))
            )
        elif isinstance(record, Assignment):
            where = name.split("|")
            spans.extend(
                (tenant, *where, number, *span) for number, span in enumerate(record.spans)
            )
        else:
            documents.append((tenant, kind.__name__, name, body_of(record)))
    upsert(connection, tables.worker, workers)
    upsert(connection, tables.assignment, spans)
    upsert(connection, tables.state, documents)
    for kind, name in sorted(changes.dropped, key=_by_type_and_name):
        connection.execute(
            tables.state.delete().where(
                tables.state.c.tenant == tenant,
                tables.state.c.type == kind.__name__,
                tables.state.c.id == name,
            )
        )


def _by_type_and_name(key: tuple[type[Record], str]) -> tuple[str, str]:
    return key[0].__name__, key[1]


def _flush_sheets(changes: Changes, tenant: str, connection: Connection) -> None:
    upsert(
        connection,
        tables.origin,
        [
            (tenant, s.position, s.name, s.asserted, s.project, s.employer, s.period, s.due_on,
             s.submitted_on, s.count, s.total_fen, s.state, s.approved_on)
            for _, s in sorted(changes.sheets.items())
        ],
    )  # fmt: skip


def _flush_claims(changes: Changes, tenant: str, connection: Connection) -> None:
    columns = ("tenant", "position", "line", "worker", "employer", "net_fen", "paid_fen",
               "transit_fen", "changed_on", "attributed_on", "disputed")  # fmt: skip
    if changes.new_claims:
        copy_batches(
            connection, tables.claim, columns,
            (_new_claims(tenant, *new) for new in changes.new_claims.items()),
        )  # fmt: skip
    update_by_key(
        connection, tables.claim,
        ("employer", "net_fen", "paid_fen", "transit_fen", "changed_on", "attributed_on",
         "disputed"),
        [
            (tenant, *key, claim.employer if claim.attributed_on else None, claim.net_fen,
             claim.paid_fen, claim.transit_fen, claim.changed_on, claim.attributed_on,
             claim.disputed)
            for key, claim in changes.claims.items()
        ],
    )  # fmt: skip
    update_by_key(
        connection,
        tables.claim,
        ("disputed",),
        [(tenant, *key, _DISPUTED) for key in changes.disputed],
    )
    if changes.moves:
        copy_rows(
            connection, tables.claim_move,
            ("claim_position", "claim_line", "position", "line", "on_date", "effect", "net_fen",
             "paid_fen", "transit_fen"),
            [
                (*key, position, number, on, line.effect, *_amounts(line))
                for key, position, number, on, line in changes.moves
            ],
            constants={"tenant": tenant},
        )  # fmt: skip


def _amounts(line: DocumentLine) -> tuple[int, int, int]:
    effect, amount = effects.EFFECTS[line.effect], line.amount_fen or 0
    return effect.net * amount, effect.paid * amount, effect.transit * amount


def _new_claims(tenant: str, position: int, lines: Sequence[DocumentLine]) -> Batch:
    nothing, none, no = Same(0), Same(""), Same(value=False)
    return Batch(
        len(lines),
        (Same(tenant), Same(position), range(1, len(lines) + 1), [line[2] for line in lines],
         Same(None), [line[3] for line in lines], nothing, nothing, none, none, no),
    )  # fmt: skip


def _flush_payout_lines(changes: Changes, tenant: str, connection: Connection) -> None:
    columns = ("tenant", "position", "line", "claim_position", "claim_line", "amount_fen",
               "state", "changed_position", "changed_on")  # fmt: skip
    if changes.new_payout_lines:
        copy_batches(
            connection, tables.payout_line, columns,
            (_new_payout_lines(tenant, *new) for new in changes.new_payout_lines.items()),
        )  # fmt: skip
    update_by_key(
        connection, tables.payout_line, ("state", "changed_on", "changed_position"),
        [
            (tenant, *key, line.state, line.changed_on, line.changed_position)
            for key, line in changes.payout_lines.items()
        ],
    )  # fmt: skip


def _new_payout_lines(tenant: str, position: int, lines: Sequence[DocumentLine]) -> Batch:
    keys = [line.claim or (0, 0) for line in lines]
    return Batch(
        len(lines),
        (Same(tenant), Same(position), range(1, len(lines) + 1), [key[0] for key in keys],
         [key[1] for key in keys], [line.amount_fen for line in lines], Same("pending"),
         Same(position), Same("")),
    )  # fmt: skip


def _flush_cells(changes: Changes, tenant: str, connection: Connection) -> None:
    cells = [((tenant, *cell), changed) for cell, changed in changes.cells()]
    days = [
        (*cell, on, amount)
        for cell, changed in cells
        for on, amount in sorted(changed.items())
        if amount
    ]
    upsert(connection, tables.cell_day, days, add=True)
    add_to_cells(connection, [(*cell, sum(changed.values())) for cell, changed in cells])


def add_to_cells(connection: Connection, rows: Sequence[Row]) -> None:
    """Change the balances of cells; the table's CHECK judges what they become.

    It judges what an upsert would insert before it is seen that the row exists, so that must be
    the new balance already. PostgreSQL updates first, which costs it less.
    """
    names = ("tenant", *_CELL)
    kinds = kinds_of(tables.cell, (*names, "amount_fen"))
    if is_postgres(connection):
        same = " AND ".join(f"cell.{name} = v.{name}" for name in names)
        run(
            connection,
            f"WITH v AS (SELECT * FROM {{rows}} AS v({', '.join(names)}, amount_fen)), old AS"
            f" (UPDATE cell SET amount_fen = cell.amount_fen + v.amount_fen FROM v WHERE {same})"
            f" INSERT INTO cell SELECT v.* FROM v WHERE NOT EXISTS"
            f" (SELECT 1 FROM cell WHERE {same})",
            rows,
            kinds,
        )
        return
    places = [f"?{at}" for at in range(1, len(kinds))]
    same = " AND ".join(f"{name} = {place}" for name, place in zip(names, places, strict=True))
    run(
        connection,
        f"INSERT INTO cell VALUES ({', '.join(places)}, ?{len(kinds)} + coalesce("
        f"(SELECT amount_fen FROM cell WHERE {same}), 0))"
        f" ON CONFLICT ({', '.join(names)}) DO UPDATE SET amount_fen = excluded.amount_fen",
        rows,
        kinds,
    )
