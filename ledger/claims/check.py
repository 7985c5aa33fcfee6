"""The invariants of postings.md over the whole log, as of every date.

The journal is read from the log itself, so that a difference between the log and the write
side's tables shows. Each rule lists every difference it finds; amounts in fen.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Engine

from ledger.claims.books import Books, Finding, read_books
from ledger.claims.bulk import fetch
from ledger.domain.journal import CREDIT_ONLY, DEBIT_ONLY
from ledger.domain.timeline import Timeline, combined
from ledger.eventlog.engine import begin_reading

_INCOME: Final = ("capital", "donations", "interest", "surrendered", "write_off")


def _lowest(timeline: Timeline) -> tuple[str, int]:
    """The day of the lowest balance, and that balance."""
    balance, worst = 0, ("", 0)
    for day in sorted(timeline.days):
        balance += timeline.days[day]
        if balance < worst[1]:
            worst = (day, balance)
    return worst


def check_signs(books: Books, _connection: Connection, _tenant: str) -> Iterator[Finding]:
    """Invariant 3: starred accounts never change sign, on any date."""
    starred: dict[tuple[str, str, str, str], list[Timeline]] = defaultdict(list)
    for cell, timeline in books.cells.items():
        if cell[1] in DEBIT_ONLY or cell[1] in CREDIT_ONLY:
            starred[cell[:4] if cell[1] != "wages_payable" else (*cell[:3], cell[4])].append(
                timeline
            )
    for (book, account, project, other), timelines in starred.items():
        sign = 1 if account in DEBIT_ONLY else -1
        day, amount = _lowest(combined(*((sign, timeline) for timeline in timelines)))
        if amount < 0:
            yield Finding(
                "signs", None,
                {"book": book, "account": account, "project": project, "counterparty": other,
                 "on": day, "amount_fen": amount},
            )  # fmt: skip


def check_reserves(books: Books, _connection: Connection, _tenant: str) -> Iterator[Finding]:
    """Invariant 3: the wage account covers suspense, and a fund what it committed."""
    accounts = {(cell[0], cell[2]) for cell in books.cells if cell[1] == "wage_account"}
    for book, project in sorted(accounts):
        left = combined(
            (1, books.total(book, "wage_account", project)),
            (1, books.total(book, "suspense", project)),
        )
        day, amount = _lowest(left)
        if amount < 0:
            yield Finding("reserves", None, {"project": project, "on": day, "amount_fen": amount})
    for book in sorted({cell[0] for cell in books.cells if cell[0].startswith("fund:")}):
        region = book.removeprefix("fund:")
        available = combined(
            (1, books.total(book, "cash")),
            (1, books.total(book, "refund_payable")),
            (-1, books.committed[region]),
        )
        day, amount = _lowest(available)
        if amount < 0:
            yield Finding("reserves", None, {"region": region, "on": day, "amount_fen": amount})


def check_fund(books: Books, _connection: Connection, _tenant: str) -> Iterator[Finding]:
    """Invariant 6: cash, receivable and refunds are what came in less what went out for good."""
    for book in sorted({cell[0] for cell in books.cells if cell[0].startswith("fund:")}):
        held = ("cash", "receivable", "refund_payable", *_INCOME)
        rest = combined(*((1, books.total(book, account)) for account in held))
        for day, amount in rest.days.items():
            if amount:
                yield Finding("fund", None, {"book": book, "on": day, "amount_fen": amount})


def check_reversals(books: Books, _connection: Connection, _tenant: str) -> Iterator[Finding]:
    """Invariant 8: a reversed posting and its reversal sum to zero."""
    for position, reverses in books.reversals:
        sums: dict[tuple[str, ...], int] = defaultdict(int)
        for line in (*books.journals[position], *books.journals.get(reverses, ())):
            sums[line[:5]] += line.amount_fen
        if any(sums.values()):
            yield Finding("reversals", position, {"position": reverses})


_CLAIM_DAYS: Final = """
SELECT o.employer, o.project, o.due_on, o.approved_on, sum(c.net_fen - coalesce(m.net_fen, 0))
FROM claim c JOIN origin o ON o.tenant = c.tenant AND o.position = c.position
LEFT JOIN (SELECT claim_position, claim_line, sum(net_fen) AS net_fen FROM claim_move
           WHERE tenant = ? GROUP BY claim_position, claim_line) m
  ON m.claim_position = c.position AND m.claim_line = c.line
