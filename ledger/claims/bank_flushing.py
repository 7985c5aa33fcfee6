"""Writing what a group of postings changed on bank accounts."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, Table

from ledger.claims import tables
from ledger.claims.bulk import Row, kinds_of, run, update_by_key
from ledger.claims.changes import Changes
from ledger.domain.bank_state import Pair
from ledger.eventlog.copying import copy_rows
from ledger.eventlog.engine import is_postgres

_PAIR = ("account", "booked_on", "booked", "position", "claim_position", "claim_line",
         "match_position", "amount_fen")  # fmt: skip
_LINE = ("account", "on_date", "name", "amount_fen", "statement_id", "end_to_end", "batch",
         "return_code")  # fmt: skip
_RESOLVED = True


def flush_accounts(changes: Changes, tenant: str, connection: Connection) -> None:
    """Write booked lines, entries, matches and explanations."""
    constants = {"tenant": tenant}
    if changes.booked:
        unresolved = {**constants, "resolved": False}
        copy_rows(connection, tables.booked_line, _LINE, changes.booked, constants=unresolved)
    if changes.entries:
        columns = ("account", "position", "on_date", "amount_fen")
        rows = [(at, e.position, e.on, e.amount_fen) for at, e in changes.entries]
        unresolved = {**constants, "resolved": False}
        copy_rows(connection, tables.account_entry, columns, rows, constants=unresolved)
    if changes.pairs:
        # In the order of the key: a table grows much faster at its end than in its middle.
        rows_of_pairs = sorted(pair_rows(_with_account(changes.pairs)))
        copy_rows(connection, tables.line_match, _PAIR, rows_of_pairs, constants=constants)
    _unmatch(changes, tenant, connection)
    lines = [(tenant, at, *of, _RESOLVED) for at, of in changes.explained if isinstance(of, tuple)]
    entries = [(tenant, at, of, _RESOLVED) for at, of in changes.explained if isinstance(of, int)]
    update_by_key(connection, tables.booked_line, ("resolved",), lines)
    update_by_key(connection, tables.account_entry, ("resolved",), entries)


def pair_rows(pairs: Iterable[tuple[str, Pair]]) -> Iterator[Row]:
    """Pairs as they stand in their table, without the tenant."""
    for account, (match, line, position, claim, amount) in pairs:
        yield (account, *line, position, *claim, match, amount)


def _with_account(pairs: Mapping[str, Iterable[Pair]]) -> Iterator[tuple[str, Pair]]:
    return ((account, pair) for account, found in pairs.items() for pair in found)


def _unmatch(changes: Changes, tenant: str, connection: Connection) -> None:
    key = [column.name for column in tables.line_match.primary_key.columns]
    rows = [(tenant, *row[:-1]) for row in pair_rows(changes.unmatched)]
    if is_postgres(connection):
        same = " AND ".join(f"line_match.{name} = v.{name}" for name in key)
        statement = f"DELETE FROM line_match USING {{rows}} AS v({', '.join(key)}) WHERE {same}"
    else:
        statement = f"DELETE FROM line_match WHERE {' AND '.join(f'{name} = ?' for name in key)}"
    run(connection, statement, rows, kinds_of(tables.line_match, key))


def rows_of_accounts(changes: Changes) -> dict[Table, Iterator[Row]]:
    """All rows of the accounts' tables, without the tenant, after the whole log was folded."""
    explained = set(changes.explained)
    return {
        tables.booked_line: (
            (account, on, name, *row, (account, (on, name)) in explained)
            for account, on, name, *row in changes.booked
        ),
        tables.account_entry: (
            (account, e.position, e.on, e.amount_fen, (account, e.position) in explained)
            for account, e in changes.entries
        ),
        tables.line_match: pair_rows(_with_account(changes.pairs)),
    }
