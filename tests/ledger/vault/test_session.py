"""Under a group of postings: who is who, whose card it is, and what is written when."""

import pytest

from ledger.vault import Vault
from tests.ledger.vault.conftest import (
    BANK,
    CARD,
    LI,
    OTHER_CARD,
    SECRETS,
    WANG,
    ZHANG,
    OpenVault,
    Rows,
)


def register(vault: Vault, **people: dict[str, str]) -> dict[str, dict[str, str]]:
    """Register people in a group of their own; return what the log then holds of them."""
    with vault.session() as session:
        recorded = {ref: session.register(ref, fields) for ref, fields in people.items()}
        session.flush()
    return recorded


def bind(vault: Vault, ref: str, card: str) -> str:
    """Bind a card in a group of its own; return the commitment to it."""
    with vault.session() as session:
        binding = session.bind_card(ref, card)
        session.flush()
    return binding.commitments["card_number"]


# -- what a group sees --------------------------------------------------------


def test_a_worker_is_known_at_once_in_the_group_that_registers_him(vault: Vault) -> None:
    with vault.session() as session:
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.commitments("W-1", ZHANG) is None
        assert session.name_of("W-1") is None

        commitments = session.register("W-1", ZHANG)

        assert session.person_by_id_number(ZHANG["id_number"]) == "W-1"
        assert session.commitments("W-1", ZHANG) == commitments
        assert session.name_of("W-1") == ZHANG["name"]


def test_what_was_flushed_is_known_to_the_same_group_and_to_later_ones(vault: Vault) -> None:
    with vault.session() as session:
        commitments = session.register("W-1", ZHANG)
        session.bind_card("W-1", CARD)
        session.flush()
        seen = (session.person_by_id_number(ZHANG["id_number"]), session.card_owner(CARD))
    with vault.session() as session:
        assert seen == ("W-1", "W-1")
        assert session.person_by_id_number(ZHANG["id_number"]) == "W-1"
        assert session.card_owner(CARD) == "W-1"
        assert session.name_of("W-1") == ZHANG["name"]
        assert session.commitments("W-1", ZHANG) == commitments


def test_a_group_that_is_dropped_leaves_nothing(vault: Vault, raw_rows: Rows) -> None:
    before = raw_rows()
    with vault.session() as session:
        session.register("W-1", ZHANG)
        session.bind_card("W-1", CARD)

    assert raw_rows() == before
    with vault.session() as session:
        assert session.person_by_id_number(ZHANG["id_number"]) is None


def test_a_session_that_ended_has_forgotten_what_it_staged(vault: Vault, raw_rows: Rows) -> None:
    before = raw_rows()
    session = vault.session()
    with session:
        session.register("W-1", ZHANG)
    session.flush()

    assert raw_rows() == before


def test_two_workers_and_two_fields_never_share_a_commitment(vault: Vault) -> None:
    with vault.session() as session:
        one = session.register("W-1", {"name": "王", "id_number": "王", "phone": "王"})
        two = session.register("W-2", {"name": "王", "id_number": "王", "phone": "王"})

    digests = [*one.values(), *two.values()]
    assert len(set(digests)) == 6
    assert all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in digests)


def test_a_commitment_can_be_asked_for_before_a_posting_is_judged(vault: Vault) -> None:
    register(vault, W1=ZHANG)
    with vault.session() as session:
        asked = session.commitments("W1", {"card_number": CARD, "bank_name": BANK})
        bound = session.bind_card("W1", CARD, BANK)

        assert asked == bound.commitments
        assert bound.last4 == "1820"


# -- corrections and cards ----------------------------------------------------


def test_a_corrected_id_number_is_the_one_that_counts(vault: Vault) -> None:
    register(vault, W1=ZHANG)
    corrected = {"name": "张铁住", "id_number": WANG["id_number"]}
    with vault.session() as session:
        session.update("W1", corrected)
        staged = session.person_by_id_number(corrected["id_number"])
        session.flush()
    with vault.session() as session:
        assert staged == "W1"
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.person_by_id_number(corrected["id_number"]) == "W1"
        assert session.name_of("W1") == "张铁住"