WHERE c.tenant = ? AND o.approved_on <> '' GROUP BY 1, 2, 3, 4
"""
"""What came into being, by its first employer and the day, sheets that were reversed too."""

_MOVE_DAYS: Final = """
SELECT coalesce(c.employer, o.employer), o.project, o.due_on, m.on_date,
       sum(m.net_fen - m.paid_fen), sum(m.transit_fen)
FROM claim_move m
JOIN claim c ON c.tenant = m.tenant AND c.position = m.claim_position AND c.line = m.claim_line
JOIN origin o ON o.tenant = c.tenant AND o.position = c.position
WHERE m.tenant = ? GROUP BY 1, 2, 3, 4
"""
"""What changed, by the employer of today."""

_ATTRIBUTED: Final = """
SELECT o.employer, o.project, o.due_on, c.employer, l.claim_position, l.claim_line, l.position,
       e.on_date, l.amount_fen, l.body
FROM event_line l
JOIN event e ON e.tenant = l.tenant AND e.position = l.position
JOIN claim c ON c.tenant = l.tenant AND c.position = l.claim_position AND c.line = l.claim_line
JOIN origin o ON o.tenant = c.tenant AND o.position = c.position
WHERE l.tenant = ? AND l.part = 0 AND l.effect = 10 ORDER BY l.position, l.line
"""

_OPEN_NOW: Final = """
SELECT coalesce(c.employer, o.employer), o.project, o.due_on, sum(c.net_fen - c.paid_fen),
       sum(c.transit_fen)
FROM claim c JOIN origin o ON o.tenant = c.tenant AND o.position = c.position
WHERE c.tenant = ? AND o.state = 'approved' GROUP BY 1, 2, 3
"""


def check_claims(books: Books, connection: Connection, tenant: str) -> Iterator[Finding]:
    """Invariant 2: open claims are the wage debt, claims in transit the account in transit."""
    open_now: dict[tuple[str, str, str], int] = defaultdict(int)
    transit: dict[str, int] = defaultdict(int)
    for employer, project, due_on, open_fen, transit_fen in fetch(connection, _OPEN_NOW, (tenant,)):
        open_now[employer, project, due_on] += int(open_fen)
        transit[project] += int(transit_fen)
    debt: dict[tuple[str, str, str], int] = defaultdict(int)
    in_transit: dict[str, int] = defaultdict(int)
    for (book, account, project, _, due_on), timeline in books.cells.items():
        if account == "wages_payable":
            debt[book, project, due_on] -= timeline.total
        elif account == "in_transit":
            in_transit[project] += timeline.total
    for key in sorted({*open_now, *debt}):
        if open_now[key] != debt[key]:
            yield Finding(
                "claims", None,
                {"party": key[0], "project": key[1], "due_on": key[2],
                 "open_fen": open_now[key], "balance_fen": debt[key]},
            )  # fmt: skip
    for project in sorted({*transit, *in_transit}):
        if transit[project] != in_transit[project]:
            yield Finding(
                "claims", None,
                {"project": project, "account": "in_transit", "open_fen": transit[project],
                 "balance_fen": in_transit[project]},
            )  # fmt: skip
    yield from _claims_by_day(books, connection, tenant)


def _claims_by_day(books: Books, connection: Connection, tenant: str) -> Iterator[Finding]:
    """The same on every date."""
    debts: dict[tuple[str, str, str], Timeline] = defaultdict(Timeline)
    transit: dict[str, Timeline] = defaultdict(Timeline)
    for employer, project, due_on, on, amount in fetch(connection, _CLAIM_DAYS, (tenant, tenant)):
        debts[employer, project, due_on].add(on, int(amount))
    for employer, project, due_on, on, debt, moved in fetch(connection, _MOVE_DAYS, (tenant,)):
        debts[employer, project, due_on].add(on, int(debt))
        transit[project].add(on, int(moved))
    _reverse_sheets(books, connection, tenant, debts)
    _attribute(connection, tenant, debts)
    for (book, account, project, _, due_on), timeline in books.cells.items():
        for on, amount in timeline.days.items():
            if account == "wages_payable":
                debts[book, project, due_on].add(on, amount)
            elif account == "in_transit":
                transit[project].add(on, -amount)
    for (employer, project, due_on), timeline in debts.items():
        yield from _uneven(timeline, party=employer, project=project, due_on=due_on)
    for project, timeline in transit.items():
        yield from _uneven(timeline, project=project, account="in_transit")


def _uneven(timeline: Timeline, **facts: object) -> Iterator[Finding]:
    """Days on which claims and journal differ."""
    for on, amount in timeline.days.items():
        if amount:
            yield Finding("claims", None, {**facts, "on": on, "amount_fen": amount})


def _reverse_sheets(
    books: Books,
    connection: Connection,
    tenant: str,
    debts: Mapping[tuple[str, str, str], Timeline],
) -> None:
    """A sheet's claims end on the day on which its approval was reversed."""
    rows = fetch(
        connection,
        "SELECT name, employer, project, due_on, total_fen FROM origin WHERE tenant = ?"
        " AND state = 'reversed'",
        (tenant,),
    )
    of = {name: ((employer, project, due), int(fen)) for name, employer, project, due, fen in rows}
    for name, on in books.reversed_sheets:
        if name in of:
            debts[of[name][0]].add(on, -of[name][1])


