"""A connection that breaks around a COMMIT is answered truthfully: recorded, or an error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg2
import pytest
from sqlalchemy import Connection, event, text

from ledger import service
from ledger.kernel.errors import LedgerError
from ledger.service import Answer, Ledger, LedgerConfig
from tests.drills.comparing import assert_whole
from tests.drills.late_line import Fate, LateLine, late_line
from tests.drills.town import FOUNDED, REGION, Posting, SetClock, founding, post, worker

START: Final = len(FOUNDED)


@pytest.fixture
def line(postgres_url: str) -> Iterator[LateLine]:
    with late_line(postgres_url) as line:
        yield line


@pytest.fixture
def config(postgres_url: str, tmp_path: Path) -> LedgerConfig:
    """The ledger as it is reached without a line in between."""
    return LedgerConfig(postgres_url, key_file=tmp_path / "key")


@pytest.fixture
def far(line: LateLine, config: LedgerConfig) -> Iterator[Ledger]:
    """A ledger behind the line, in which the town stands; its vault is near."""
    there = LedgerConfig(line.url, vault_url=config.url, key_file=config.key_file)
    ledger = Ledger.create(there, clock=SetClock())
    assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
    yield ledger
    ledger.close()


@pytest.fixture
def near(config: LedgerConfig, far: Ledger) -> Iterator[Ledger]:
    """The same ledger, opened by another program without the line."""
    assert far.position() == START
    ledger = Ledger.open(config, clock=SetClock())
    yield ledger
    ledger.close()


def _file() -> list[Posting]:
    """Recorded, refused, invalid, recorded with identity, and the first again."""
    interest = post("InterestCredited", region=REGION, amount_fen=1)
    return [
        interest,
        post("PayrollApproved", project="P1", sheet="S1"),
        post("InterestCredited", region=REGION, amount_fen=0),
        worker(7),
        interest,
    ]


RECORDED: Final = [
    ("recorded", None, START + 1),
    ("refused", "sheet_closed", None),
    ("invalid", "bad_amount", None),
    ("recorded", None, START + 2),
    ("duplicate", None, START + 1),
]
POSTED_BEFORE: Final = [
    ("duplicate", None, position) if position else (status, code, None)
    for status, code, position in RECORDED
]


def told(answers: list[Answer]) -> list[tuple[str, str | None, int | None]]:
    return [(answer.status, answer.code, answer.position) for answer in answers]


@pytest.mark.drill
@pytest.mark.parametrize("fate", ["answer lost", "late"])
def test_a_commit_that_arrived_is_answered_recorded(
    far: Ledger, near: Ledger, line: LateLine, fate: Fate
) -> None:
    file = _file()
    line.fate = fate

    assert told(list(far.post(file))) == RECORDED
    assert line.cuts == 1
    assert near.position() == START + 2
    assert told(list(near.post(file))) == POSTED_BEFORE
    assert told(list(far.post(file))) == POSTED_BEFORE
    assert_whole(near)


@pytest.mark.drill
@pytest.mark.parametrize("fate", ["lost", "given up late"])
def test_a_commit_that_was_lost_is_answered_with_an_error(
    far: Ledger, near: Ledger, line: LateLine, fate: Fate
) -> None:
    file = _file()
    line.fate = fate

    with pytest.raises(LedgerError) as caught:
        list(far.post(file))
    assert (caught.value.code, line.cuts) == ("storage_unreachable", 1)
    assert near.position() == START
    assert told(list(far.post(file))) == RECORDED
    assert_whole(near)


@pytest.mark.drill
def test_nobody_says_recorded_or_not_when_nobody_can_know(
    far: Ledger, near: Ledger, line: LateLine
) -> None:
    file = _file()
    line.fate = "no way back"

    assert told(list(far.post(file))) == [
        ("refused", "outcome_unknown", None),
        ("refused", "sheet_closed", None),
        ("invalid", "bad_amount", None),
        ("refused", "outcome_unknown", None),
        ("refused", "outcome_unknown", None),
    ]
    # Safe to run again with the same keys.
    assert told(list(near.post(file))) in (POSTED_BEFORE, RECORDED)


@pytest.mark.drill
def test_an_atomic_file_is_answered_as_truthfully(
    far: Ledger, near: Ledger, line: LateLine
) -> None:
    good = [posting for posting, answer in zip(_file(), RECORDED, strict=True) if answer[2]]
    line.fate = "lost"
    with pytest.raises(LedgerError):
        list(far.post(good, atomic=True))
    assert near.position() == START

    line.fate = "answer lost"
    expected = [answer for answer in RECORDED if answer[2]]
    assert told(list(far.post(good, atomic=True))) == expected
    assert near.position() == START + 2


@pytest.mark.drill
def test_a_dry_run_on_a_broken_connection_is_no_unknown_outcome(
    far: Ledger, near: Ledger, line: LateLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "GROUP_POSTINGS", 2)
    file = _file()

    def breaking() -> Iterator[Posting]:
        yield from file[:3]
        line.refuse()
        _terminate_others(far)
        yield from file[3:]

    with pytest.raises(LedgerError) as caught:
        list(far.post(breaking(), dry_run=True))
    assert caught.value.code == "storage_unreachable"
    assert near.position() == START


def _terminate_others(ledger: Ledger) -> None:
    """End every session with the database but one's own, as an administrator would."""
    with ledger.vault.engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                 " datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip


@pytest.mark.drill
def test_a_session_that_is_ended_before_its_commit_recorded_nothing(near: Ledger) -> None:
    file = _file()

    ended: list[bool] = []

    def end_session(connection: Connection) -> None:
        if connection.get_execution_options().get("wageledger_writes") and not ended:
            ended.append(True)
            _terminate_others(near)

    event.listen(near.engine, "commit", end_session)
    with pytest.raises(LedgerError) as caught:
        list(near.post(file))
    assert caught.value.code == "storage_unreachable"
    assert near.position() == START
    assert told(list(near.post(file))) == RECORDED
    assert_whole(near)


@pytest.mark.drill
@pytest.mark.parametrize("fate", ["lost", "answer lost"])
def test_a_vault_whose_commit_is_cut_keeps_the_posting_out_of_the_log(
    near: Ledger, line: LateLine, config: LedgerConfig, fate: Fate
) -> None:
    there = LedgerConfig(config.url, vault_url=line.url, key_file=config.key_file)
    ledger = Ledger.open(there, clock=SetClock())
    newcomer = worker(7)
    list(ledger.post([newcomer], dry_run=True))  # its reads are through: the next COMMIT writes

    def cut(_connection: Connection) -> None:
        line.fate = fate

    event.listen(ledger.vault.engine, "commit", cut)
    with pytest.raises(LedgerError) as caught:
        list(ledger.post([newcomer]))
    event.remove(ledger.vault.engine, "commit", cut)
    line.fate = None

    assert caught.value.code == "storage_unreachable"
    assert near.position() == START
    assert [answer.position for answer in ledger.post([newcomer])] == [START + 1]
    assert_whole(near)
    ledger.close()


@pytest.mark.drill
def test_a_ledger_whose_server_was_restarted_goes_on(near: Ledger) -> None:
    _terminate_others(near)
    with pytest.raises(psycopg2.Error), near.engine.raw_connection() as connection:
        connection.cursor().execute("SELECT 1 / 0")
    _terminate_others(near)
    assert told(list(near.post(_file()))) == RECORDED
