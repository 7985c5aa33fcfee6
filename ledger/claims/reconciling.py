"""What of an account is not matched yet, as the matcher takes it (``ledger.banking.matching``)."""

import json
from collections.abc import Iterable
from itertools import groupby, product
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from ledger.banking.accounts import Balances, KnownAccount, Unmatched
from ledger.banking.matching import Item, Line, Refused
from ledger.banking.proposals import Debited, Name, Payment
from ledger.claims import bank_loading, loading
from ledger.claims.bank_loading import OpenEntry, Span
from ledger.claims.bulk import fetch, listed
from ledger.domain.bank_state import BankAccount
from ledger.domain.kinds.statements import dated
from ledger.eventlog.engine import begin_reading

MOST_KEY = 200
Json = dict[str, Any]

_ANSWERED = frozenset({"PayoutReturned"})
"""Kinds whose lines answer those of a batch."""

MOST_LINES = 100_000
"""Lines of batches that are matched in one go; a single batch may have more."""


class Accounts:
    """The bank accounts of one tenant, as they stand in a snapshot of each question."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine = engine
        self._tenant = tenant

    def known(self, account: str) -> KnownAccount:
        """What is known of an account before its statement is booked."""
        with begin_reading(self._engine) as connection:
            return known_account(connection, self._tenant, account)

    def with_statements(self) -> list[str]:
        """Accounts of which a statement was imported."""
        with begin_reading(self._engine) as connection:
            return accounts_with_statements(connection, self._tenant)

    def unmatched(self, account: str, span: Span | None = None) -> Unmatched:
        """Booked lines and postings of an account that are not matched yet.

        Args:
            account: The account.
            span: Only batches instructed at these positions, what came back of them, and the lines
                that name them.
        """
        with begin_reading(self._engine) as connection:
            return unmatched(connection, self._tenant, account, span)

    def spans(self, account: str) -> list[Span]:
        """Open batches of an account, so many at once as memory should hold; none where all fit."""
        with begin_reading(self._engine) as connection:
            return spans_of(connection, self._tenant, account)

    def payments(self, batches: Iterable[int]) -> tuple[list[Payment], dict[int, Name]]:
        """Lines of payout batches by position, and the batches' names."""
        with begin_reading(self._engine) as connection:
            positions = list(batches)
            lines = batch_lines(connection, self._tenant, positions)
            return lines, batch_names(connection, self._tenant, positions)

    def match_of(self, account: str, line: str) -> Json | None:
        """The match in which a line stands: what a posting that takes it back has to name.

        Args:
            account: The account.
            line: Its name, or ``<day>|<name>``; of a name on several days the first matched one.

        Returns:
            ``statement_id``, ``lines``, ``matched`` and a key: the pair alone where the line has
            one, else the whole match; None where nothing is matched with it.
        """
        with begin_reading(self._engine) as connection:
            return match_of(connection, self._tenant, account, line)

    def balances(self, account: str, to: str) -> Balances | None:
        """What bank and ledger say at the end of a day; None where no statement reaches it."""
        with begin_reading(self._engine) as connection:
            return balances(connection, self._tenant, account, to)


def accounts_with_statements(connection: Connection, tenant: str) -> list[str]:
    """Accounts of which a statement was imported."""
    found = fetch(
        connection,
        "SELECT id FROM state WHERE tenant = ? AND type = 'BankAccount' ORDER BY id",
        (tenant,),
    )
    return [row[0] for row in found]


class _Entries(NamedTuple):
    """Open entries of an account, their bodies, and the batch that each pays or returns."""

    rows: list[OpenEntry]
    bodies: dict[int, Json]
    batch_of: dict[int, int]

    def within(self, span: Span) -> "_Entries":
        """Those of some batches alone."""
        first, last = span
        kept = [row for row in self.rows if first <= self.batch_of.get(row.position, 0) <= last]
        return _Entries(kept, self.bodies, {at: self.batch_of[at] for at, *_ in kept})


