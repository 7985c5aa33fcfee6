"""Options become one posting: yuan become fen, the rest goes to the ledger as it was typed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.entering import (
    derived_key,
    document_of,
    enter,
    policy_value,
)
from cli.field_help import FIELDS
from cli.headings import OWN
from cli.kind_help import KIND_HELP
from cli.names import COLUMNS
from cli.nouns import VERBS, with_control_totals
from cli.options import field_options, kind_of, option_name, place_words
from ledger.domain import kinds as _register_kinds  # noqa: F401 - fills the register of kinds
from ledger.domain.base import KINDS
from ledger.kernel.errors import LedgerError

TODAY = "2026-05-01"


def entered(kind: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - as typed
    return enter(kind_of(kind), values, today=TODAY).posting


def refused(kind: str, **values: Any) -> str:  # noqa: ANN401 - as typed
    with pytest.raises(LedgerError) as caught:
        entered(kind, **values)
    return caught.value.code


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_has_a_door_with_an_option_for_every_field(name: str) -> None:
    kind = KINDS[name]
    options = {name for option in field_options(kind) for name in option.opts}
    assert {option_name(form.name) for form in kind.fields} <= options
    assert {form.name for form in kind.fields} <= FIELDS.keys()


def test_the_help_of_a_kind_is_what_its_class_says() -> None:
    said = {
        name: re.sub(r"\s+", " ", (kind.posting.__doc__ or "").split("\n\n")[0]).strip()
        for name, kind in KINDS.items()
    }
    assert said == KIND_HELP


def test_the_verbs_of_clerks_name_kinds_and_fields_that_exist() -> None:
    for verb in VERBS:
        fields = {form.name for form in KINDS[verb.kind].fields}
        assert set(verb.words) <= fields, verb
        if verb.instead is not None:
            field, other = verb.instead
            assert field not in fields
            assert field in {form.name for form in KINDS[other].fields}


def test_amounts_are_given_in_yuan_and_posted_in_whole_fen() -> None:
    posting = entered("FundAppropriated", region="220200", amount_fen="1,234.5")
    assert posting["amount_fen"] == 123450
    assert posting["on"] == TODAY


@pytest.mark.parametrize("amount", ["1.234", "1e3", "abc", "1,23", "", "10000000000000.01"])
def test_an_amount_that_is_not_exact_is_refused_and_never_rounded(amount: str) -> None:
    assert refused("FundAppropriated", region="220200", amount_fen=amount) == "bad_amount"


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(LedgerError) as caught:
        entered("DepositLodged", amount_fen="1")
    assert caught.value.code == "missing_option"
    assert caught.value.facts["option"] == "--project, --bank-ref"


def test_flags_claims_and_numbers_become_json() -> None:
    settled = entered("PayoutSettled", project="P", batch="B", claims=("S/1,S/2", "S/3"))
    assert settled["claims"] == ["S/1", "S/2", "S/3"]
    assert entered("PayoutSettled", project="P", batch="B", claims=("all",))["claims"] == "all"
    assert entered("Reversed", reverses="12", reason="typo")["reverses"] == 12
    assert entered("Reversed", reverses="12a", reason="typo")["reverses"] == "12a"


def test_lines_come_from_a_file_and_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"claim": "S/1", "amount_fen": 5}\n')
    posting = entered(
        "PaidOutsideAccount", project="P", lines=str(path), inline_lines=("S/2:12.5",)
    )
    assert posting["lines"] == [
        {"claim": "S/1", "amount_fen": 5}, {"claim": "S/2", "amount_fen": 1250},
    ]  # fmt: skip


def test_a_line_with_a_part_too_many_is_refused() -> None:
    assert refused("PaidOutsideAccount", project="P", inline_lines=("S/1:5:6",)) == "bad_option"


def test_attendance_is_counted_in_half_days_exactly() -> None:
    posting = entered(
        "AttendancePosted", project="P", employer="E", period="2026-04",
        inline_lines=("W-1:21.5", "W-2:20"),
    )  # fmt: skip
    assert [str(line["days"]) for line in posting["lines"]] == ["21.5", "20"]


def test_control_totals_are_filled_in_only_where_the_clerk_gave_none() -> None:
    lines = [{"claim": "S/1", "amount_fen": 5}, {"claim": "S/2", "amount_fen": 7}]
    posting: dict[str, Any] = {"lines": lines, "count": 3}
    with_control_totals(posting)
    assert (posting["total_fen"], posting["count"]) == (12, 3)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("7-2026", {"number": "7-2026"}),
        ("decision:7-2026", {"type": "decision", "number": "7-2026"}),
        (f"decision:7:{'aB' * 32}", {"type": "decision", "number": "7", "sha256": "ab" * 32}),
        (f"decision:{'ab' * 32}", {"type": "decision", "sha256": "ab" * 32}),
        ("decision:a:b", {"type": "decision", "number": "a:b"}),
    ],
)
def test_a_document_is_its_type_number_and_hash(text: str, document: dict[str, str]) -> None:
    assert document_of(text) == document


def test_policy_values_are_yuan_where_the_parameter_counts_money() -> None:
    assert policy_value("minimum_wage.month", "1,760") == 176000
    assert policy_value("fund.cap_p", "20") == 20
    assert policy_value("deposit.base", "contract") == "contract"


# -- keys ---------------------------------------------------------------------


def test_the_same_content_has_the_same_key_and_other_content_another() -> None:
    def key(**values: Any) -> str:  # noqa: ANN401 - as typed
        return str(entered("FundAppropriated", region="220200", **values)["key"])

    assert key(amount_fen="1") == key(amount_fen="1.00")
    assert key(amount_fen="1") != key(amount_fen="2")
    assert key(amount_fen="1") != key(amount_fen="1", on="2026-04-30")
    assert key(amount_fen="1") == key(amount_fen="1", by="91220200900000110G")
    assert key(amount_fen="1", key="mine") == "mine"


def test_a_key_gives_nothing_away_about_a_person() -> None:
    def key(kind: str, **values: Any) -> str:  # noqa: ANN401 - as typed
        return derived_key(kind_of(kind), {"kind": kind, "on": TODAY, "worker": "W-1", **values})

    assert key("WorkerRegistered", name="甲", id_number="1") == key(
        "WorkerRegistered", name="乙", id_number="2"
    )
    assert key("CardBound", card_number="6200000000000000018") != key(
        "CardBound", card_number="6200000000000000026"
    )


def test_a_key_can_be_made_of_any_bytes_that_a_shell_passes_on() -> None:
    broken = b"\xff\xfe".decode("utf-8", "surrogateescape")
    assert derived_key(kind_of("PartyRegistered"), {"name": broken}).startswith("cli-")
    assert json.dumps(broken)


# -- words --------------------------------------------------------------------


def test_words_fill_the_fields_that_no_option_gave() -> None:
    values: dict[str, Any] = {"employer": "E", "project": None, "worker": None}
    place_words(("P-1", "W-1"), ("project", "employer", "worker"), values)
    assert values == {"project": "P-1", "employer": "E", "worker": "W-1"}


def test_a_word_too_many_is_refused() -> None:
    with pytest.raises(LedgerError) as caught:
        place_words(("P-1", "X"), ("project",), {})
    assert caught.value.code == "bad_option"


def test_a_program_may_give_the_field_by_its_own_name_in_fen() -> None:
    fields = {"region": "220200", "amount_fen_in_fen": "123450"}
    assert entered("FundAppropriated", **fields)["amount_fen"] == 123450
    assert entered("FundAppropriated", **{**fields, "amount_fen_in_fen": "1.5"})["amount_fen"] == (
        "1.5"
    ), "the ledger says what is wrong with it"
    assert refused("FundAppropriated", **fields, amount_fen="1") == "bad_option"


def test_every_field_has_a_heading_for_who_looks_at_a_dry_run() -> None:
    fields = {form.name for kind in KINDS.values() for form in kind.fields}
    assert fields <= COLUMNS.keys() | OWN.keys()


def test_a_number_of_thousands_of_digits_goes_to_the_ledger_as_it_is_and_breaks_nothing() -> None:
    assert policy_value("fund.cap_p", "9" * 5_000) == "9" * 5_000
