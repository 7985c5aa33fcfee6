"""One worked example for all questions of a module, once on each database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count as counting
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.service import Ledger, LedgerConfig
from projections.runner import catch_up, reading
from projections.view import View
from tests.projections.conftest import Noon, tell, worked_example

if TYPE_CHECKING:
    from tests import postgres_server


_tenants = counting(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a store that the tests of a module share, once on each database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('example') / 'ledger.db'}"
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


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def told(ledger_url: str, key_folder: Path) -> Iterator[Ledger]:
    """A ledger that holds the worked example; no test of the module may add to it."""
    ledger = open_tenant(ledger_url, key_folder, "main")
    assert tell(ledger, worked_example()) == len(worked_example())
    catch_up(ledger.engine, "main")
    yield ledger
    ledger.close()


@pytest.fixture
def view(told: Ledger) -> Iterator[View]:
    """A view of the whole worked example."""
    with reading(told.engine, "main") as opened:
        yield opened


@pytest.fixture
def ledger_after(ledger_url: str, key_folder: Path) -> Iterator[Callable[[int], Ledger]]:
    """A ledger of its own that holds the worked example up to one of its postings."""
    opened: list[Ledger] = []

    def after(count: int) -> Ledger:
        tenant = f"first-{count}-{next(_tenants)}"
        opened.append(open_tenant(ledger_url, key_folder, tenant))
        assert tell(opened[-1], worked_example()[:count]) == count
        return opened[-1]

    yield after
    for ledger in opened:
        ledger.close()


@pytest.fixture
def view_after(ledger_after: Callable[[int], Ledger]) -> Iterator[Callable[[int], View]]:
    """A view of the worked example up to one of its postings."""
    with ExitStack() as opened:

        def after(count: int) -> View:
            ledger = ledger_after(count)
            return opened.enter_context(reading(ledger.engine, ledger.tenant))

        yield after


def open_tenant(url: str, folder: Path, tenant: str) -> Ledger:
    vault = f"sqlite:///{folder / f'{tenant}.db'}"
    return Ledger.create(LedgerConfig(url, tenant, vault, folder / tenant), clock=Noon())
