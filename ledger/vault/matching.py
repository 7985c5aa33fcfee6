"""The people of a file against the register, many thousand at once.

A session answers for one person after the other and opens everything that it is asked about. Here
nothing of a person is opened but the keys, and those only to compare: whose an ID number or a card
is says its digest, whether a name is the registered one says its commitment.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from ledger.vault import rows
from ledger.vault.cipher import MasterKey, PersonKeys, equality_digests
from ledger.vault.failures import SealBrokenError

_FIRST: Final = 1


class Holder(NamedTuple):
    """Who has or had a value.

    Attributes:
        ref: The worker.
        only: Whether no other value of this field was ever written of the worker: then it is in
            force, if the log knows of any.
    """

    ref: str
    only: bool


class Matching:
    """Look-ups for one file, on one unchanging view of the vault."""

    def __init__(self, connection: Connection, tenant: str, master: MasterKey) -> None:
        self._connection = connection
        self._tenant = tenant
        self._master = master
        self._equality_key = master.equality_key(tenant)
        self._keys: dict[str, PersonKeys] = {}

    def __repr__(self) -> str:
        return f"Matching(tenant={self._tenant!r}, people={len(self._keys)})"

    def holders(self, name: str, values: Collection[str]) -> dict[str, list[Holder]]:
        """Return who has or had the values of a field; values of nobody are left out.

        Args:
            name: ``id_number`` or ``card_number``.
            values: The values, in the clear.
        """
        if not values:
            return {}
        by_digest = equality_digests(self._equality_key, name, values)
        found = rows.equalities(self._connection, self._tenant, name, by_digest.keys())
        several: set[str] = set()
        refs = [row[1] for row in found]
        if len(set(refs)) < len(refs):
            several = {ref for ref, times in Counter(refs).items() if times > 1}
        holders: dict[str, list[Holder]] = {}
        for digest, ref, version in found:
            value = by_digest.get(bytes(digest))
            if value is not None:
                only = version == _FIRST and ref not in several
                holders.setdefault(value, []).append(Holder(ref, only))
        return holders

    def load_keys(self, refs: Iterable[str]) -> None:
        """Open the keys of persons in a few queries."""
        missing = [ref for ref in dict.fromkeys(refs) if ref not in self._keys]
        for ref, sealed in rows.all_sealed_keys(self._connection, self._tenant, missing):
            try:
                self._keys[ref] = PersonKeys.opened(sealed, self._master, self._tenant, ref)
            except InvalidTag:
                raise SealBrokenError(ref, "keys") from None

    def commitment(self, ref: str, name: str, value: str) -> str | None:
        """Commit to a value of a person whose keys are loaded; None if unknown or erased."""
        keys = self._keys.get(ref)
        return None if keys is None else keys.commitment(name, value)
