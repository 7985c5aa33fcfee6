"""Whoever owns the database changes it as cleverly as possible; the log tells where.

The attacker has every right on the database and makes all of its hashes anew, and takes the
checkpoints out of it. He has neither the log's key nor what others hold. What he changes behind
the last checkpoint that anybody holds is not caught: that is the exposure which ``doctor`` shows.
"""

import json
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ledger.eventlog.engine import begin_writing, open_engine
from ledger.eventlog.tree import grow_whole
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.merkle import leaf_hash, root
from tests import REPOSITORY, counts
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - the fixture

EXAMPLE = REPOSITORY / "examples" / "worked-example.jsonl"
TRIALS = counts.runs(50)
SIZE = 212
PLANTED = "os.system"


class City:
    """A ledger file that is tampered with, and what somebody outside holds of it."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder
        self.file = folder / "city.db"
        self.url = f"sqlite:///{self.file}"
        self.held = folder / "held"

    def build(self) -> None:
        """Post the worked example in four commands, and export the log."""
        self.run("--ledger", self.url, "init")
        lines = EXAMPLE.read_text("utf-8").splitlines(keepends=True)
        for at in range(0, len(lines), 55):
            part = self.folder / f"{at}.jsonl"
            part.write_text("".join(lines[at : at + 55]), "utf-8")
            assert self.run("--ledger", self.url, "post", part, "--quiet").status == 0
        done = self.run("--ledger", self.url, "export", "log", "-o", self.held)
        assert done.status == 0

    def copied(self, folder: Path) -> "City":
        """Another copy of the same, to be spoilt."""
        folder.mkdir()
        for name in ("city.db", "city.vault.db", "city.vault.key"):
            shutil.copy(self.folder / name, folder / name)
        copy = City(self.run, folder)
        copy.held = self.held
        return copy

    def first_finding(self) -> tuple[int, list[tuple[int, str]]]:
        """Verify against what is held outside; status and findings."""
        done = self.run(
            "--ledger", self.url, "verify", "--log", self.held, "--format", "json", "--quiet"
        )
        return done.status, [(found["position"], found["rule"]) for found in done.json["findings"]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the city that nobody tampers with lies."""
    return tmp_path_factory.mktemp("city")


@pytest.fixture
def city(run: Run, home: Path) -> City:
    """The city as it was signed."""
    made = City(run, home)
    if not made.file.exists():
        made.build()
    return made


Tamper = Callable[[sqlite3.Connection, random.Random], int]
"""Changes a database; returns the first position that is not as it was."""


def bodies(database: sqlite3.Connection) -> list[dict[str, object]]:
    rows = database.execute("SELECT body FROM event WHERE tenant = 'main' ORDER BY position")
    return [json.loads(body) for (body,) in rows]


def store(database: sqlite3.Connection, position: int, body: dict[str, object]) -> None:
    raw = canonical_bytes(body)
    database.execute(
        "UPDATE event SET body = ?, leaf_hash = ?, kind = ?, on_date = ?, recorded_at = ?"
        " WHERE tenant = 'main' AND position = ?",
        (raw, leaf_hash(raw), body["kind"], body["on"], body["recorded_at"], position),
    )


def edited_amount(database: sqlite3.Connection, chance: random.Random) -> int:
    """A hundred fen more on both sides of a posting, or on a line of its document."""
    if chance.random() < 0.5:
        position, line, raw = chance.choice(
            database.execute(
                "SELECT position, line, body FROM event_line"
                " WHERE part = 0 AND CAST(body AS TEXT) LIKE '%_fen%'"
            ).fetchall()
        )
        database.execute(
            "UPDATE event_line SET body = ?, amount_fen = amount_fen + 100"
            " WHERE position = ? AND part = 0 AND line = ?",
            (grown(raw), position, line),
        )
        lines = database.execute(
            "SELECT body FROM event_line WHERE position = ? AND part = 0 ORDER BY line",
            (position,),
        ).fetchall()
        body = bodies(database)[position - 1]
        stated = body["lines"]
        assert isinstance(stated, dict)
        stated["root"] = root([leaf_hash(bytes(one)) for (one,) in lines]).hex()
        store(database, position, body)
        return int(position)
    rich = [body for body in bodies(database) if body.get("journal")]
    body = chance.choice(rich)
    journal = body["journal"]
    assert isinstance(journal, list)
    journal[0][-1] += 100
    journal[1][-1] -= 100
    position = body["position"]
    assert isinstance(position, int)
    store(database, position, body)
    return position


