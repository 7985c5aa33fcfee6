"""Ledgers of invented towns: a tenant of its own for each test, one database for each module."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from ledger.claims.tables import claims_metadata
from ledger.eventlog.engine import begin_reading
from ledger.eventlog.tables import log_metadata
from ledger.service import Answer, Ledger, LedgerConfig
from ledger.vault.tables import vault_metadata
from tests.drills.town import SetClock, founding

if TYPE_CHECKING:
    from tests import postgres_server

Open = Callable[..., Ledger]
Rows = dict[str, list[Sequence[Any]]]

_tenants = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a store that the tests of a module share, once on each database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('town') / 'ledger.db'}"
        return
    databases: postgres_server.Databases = request.getfixturevalue("postgres_databases")
    name, url = databases.new()
    yield url
    databases.give_back(name)


@pytest.fixture(autouse=True)
def _how_postgresql_started(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and callspec.params.get("ledger_url") == "postgresql":
        databases: postgres_server.Databases = request.getfixturevalue("postgres_databases")
        record_property("postgres_how", databases.server.how)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def open_ledger(ledger_url: str, tmp_path: Path, clock: SetClock) -> Iterator[Open]:
    """Create or open a ledger, as often as a test wants; without a name always the test's own."""
    opened: list[Ledger] = []
    prefix = f"t{next(_tenants)}"

    def opener(tenant: str = "") -> Ledger:
        config = LedgerConfig(ledger_url, tenant=prefix + tenant, key_file=tmp_path / "key")
        opened.append(Ledger.create(config, clock=clock))
        return opened[-1]

    yield opener
    for ledger in opened:
        ledger.close()


@pytest.fixture
def town(open_ledger: Open) -> Ledger:
    """A ledger in which the town stands."""
    ledger = open_ledger()
    assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
    return ledger


def everything(ledger: Ledger) -> Rows:
    """Every row of the log, of the write side and of the vault, whoever's it is."""
    found: Rows = {}
    for engine, metadata in (
        (ledger.engine, log_metadata),
        (ledger.engine, claims_metadata),
        (ledger.vault.engine, vault_metadata),
    ):
        with begin_reading(engine) as connection:
            for table in metadata.sorted_tables:
                rows = connection.execute(text(f"SELECT * FROM {table.name}"))  # noqa: S608 -- ours
                found[table.name] = sorted((tuple(map(_plain, row)) for row in rows), key=repr)
    return found


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def told(answers: Sequence[Answer]) -> list[tuple[str, str | None, int | None]]:
    """Status, code and position of each answer."""
    return [(answer.status, answer.code, answer.position) for answer in answers]
