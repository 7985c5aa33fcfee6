"""Folding the log again: the small records of the write side, from the events alone.

Used by ``ledger.claims.rebuild`` to compare and to repair. Only headers are folded here,
one event at a time; what stands line by line is rebuilt in SQL.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from ledger.claims.world import World
from ledger.domain.base import DocumentLine, Line, Recorded
from ledger.domain.state import Record
from ledger.eventlog.tables import event, event_line
from ledger.eventlog.topics import OWN_KINDS, decode

FOLDED_LINES: Final = frozenset(
    {"PaymentNoticeIssued", "DepositPaidOut", "GuaranteeCalled", "TransferReturned",
     "AdvanceRequested", "AdvancePaid", "AdvanceReturned", "CaseClaimsLinked",
     "LiabilityAttributed", "StatementImported", "StatementLineMatched",
     "StatementLineUnmatched"}
)  # fmt: skip
"""Kinds whose folding reads their lines; the lines of all others are rebuilt in SQL."""

PAGE: Final = 2_000


class Replay(World):
    """A world that begins empty and asks no table: everything it knows, it folded."""

    def __init__(self, tenant: str) -> None:
        super().__init__(tenant)
        self.keys: list[tuple[str, str, int, str]] = []

    def load(self, record: type[Record], names: Any) -> None:  # noqa: ANN401 - as the reader's
        """What was not folded does not exist."""
        for name in names:
            self._records[record].setdefault(name, None)

    def load_origins(self, names: Any, *, asserted: bool) -> None:  # noqa: ANN401
        """What was not folded does not exist."""
        for name in names:
            self._sheets.setdefault((name, asserted), None)

    def fold(self, recorded: Recorded, body: Mapping[str, Any]) -> None:
        """Fold one event, and note its idempotency key."""
        self.apply(recorded)
        self._recent.clear()
        if "key" in body:
            party, digest = body.get("by", ""), body["digest"]
            self.keys.append((party, body["key"], recorded.position, digest))

    def _apply_effects(self, event: Recorded) -> None:
        """Claims and payout lines are rebuilt in SQL."""


def events_with_lines(
    connection: Connection, tenant: str
) -> Iterator[tuple[Recorded, Mapping[str, Any]]]:
    """All postings of a tenant in order, with the lines that folding reads."""
    low = 0
    while True:
        rows = connection.execute(
            select(event.c.position, event.c.topic, event.c.body)
            .where(event.c.tenant == tenant, event.c.position > low)
            .order_by(event.c.position)
            .limit(PAGE)
        ).all()
        if not rows:
            return
        bodies = [(row.position, decode(row.topic, bytes(row.body))) for row in rows]
        wanted = [
            position
            for position, body in bodies
            if body["kind"] in FOLDED_LINES or "journal_lines" in body
        ]
        lines = _lines(connection, tenant, wanted)
        for position, body in bodies:
            if body["kind"] not in OWN_KINDS:
                yield _recorded(position, body, lines.get(position, [])), body
        low = rows[-1].position


def _lines(connection: Connection, tenant: str, positions: list[int]) -> dict[int, list[Any]]:
    columns = event_line.c
    found: dict[int, list[Any]] = {}
    for position in positions:
        found[position] = list(
            connection.execute(
                select(
                    columns.part,
                    columns.effect,
                    columns.claim_position,
                    columns.claim_line,
                    columns.worker,
                    columns.amount_fen,
                    columns.body,
                )
                .where(columns.tenant == tenant, columns.position == position)
                .order_by(columns.part, columns.line)
            )
        )
    return found


def _recorded(position: int, body: Mapping[str, Any], rows: list[Any]) -> Recorded:
    journal = [Line(*line) for line in body.get("journal", ())]
    lines = []
    for row in rows:
        found = json.loads(bytes(row.body))
        if row.part == 1:
            journal.append(Line(*found[:6]))
            continue
        key = None if row.claim_position is None else (row.claim_position, row.claim_line)
        lines.append(DocumentLine(row.effect, key, row.worker, row.amount_fen, found))
    return Recorded(
        position, body["kind"], body["on"], body["fields"], journal, lines,
        body.get("outcome", {}), body.get("policies", ()), body.get("by", ""),
    )  # fmt: skip