def grown(raw: bytes) -> bytes:
    def more(found: re.Match[bytes]) -> bytes:
        return found[1] + str(int(found[2]) + 100).encode()

    return re.sub(rb'("[a-z_]*_fen":)(\d+)', more, bytes(raw), count=1)


def moved(database: sqlite3.Connection, first: int, by: int) -> None:
    """Move every event from a position on, its lines, its body and its stream with it."""
    every = bodies(database)
    order = range(len(every), first - 1, -1) if by > 0 else range(first, len(every) + 1)
    for position in order:
        body = every[position - 1]
        for table in ("event", "event_line"):
            database.execute(
                f"UPDATE {table} SET position = ? WHERE position = ?",  # noqa: S608 - ours
                (position + by, position),
            )
        store(database, position + by, body | {"position": position + by})


def deleted_event(database: sqlite3.Connection, chance: random.Random) -> int:
    position = chance.randrange(1, SIZE + 1)
    database.execute("DELETE FROM event WHERE position = ?", (position,))
    database.execute("DELETE FROM event_line WHERE position = ?", (position,))
    every = database.execute("SELECT position, body FROM event WHERE position > ?", (position,))
    for at, raw in every.fetchall():
        for table in ("event", "event_line"):
            database.execute(
                f"UPDATE {table} SET position = ? WHERE position = ?",  # noqa: S608 - ours
                (at - 1, at),
            )
        store(database, at - 1, json.loads(raw) | {"position": at - 1})
    return position


def inserted_event(database: sqlite3.Connection, chance: random.Random) -> int:
    """A posting that was never made, dated between others."""
    position = chance.randrange(2, SIZE)
    before = bodies(database)[position - 2]
    moved(database, position, 1)
    planted = before | {"position": position, "recorded_at": f"{before['recorded_at']}"[:-1] + "Z"}
    raw = canonical_bytes(planted)
    database.execute(
        "INSERT INTO event SELECT tenant, ?, stream || '/planted', 1, topic, kind, on_date,"
        " recorded_at, ?, ? FROM event WHERE position = ?",
        (position, raw, leaf_hash(raw), position - 1),
    )
    return position


def truncated_tail(database: sqlite3.Connection, chance: random.Random) -> int:
    last = chance.randrange(1, SIZE)
    for table in ("event", "event_line"):
        database.execute(f"DELETE FROM {table} WHERE position > ?", (last,))  # noqa: S608 - ours
    return last + 1


def planted_topic(database: sqlite3.Connection, chance: random.Random) -> int:
    position = chance.randrange(1, SIZE + 1)
    database.execute("UPDATE event SET topic = ? WHERE position = ?", (PLANTED, position))
    return position


ATTACKS: dict[str, Tamper] = {
    "edited amount": edited_amount,
    "deleted event": deleted_event,
    "inserted event": inserted_event,
    "truncated tail": truncated_tail,
    "planted topic": planted_topic,
}


def spoil(city: City, attack: Tamper, chance: random.Random) -> int:
    """Run an attack, then make every hash anew and take the checkpoints out."""
    database = sqlite3.connect(city.file)
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        database.execute(f"DROP TRIGGER {name}")
    position = attack(database, chance)
    database.execute("DELETE FROM tree_node")
    database.execute("DELETE FROM log_checkpoint")
    last, at = database.execute("SELECT max(position), max(recorded_at) FROM event").fetchone()
    database.execute("UPDATE ledger_head SET last_position = ?, recorded_at = ?", (last, at))
    database.commit()
    database.close()
    engine = open_engine(city.url)
    with begin_writing(engine) as connection:
        grow_whole(connection, "main", last)
    engine.dispose()
    return position


