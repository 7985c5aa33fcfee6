"""A person is erased when nothing needs the identity any more, and then found nowhere."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.eventlog.engine import begin_reading
from ledger.kernel.errors import LedgerError
from ledger.service import Erasure, Ledger, Poster
from ledger.vault import Vault
from tests.drills.town import (
    OTHER_CREW,
    SetClock,
    assigned,
    card_number,
    post,
    project,
    resident_id,
    worker,
)
from tests.ledger.service.conftest import everything

ASKED = Erasure(worker="W6", reason="request of the person")
"""W6 is registered with a card, and was never on a project."""


def secrets(ledger: Ledger, worker: str) -> list[bytes]:
    """Everything of a person that the vault holds, and the person's canaries."""
    number = int(worker[1:])
    found = [
        spelled.encode(coding)
        for spelled in (f"示例工{number}", resident_id(number), card_number(number))
        for coding in ("utf-8", "utf-16-le", "gb18030")
    ]
    with begin_reading(ledger.vault.engine) as connection:
        for statement in (
            "SELECT sealed_keys FROM person WHERE tenant = :t AND ref = :r",
            "SELECT sealed FROM person_value WHERE tenant = :t AND ref = :r",
            "SELECT digest FROM equality WHERE tenant = :t AND ref = :r",
        ):
            rows = connection.execute(text(statement), {"t": ledger.tenant, "r": worker})
            stored = [bytes(row[0]) for row in rows]
            assert stored
            found += stored
    return found


def refusal(ledger: Ledger, worker: str) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        ledger.erase(Erasure(worker=worker, reason="request"))
    return caught.value


def held(town: Ledger, copies: Path) -> bytes:
    """Every byte of the ledger's files and of backups made now, or of every row."""
    if town.vault.engine.dialect.name != "sqlite":
        rows = everything(town)
        cells = [cell for table in rows.values() for row in table for cell in row]
        return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    copies.mkdir()
    for engine in (town.engine, town.vault.engine):
        source = sqlite3.connect(str(engine.url.database))
        with sqlite3.connect(copies / f"copy-{id(engine)}") as copy:
            source.backup(copy)
        source.close()
    folders = {Path(str(e.url.database)).parent for e in (town.engine, town.vault.engine)}
    files = [f for folder in folders | {copies} for f in folder.rglob("*") if f.is_file()]
    assert files
    return b"".join(file.read_bytes() for file in files)


def test_nothing_of_an_erased_person_is_left_and_everything_still_holds(
    town: Ledger, tmp_path: Path
) -> None:
    kept = secrets(town, "W6")
    before = held(town, tmp_path / "before")
    assert [secret for secret in kept if secret in before]  # the sealed bytes stood there

    done = town.erase(ASKED)
    shutil.rmtree(tmp_path / "before", ignore_errors=True)

    assert (done.position, done.recorded, done.destroyed, done.wiped) == (
        town.position(), True, True, True,
    )  # fmt: skip
    assert town.masked_identity("W6") == {}
    assert town.erased_at("W6") == done.position
    bytes_held = held(town, tmp_path / "after")
    assert [secret for secret in kept if secret in bytes_held] == []
    assert town.verify().findings == []
    assert town.check() == []
    assert town.rebuild_claims() == []


def test_erasing_twice_records_it_once(town: Ledger) -> None:
    first = town.erase(ASKED)
    again = town.erase(ASKED)

    assert (again.position, again.recorded, again.destroyed) == (first.position, False, False)
    assert town.position() == first.position


def test_a_second_run_completes_what_was_killed_between(
    town: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_vault: Vault, _ref: str) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "destroy", killed)
        with pytest.raises(KeyboardInterrupt):
            town.erase(ASKED)
    assert town.masked_identity("W6")

    done = town.erase(ASKED)

    assert (done.recorded, done.destroyed) == (False, True)
    assert town.masked_identity("W6") == {}


def test_a_dry_run_erases_and_records_nothing(town: Ledger) -> None:
    before = everything(town)

    assert town.erase(ASKED, dry_run=True).position is None
    assert everything(town) == before


def test_an_open_case_holds_an_identity(town: Ledger) -> None:
    error = refusal(town, "W1")

    assert (error.code, error.facts["case"]) == ("legal_hold", "C1")


@pytest.mark.parametrize("role", ["D", "G", "S", "B", "I", "F", "T"])
def test_only_who_keeps_the_ledger_erases(town: Ledger, role: str) -> None:
    before = town.position()
    with pytest.raises(LedgerError) as caught:
        town.erase(ASKED, poster=Poster(None, role))
    assert (caught.value.code, town.position()) == ("not_authorised", before)
    assert town.erase(ASKED, poster=Poster(None, "O")).destroyed


def test_who_is_not_registered_cannot_be_erased(town: Ledger) -> None:
    assert refusal(town, "W99").code == "unknown_worker"


def test_the_years_of_keeping_run_from_completion(town: Ledger, clock: SetClock) -> None:
    day = "2025-03-01"
    told = list(town.post([
        project("P3"),
        post("SubcontractRegistered", on="2025-01-05", project="P3", subcontractor=OTHER_CREW),
        worker(7),
        assigned(7, project="P3", employer=OTHER_CREW),
    ]))  # fmt: skip
    assert {answer.status for answer in told} == {"recorded"}
    assert "valid_to" not in refusal(town, "W7").facts

    (done,) = town.post([post("ProjectCompleted", on=day, project="P3")])
    assert done.status == "recorded", done
    error = refusal(town, "W7")
    assert (error.code, error.facts["valid_to"]) == ("retention_not_over", "2028-03-01")

    clock.instant = datetime(2028, 3, 1, 4, tzinfo=UTC)
    assert refusal(town, "W7").code == "retention_not_over"
    clock.instant = datetime(2028, 3, 2, 4, tzinfo=UTC)
    assert town.erase(Erasure(worker="W7", reason="request")).destroyed
