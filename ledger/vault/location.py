"""Where a vault and its key lie when nobody says otherwise.

Beside an SQLite ledger: ``city.db`` has ``city.vault.db`` and ``city.vault.key``. In the same
database as a PostgreSQL ledger, in the schema ``wageledger_vault``; its key is then a file in the
user's data folder, because nothing can lie beside a database.
"""

import re
from pathlib import Path
from typing import Final

from platformdirs import user_data_path
from sqlalchemy import URL

from ledger.eventlog.engine import parse_url

_UNSAFE_IN_A_NAME: Final = re.compile(r"[^\w.-]+")


def default_vault_url(ledger_url: str) -> str:
    """Return the address of the vault that belongs to a ledger.

    Raises:
        LedgerError: ``bad_url`` or ``password_in_url``.
    """
    parsed = parse_url(ledger_url)
    if parsed.get_backend_name() != "sqlite":
        return ledger_url
    file = Path(parsed.database or "")
    beside = file.with_name(f"{file.stem}.vault{file.suffix or '.db'}")
    return URL.create("sqlite", database=str(beside)).render_as_string()


def default_key_file(ledger_url: str) -> Path:
    """Return the path of the master key that belongs to a ledger.

    Raises:
        LedgerError: ``bad_url`` or ``password_in_url``.
    """
    return beside_ledger(ledger_url, "vault.key")


def beside_ledger(ledger_url: str, ending: str) -> Path:
    """Return where a file lies that belongs to a ledger: beside it, or in the data folder.

    Raises:
        LedgerError: ``bad_url`` or ``password_in_url``.
    """
    parsed = parse_url(ledger_url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(parsed.database or "")
        return file.with_name(f"{file.stem}.{ending}")
    parts = (parsed.host, str(parsed.port or ""), parsed.database)
    name = "-".join(_UNSAFE_IN_A_NAME.sub("_", part) for part in parts if part)
    return user_data_path("wageledger") / f"{name}.{ending}"