def _open_entries(connection: Connection, tenant: str, account: str) -> _Entries:
    rows = bank_loading.open_entries(connection, tenant, account)
    bodies = {row.position: json.loads(row.body) for row in rows}
    batch_of = {}
    for row in rows:
        if row.kind == "PayoutInstructed":
            batch_of[row.position] = row.position
        elif row.kind in _ANSWERED:
            batch_of[row.position] = bodies[row.position]["outcome"]["batch_position"]
    return _Entries(rows, bodies, batch_of)


def spans_of(connection: Connection, tenant: str, account: str) -> list[Span]:
    """Divide the open batches of an account where they have more lines than should be held."""
    entries = _open_entries(connection, tenant, account)
    lines: dict[int, int] = {}
    for position, batch in entries.batch_of.items():
        count = entries.bodies[position].get("lines", {}).get("count", 0)
        lines[batch] = lines.get(batch, 0) + count
    if sum(lines.values()) <= MOST_LINES:
        return []
    spans: list[Span] = []
    held = MOST_LINES
    for batch in sorted(lines):
        held += lines[batch]
        if held > MOST_LINES:
            spans.append((batch, batch))
            held = lines[batch]
        else:
            spans[-1] = (spans[-1][0], batch)
    return spans


def unmatched(
    connection: Connection, tenant: str, account: str, span: Span | None = None
) -> Unmatched:
    """Read the open rows of an account, or those of some of its batches."""
    once: dict[str, str] = {}  # few days, statements and batches stand on very many lines
    shared = once.setdefault
    lines = [
        Line(shared(on, on), name, left, shared(of, of), ours, shared(batch, batch), code)
        for on, name, left, of, ours, batch, code in bank_loading.open_lines(
            connection, tenant, account, span
        )
    ]
    found = Unmatched(account, lines, [])
    everything = _open_entries(connection, tenant, account)
    entries, bodies, batch_of = everything if span is None else everything.within(span)
    numbers = _line_numbers(
        connection, tenant, {batch for at, batch in batch_of.items() if at != batch}
    )
    kinds = {entry.position: entry for entry in entries}
    rows = bank_loading.open_claims(connection, tenant, account, list(kinds)) if kinds else []
    for position, number, at, of, claim, amount, state in rows:
        entry = kinds[position]
        batch = batch_of.get(position, 0)
        line = number if batch == position else numbers.get((batch, at, of), 0)
        signed = amount if entry.amount_fen > 0 else -amount
        found.items.append(
            Item(position, claim, signed, entry.on, entry.kind, batch, line, None, state or "")
        )
    for entry in entries:
        if entry.left_fen == entry.amount_fen:
            bank_ref = bodies[entry.position]["fields"].get("bank_ref")
            batch = batch_of.get(entry.position, 0)
            found.items.append(
                Item(entry.position, "", entry.left_fen, entry.on, entry.kind, batch, 0, bank_ref)
            )
    found.refused = _refused(connection, tenant, account)
    if span is None:
        found.debited = _debited(connection, tenant, account)
    named = set(batch_of.values()) | {batch for batch, _ in found.debited}
    found.batches = batch_names(connection, tenant, named)
    return found


def _line_numbers(
    connection: Connection, tenant: str, batches: Iterable[int]
) -> dict[tuple[int, int, int], int]:
    """Which line of a batch a claim is."""
    rows = bank_loading.batch_lines(connection, tenant, sorted(batches)) if batches else []
    return {(batch, at, of): line for batch, line, at, of, *_ in rows}


