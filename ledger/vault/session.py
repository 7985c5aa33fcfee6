"""One group of postings in front of the vault: look up, stage, then write at once or forget.

Nothing is written before ``flush``; look-ups see what is stored and what is staged. The ledger's
writer lock makes sure that nobody else writes for this tenant meanwhile, so what was read once
stays true and is kept for the session.

The log decides what counts. A program that died after writing the vault and before recording
leaves values here that no event knows; ``recorded`` lets a session pass over them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Engine

from ledger.eventlog.engine import begin_writing
from ledger.kernel.identifiers import mask_card, mask_id_number, mask_name, mask_phone
from ledger.vault import rows
from ledger.vault.cipher import MasterKey, PersonKeys, equality_digest
from ledger.vault.stored import CARD, IDENTITY, LEADING, Person, StoredPeople

_INDEXED: Final = frozenset({"id_number", "card_number"})
_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": mask_name,
    "id_number": mask_id_number,
    "phone": mask_phone,
    "card_number": mask_card,
    "holder_name": mask_name,
}
_LAST_DIGITS: Final = -4

Recorded = Callable[[str], Mapping[str, str] | None]
"""What the log holds of a worker now: field to commitment (``name``, ``id_number`` and, once a
card is bound, ``card_number``), or None for a reference that the log does not know."""


@dataclass(frozen=True, slots=True)
class CardBinding:
    """What an event may say of a card: commitments by field, and the last 4 digits."""

    commitments: Mapping[str, str]
    last4: str


@dataclass(slots=True)
class _Staged:
    """What will be written of a person.

    Attributes:
        person: Keys and versions as they will be.
        sealed_keys: The keys of a new person, sealed; None for one who is stored.
        replaces: Whether rows under the same reference go first.
        values: Values in the clear by field and version.
    """

    person: Person
    sealed_keys: bytes | None = None
    replaces: bool = False
    values: dict[tuple[str, int], str] = field(default_factory=dict, repr=False)


class VaultSession:
    """Look-ups and staged writes for one group of postings. Use it in a ``with``."""

    def __init__(
        self, engine: Engine, tenant: str, master: MasterKey, recorded: Recorded | None = None
    ) -> None:
        self._engine = engine
        self._tenant = tenant
        self._master = master
        self._equality_key = master.equality_key(tenant)
        self._recorded = recorded
        self._stored = StoredPeople(engine, tenant, master)
        self._staged: dict[str, _Staged] = {}
        self._holders: dict[tuple[str, bytes], list[rows.Claimant]] = {}

    def __repr__(self) -> str:
        return f"VaultSession(tenant={self._tenant!r}, staged={len(self._staged)})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget everything, staged or read."""
        self._staged.clear()
        self._holders.clear()
        self._stored.forget()

    # -- look-ups -------------------------------------------------------------

    def prefetch(
        self,
        refs: Iterable[str] = (),
        id_numbers: Iterable[str] = (),
        cards: Iterable[str] = (),
        named: Collection[str] = (),
    ) -> None:
        """Load in a few queries what the postings of a group will ask for one by one.

        Args:
            refs: Workers that are named.
            id_numbers: ID numbers whose holder will be asked for.
            cards: Card numbers whose owner will be asked for.
            named: Workers whose name will be compared.
        """
        self._stored.load_people({*refs, *named})
        self._stored.load_values(named, ("name",))
        for name, values in (("id_number", id_numbers), ("card_number", cards)):
            self._stored.load_holders(name, [self._digest(name, value) for value in values])

    def person_by_id_number(self, id_number: str) -> str | None:
        """Return whose ID number this is now, in this tenant."""
        return self._holder("id_number", id_number)

    def card_owner(self, card_number: str) -> str | None:
        """Return to whom this card is bound now; a worker's newer card replaces the older."""
        return self._holder("card_number", card_number)

    def name_of(self, ref: str) -> str | None:
        """Return a worker's name in the clear, to compare a card holder's with; None if unknown.

        It must not leave the decision.
        """
        return self._value_in_force(ref, "name")

    def commitments(self, ref: str, fields: Mapping[str, str]) -> dict[str, str] | None:
        """Commit to values of a person; None if the person is unknown or erased.

        Raises:
            ValueError: for a field that the vault does not have.
        """
        _require(fields, LEADING)
        person = self._person(ref)
        return None if person is None else _commitments(person.keys, fields)

    def masked(self, refs: Collection[str]) -> dict[str, dict[str, str]]:
        """Return masked values by worker and field; unknown and erased workers are left out.

        The bank's name is left out too: the first digits of the card tell it.
        """
        self._stored.load_people(refs)
        self._stored.load_values(refs, tuple(_MASKS))
        shown = {}
        for ref in refs:
            if self._person(ref) is not None:
                values = {name: self._value_in_force(ref, name) for name in _MASKS}
                shown[ref] = {
                    name: _MASKS[name](value) for name, value in values.items() if value is not None
                }
        return shown

    def revealed(self, refs: Collection[str], fields: Collection[str]) -> dict[str, dict[str, str]]:
        """Return values in the clear by worker and field; erased and unknown workers are left out.

        Only ``ledger.revealing`` asks for them, after it has recorded what for.

        Raises:
            ValueError: for a field that the vault does not have.
        """
        _require(dict.fromkeys(fields, ""), LEADING)
        self._stored.load_people(refs)
        self._stored.load_values(refs, fields)
        groups = sorted({LEADING[name] for name in fields})
        shown = {}
        for ref in refs:
            if self._person(ref) is not None:
                found = {leading: self._in_force(ref, leading) for leading in groups}
                shown[ref] = {
                    name: value
                    for name in fields
                    if (group := found[LEADING[name]]) is not None
                    and (value := self._of_group(ref, name, group)) is not None
                }
        return shown

    def _of_group(self, ref: str, name: str, group: tuple[int, str]) -> str | None:
        version, value = group
        return value if name == LEADING[name] else self._value(ref, name, version)

    # -- staged writes --------------------------------------------------------

    def register(self, ref: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Stage a new person and return the commitments to the fields.

        The caller has found the reference free in the log. What lies here under it was never
        recorded and is replaced whole, keys and all.

        Raises:
            ValueError: name or ID number missing, a field that does not belong here, or a worker
                that the log knows.
        """
        _require(fields, IDENTITY, needed=("name", "id_number"))
        if self._recorded is not None and self._recorded(ref) is not None:
            message = "a worker that the log knows is updated, not registered"
            raise ValueError(message)
        self._unstage(ref)
        keys = PersonKeys.random(self._tenant, ref)
        self._staged[ref] = _Staged(
            Person(keys, {}),
            keys.sealed(self._master),
            replaces=self._stored.person(ref) is not None,
        )
        return self._stage(ref, "name", fields)

    def update(self, ref: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Stage a corrected identity as a new version and return the commitments.

        The new version stands for itself: a phone that is left out is no longer known.

        Raises:
            ValueError: name or ID number missing, or a field that does not belong here.
            KeyError: an unknown or erased person.
        """
        _require(fields, IDENTITY, needed=("name", "id_number"))
        return self._stage(ref, "name", fields)

    def bind_card(
        self,
        ref: str,
        card_number: str,
        bank_name: str | None = None,
        holder_name: str | None = None,
    ) -> CardBinding:
        """Stage a worker's card in place of an older one.

        Raises:
            KeyError: an unknown or erased person.
        """
        given = dict(zip(CARD, (card_number, bank_name, holder_name), strict=True))
        fields = {name: value for name, value in given.items() if value is not None}
        commitments = self._stage(ref, "card_number", fields)
        return CardBinding(commitments, card_number[_LAST_DIGITS:])

    def flush(self) -> None:
        """Write what is staged in a transaction of its own, before the log records it.

        Raises:
            LedgerError: what the storage says; then nothing is written and all stays staged.
        """
        if not self._staged:
            return
        with begin_writing(self._engine) as connection:
            rows.write(connection, self._tenant, self._new_rows())
        for ref, staged in self._staged.items():
            self._stored.add(ref, staged.person)
        self._staged.clear()
        self._holders.clear()
        self._stored.forget_rows()

    # -- inside ---------------------------------------------------------------

    def _stage(self, ref: str, leading: str, fields: Mapping[str, str]) -> dict[str, str]:
        staged = self._staged.get(ref)
        if staged is None:
            stored = self._stored.person(ref)
            if stored is None:
                raise KeyError(ref)
            staged = self._staged[ref] = _Staged(Person(stored.keys, dict(stored.versions)))
        version = staged.person.versions.get(leading, 0) + 1
        staged.person.versions[leading] = version
        for name, value in fields.items():
            staged.values[name, version] = value
            if name in _INDEXED:
                place = (name, self._digest(name, value))
                self._holders.setdefault(place, []).append((ref, version))
        return _commitments(staged.person.keys, fields)

    def _unstage(self, ref: str) -> None:
        """Take back what was staged of a person whose registration begins anew."""
        staged = self._staged.pop(ref, None)
        if staged is not None:
            for place, found in self._holders.items():
                self._holders[place] = [holder for holder in found if holder[0] != ref]

    def _new_rows(self) -> rows.NewRows:
        new = rows.NewRows()
        for ref, staged in self._staged.items():
            if staged.replaces:
                new.replaced.append(ref)
            if staged.sealed_keys is not None:
                new.persons.append((ref, staged.sealed_keys))
            new.values.extend(
                (ref, name, version, staged.person.keys.seal(name, version, value))
                for (name, version), value in staged.values.items()
            )
        new.equalities.extend(
            (name, digest, ref, version)
            for (name, digest), found in self._holders.items()
            for ref, version in found
        )
        return new

    def _person(self, ref: str) -> Person | None:
        staged = self._staged.get(ref)
        return self._stored.person(ref) if staged is None else staged.person

    def _is_new(self, ref: str) -> bool:
        """Tell whether a person is staged as new: what is stored under the reference goes."""
        staged = self._staged.get(ref)
        return staged is not None and staged.sealed_keys is not None

    def _holder(self, name: str, value: str) -> str | None:
        digest = self._digest(name, value)
        stored = self._stored.holders(name, digest)
        holders: list[rows.Claimant] = [
            *self._holders.get((name, digest), ()),
            *(holder for holder in stored if not self._is_new(holder[0])),
        ]
        for ref, version in holders:
            if self._is_in_force(ref, name, version, value):
                return ref
        return None

    def _is_in_force(self, ref: str, name: str, version: int, value: str) -> bool:
        person = self._person(ref)
        if person is None:
            return False
        if self._recorded is None:
            return version == person.versions.get(LEADING[name])
        known = self._recorded(ref)
        return known is not None and known.get(name) == person.keys.commitment(name, value)

    def _value_in_force(self, ref: str, name: str) -> str | None:
        """Return a field's value in that version of its group that is in force."""
        found = self._in_force(ref, LEADING[name])
        return None if found is None else self._of_group(ref, name, found)

    def _in_force(self, ref: str, leading: str) -> tuple[int, str] | None:
        """Return number and leading value of that version of a group that is in force."""
        person = self._person(ref)
        if person is None:
            return None
        for version in range(person.versions.get(leading, 0), 0, -1):
            value = self._value(ref, leading, version)
            if value is not None and self._is_in_force(ref, leading, version, value):
                return version, value
        return None

    def _value(self, ref: str, name: str, version: int) -> str | None:
        staged = self._staged.get(ref)
        if staged is not None and (name, version) in staged.values:
            return staged.values[name, version]
        return None if self._is_new(ref) else self._stored.value(ref, name, version)

    def _digest(self, name: str, value: str) -> bytes:
        return equality_digest(self._equality_key, name, value)


def _commitments(keys: PersonKeys, fields: Mapping[str, str]) -> dict[str, str]:
    return {name: keys.commitment(name, value) for name, value in fields.items()}


def _require(
    fields: Mapping[str, str], allowed: Collection[str], needed: Collection[str] = ()
) -> None:
    """Refuse fields that do not belong here; the message names fields, never values."""
    unknown, absent = set(fields).difference(allowed), set(needed).difference(fields)
    if unknown or absent:
        message = f"fields that do not belong here: {sorted(unknown)}, missing: {sorted(absent)}"
        raise ValueError(message)