@pytest.mark.drill
@pytest.mark.parametrize("attack", ATTACKS)
def test_whatever_the_owner_of_the_database_changes_is_told_with_its_position(
    city: City, tmp_path: Path, attack: str, record_property: Callable[[str, object], None]
) -> None:
    status, findings = city.first_finding()
    assert (status, findings) == (0, [])
    caught = 0
    for trial in range(TRIALS):
        spoilt = city.copied(tmp_path / str(trial))
        position = spoil(spoilt, ATTACKS[attack], random.Random(f"{attack} {trial}"))  # noqa: S311
        status, findings = spoilt.first_finding()
        assert status == 8
        assert min(at for at, _rule in findings) == position, (trial, findings[:5])
        caught += 1
        shutil.rmtree(spoilt.folder)
    record_property("drill", f"{caught} of {TRIALS} trials caught at their position: {attack}")


@pytest.mark.drill
def test_an_old_backup_that_is_put_back_is_told(
    city: City, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """A real earlier state of the database, whole and consistent in itself."""
    chance = random.Random("old backup")  # noqa: S311 - repeatable
    caught = 0
    lines = EXAMPLE.read_text("utf-8").splitlines(keepends=True)
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        folder.mkdir()
        old = City(city.run, folder)
        cut = chance.randrange(1, SIZE)
        spoilt = city.copied(folder / "copy")
        spoil(spoilt, partial(_back_to, last=cut), chance)
        shutil.copy(spoilt.file, old.file)
        old.held = city.held
        status, findings = old.first_finding()
        assert status == 8
        assert (cut + 1, "head") in findings
        caught += 1
        shutil.rmtree(folder)
    assert len(lines) == SIZE
    record_property("drill", f"{caught} of {TRIALS} trials caught at their position: old backup")


def _back_to(database: sqlite3.Connection, _chance: random.Random, last: int) -> int:
    for table in ("event", "event_line"):
        database.execute(f"DELETE FROM {table} WHERE position > ?", (last,))  # noqa: S608 - ours
    return last + 1


def test_without_an_export_the_ledgers_own_signatures_still_tell(
    city: City, tmp_path: Path
) -> None:
    spoilt = city.copied(tmp_path / "own")
    database = sqlite3.connect(spoilt.file)
    kept = database.execute("SELECT * FROM log_checkpoint").fetchall()
    database.close()
    position = spoil(spoilt, edited_amount, random.Random(7))  # noqa: S311
    database = sqlite3.connect(spoilt.file)
    database.executemany("INSERT INTO log_checkpoint VALUES (?, ?, ?, ?, ?)", kept)
    database.commit()
    database.close()
    done = city.run("--ledger", spoilt.url, "verify", "--format", "json")
    assert done.status == 8
    (found,) = [each for each in done.json["findings"] if each["rule"] == "checkpoint"]
    sizes = [0, *(row[1] for row in kept)]
    begin = max(size for size in sizes if size < position)
    assert found["position"] == begin + 1  # the first event that this checkpoint binds


def test_what_nobody_holds_a_signature_of_is_the_exposure(city: City, tmp_path: Path) -> None:
    """Without key, memory, checkpoint and export the change is not seen: it is said how much."""
    spoilt = city.copied(tmp_path / "exposed")
    spoil(spoilt, edited_amount, random.Random(3))  # noqa: S311
    done = city.run("--ledger", spoilt.url, "verify", "--format", "json")
    rules = {found["rule"] for found in done.json["findings"]}
    assert "checkpoint" not in rules
    assert (done.json["proved_to"], done.json["not_proved"]) == (0, SIZE)


def test_verification_may_begin_after_a_checkpoint_that_is_held(city: City, tmp_path: Path) -> None:
    held = city.held / "checkpoint"
    more = tmp_path / "more.jsonl"
    grown_city = city.copied(tmp_path / "grown")
    party = {"kind": "PartyRegistered", "on": "2025-08-01", "party": "91220200MA0001AB0X"}
    more.write_text(json.dumps(party | {"key": "k", "name": "甲", "roles": ["S"]}), "utf-8")
    city.run("--ledger", grown_city.url, "post", more)
    words = ("--ledger", grown_city.url, "verify", "--incremental", "--format", "json")
    done = city.run(*words, "--checkpoint", held)
    assert done.status == 0
    assert done.json["from_position"] == SIZE + 1
    assert done.json["proved_to"] >= SIZE
    assert city.run(*words).status == 2
    wrong = tmp_path / "wrong"
    wrong.write_bytes(held.read_bytes().replace(b"212", b"211"))
    assert city.run(*words, "--checkpoint", wrong).status == 8