def test_versions_are_kept_and_never_overwritten(vault: Vault, raw_rows: Rows) -> None:
    register(vault, W1=ZHANG)
    before = set(raw_rows()["person_value"])
    with vault.session() as session:
        session.update("W1", LI)
        session.update("W1", ZHANG)
        session.flush()

    after = set(raw_rows()["person_value"])
    assert before < after
    assert {row[3] for row in after if row[2] == "name"} == {1, 2, 3}


def test_a_phone_left_out_of_a_correction_is_no_longer_shown(vault: Vault) -> None:
    register(vault, W1=ZHANG)
    assert vault.masked("W1")["phone"] == "138****1234"
    with vault.session() as session:
        session.update("W1", {"name": ZHANG["name"], "id_number": ZHANG["id_number"]})
        session.flush()

    assert "phone" not in vault.masked("W1")


def test_a_new_card_replaces_the_old_one(vault: Vault) -> None:
    register(vault, W1=ZHANG)
    with vault.session() as session:
        session.bind_card("W1", CARD, BANK, ZHANG["name"])
        session.flush()
    with vault.session() as session:
        session.bind_card("W1", OTHER_CARD)
        assert session.card_owner(CARD) is None
        assert session.card_owner(OTHER_CARD) == "W1"
        session.flush()
    with vault.session() as session:
        assert session.card_owner(CARD) is None
        assert session.card_owner(OTHER_CARD) == "W1"
    shown = vault.masked("W1")
    assert shown["card_number"] == "622588******7775"
    assert "holder_name" not in shown


def test_a_card_that_was_given_up_may_become_another_workers(vault: Vault) -> None:
    register(vault, W1=ZHANG, W2=LI)
    for ref, card in (("W1", CARD), ("W1", OTHER_CARD), ("W2", CARD)):
        bind(vault, ref, card)
    with vault.session() as session:
        assert session.card_owner(CARD) == "W2"
        assert session.card_owner(OTHER_CARD) == "W1"


def test_a_card_bound_again_after_another_is_the_workers_card(vault: Vault) -> None:
    register(vault, W1=ZHANG)
    for card in (CARD, OTHER_CARD, CARD):
        bind(vault, "W1", card)
    with vault.session() as session:
        assert session.card_owner(CARD) == "W1"
        assert session.card_owner(OTHER_CARD) is None


# -- what the log never recorded ----------------------------------------------


def test_a_worker_whom_the_log_does_not_know_holds_nothing(vault: Vault) -> None:
    register(vault, W1=ZHANG)
    bind(vault, "W1", CARD)
    with vault.session(lambda _ref: None) as session:
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.card_owner(CARD) is None
        assert session.name_of("W1") is None


def test_a_registration_that_was_never_recorded_can_be_made_again_and_by_another(
    vault: Vault,
) -> None:
    unrecorded = register(vault, W1=ZHANG, W2=LI)
    log: dict[str, dict[str, str]] = {}
    with vault.session(log.get) as session:
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        log["W1"] = session.register("W1", LI)
        log["W3"] = session.register("W3", ZHANG)
        assert session.person_by_id_number(LI["id_number"]) == "W1"
        assert session.person_by_id_number(ZHANG["id_number"]) == "W3"
        assert session.name_of("W1") == LI["name"]
        session.flush()
    assert log["W1"]["name"] != unrecorded["W1"]["name"]
    for recorded in (log.get, None):
        with vault.session(recorded) as session:
            assert session.person_by_id_number(ZHANG["id_number"]) == "W3"
            assert session.name_of("W1") == LI["name"]
    with vault.session(log.get) as session:
        assert session.person_by_id_number(LI["id_number"]) == "W1"


