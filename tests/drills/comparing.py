"""What two ledgers of the same postings have in common: all but times, salts and keys of people."""

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from ledger.claims.tables import claims_metadata
from ledger.eventlog.engine import begin_reading
from ledger.service import Ledger
from tests.drills.town import Posting

Contents = dict[str, list[Sequence[Any]]]

_OWN: Final = {"recorded_at", "tenant"}
"""Fields of an event that differ from ledger to ledger."""
_SALTED: Final = {"lines", "journal_lines"}
"""Fields of an event that hold a root over salted lines."""


def contents(ledger: Ledger) -> Contents:
    """Every event with its lines, and every row of the write side, in the order of their keys."""
    with begin_reading(ledger.engine) as connection:
        events = connection.execute(
            text("SELECT position, stream, version, topic, on_date, body FROM event"
                 " WHERE tenant = :tenant ORDER BY position"),
            {"tenant": ledger.tenant},
        )  # fmt: skip
        found: Contents = {"event": [(*row[:-1], _plain_event(row[-1])) for row in events]}
        lines = connection.execute(
            text("SELECT position, part, line, effect, claim_position, claim_line, worker,"
                 " amount_fen, body FROM event_line WHERE tenant = :tenant"
                 " ORDER BY position, part, line"),
            {"tenant": ledger.tenant},
        )  # fmt: skip
        found["event_line"] = [(*row[:-1], _plain_line(row[-1])) for row in lines]
        for table in claims_metadata.sorted_tables:
            names = [c.name for c in table.columns if c.name not in {"tenant", "commitments"}]
            rows = connection.execute(
                text(f"SELECT {', '.join(names)} FROM {table.name} WHERE tenant = :tenant"),  # noqa: S608 -- our own names
                {"tenant": ledger.tenant},
            )
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    # A cell whose changes of a day cancel out may be there or not.
    for name in ("cell", "cell_day"):
        found[name] = [row for row in found[name] if row[-1]]
    return found


def _plain_event(body: bytes) -> str:
    event = json.loads(bytes(body))
    for name in _OWN:
        del event[name]
    for name in _SALTED & event.keys():
        del event[name]["root"]
    for name in [name for name in event["fields"] if name.endswith("_commitment")]:
        event["fields"][name] = "commitment"
    return json.dumps(event, ensure_ascii=False, sort_keys=True)


def _plain_line(body: bytes) -> str:
    line = json.loads(bytes(body))
    if isinstance(line, list):
        return json.dumps(line[:-1], ensure_ascii=False)
    del line["salt"]
    return json.dumps(line, ensure_ascii=False, sort_keys=True)


def assert_equal(first: Contents, second: Contents) -> None:
    """Compare table by table, so that a difference is found where it is."""
    assert first.keys() == second.keys()
    for name, rows in first.items():
        assert rows == second[name], name


def assert_whole(ledger: Ledger) -> None:
    """The log and the write side are without a fault, and the vault knows just the log's people."""
    assert ledger.verify().findings == []
    assert ledger.check() == []
    assert ledger.rebuild_claims(repair=False) == []
    assert_people(ledger)


def assert_people(ledger: Ledger) -> None:
    """Every commitment in the log is that of a value in the vault, and nobody else is there."""
    with begin_reading(ledger.engine) as connection:
        rows = connection.execute(
            text("SELECT worker, commitments FROM worker WHERE tenant = :tenant"),
            {"tenant": ledger.tenant},
        )
        known = {worker: json.loads(commitments) for worker, commitments in rows}
    assert ledger.vault.orphans(known) == []
    for worker, commitments in known.items():
        assert ledger.masked_identity(worker).keys() == commitments.keys() - {"bank_name"}


def posted_once(postings: Sequence[Posting], ledger: Ledger) -> dict[tuple[str, str], int]:
    """Position by party and key; fails where a key stands twice in the log."""
    found: dict[tuple[str, str], int] = {}
    with begin_reading(ledger.engine) as connection:
        rows = connection.execute(
            text("SELECT position, body FROM event WHERE tenant = :tenant ORDER BY position"),
            {"tenant": ledger.tenant},
        )
        for position, body in rows:
            event = json.loads(bytes(body))
            key = event.get("by", ""), event["key"]
            assert key not in found
            found[key] = position
    given = {(posting.get("by") or "", posting["key"]) for posting in postings}
    assert found.keys() <= given
    return found
