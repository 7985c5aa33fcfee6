"""The people of a file against the register, many thousand at once.

A session answers for one person after the other and opens everything that it is asked about. Here
nothing of a person is opened but the keys, and those only to compare: whose an ID number is says
its digest, whether a name or a card is the registered one says its commitment.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from ledger.vault import rows
from ledger.vault.cipher import MasterKey, PersonKeys, commitments_of, equality_digests
from ledger.vault.failures import SealBrokenError

_FIRST: Final = 1


Claim = tuple[str, str, bool]
"""A value, who has or had it, and whether no other value of its field was ever written of the
worker: then it is in force, if the log knows of any."""


class Matching:
    """Look-ups for one file, on one unchanging view of the vault."""

    def __init__(self, connection: Connection, tenant: str, master: MasterKey) -> None:
        self._connection = connection
        self._tenant = tenant
        self._master = master
        self._equality_key = master.equality_key(tenant)
        self._salts: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"Matching(tenant={self._tenant!r}, people={len(self._salts)})"

    def claims(self, name: str, values: Collection[str]) -> list[Claim]:
        """Return who has or had the values of a field; values of nobody are left out.

        Args:
            name: ``id_number`` or ``card_number``.
            values: The values, in the clear.
        """
        if not values:
            return []
        by_digest = equality_digests(self._equality_key, name, values)
        found = rows.equalities(self._connection, self._tenant, name, by_digest.keys())
        several: set[str] = set()
        refs = [row[1] for row in found]
        if len(set(refs)) < len(refs):
            several = {ref for ref, times in Counter(refs).items() if times > 1}
        return [
            (value, ref, version == _FIRST and ref not in several)
            for digest, ref, version in found
            if (value := by_digest.get(bytes(digest))) is not None
        ]

    def salts(self, refs: Iterable[str | None]) -> "Salts":
        """Open the keys of persons in a few queries, to compare what is said of them.

        Raises:
            SealBrokenError: when some were changed, or are another person's.
        """
        asked = list(refs)
        known = self._salts
        missing = [ref for ref in dict.fromkeys(asked) if ref is not None and ref not in known]
        sealed = rows.all_sealed_keys(self._connection, self._tenant, missing)
        try:
            known |= self._master.salts(sealed, self._tenant)
        except InvalidTag:
            raise SealBrokenError(self._broken(sealed), "keys") from None
        return Salts([None if ref is None else known.get(ref) for ref in asked])

    def _broken(self, sealed: Iterable[tuple[str, bytes]]) -> str:
        """Whose keys do not open."""
        for ref, keys in sealed:
            try:
                PersonKeys.opened(keys, self._master, self._tenant, ref)
            except InvalidTag:
                return ref
        return ""


class Salts:
    """The salts of some persons, in order."""

    def __init__(self, salts: list[bytes | None]) -> None:
        self._salts = salts

    def __repr__(self) -> str:
        return f"Salts(people={len(self._salts)})"

    def commitments(self, name: str, values: Sequence[str | None]) -> list[str | None]:
        """Commit to a value of each person; None if unknown or erased, or without a value.

        Args:
            name: The field.
            values: A value for each person.
        """
        return commitments_of(name, self._salts, values)
