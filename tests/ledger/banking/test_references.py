"""A bank that repeats our reference tells us the line; one that garbles it tells us nothing."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.banking.references import (
    MOST,
    PayoutReference,
    end_to_end,
    message_id,
    parse_reference,
    payment_information,
)
from ledger.domain.form import MAX_LINES

positions = st.integers(1, 10**15)
lines = st.integers(1, MAX_LINES)


def test_a_line_is_called_the_same_for_ever() -> None:
    """Banks hold these names: they may never change."""
    assert end_to_end(182, 7) == "WL51B182L7"
    assert payment_information(182) == "WL85B182"
    assert message_id("main", "B-01", 182, "pain.001.001.09") == "WL81B182F29BF7943AF1F"


@given(positions, lines)
def test_a_reference_names_its_line_and_fits_every_format(position: int, line: int) -> None:
    named = end_to_end(position, line)

    assert parse_reference(named) == PayoutReference(position, line)
    assert parse_reference(f" {named.lower()} ") == PayoutReference(position, line)
    assert len(named) <= MOST
    assert named.isalnum()


@given(positions, st.text(max_size=64), st.text(max_size=64))
def test_files_and_batches_name_their_batch(position: int, tenant: str, batch: str) -> None:
    named = message_id(tenant, batch, position, "pain.001.001.09")

    assert parse_reference(named) == PayoutReference(position, None)
    assert parse_reference(payment_information(position)) == PayoutReference(position, None)
    assert len(named) <= MOST


def test_a_file_is_called_after_tenant_batch_position_and_format() -> None:
    names = {
        message_id("main", "B-01", 182, "pain.001.001.09"),
        message_id("city", "B-01", 182, "pain.001.001.09"),
        message_id("main", "B-02", 182, "pain.001.001.09"),
        message_id("main", "B-01", 183, "pain.001.001.09"),
        message_id("main", "B-01", 182, "pain.001.001.03"),
    }
    assert len(names) == 5


@given(positions, lines, st.data())
def test_one_wrong_or_two_exchanged_characters_name_nothing(
    position: int, line: int, data: st.DataObject
) -> None:
    named = end_to_end(position, line)
    at = data.draw(st.integers(0, len(named) - 1))
    character = data.draw(st.sampled_from("0123456789BLFW").filter(lambda one: one != named[at]))
    assert parse_reference(named[:at] + character + named[at + 1 :]) is None
    if at and named[at] != named[at - 1]:
        exchanged = named[: at - 1] + named[at] + named[at - 1] + named[at + 1 :]
        assert parse_reference(exchanged) is None


def test_what_is_not_ours_names_nothing() -> None:
    for text in (
        "",
        "NOTPROVIDED",
        "WL",
        "WL05B182",
        "WL05B182L7X",
        "WL05B0L7",
        "RF18539007547034",
    ):
        assert parse_reference(text) is None
