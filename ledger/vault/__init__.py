"""The identity vault: who a worker is, outside the log.

The log holds references and commitments; names, ID numbers, phones and cards lie here, encrypted
with a key of each person's own, in a store with its own address and its own backups. Destroying
a person's keys erases the person and leaves every sum and every proof of the log valid.

The vault is written first, the log second. What the log never recorded, because the program died
between the two, is harmless: a session asks the log which facts count, and ``orphans`` finds the
rest.
"""

from ledger.vault.location import default_key_file, default_vault_url
from ledger.vault.matching import Claim, Matching
from ledger.vault.session import CardBinding, Recorded, VaultSession
from ledger.vault.store import Vault

__all__ = [
    "CardBinding",
    "Claim",
    "Matching",
    "Recorded",
    "Vault",
    "VaultSession",
    "default_key_file",
    "default_vault_url",
]
