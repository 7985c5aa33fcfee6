"""A small log with everything in it that verification looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine

from ledger.domain import effects
from ledger.eventlog.appending import (
    EventRow,
    Head,
    LineBlock,
    append_events,
    lock_head,
    next_instant,
)
from ledger.eventlog.engine import begin_writing
from ledger.eventlog.topics import topic_of
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.merkle import leaf_hash, root

GC: Final = "91220200900000225N"
SUB: Final = "9122020090000033XP"
START: Final = datetime(2021, 4, 20, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One document line: its typed columns and what else its body says."""

    effect: int
    claim: str | None = None
    key: tuple[int, int] | None = None
    worker: str | None = None
    amount_fen: int | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def body(self, number: int) -> bytes:
        """Spell the line canonically."""
        said = {
            "line": number,
            "salt": f"{number:032x}",
            "effect": effects.EFFECTS[self.effect].name,
            "claim": self.claim,
            "worker": self.worker,
            "amount_fen": self.amount_fen,
            **self.more,
        }
        return canonical_bytes({name: value for name, value in said.items() if value is not None})


def tree(bodies: Sequence[bytes]) -> dict[str, Any]:
    """Bind lines to their event."""
    return {
        "alg": "rfc6962-sha256",
        "count": len(bodies),
        "root": root([leaf_hash(body) for body in bodies]).hex(),
    }


class City:
    """Records events one after the other, without asking whether they are right."""

    def __init__(self, engine: Engine, tenant: str = "main") -> None:
        """Begin with an empty log."""
        self.engine = engine
        self.tenant = tenant
        self._versions: dict[str, int] = {}

    def record(
        self,
        kind: str,
        fields: dict[str, Any],
        *,
        stream: str = "project:JL-1",
        lines: Sequence[Line] = (),
        journal: Sequence[tuple[str, str, int]] = (),
        beside: bool = False,
        changes: Mapping[str, Any] | None = None,
    ) -> int:
        """Record one event; journal lines are (book, account, fen). Return its position."""
        with begin_writing(self.engine) as connection:
            head = lock_head(connection, self.tenant)
            position = head.last_position + 1
            at = next_instant(head.recorded_at, START + timedelta(seconds=position))
            body: dict[str, Any] = {
                "tenant": self.tenant,
                "position": position,
                "recorded_at": at,
                "kind": kind,
                "on": "2021-04-20",
                "key": f"key-{position}",
                "fields": fields,
            }
            blocks = []
            if lines:
                bodies = [line.body(number) for number, line in enumerate(lines, 1)]
                body["lines"] = tree(bodies)
                blocks.append(
                    LineBlock(
                        position,
                        0,
                        bodies,
                        effect=[line.effect for line in lines],
                        claim_position=[line.key and line.key[0] for line in lines],
                        claim_line=[line.key and line.key[1] for line in lines],
                        amount_fen=[line.amount_fen for line in lines],
                        worker=[line.worker for line in lines],
                    )
                )
            whole = [[book, account, "JL-1", "", "", fen] for book, account, fen in journal]
            if beside:
                bodies = [canonical_bytes([*line, f"{n:032x}"]) for n, line in enumerate(whole)]
                body["journal_lines"] = tree(bodies)
                amounts = [line[5] for line in whole]
                blocks.append(LineBlock(position, 1, bodies, amount_fen=amounts))
            elif whole:
                body["journal"] = whole
            encoded = canonical_bytes({**body, **(changes or {})})
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            row = EventRow(
                position, stream, version, topic_of(kind), kind, "2021-04-20", at, encoded,
                leaf_hash(encoded),
            )  # fmt: skip
            append_events(connection, self.tenant, [row], blocks, Head(position, at))
        return position


def build(engine: Engine) -> City:
    """Record a city of nine events; positions are told beside them."""
    city = City(engine)
    city.record("PartyRegistered", {"party": SUB, "name": "示例劳务"}, stream=f"party:{SUB}")  # 1
    city.record(  # 2
        "PayrollSubmitted",
        {"project": "JL-1", "sheet": "S-1"},
        lines=[
            Line(effects.ACCRUE, f"S-1/{n}", (2, n), f"王-{n}", 100 * n, {"days": n})
            for n in range(1, 6)
        ],
    )
    city.record(  # 3
        "PayrollApproved",
        {"project": "JL-1", "sheet": "S-1"},
        journal=[(SUB, "labour_cost", 1500), (SUB, "wages_payable", -1500)],
    )
    city.record("CaseOpened", {"case": "C-1"}, stream="case:C-1")  # 4
    city.record(  # 5
        "ClaimAsserted",
        {"case": "C-1", "claim": "CL-7"},
        lines=[Line(effects.ASSERT, "CL-7", (5, 1), "王-1", 700)],
        journal=[(SUB, "labour_cost", 700), (SUB, "wages_payable", -700)],
    )
    city.record(  # 6
        "PayoutInstructed",
        {"batch": "B-1"},
        lines=[
            Line(effects.INSTRUCT, "S-1/2", (2, 2), "王-2", 200),
            Line(effects.INSTRUCT, "CL-7", (5, 1), "王-1", 700),
        ],
        journal=[(GC, "in_transit", 900), (GC, "wage_account", -900)],
        beside=True,
    )
    city.record(  # 7
        "StatementLineMatched",
        {"account": "wage:JL-1"},
        stream="account:wage:JL-1",
        lines=[
            Line(
                effects.MATCH,
                "S-1/2",
                (2, 2),
                amount_fen=200,
                more={"booked": "BK-1", "booked_on": "2021-04-20", "position": 6},
            ),
            Line(effects.MATCH, amount_fen=100, more={"booked": "BK-2", "booked_on": "2021-04-20"}),
        ],
    )
    city.record("CaseClaimsLinked", {"case": "C-1"}, stream="case:C-1",
                lines=[Line(effects.LINK, "S-1/1", (2, 1), "王-1")])  # 8  # fmt: skip
    city.record("PartyRenamed", {"party": SUB, "name": "示例"}, stream=f"party:{SUB}")  # 9
    return city
