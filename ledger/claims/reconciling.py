"""What of an account is not matched yet, as the matcher takes it (``ledger.banking.matching``)."""

import json
from collections.abc import Iterable
from itertools import groupby, product
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from ledger.banking.accounts import KnownAccount, Unmatched
from ledger.banking.matching import Item, Line, Refused
from ledger.banking.proposals import Answer, Name, Payment
from ledger.claims import bank_loading, loading
from ledger.claims.bulk import fetch, listed
from ledger.domain.bank_state import BankAccount

_ANSWERED = frozenset({"PayoutReturned"})
"""Kinds whose lines answer those of a batch."""


def accounts_with_statements(connection: Connection, tenant: str) -> list[str]:
    """Accounts of which a statement was imported."""
    found = fetch(
        connection,
        "SELECT id FROM state WHERE tenant = ? AND type = 'BankAccount' ORDER BY id",
        (tenant,),
    )
    return [row[0] for row in found]


def unmatched(connection: Connection, tenant: str, account: str) -> Unmatched:
    """Read the open rows of an account."""
    lines = list(map(Line._make, bank_loading.open_lines(connection, tenant, account)))
    entries = bank_loading.open_entries(connection, tenant, account)
    found = Unmatched(account, lines, [])
    bodies: dict[int, dict[str, Any]] = {e.position: json.loads(e.body) for e in entries}
    batch_of: dict[int, int] = {}
    for entry in entries:
        if entry.kind == "PayoutInstructed":
            batch_of[entry.position] = entry.position
        elif entry.kind in _ANSWERED:
            batch_of[entry.position] = bodies[entry.position]["outcome"]["batch_position"]
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
    found.debited = _debited(connection, tenant, account)
    named = set(batch_of.values()) | {answer.payment.batch for answer in found.debited}
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


def _debited(connection: Connection, tenant: str, account: str) -> list[Answer]:
    """Pending lines of batches that a booked line shows."""
    found = fetch(
        connection,
        "SELECT p.position, p.line, CASE WHEN o.asserted THEN o.name ELSE o.name || '/' ||"
        " p.claim_line END, p.amount_fen, p.state, m.booked_on"
        " FROM line_match m JOIN payout_line p ON p.tenant = m.tenant AND p.position = m.position"
        " AND p.claim_position = m.claim_position AND p.claim_line = m.claim_line"
        " JOIN origin o ON o.tenant = m.tenant AND o.position = m.claim_position"
        " WHERE m.tenant = ? AND m.account = ? AND m.booked <> '' AND p.state = 'pending'"
        " ORDER BY p.position, p.line",
        (tenant, account),
    )
    return [Answer(Payment(*row[:5]), row[5]) for row in found]


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
    spans = sorted(span for name in kept.statements for span in kept.spans(name))
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
