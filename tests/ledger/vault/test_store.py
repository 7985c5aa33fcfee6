"""A vault is made once, opened with its own key, and forgets a person whole."""

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import insert

from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.shape import shape
from ledger.eventlog.tables import schema_version
from ledger.kernel.errors import LedgerError
from ledger.vault import Vault
from ledger.vault.tables import vault_metadata
from tests.ledger.vault.conftest import (
    BANK,
    CARD,
    LI,
    OTHER_CARD,
    ZHANG,
    OpenVault,
    Rows,
)


def refusal(url: str, key_file: Path, tenant: str = "main") -> LedgerError:
    """The error with which opening is refused."""
    with pytest.raises(LedgerError) as caught:
        Vault.open(url, key_file, tenant=tenant)
    return caught.value


def add_zhang(vault: Vault) -> None:
    """Register one person with two cards, one after the other."""
    with vault.session() as session:
        session.register("W1", ZHANG)
        session.bind_card("W1", OTHER_CARD)
        session.bind_card("W1", CARD, BANK, ZHANG["name"])
        session.flush()


# -- creating and opening -----------------------------------------------------


def test_creating_again_changes_nothing_and_keeps_everybody(
    create_vault: OpenVault, key_file: Path, raw_rows: Rows
) -> None:
    add_zhang(create_vault())
    key, rows = key_file.read_bytes(), raw_rows()

    create_vault()

    assert key_file.read_bytes() == key
    assert raw_rows() == rows


def test_a_vault_is_opened_again_with_its_key(vault: Vault, vault_url: str, key_file: Path) -> None:
    add_zhang(vault)
    again = Vault.open(vault_url, key_file)
    with again.session() as session:
        assert session.person_by_id_number(ZHANG["id_number"]) == "W1"
    again.close()