def _attribute(
    connection: Connection, tenant: str, debts: Mapping[tuple[str, str, str], Timeline]
) -> None:
    """Move attributed claims to each debtor on its day, with what changed between."""
    moves = fetch(
        connection,
        "SELECT m.claim_position, m.claim_line, m.position, m.on_date, m.net_fen - m.paid_fen"
        " FROM claim_move m JOIN claim c ON c.tenant = m.tenant AND c.position = m.claim_position"
        " AND c.line = m.claim_line WHERE m.tenant = ? AND c.employer IS NOT NULL",
        (tenant,),
    )
    steps: dict[tuple[int, int], list[tuple[int, str, str]]] = defaultdict(list)
    for first, project, due_on, now, at, of, position, on, amount, body in fetch(
        connection, _ATTRIBUTED, (tenant,)
    ):
        debtor = str(json.loads(bytes(body))["to"])
        before = steps[at, of][-1][2] if steps[at, of] else first
        debts[before, project, due_on].add(on, -int(amount))
        debts[debtor, project, due_on].add(on, int(amount))
        for claim_position, claim_line, moved, moved_on, change in moves:
            # Changes were booked under today's employer: those before belong to the one before.
            same = (claim_position, claim_line) == (at, of)
            later = steps[at, of][-1][0] if steps[at, of] else 0
            if same and later < moved < position:
                debts[now, project, due_on].add(moved_on, -int(change))
                debts[before, project, due_on].add(moved_on, int(change))
        steps[at, of].append((position, on, debtor))


_OVERDRAWN: Final = """
SELECT claim_position, claim_line, on_date, free_fen FROM (
    SELECT m.claim_position, m.claim_line, m.on_date,
           c.net_fen - coalesce(t.net_fen, 0)
           + sum(m.net_fen - m.paid_fen - m.transit_fen) OVER (
               PARTITION BY m.claim_position, m.claim_line ORDER BY m.on_date
               RANGE UNBOUNDED PRECEDING) AS free_fen
    FROM claim_move m
    JOIN claim c ON c.tenant = m.tenant AND c.position = m.claim_position
     AND c.line = m.claim_line
    JOIN (SELECT claim_position, claim_line, sum(net_fen) AS net_fen FROM claim_move
          WHERE tenant = ? GROUP BY claim_position, claim_line) t
      ON t.claim_position = m.claim_position AND t.claim_line = m.claim_line
    WHERE m.tenant = ?
) AS f WHERE free_fen < 0
"""


def check_free(_books: Books, connection: Connection, tenant: str) -> Iterator[Finding]:
    """Invariant 3: no claim is discharged or instructed above its net, on any date."""
    for position, line, on, free in fetch(connection, _OVERDRAWN, (tenant, tenant)):
        yield Finding("free", position, {"line": line, "on": on, "amount_fen": int(free)})


