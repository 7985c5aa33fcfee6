"""What is stored of persons, opened and kept for the length of a session.

Loads in bulk where it is told beforehand, one by one where not. What is not there is remembered
too. Values are decrypted only when somebody asks for them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine

from ledger.eventlog.engine import begin_reading
from ledger.vault import rows
from ledger.vault.cipher import MasterKey, PersonKeys
from ledger.vault.failures import SealBrokenError

IDENTITY: Final = ("name", "id_number", "phone")
CARD: Final = ("card_number", "bank_name", "holder_name")
LEADING: Final[Mapping[str, str]] = {name: group[0] for group in (IDENTITY, CARD) for name in group}
"""Every field, with the one that leads its group: a version of a group has its leading field and
perhaps the others, so that a new card forgets the old card's bank."""


@dataclass(slots=True)
class Person:
    """A person's opened keys, and the number of the latest version by leading field."""

    keys: PersonKeys
    versions: dict[str, int]


class StoredPeople:
    """Persons, holders and values of one tenant as they are stored."""

    def __init__(self, engine: Engine, tenant: str, master: MasterKey) -> None:
        self._engine = engine
        self._tenant = tenant
        self._master = master
        self._people: dict[str, Person | None] = {}
        self._holders: dict[tuple[str, bytes], list[rows.Claimant]] = {}
        self._sealed: dict[rows.ValueKey, bytes] = {}
        self._loaded: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"StoredPeople(tenant={self._tenant!r}, people={len(self._people)})"

    def person(self, ref: str) -> Person | None:
        """Return a person, or None for who was never here or is erased."""
        if ref not in self._people:
            self.load_people((ref,))
        return self._people[ref]

    def holders(self, name: str, digest: bytes) -> list[rows.Claimant]:
        """Return who has or had the value behind a digest."""
        if (name, digest) not in self._holders:
            self.load_holders(name, (digest,))
        return self._holders[name, digest]

    def value(self, ref: str, name: str, version: int) -> str | None:
        """Decrypt one version of a field; None if that version does not have it.

        Raises:
            SealBrokenError: the row was changed or moved.
        """
        if (ref, name) not in self._loaded:
            self.load_values((ref,), (name,))
        sealed = self._sealed.get((ref, name, version))
        person = self.person(ref)
        if sealed is None or person is None:
            return None
        try:
            return person.keys.open(name, version, sealed)
        except InvalidTag:
            raise SealBrokenError(ref, name) from None

    def load_people(self, refs: Iterable[str]) -> None:
        """Load persons in a few queries."""
        missing = {ref for ref in refs if ref not in self._people}
        if not missing:
            return
        leading = set(LEADING.values())
        with begin_reading(self._engine) as connection:
            sealed = rows.sealed_keys(connection, self._tenant, missing)
            latest = rows.latest_versions(connection, self._tenant, sealed.keys(), leading)
        self._people.update(dict.fromkeys(missing))
        people = {ref: Person(self._opened(ref, keys), {}) for ref, keys in sealed.items()}
        for (ref, name), version in latest.items():
            people[ref].versions[name] = version
        self._people.update(people)

    def load_holders(self, name: str, digests: Collection[bytes]) -> set[str]:
        """Load the holders of ID numbers or cards, and these persons; return their references."""
        missing = {digest for digest in digests if (name, digest) not in self._holders}
        if missing:
            self._load_missing(name, missing)
        return {ref for digest in digests for ref, _ in self._holders[name, digest]}

    def _load_missing(self, name: str, missing: Collection[bytes]) -> None:
        with begin_reading(self._engine) as connection:
            found = rows.holders(connection, self._tenant, name, missing)
        self._holders.update(((name, digest), holders) for digest, holders in found.items())
        self.load_people(ref for holders in found.values() for ref, _ in holders)

    def load_values(self, refs: Collection[str], names: Collection[str]) -> None:
        """Load all versions of fields in a few queries, without decrypting them."""
        wanted = {*names, *(LEADING[name] for name in names)}
        missing = {ref for ref in refs if any((ref, name) not in self._loaded for name in wanted)}
        if not missing:
            return
        with begin_reading(self._engine) as connection:
            self._sealed.update(rows.sealed_values(connection, self._tenant, missing, wanted))
        self._loaded.update((ref, name) for ref in missing for name in wanted)

    def add(self, ref: str, person: Person) -> None:
        """Remember a person who has just been written."""
        self._people[ref] = person

    def forget_rows(self) -> None:
        """Forget holders and values, which a write has made stale; keys stay."""
        self._holders.clear()
        self._sealed.clear()
        self._loaded.clear()

    def forget(self) -> None:
        """Forget everything."""
        self.forget_rows()
        self._people.clear()

    def _opened(self, ref: str, sealed: bytes) -> PersonKeys:
        try:
            return PersonKeys.opened(sealed, self._master, self._tenant, ref)
        except InvalidTag:
            raise SealBrokenError(ref, "keys") from None
