"""Canaries: no value of the vault is in a file, a row, a text form or an error."""

import base64
import traceback
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from ledger.vault import Vault
from ledger.vault.cipher import PersonKeys
from ledger.vault.key_file import load_key
from ledger.vault.tables import person_value
from tests.ledger.vault.conftest import (
    BANK,
    CARD,
    LI,
    OTHER_CARD,
    SECRETS,
    WANG,
    ZHANG,
    Rows,
)


def fill(vault: Vault) -> None:
    """Register, correct and bind, so that every kind of row is there."""
    with vault.session() as session:
        session.register("W1", ZHANG)
        session.register("W2", LI)
        session.bind_card("W1", OTHER_CARD)
        session.flush()
    with vault.session() as session:
        session.update("W2", WANG)
        session.bind_card("W1", CARD, BANK, ZHANG["name"])
        session.flush()


def spellings(secret: str) -> list[bytes]:
    """How a value could lie about in a file."""
    return [
        secret.encode(),
        secret.encode("utf-16-le"),
        secret.encode("gb18030"),
        secret.encode("unicode_escape"),
        secret.encode().hex().encode(),
        base64.b64encode(secret.encode()).rstrip(b"=")[:-1],
    ]


def test_no_value_is_in_the_files_of_the_vault(
    sqlite_url: str, key_file: Path, tmp_path: Path
) -> None:
    vault = Vault.create(sqlite_url, key_file)
    fill(vault)
    vault.masked_many(["W1", "W2"])
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    written = {file.name: file.read_bytes() for file in files}

    assert b"W1" in written["ledger.db-wal"]  # the rows are there
    for secret in SECRETS:
        for spelling in spellings(secret):
            for name, content in written.items():
                assert spelling not in content, (name, secret)
    vault.close()


def test_no_value_is_in_a_row_of_the_vault(vault: Vault, raw_rows: Rows) -> None:
    fill(vault)
    stored = raw_rows()
    assert {len(rows) for rows in stored.values()} == {1, 2, 5, 11}

    cells = [cell for rows in stored.values() for row in rows for cell in row]
    content = b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    for secret in SECRETS:
        for spelling in spellings(secret):
            assert spelling not in content


def test_the_master_key_is_only_in_its_own_file(
    sqlite_url: str, key_file: Path, tmp_path: Path
) -> None:
    vault = Vault.create(sqlite_url, key_file)
    fill(vault)
    secret = load_key(key_file).secret()
    forms = (secret, secret.hex().encode(), base64.b64encode(secret))
    holding = [
        file.name
        for file in tmp_path.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]

    assert holding == [key_file.name]
    vault.close()


def test_nothing_tells_a_secret_when_it_is_printed(vault: Vault, key_file: Path) -> None:
    master = load_key(key_file)
    keys = PersonKeys(bytes(64), "main", "W1")
    with vault.session() as session:
        commitments = session.register("W1", ZHANG)
        binding = session.bind_card("W1", CARD, BANK, ZHANG["name"])
        things = (
            vault,
            session,
            session._stored,
            session._staged,
            master,
            keys,
            binding,
            commitments,
        )
        printed = "\n".join(f"{thing!r}\n{thing!s}" for thing in things)

    assert "PersonKeys(W1)" in printed
    assert not any(secret in printed for secret in SECRETS)
    assert master.secret().hex() not in printed
    assert repr(master.secret()) not in printed
    assert repr(bytes(64)) not in printed


def test_an_error_of_the_database_does_not_print_the_row(vault: Vault) -> None:
    row = {"tenant": "main", "ref": "W9", "field": "name", "version": 1, "sealed": b"canary-7"}
    with vault.engine.connect() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(person_value.insert(), [row])

    assert "canary-7" not in "".join(traceback.format_exception(caught.value))


def test_no_error_of_a_session_repeats_what_it_was_given(vault: Vault) -> None:
    fill(vault)
    errors: list[Exception] = []
    with vault.session(lambda _ref: {}) as session:
        attempts = (
            lambda: session.register("W1", ZHANG),
            lambda: session.register("W3", {"name": ZHANG["name"]}),
            lambda: session.update("W9", ZHANG),
            lambda: session.bind_card("W9", CARD, BANK, ZHANG["name"]),
            lambda: session.commitments("W1", {"nickname": ZHANG["name"]}),
            lambda: session.register("W3", {"name": "张\ud800", "id_number": CARD}),
        )
        for attempt in attempts:
            with pytest.raises((ValueError, KeyError)) as caught:
                attempt()
            errors.append(caught.value)
    for error in errors:
        assert not any(secret in f"{error!s}{error!r}" for secret in (*SECRETS, "张"))