def check_payout_lines(_books: Books, connection: Connection, tenant: str) -> Iterator[Finding]:
    """Invariant 4: an instructed line ends settled or returned, once; late only if settled."""
    answers = fetch(
        connection,
        "SELECT position, body FROM event WHERE tenant = ?"
        " AND kind IN ('PayoutSettled', 'PayoutReturned') ORDER BY position",
        (tenant,),
    )
    batches = {position: batch_of(bytes(body)) for position, body in answers}
    ends: dict[tuple[int, int, int], list[str]] = defaultdict(list)
    moves = fetch(
        connection,
        "SELECT position, claim_position, claim_line, effect FROM claim_move WHERE tenant = ?"
        " AND effect IN (4, 5, 6) ORDER BY position",
        (tenant,),
    )
    for position, at, of, effect in moves:
        ends[batches[position], at, of].append({4: "settled", 5: "returned", 6: "late"}[effect])
    lines = fetch(
        connection,
        "SELECT position, line, claim_position, claim_line, state FROM payout_line"
        " WHERE tenant = ?",
        (tenant,),
    )
    legal: dict[str, list[list[str]]] = {
        "pending": [[]],
        "settled": [["settled"]],
        "returned": [["returned"], ["settled", "late"]],
    }
    for batch, line, at, of, state in lines:
        if ends[batch, at, of] not in legal[state]:
            yield Finding("payout_lines", batch, {"line": line, "state": state})


def batch_of(body: bytes) -> int:
    """Position of the batch that a bank's answer is about."""
    return int(json.loads(body)["outcome"]["batch_position"])


def check_tables(books: Books, connection: Connection, tenant: str) -> Iterator[Finding]:
    """The balances that decisions read are those of the log."""
    stored = {
        tuple(row[:5]): int(row[5])
        for row in fetch(
            connection,
            "SELECT book, account, project, counterparty, due_on, amount_fen FROM cell"
            " WHERE tenant = ? AND book <> 'memo'",
            (tenant,),
        )
    }
    for cell in sorted({*stored, *books.cells}):
        booked = books.cells[cell].total if cell in books.cells else 0
        if stored.get(cell, 0) != booked:
            yield Finding(
                "tables", None,
                {"book": cell[0], "account": cell[1], "project": cell[2],
                 "counterparty": cell[3], "due_on": cell[4], "balance_fen": stored.get(cell, 0),
                 "actual_fen": booked},
            )  # fmt: skip
    yield from _days_in_tables(books, connection, tenant)


def _days_in_tables(books: Books, connection: Connection, tenant: str) -> Iterator[Finding]:
    """The same day by day: what may be taken is judged on these rows."""
    stored: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    rows = fetch(
        connection,
        "SELECT book, account, project, counterparty, due_on, on_date, amount_fen FROM cell_day"
        " WHERE tenant = ? AND book <> 'memo'",
        (tenant,),
    )
    for book, account, project, other, due_on, on, amount in rows:
        stored[book, account, project, other, due_on][on] = int(amount)
    made: dict[tuple[str, ...], dict[str, int]] = {c: t.days for c, t in books.cells.items()}
    for cell in sorted({*stored, *made}):
        booked, kept = made.get(cell, {}), stored.get(cell, {})
        for on in sorted({*kept, *booked}):
            if kept.get(on, 0) != booked.get(on, 0):
                yield Finding(
                    "tables", None,
                    {"book": cell[0], "account": cell[1], "project": cell[2],
                     "counterparty": cell[3], "due_on": cell[4], "on": on,
                     "balance_fen": kept.get(on, 0), "actual_fen": booked.get(on, 0)},
                )  # fmt: skip


def found_on_the_way(rule: str) -> Callable[[Books, Connection, str], Iterable[Finding]]:
    """A rule that was judged while the log was read."""
    return lambda books, _connection, _tenant: [f for f in books.findings if f.rule == rule]


RULES: Final[Mapping[str, Callable[[Books, Connection, str], Iterable[Finding]]]] = {
    "balanced": found_on_the_way("balanced"),
    "mirrors": found_on_the_way("mirrors"),
    "claims": check_claims,
    "signs": check_signs,
    "reserves": check_reserves,
    "free": check_free,
    "payout_lines": check_payout_lines,
    "outflows": found_on_the_way("outflows"),
    "fund": check_fund,
    "reversals": check_reversals,
    "tables": check_tables,
}
"""The invariants by name, in the order of postings.md."""


def check(engine: Engine, tenant: str, rules: Sequence[str] = ()) -> list[Finding]:
    """Check the invariants over the whole log; empty when all hold.

    Args:
        engine: The ledger's store.
        tenant: Whose log.
        rules: Names out of ``RULES``; none means all.
    """
    with begin_reading(engine) as connection:
        books = read_books(connection, tenant)
        found: list[Finding] = []
        for name in rules or RULES:
            found.extend(RULES[name](books, connection, tenant))
    return found
