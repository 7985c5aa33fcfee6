"""What the commands of a witness are given: its folder, proofs, exports of logs."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.intake import read_whole
from cli.messages import N_
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.proof.checkpoint import Checkpoint
    from ledger.proof.note import VerifierKey
    from ledger.witnessing.exported import Exported
    from ledger.witnessing.witness import Witness


def folder_of(folder: str | None) -> Path:
    """The folder of a witness: what is named, or the user's own."""
    if folder:
        return Path(folder)
    from platformdirs import user_data_path  # noqa: PLC0415 - not for --help

    return user_data_path("wageledger") / "witness"


def opened(folder: str | None) -> "Witness":
    """Open a witness.

    Raises:
        LedgerError: What its files answer.
    """
    from ledger.witnessing.witness import Witness  # noqa: PLC0415 - not for --help

    return Witness.open(folder_of(folder))


def trusted(folder: str | None) -> "list[VerifierKey]":
    """Keys of the logs that a witness trusts."""
    return [key for log in opened(folder).logs() for key in log.keys]


def export_at(proof: str | None, place: str | None) -> "Exported | None":
    """The export of a log in a folder or at an address, where one is named.

    Raises:
        LedgerError: ``bad_option`` where a proof is named too.
    """
    from ledger.witnessing.exported import Exported  # noqa: PLC0415 - not for --help

    if proof is not None and place is not None:
        problem = N_("one of --proof and --log is enough")
        raise LedgerError("bad_option", option="--proof", problem=problem)
    return None if place is None else Exported(place)


def read_proof(name: str) -> "Sequence[bytes]":
    """Read a file of hashes, one a line.

    Raises:
        LedgerError: ``no_file``, ``file_unreadable`` or ``bad_proof``.
    """
    from ledger.witnessing.protocol import parse_proof  # noqa: PLC0415 - not for --help

    return parse_proof(read_whole(name))


def head_of(raw: bytes) -> "Checkpoint":
    """What a signed note says of its log; nothing of it is believed yet."""
    from ledger.proof.checkpoint import parse_text  # noqa: PLC0415 - not for --help
    from ledger.proof.note import parse_note  # noqa: PLC0415 - not for --help

    return parse_text(parse_note(raw).text)