def _refused(connection: Connection, tenant: str, account: str) -> Refused:
    """Every line of a match that was taken back, with every posting of it."""
    rows = fetch(
        connection,
        "SELECT e.position, l.body FROM event e JOIN event_line l ON l.tenant = e.tenant"
        " AND l.position = e.position AND l.part = 0 WHERE e.tenant = ? AND e.stream = ?"
        " AND e.kind = 'StatementLineUnmatched' ORDER BY e.position, l.line",
        (tenant, f"account:{account}"),
    )
    refused: set[tuple[str, str, int, str]] = set()
    for _, group in groupby(rows, key=itemgetter(0)):
        bodies = [json.loads(bytes(body)) for _, body in group]
        paired = [body for body in bodies if "booked" in body and "position" in body]
        lines = [body for body in bodies if "booked" in body and "position" not in body]
        items = [body for body in bodies if "position" in body and "booked" not in body]
        for line, item in (*((body, body) for body in paired), *product(lines, items)):
            key = (line["booked_on"], line["booked"], item["position"], item.get("claim", ""))
            refused.add(key)
    return frozenset(refused)


def match_of(connection: Connection, tenant: str, account: str, line: str) -> Json | None:
    """The match in which a line stands, as a posting that takes it back names it."""
    day, name = dated(line) or ("", line)
    rows = fetch(
        connection,
        "SELECT match_position, booked_on, booked, position, claim_position, claim_line"
        " FROM line_match WHERE tenant = ? AND account = ? AND booked = ?"
        " AND (booked_on = ? OR ? = '') ORDER BY booked_on, match_position DESC",
        (tenant, account, name, day, day),
    )
    if not rows:
        return None
    match, on = rows[0][0], rows[0][1]
    pairs = [row for row in rows if row[:2] == (match, on) and row[3]]
    if not pairs:
        pairs = fetch(
            connection,
            "SELECT match_position, booked_on, booked, position, claim_position, claim_line"
            " FROM line_match WHERE tenant = ? AND account = ? AND match_position = ?",
            (tenant, account, match),
        )
    names = bank_loading.claim_names(connection, tenant, [row[4:6] for row in pairs if row[4]])
    spans = known_account(connection, tenant, account).by_statement
    return {
        "statement_id": next(
            statement for statement, span in spans if span.first <= on <= span.last
        ),
        "lines": [f"{row[1]}|{row[2]}" for row in pairs if row[2]],
        "matched": [
            {"position": row[3], **({"claim": names[row[4:6]]} if row[4] else {})}
            for row in pairs
            if row[3]
        ],
        "key": f"unmatch:{match}:{on}:{name}"[:MOST_KEY],
    }


def _debited(connection: Connection, tenant: str, account: str) -> Debited:
    """Pending lines of batches that a booked line shows."""
    rows = fetch(
        connection,
        "SELECT p.position, m.booked_on, CASE WHEN o.asserted THEN o.name ELSE o.name || '/' ||"
        " p.claim_line END"
        " FROM line_match m JOIN payout_line p ON p.tenant = m.tenant AND p.position = m.position"
        " AND p.claim_position = m.claim_position AND p.claim_line = m.claim_line"
        " JOIN origin o ON o.tenant = m.tenant AND o.position = m.claim_position"
        " WHERE m.tenant = ? AND m.account = ? AND m.booked <> '' AND p.state = 'pending'"
        " ORDER BY p.position, p.line",
        (tenant, account),
    )
    found: Debited = {}
    for batch, on, claim in rows:
        found.setdefault((batch, on), []).append(claim)
    return found


