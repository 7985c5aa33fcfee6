"""Many people at once in the vault, and failures in the middle."""

import pytest
from sqlalchemy import event

from ledger.eventlog.engine import begin_writing
from ledger.kernel.errors import LedgerError
from ledger.vault import Vault, VaultSession
from ledger.vault import rows as vault_rows
from tests.ledger.vault.conftest import (
    LI,
    ZHANG,
    Rows,
)

# -- many at once, and failures -----------------------------------------------
from tests.ledger.vault.test_session import register


def a_thousand(first: int) -> dict[str, dict[str, str]]:
    """People whose numbers are invented and only differ."""
    return {
        f"W-{number}": {"name": f"工人{number}", "id_number": f"22020219020101{number:04}"}
        for number in range(first, first + 1_000)
    }


def count_statements(vault: Vault, session: VaultSession, people: dict[str, dict[str, str]]) -> int:
    """Ask everything about everybody and return how often the database was asked."""
    statements = []

    def note(*arguments: object) -> None:
        statements.append(arguments[2])

    event.listen(vault.engine, "before_cursor_execute", note)
    for ref, fields in people.items():
        session.person_by_id_number(fields["id_number"])
        session.card_owner("62" + fields["id_number"][2:])
        session.name_of(ref)
        session.commitments(ref, fields)
    event.remove(vault.engine, "before_cursor_execute", note)
    return len(statements)


def test_a_group_that_was_loaded_beforehand_asks_the_database_nothing(vault: Vault) -> None:
    known, strangers = a_thousand(0), a_thousand(5_000)
    register(vault, **known)
    everybody = known | strangers
    numbers = [fields["id_number"] for fields in everybody.values()]
    with vault.session() as session:
        session.prefetch(everybody, numbers, ["62" + number[2:] for number in numbers], everybody)
        for ref in known:
            assert session.name_of(ref) == known[ref]["name"]
        assert session.person_by_id_number(numbers[7]) == "W-7"
        assert count_statements(vault, session, everybody) == 0


def test_thousands_are_registered_in_one_flush(vault: Vault) -> None:
    people = {
        ref: fields for first in (0, 1_000, 2_000) for ref, fields in a_thousand(first).items()
    }
    register(vault, **people)

    assert len(vault.refs()) == 3_000
    shown = vault.masked_many([*people, "nobody"])
    assert len(shown) == 3_000
    assert shown["W-2999"] == {"name": "工***", "id_number": "220*************99"}


def test_a_flush_that_fails_writes_nothing_and_can_be_repeated(
    vault: Vault, raw_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = raw_rows()
    with vault.session() as session:
        session.register("W1", ZHANG)
        with monkeypatch.context() as patch:
            patch.setattr(vault_rows, "equality", None)
            with pytest.raises(AttributeError):
                session.flush()
        assert raw_rows() == before
        session.flush()
    with vault.session() as session:
        assert session.person_by_id_number(ZHANG["id_number"]) == "W1"


def test_a_flush_of_nothing_does_not_wait_for_other_writers(vault: Vault) -> None:
    with begin_writing(vault.engine), vault.session() as session:
        session.flush()


def test_a_changed_row_is_reported_and_not_believed(vault: Vault) -> None:
    register(vault, W1=ZHANG, W2=LI)
    with begin_writing(vault.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE person_value SET sealed = (SELECT sealed FROM person_value AS other"
            " WHERE other.ref = 'W2' AND other.field = 'name')"
            " WHERE ref = 'W1' AND field = 'name'"
        )
    with vault.session() as session, pytest.raises(LedgerError) as caught:
        session.name_of("W1")
    assert caught.value.code == "storage_damaged"
    assert caught.value.facts["worker"] == "W1"
    assert caught.value.facts["field"] == "name"


def test_keys_moved_to_another_person_do_not_open(vault: Vault) -> None:
    register(vault, W1=ZHANG, W2=LI)
    with begin_writing(vault.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE person SET sealed_keys = (SELECT sealed_keys FROM person AS other"
            " WHERE other.ref = 'W2') WHERE ref = 'W1'"
        )
    with vault.session() as session, pytest.raises(LedgerError) as caught:
        session.commitments("W1", ZHANG)
    assert caught.value.code == "storage_damaged"
