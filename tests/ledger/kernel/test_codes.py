"""The catalogue of codes: complete, ending as the command line promises, showable in any state."""

import ast
import re
from collections.abc import Iterator

import pytest

from ledger.kernel.codes import (
    ALIASES,
    CODES,
    FACTS,
    Code,
    exit_status_of,
    file_exit_status,
    placeholders,
)
from tests import REPOSITORY


def _words(text: str) -> list[str]:
    return text.split()


FORM = _words("""
bad_json bad_kind bad_field bad_id bad_date bad_amount bad_credit_code bad_id_number
bad_card_number empty_lines too_many_lines duplicate_claim duplicate_worker line_arithmetic
control_total bad_split bad_deadline statement_arithmetic
""")

NOT_FOUND = _words("""
unknown_party unknown_worker unknown_project unknown_case unknown_claim unknown_notice
unknown_guarantee unknown_sheet unknown_batch unknown_advance unknown_fund unknown_position
unknown_statement unknown_parameter unknown_topic
""")

CONFLICT = _words("""
key_reused period_closed party_exists project_exists worker_exists attendance_exists work_exists
guarantee_exists notice_exists account_exists sheet_exists batch_exists case_exists claim_exists
fund_exists advance_exists already_completed already_paid already_reversed advance_decided
policy_overlap statement_overlap sheet_closed bank_ref_reused period_certified case_closed
notice_withdrawn not_pending
""")

REFUSED = _words("""
future_date future_period other_project other_case other_region account_not_open before_cause
below_settled document_required under_age holder_mismatch card_shared not_on_project
not_assigned insufficient_funds guarantee_too_short not_longer guarantee_expired
no_expired_decision over_claim not_on_notice notice_too_short not_completed open_claims
no_release_confirmation over_unsettled_price over_payable suspense_open balance_mismatch
period_paid_twice not_on_sheet card_missing not_returnable mixed_employers not_closed
not_a_subcontractor in_transit partly_paid not_open same_debtor threshold_not_met not_in_arrears
over_cap level_too_low not_approved not_requested not_paid not_reversible depended_upon
over_match not_matched not_a_break open_breaks
""")

POSTING_GROUPS = {"authority", "form", "key", "date", "reference", "standing", "rule"}


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (FORM, 3),
        (["not_authorised"], 4),
        (NOT_FOUND, 5),
        (["no_ledger"], 5),
        (CONFLICT, 6),
        (REFUSED, 7),
        (["check_failed", "verify_failed"], 8),
        (["busy", "outcome_unknown"], 9),
        (["password_in_url", "bad_option"], 2),
        (["unexpected"], 1),
        (["interrupted"], 130),
    ],
)
def test_a_command_ends_with_the_status_that_the_command_line_promises_for_its_code(
    codes: list[str], status: int
) -> None:
    assert {code: exit_status_of(code) for code in codes} == dict.fromkeys(codes, status)


def test_the_catalogue_holds_every_refusal_of_the_contract_and_no_other() -> None:
    contract = {"not_authorised", *FORM, *NOT_FOUND, *CONFLICT, *REFUSED} - {"unknown_topic"}
    assert {code.code for code in CODES.values() if code.group in POSTING_GROUPS} == contract


def test_form_codes_are_those_of_the_first_step() -> None:
    assert [code.code for code in CODES.values() if code.group == "form"] == FORM


def test_a_recorded_posting_ends_well_and_a_code_that_nobody_defined_is_our_mistake() -> None:
    assert exit_status_of(None) == 0
    assert exit_status_of("no_such_code") == 1


def test_warnings_never_make_a_command_fail() -> None:
    warnings = [code for code in CODES.values() if code.group == "warning"]
    assert warnings
    assert {code.exit_status for code in warnings} == {0}
    assert all(code.exit_status for code in CODES.values() if code.group != "warning")


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 7], 7),
        ([7, 3, 5], 3),
        ([7, 0, 6], 6),
        ([3, 9, 7], 9),
        ([1, 7], 1),
        ([1, 9], 9),
    ],
)
def test_a_file_ends_with_the_lowest_failure_unless_an_outcome_is_unknown(
    statuses: list[int], end: int
) -> None:
    assert file_exit_status(iter(statuses)) == end


@pytest.mark.parametrize("code", ["bad_field", "not_authorised", "unknown_claim", "sheet_closed"])
def test_the_posting_that_failed_decides_how_an_atomic_file_ends(code: str) -> None:
    rolled_back = exit_status_of("rolled_back")
    assert file_exit_status([rolled_back, exit_status_of(code)]) == exit_status_of(code)


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_every_code_says_what_happened_what_to_do_and_where_the_rule_comes_from(code: Code) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code.code)
    assert code.message.endswith(".")
    assert code.remedy.endswith((".", "]."))
    assert code.source
    assert set(code.facts) <= set(FACTS)


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_message_stays_a_whole_sentence_when_its_facts_are_missing(code: Code) -> None:
    for msgid in (code.message, code.remedy):
        without_facts = re.sub(r"\[[^\[\]]*\]", "", msgid)
        assert not set("[]{}") & set(without_facts), "a placeholder stands outside brackets"
        segments = re.findall(r"\[([^\[\]]*)\]", msgid)
        assert all(placeholders(segment) for segment in segments), "a segment shows no fact"


def test_every_fact_of_the_list_is_shown_by_some_message() -> None:
    assert {fact for code in CODES.values() for fact in code.facts} == set(FACTS)


def _raised() -> Iterator[tuple[str, str, set[str]]]:
    """Where a code is raised or warned of: place, code, names of the facts that come with it."""
    for path in sorted(REPOSITORY.glob("ledger/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            first = node.args[0]
            if called not in {"Refusal", "LedgerError", "warn"} or not isinstance(
                first, ast.Constant
            ):
                continue
            place = f"{path.relative_to(REPOSITORY)}:{node.lineno}"
            yield place, str(first.value), {word.arg for word in node.keywords if word.arg}


def test_what_the_ledger_raises_is_in_the_catalogue_with_facts_that_it_can_show() -> None:
    raised = list(_raised())
    assert raised, "the search finds nothing any more"
    unknown = [(place, code) for place, code, _ in raised if code not in CODES]
    assert not unknown
    known = {*FACTS, *ALIASES}
    assert not [(place, facts - known) for place, _, facts in raised if not facts <= known]