def batch_names(connection: Connection, tenant: str, positions: Iterable[int]) -> dict[int, Name]:
    """Batches by the position of their instruction; other positions are left out."""
    given, parameter = listed(connection, sorted(positions), "bigint")
    found = fetch(
        connection,
        "SELECT position, body FROM event WHERE tenant = ? AND kind = 'PayoutInstructed'"
        f" AND position IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    names = {}
    for position, body in found:
        fields = json.loads(bytes(body))["fields"]
        names[position] = Name(fields["batch"], fields["project"])
    return names


def batch_lines(connection: Connection, tenant: str, batches: Iterable[int]) -> list[Payment]:
    """All lines of some batches, with the names of their claims."""
    rows = bank_loading.batch_lines(connection, tenant, sorted(batches))
    return [Payment(batch, line, claim, fen, state)
            for batch, line, _, _, claim, fen, state in rows]  # fmt: skip


def known_account(connection: Connection, tenant: str, account: str) -> KnownAccount:
    """Read what is known of an account; of one that is not there, nothing."""
    records = loading.records(connection, tenant, BankAccount, [account])
    kept = records.get(account, BankAccount())
    spans = sorted(
        ((name, span) for name in kept.statements for span in kept.spans(name)),
        key=itemgetter(1),
    )
    pot, _, project = account.partition(":")
    opened = fetch(
        connection,
        "SELECT body FROM event WHERE tenant = ? AND stream = ? AND kind = 'WageAccountOpened'"
        " ORDER BY version DESC LIMIT 1",
        (tenant, f"project:{project}"),
    )
    last4 = ""
    if opened and pot == "wage":
        last4 = json.loads(bytes(opened[0][0]))["fields"].get("account_number_last4", "")
    return KnownAccount(last4, kept.signed_to, tuple(spans))


def balances(connection: Connection, tenant: str, account: str, to: str) -> Balances | None:
    """What bank and ledger say of an account at the end of a day.

    Returns:
        None where no statement reaches to that day.
    """
    known = known_account(connection, tenant, account)
    reaching = [span for span in known.spans if span.first <= to <= span.last]
    if not reaching:
        return None
    last, first = max(reaching, key=lambda span: span.first), known.spans[0].first
    values = {"tenant": tenant, "account": account, "to": to, "first": first, "end": last.last}
    after, entries, unseen, unknown, shifted = (
        int(connection.execute(text(sql), values).scalar_one()) for sql in _SUMS
    )
    return Balances(last.closing_fen - after, entries, unseen, unknown + shifted)


_LINE_LEFT = (
    "b.amount_fen - coalesce((SELECT sum(m.amount_fen) FROM line_match m WHERE m.tenant = b.tenant"
    " AND m.account = b.account AND m.booked_on = b.on_date AND m.booked = b.name), 0)"
)
_ENTRY_LEFT = (
    "n.amount_fen - coalesce((SELECT sum(m.amount_fen) FROM line_match m WHERE m.tenant = n.tenant"
    " AND m.account = n.account AND m.position = n.position), 0)"
)
_LINES = "FROM booked_line b WHERE b.tenant = :tenant AND b.account = :account"
_ENTRIES = "FROM account_entry n WHERE n.tenant = :tenant AND n.account = :account"
_SHIFTED = (
    "SELECT coalesce(sum(CASE WHEN m.booked <> '' AND m.booked_on <= :to THEN m.amount_fen ELSE 0"
    " END - CASE WHEN m.position <> 0 AND n.on_date <= :to THEN m.amount_fen ELSE 0 END), 0)"
    " FROM line_match m LEFT JOIN account_entry n ON n.tenant = m.tenant"
    " AND n.account = m.account AND n.position = m.position"
    " WHERE m.tenant = :tenant AND m.account = :account"
)
_SUMS = (
    f"SELECT coalesce(sum(b.amount_fen), 0) {_LINES} AND b.on_date > :to AND b.on_date <= :end",
    f"SELECT coalesce(sum(n.amount_fen), 0) {_ENTRIES} AND n.on_date <= :to",
    # What the ledger had before the first statement is in that one's opening balance.
    f"SELECT coalesce(sum({_ENTRY_LEFT}), 0) {_ENTRIES} AND n.on_date BETWEEN :first AND :to",
    f"SELECT coalesce(sum({_LINE_LEFT}), 0) {_LINES} AND b.on_date <= :to",
    # Matched, but booked by the bank on the other side of the day.
    _SHIFTED,
)
"""Lines after the day, entries up to it, what the bank has not shown, what the ledger has not."""