def test_a_correction_that_was_never_recorded_changes_nothing(vault: Vault) -> None:
    log = register(vault, W1=ZHANG)
    with vault.session(log.get) as session:
        session.update("W1", LI)
        session.flush()
    with vault.session(log.get) as session:
        assert session.name_of("W1") == ZHANG["name"]
        assert session.person_by_id_number(LI["id_number"]) is None
        assert session.person_by_id_number(ZHANG["id_number"]) == "W1"
    assert vault.masked("W1", log.get)["phone"] == "138****1234"

    with vault.session(log.get) as session:
        log["W1"] = session.update("W1", WANG)
        session.flush()
    with vault.session(log.get) as session:
        assert session.name_of("W1") == WANG["name"]
        assert session.person_by_id_number(ZHANG["id_number"]) is None


def test_a_card_whose_binding_was_never_recorded_belongs_to_nobody(vault: Vault) -> None:
    log = register(vault, W1=ZHANG, W2=LI)
    bind(vault, "W1", CARD)
    with vault.session(log.get) as session:
        assert session.card_owner(CARD) is None
        log["W2"] |= session.bind_card("W2", CARD).commitments
        assert session.card_owner(CARD) == "W2"
        session.flush()
    with vault.session(log.get) as session:
        assert session.card_owner(CARD) == "W2"


def test_a_recorded_worker_cannot_be_registered_over(vault: Vault) -> None:
    log = register(vault, W1=ZHANG)
    with vault.session(log.get) as session, pytest.raises(ValueError, match="updated"):
        session.register("W1", LI)


def test_a_registration_begun_anew_in_its_group_forgets_the_first(vault: Vault) -> None:
    with vault.session() as session:
        session.register("W1", ZHANG)
        session.bind_card("W1", CARD)
        session.register("W1", LI)
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.card_owner(CARD) is None
        session.flush()
    with vault.session() as session:
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.person_by_id_number(LI["id_number"]) == "W1"
    assert set(vault.masked("W1")) == {"name", "id_number"}


# -- misuse -------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{}, {"name": "张铁柱"}, {**ZHANG, "wage": "1"}, {**LI, "": ""}])
def test_half_an_identity_is_refused_without_repeating_it(
    vault: Vault, fields: dict[str, str]
) -> None:
    register(vault, W1=ZHANG)
    with vault.session() as session:
        for stage in (session.register, session.update):
            with pytest.raises(ValueError, match="belong") as caught:
                stage("W1", fields)
            assert not any(secret in str(caught.value) for secret in SECRETS)


def test_a_field_that_the_vault_does_not_have_has_no_commitment(vault: Vault) -> None:
    with vault.session() as session, pytest.raises(ValueError, match="wage"):
        session.commitments("W1", {"wage": "1"})


def test_nothing_is_staged_for_a_person_who_is_not_here(vault: Vault) -> None:
    with vault.session() as session:
        with pytest.raises(KeyError, match="W-9"):
            session.update("W-9", ZHANG)
        with pytest.raises(KeyError, match="W-9"):
            session.bind_card("W-9", CARD)


# -- tenants ------------------------------------------------------------------


def test_cities_in_one_database_know_nothing_of_each_other(create_vault: OpenVault) -> None:
    jilin, changchun = create_vault("jilin"), create_vault("changchun")
    register(jilin, W1=ZHANG)
    with changchun.session() as session:
        assert session.person_by_id_number(ZHANG["id_number"]) is None
        assert session.commitments("W1", ZHANG) is None
        session.register("W1", ZHANG)
        session.flush()
    assert jilin.destroy("W1")
    assert jilin.refs() == []
    assert changchun.refs() == ["W1"]


def test_equal_people_look_different_in_each_city(create_vault: OpenVault) -> None:
    jilin, changchun = create_vault("jilin"), create_vault("changchun")
    with jilin.session() as here, changchun.session() as there:
        first = here._digest("id_number", ZHANG["id_number"])
        assert first != there._digest("id_number", ZHANG["id_number"])
        assert first == jilin.session()._digest("id_number", ZHANG["id_number"])
        assert first != here._digest("card_number", ZHANG["id_number"])
