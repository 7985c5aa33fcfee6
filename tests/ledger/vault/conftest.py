"""A vault on each database, invented people for it, and a way to look at its raw rows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, select

from ledger.eventlog.engine import begin_reading
from ledger.vault import Vault, default_vault_url
from ledger.vault.tables import vault_metadata

ZHANG: Final = {"name": "张铁柱", "id_number": "220202190211010001", "phone": "13800001234"}
LI: Final = {"name": "李大山", "id_number": "22028219040923001X"}
WANG: Final = {"name": "王老五", "id_number": "220221191001070018"}
CARD: Final = "6228489039558431820"
OTHER_CARD: Final = "6225884329547775"
BANK: Final = "松花江农商银行"
SECRETS: Final = (*ZHANG.values(), *LI.values(), *WANG.values(), CARD, OTHER_CARD, BANK)

Rows = Callable[[], dict[str, list[tuple[object, ...]]]]
OpenVault = Callable[..., Vault]


@pytest.fixture
def vault_url(ledger_url: str) -> str:
    """Where the vault of this test's ledger lies."""
    return default_vault_url(ledger_url)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the master key lies; not made yet."""
    return tmp_path / "ledger.vault.key"


@pytest.fixture
def create_vault(vault_url: str, key_file: Path) -> Iterator[OpenVault]:
    """Create the test's vault for a tenant, as often as a test wants."""
    opened: list[Vault] = []

    def create(tenant: str = "main") -> Vault:
        opened.append(Vault.create(vault_url, key_file, tenant=tenant))
        return opened[-1]

    yield create
    for vault in opened:
        vault.close()


@pytest.fixture
def vault(create_vault: OpenVault) -> Vault:
    """An empty vault."""
    return create_vault()


def rows_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the vault's tables hold, as it is stored."""
    with begin_reading(engine) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in vault_metadata.tables.items()
        }


@pytest.fixture
def raw_rows(vault: Vault) -> Rows:
    """Read everything that the vault's tables hold, as it is stored."""
    return lambda: rows_of(vault.engine)
