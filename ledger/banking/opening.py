"""Open a bank file: its format is recognised by what it holds, never by its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ledger.banking.camt import read_camt
from ledger.banking.csv_profile import CsvProfile, load, shipped
from ledger.banking.mt940 import read_mt940
from ledger.banking.mt940_fields import is_mt940
from ledger.banking.problems import BankFileError
from ledger.banking.statement import Kind, Statement
from ledger.banking.statement_csv import find_profile, read_statement_csv
from ledger.banking.versions import MESSAGES
from ledger.banking.xml_stream import Root, begins_as_xml, root_of

HEAD: Final = 64 * 1024
"""Bytes that are looked at to recognise a file."""


class Recognised(NamedTuple):
    """What a bank file is.

    Attributes:
        kind: What it holds.
        root: Namespace and message of an XML file, else None.
        profile: The profile of a statement CSV, else None.
    """

    kind: Kind
    root: Root | None = None
    profile: CsvProfile | None = None


def recognise(path: Path, profile: Path | None = None) -> Recognised:
    """Tell what a bank file is from its beginning.

    Args:
        path: The file.
        profile: An own profile, the only one that is tried on a CSV.

    Raises:
        BankFileError: ``bank_file_empty``, ``bank_format``, or as the XML readers.
        OSError: for a file that is not there or may not be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if not head.strip():
        raise BankFileError("bank_file_empty")
    if begins_as_xml(head):
        root = root_of(path)
        message = MESSAGES.get(root.base)
        if message is None:
            raise BankFileError("bank_format", value=root.shown)
        return Recognised(message, root)
    if is_mt940(head):
        return Recognised("mt940-statement")
    profiles = list(shipped()) if profile is None else [load(profile)]
    found = find_profile(path, profiles)
    if found is not None:
        return Recognised("statement", profile=found)
    raise BankFileError("bank_format")


def read_statements(
    path: Path, profile: Path | None = None, *, parties: bool = True
) -> Iterator[Statement]:
    """Read the statements of a bank file as a stream, one after another.

    Args:
        path: camt.052, camt.053, camt.054, MT940 or a statement CSV.
        profile: An own profile of a statement CSV.
        parties: Whether names, accounts and texts of the other side are wanted; without them
            reading is faster.

    Raises:
        BankFileError: when the file cannot be read, also while entries are taken.
        OSError: for a file that is not there or may not be read.
    """
    yield from statements_of(path, recognise(path, profile), parties=parties)


def statements_of(path: Path, found: Recognised, *, parties: bool) -> Iterator[Statement]:
    """Read the statements of a file that was recognised.

    Raises:
        BankFileError: ``bank_format`` for a file of payments or answers; else as `read_statements`.
    """
    if found.kind in ("credit-transfer", "status-report"):
        raise BankFileError("bank_format", value=found.kind)
    if found.root is not None:
        yield from read_camt(path, found.root, found.kind, parties=parties)
    elif found.profile is not None:
        yield read_statement_csv(path, found.profile, parties=parties)
    else:
        yield from read_mt940(path, parties=parties)
