"""The witnesses of a log, as its keeper knows them: whom to ask, and what each signed last.

They stand in a file beside the keys of the log, where checkpoints are signed: another machine,
which cannot sign, need not ask. What is kept of their answers only saves questions and shows what
is not yet seen; the signatures themselves stand with their checkpoint in the ledger.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from cli.aside import written_aside
from cli.messages import N_
from ledger.kernel.dates import SystemClock
from ledger.kernel.errors import LedgerError
from ledger.proof.note import VerifierKey
from ledger.witnessing.asking import BUDGET, Asked, WitnessAt, ask_all

if TYPE_CHECKING:
    from ledger.store import Store

ALARMS: Final = frozenset({"two_histories", "seen_longer", "bad_signature"})
"""What a witness may answer that nobody may overlook."""

NOWHERE: Final = "-"
"""Address of a witness that signs from files only: it is never asked."""

_ENDING: Final = ".witnesses"
_SCHEMES: Final = frozenset({"http", "https"})


@dataclass(frozen=True)
class Known:
    """A witness of a log.

    Attributes:
        origin: The log.
        at: Address, key, and the size that it cosigned last.
        refusal: Code of why it gave no signature the last time; empty where it did.
        facts: What belongs to that code.
    """

    origin: str
    at: WitnessAt
    refusal: str = ""
    facts: tuple[tuple[str, Any], ...] = ()

    def encode(self) -> str:
        """Return its line of the file."""
        document = {
            "origin": self.origin,
            "url": self.at.url,
            "vkey": self.at.key.encode(),
            "size": self.at.size,
            "refusal": self.refusal,
            "facts": dict(self.facts),
        }
        return json.dumps(document, ensure_ascii=False)

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read what ``encode`` wrote."""
        found = json.loads(line)
        at = WitnessAt(found["url"], VerifierKey.parse(found["vkey"]), int(found["size"]))
        return cls(found["origin"], at, found["refusal"], tuple(found["facts"].items()))


class Witnesses:
    """The file of the witnesses of all logs whose keys lie here."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._path = path_of(store)

    def of_log(self) -> list[Known]:
        """Return the witnesses of this log, in the order in which they were added.

        Raises:
            LedgerError: ``file_unreadable``.
        """
        origin = self._store.evidence.origin()
        return [known for known in self._all() if known.origin == origin]

    def add(self, url: str, key: VerifierKey) -> None:
        """Add a witness; one that is there gets the new address.

        Raises:
            LedgerError: ``bad_option`` or ``bad_key``, or as ``of_log``.
        """
        _require_address(url)
        if not key.scheme.timestamped:
            raise LedgerError("bad_key", problem=N_("it is a log's, not a witness's"))
        origin = self._store.evidence.origin()
        with self._store.signer.file.exclusive():
            found = self._all()
            same = [known for known in found if (known.origin, known.at.key) == (origin, key)]
            moved = [replace(known, at=replace(known.at, url=url)) for known in same]
            rest = [known for known in found if known not in same]
            self._write([*rest, *(moved or [Known(origin, WitnessAt(url, key))])])

    def remove(self, name: str) -> None:
        """Forget a witness by the name of its key, or by its address.

        Raises:
            LedgerError: ``unknown_witness``, or as ``of_log``.
        """
        origin = self._store.evidence.origin()
        with self._store.signer.file.exclusive():
            found = self._all()
            rest = [
                known
                for known in found
                if known.origin != origin
                or name not in {known.at.key.name, known.at.key.encode(), known.at.url}
            ]
            if len(rest) == len(found):
                raise LedgerError("unknown_witness", value=name)
            self._write(rest)

    def note(self, asked: Sequence[Asked], size: int) -> None:
        """Keep what witnesses answered about a checkpoint of a size."""
        by_key = {each.witness.key: each for each in asked}
        origin = self._store.evidence.origin()
        with self._store.signer.file.exclusive():
            found = self._all()
            self._write(
                [
                    _noted(known, by_key.get(known.at.key), size)
                    if known.origin == origin
                    else known
                    for known in found
                ]
            )

    def _all(self) -> list[Known]:
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError):
            raise LedgerError("file_unreadable", file=str(self._path)) from None
        try:
            return [Known.parse(line) for line in lines]
        except (ValueError, KeyError, TypeError, AttributeError, LedgerError):
            problem = N_("it is damaged")
            raise LedgerError("file_unreadable", file=str(self._path), problem=problem) from None

    def _write(self, found: Sequence[Known]) -> None:
        with written_aside(self._path, private=True) as stream:
            stream.writelines(f"{known.encode()}\n" for known in found)


def path_of(store: "Store") -> Path:
    """Where the witnesses stand: beside the keys of the log."""
    keys = store.signer.file.path
    return keys.with_name(f"{keys.name}{_ENDING}")


def ask_witnesses(store: "Store", budget: float = BUDGET) -> list[Asked]:
    """Ask every witness to cosign the latest checkpoint, and keep what they signed.

    Args:
        store: The ledger.
        budget: Seconds for all together.

    Raises:
        LedgerError: what the storage answers; what a witness answers is no error here.
    """
    witnesses = Witnesses(store)
    latest = store.evidence.latest()
    asking = [each.at for each in witnesses.of_log() if each.at.url != NOWHERE]
    if latest is None or not asking:
        return []
    evidence, size = store.evidence, latest.size
    asked = ask_all(asking, latest.note, lambda old: evidence.consistency_proof(old, size), budget)
    asked = [_excused(each, evidence.size()) for each in asked]
    signatures = [each.signature for each in asked if each.signature is not None]
    if signatures:
        evidence.add_cosignatures(size, latest.root, signatures, SystemClock().now())
    witnesses.note(asked, size)
    return asked


def _excused(asked: Asked, size: int) -> Asked:
    """A witness that saw more than this checkpoint, but no more than the ledger, was just faster.

    Another program may have recorded and signed meanwhile.
    """
    if asked.refusal is None or asked.refusal.code != "seen_longer":
        return asked
    if asked.told is not None and asked.told <= size:
        return replace(asked, refusal=None)
    return asked


def _noted(known: Known, asked: Asked | None, size: int) -> Known:
    if asked is None:
        return known
    if asked.signature is not None:
        at = replace(known.at, size=max(size, known.at.size))
        return replace(known, at=at, refusal="", facts=())
    if asked.refusal is None:
        return known
    return replace(known, refusal=asked.refusal.code, facts=tuple(asked.refusal.facts.items()))


def _require_address(url: str) -> None:
    """Refuse what is no address of a server, and secrets in it.

    Raises:
        LedgerError: ``bad_option``.
    """
    if url == NOWHERE:
        return
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
        has_more = bool(parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        is_address, has_more = False, False
    if not is_address or has_more or not url.isascii() or any(sign <= " " for sign in url):
        problem = N_("write it as https://witness.example.org/, without name and password")
        raise LedgerError("bad_option", option="URL", problem=problem)
