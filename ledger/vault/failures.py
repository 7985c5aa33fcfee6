"""What can be wrong with a vault or its key, each with what to do about it.

Facts name files and references, never a value out of the vault.
"""

from pathlib import Path
from urllib.parse import unquote

from ledger.eventlog.failures import INIT_COMMAND
from ledger.kernel.errors import LedgerError


class NoVaultError(LedgerError):
    """There is no vault at this address, or none for this tenant."""

    def __init__(self, url: str, tenant: str) -> None:
        super().__init__("no_vault", url=unquote(url), tenant=tenant, command=INIT_COMMAND)


class KeyMissingError(LedgerError):
    """The file of the master key is not there, or not readable for this user."""

    def __init__(self, path: Path, reason: str = "no such file") -> None:
        super().__init__("vault_key_missing", path=str(path), reason=reason)


class KeyModeError(LedgerError):
    """Others than its owner may read the master key, or it is no plain file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            "vault_key_mode", path=str(path), reason=reason, command=f"chmod 600 {path}"
        )


class KeyWrongError(LedgerError):
    """The file holds no master key, or not the one of this vault."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__("vault_key_wrong", path=str(path), reason=reason)


class SealBrokenError(LedgerError):
    """A stored value was changed or moved: it does not decrypt in its own place."""

    def __init__(self, ref: str, field: str) -> None:
        super().__init__("storage_damaged", worker=ref, field=field, reason="seal broken")