def test_without_a_vault_the_command_to_run_is_named_and_nothing_is_made(
    vault_url: str, key_file: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    error = refusal(vault_url, key_file)

    assert error.code == "no_vault"
    assert error.facts["command"] == "wageledger init"
    assert sorted(tmp_path.iterdir()) == before


def test_a_city_that_is_not_in_the_vault_is_told_so(
    vault: Vault, vault_url: str, key_file: Path
) -> None:
    assert vault.refs() == []
    error = refusal(vault_url, key_file, tenant="changchun")

    assert error.code == "no_vault"
    assert error.facts["tenant"] == "changchun"


def test_a_vault_without_its_key_is_not_opened_and_gets_no_new_one(
    vault: Vault, vault_url: str, key_file: Path
) -> None:
    add_zhang(vault)
    key_file.unlink()

    assert refusal(vault_url, key_file).code == "vault_key_missing"
    with pytest.raises(LedgerError) as caught:
        Vault.create(vault_url, key_file)
    assert caught.value.code == "vault_key_missing"
    assert not key_file.exists()


def test_the_key_of_another_vault_is_refused(
    vault: Vault, vault_url: str, key_file: Path, tmp_path: Path
) -> None:
    add_zhang(vault)
    key_file.unlink()
    Vault.create(f"sqlite:///{tmp_path / 'other.vault.db'}", key_file).close()

    assert refusal(vault_url, key_file).code == "vault_key_wrong"
    with pytest.raises(LedgerError) as caught:
        Vault.create(vault_url, key_file)
    assert caught.value.code == "vault_key_wrong"


def test_a_second_city_may_use_the_same_key_or_its_own(
    vault: Vault, vault_url: str, key_file: Path, tmp_path: Path
) -> None:
    assert vault.refs() == []
    same = Vault.create(vault_url, key_file, tenant="changchun")
    own = Vault.create(vault_url, tmp_path / "own.key", tenant="siping")
    same.close()
    own.close()

    assert refusal(vault_url, key_file, tenant="siping").code == "vault_key_wrong"
    Vault.open(vault_url, tmp_path / "own.key", tenant="siping").close()


def test_a_vault_of_a_newer_program_is_left_alone(
    vault: Vault, vault_url: str, key_file: Path
) -> None:
    with begin_writing(vault.engine) as connection:
        connection.execute(
            insert(schema_version).values(
                component="vault", number=99, name="later", applied_at="later"
            )
        )

    assert refusal(vault_url, key_file).code == "schema_newer"
    with pytest.raises(LedgerError) as caught:
        Vault.create(vault_url, key_file)
    assert caught.value.code == "schema_newer"


def test_a_half_made_vault_is_finished_by_creating_it_again(
    vault: Vault, create_vault: OpenVault, vault_url: str, key_file: Path
) -> None:
    with begin_writing(vault.engine) as connection:
        connection.execute(vault_metadata.tables["vault_tenant"].delete())
    assert refusal(vault_url, key_file).code == "no_vault"

    add_zhang(create_vault())

    Vault.open(vault_url, key_file).close()


def test_migrations_make_the_tables_that_the_program_uses(vault: Vault) -> None:
    names = list(vault_metadata.tables)
    with begin_reading(vault.engine) as connection:
        migrated = shape(connection, names)
    with begin_writing(vault.engine) as connection:
        vault_metadata.drop_all(connection)
        vault_metadata.create_all(connection)
    with begin_reading(vault.engine) as connection:
        assert shape(connection, names) == migrated


def test_a_new_file_is_readable_by_its_owner_alone(sqlite_url: str, key_file: Path) -> None:
    vault = Vault.create(sqlite_url, key_file)
    add_zhang(vault)
    made = sorted(key_file.parent.glob("ledger.db*"))

    assert [file.name for file in made] == ["ledger.db", "ledger.db-shm", "ledger.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in made} == {0o600}
    vault.close()


def test_a_vault_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'ledger.vault.db'}"
    with pytest.raises(LedgerError) as caught:
        Vault.create(url, tmp_path / "key")

    assert caught.value.code == "storage_unreachable"
    assert list(tmp_path.iterdir()) == []


def test_on_postgresql_the_vault_lies_apart_from_the_log(postgres_url: str, key_file: Path) -> None:
    vault = Vault.create(postgres_url, key_file)
    with begin_reading(vault.engine) as connection:
        found = connection.exec_driver_sql(
            "SELECT DISTINCT schemaname FROM pg_tables"
            " WHERE tablename IN ('person', 'person_value', 'equality', 'vault_tenant',"
            " 'schema_version')"
        )
        assert found.scalars().all() == ["wageledger_vault"]
    vault.close()


# -- screens ------------------------------------------------------------------


def test_a_screen_gets_masked_values_only(vault: Vault) -> None:
    add_zhang(vault)

    assert vault.masked("W1") == {
        "name": "张**",
        "id_number": "220*************01",
        "phone": "138****1234",
        "card_number": "622848*********1820",
        "holder_name": "张**",
    }
    assert vault.masked("W2") == {}
    assert vault.masked_many([]) == {}


# -- erasing and sweeping -----------------------------------------------------


def test_an_erased_person_is_gone_with_keys_values_and_digests(
    vault: Vault, raw_rows: Rows
) -> None:
    with vault.session() as session:
        session.register("W2", LI)
        session.flush()
    before = raw_rows()
    add_zhang(vault)

    assert vault.destroy("W1") is True

    assert raw_rows() == before
    assert vault.destroy("W1") is False
    assert vault.masked("W1") == {}
    with vault.session() as session:
        assert session.commitments("W1", ZHANG) is None
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.card_owner(CARD) is None
        assert session.person_by_id_number(LI["id_number"]) == "W2"


def test_an_erased_key_is_in_no_file_any_more(sqlite_url: str, key_file: Path) -> None:
    vault = Vault.create(sqlite_url, key_file)
    add_zhang(vault)
    with sqlite3.connect(key_file.parent / "ledger.db") as connection:
        (sealed,) = connection.execute("SELECT sealed_keys FROM person").fetchone()
    connection.close()

    def holders() -> list[str]:
        files = key_file.parent.glob("ledger.db*")
        return [file.name for file in files if sealed in file.read_bytes()]

    assert holders() != []
    vault.destroy("W1")
    assert holders() == []
    vault.close()


def test_a_person_who_comes_back_gets_other_keys(vault: Vault) -> None:
    with vault.session() as session:
        first = session.register("W1", ZHANG)
        session.flush()
    vault.destroy("W1")
    with vault.session() as session:
        second = session.register("W1", ZHANG)
    assert not set(first.values()) & set(second.values())


def test_people_whom_the_log_does_not_know_are_found_and_swept(vault: Vault) -> None:
    with vault.session() as session:
        for ref in ("W3", "W1", "W2", "工-4"):
            session.register(ref, ZHANG)
        session.flush()

    assert vault.orphans(["W1", "W9"]) == ["W2", "W3", "工-4"]
    for ref in vault.orphans(["W1"]):
        vault.destroy(ref)
    assert vault.orphans(["W1"]) == []
    assert vault.refs() == ["W1"]
