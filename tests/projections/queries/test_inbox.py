"""What waits for each role, at different points of the worked example."""

from collections.abc import Callable

from cli.commands.bank_match import Run
from ledger.banking.references import end_to_end
from ledger.service import Ledger
from projections.queries.breaks import breaks
from projections.queries.deadlines import add_working_days, later
from projections.queries.inbox import inbox
from projections.runner import reading
from projections.view import View
from tests.projections.conftest import PARTIES, tell, worked_example

DEV, GC, SUB = (PARTIES[name] for name in ("developer", "general_contractor", "subcontractor"))
After = Callable[[int], View]


def waiting(
    view: View, role: str, day: str, party: str | None = None
) -> list[tuple[str, str, int | None, str | None]]:
    told = inbox(view, role=role, party=party, as_of=day)
    return [(one["kind"], one["ref"], one["amount_fen"], one["due_on"]) for one in told["items"]]


def test_a_contractor_finds_sheets_to_approve_and_payrolls_to_instruct(view_after: After) -> None:
    view = view_after(190)
    assert waiting(view, "G", "2026-05-08", GC) == [
        ("sheet_to_approve", "G-2026-04", 8_000_000, "2026-05-15"),
        ("sheet_to_approve", "S-2026-04", 36_000_000, "2026-05-15"),
    ]
    assert waiting(view, "G", "2026-05-08", SUB) == []
    view = view_after(192)
    assert waiting(view, "G", "2026-05-08", GC) == [
        ("payroll_to_instruct", "P-2026-001", 44_000_000, None)
    ]


def test_a_contractor_finds_the_deposit_to_replenish_and_so_does_the_authority(
    view_after: After,
) -> None:
    view = view_after(200)
    item = ("deposit_to_replenish", "P-2026-001", 8_000_000, "2026-06-11")
    assert item in waiting(view, "G", "2026-05-28", GC)
    assert item in waiting(view, "I", "2026-05-28")
    assert item not in waiting(view, "G", "2026-05-28", SUB)


def test_a_bank_finds_batches_notices_and_advances(view_after: After) -> None:
    assert waiting(view_after(183), "B", "2026-04-11") == [
        ("batch_to_settle", "B-01", 42_200_000, None)
    ]
    assert waiting(view_after(199), "B", "2026-05-26") == [
        ("notice_to_pay", "N-01", 8_000_000, "2026-06-01")
    ]
    assert waiting(view_after(202), "B", "2026-06-01") == [
        ("advance_to_pay", "A-01", 2_000_000, None)
    ]


def test_a_fund_office_finds_requests_to_decide(view_after: After) -> None:
    assert waiting(view_after(201), "F", "2026-05-30") == [
        ("request_to_decide", "A-01", 2_000_000, None)
    ]
    assert waiting(view_after(202), "F", "2026-06-01") == []


def test_an_inspector_finds_cases_without_an_order_or_past_their_deadline(
    view_after: After,
) -> None:
    assert waiting(view_after(195), "I", "2026-05-17") == [("case_to_order", "C-01", None, None)]
    assert waiting(view_after(196), "I", "2026-05-20") == []
    assert waiting(view_after(196), "I", "2026-05-21") == [
        ("case_past_deadline", "C-01", None, "2026-05-20")
    ]


def test_a_developer_finds_the_labour_cost_that_is_overdue(view: View) -> None:
    assert waiting(view, "D", "2026-05-16", DEV) == [
        ("labour_cost_to_transfer", "P-2026-001", 45_000_000, None)
    ]
    assert waiting(view, "D", "2026-06-15", DEV) == []
    assert waiting(view, "D", "2026-05-16", GC) == []


def test_the_operator_sees_what_all_the_others_see(view_after: After) -> None:
    view = view_after(199)
    seen = {kind for kind, *_ in waiting(view, "O", "2026-05-27")}
    assert seen == {
        "notice_to_pay", "case_past_deadline", "labour_cost_to_transfer", "payroll_to_instruct",
    }  # fmt: skip
    assert waiting(view, "T", "2026-05-27") == []


def test_a_returned_sheet_waits_for_its_employer_until_another_is_submitted(
    ledger_after: Callable[[int], Ledger],
) -> None:
    ledger = ledger_after(190)
    returned = {
        "kind": "PayrollReturned", "on": "2026-05-08", "key": "ret-1", "project": "P-2026-001",
        "sheet": "S-2026-04", "reason": "two workers are missing",
    }  # fmt: skip
    assert tell(ledger, [returned]) == 1
    with reading(ledger.engine, ledger.tenant) as view:
        assert waiting(view, "S", "2026-05-08", SUB) == [
            ("sheet_to_correct", "S-2026-04", 36_000_000, "2026-05-15")
        ]
        assert waiting(view, "S", "2026-05-08", GC) == []
    again = {**worked_example()[189], "key": "again", "sheet": "S-2026-04b"}
    assert tell(ledger, [again]) == 1
    with reading(ledger.engine, ledger.tenant) as view:
        assert waiting(view, "S", "2026-05-08", SUB) == []


# -- breaks -------------------------------------------------------------------


def statement(lines: list[dict[str, object]], opening: int, closing: int) -> dict[str, object]:
    return {
        "kind": "StatementImported", "on": "2026-04-15", "key": "st-1",
        "account": "wage:P-2026-001", "statement_id": "2026-04", "from": "2026-03-01",
        "to": "2026-04-12", "opening_fen": opening, "closing_fen": closing, "lines": lines,
    }  # fmt: skip


def test_a_bank_finds_what_its_statement_and_the_ledger_do_not_have_in_common(
    ledger_after: Callable[[int], Ledger],
) -> None:
    ledger = ledger_after(184)
    lines: list[dict[str, object]] = [
        {"line": "1", "on": "2026-03-31", "amount_fen": 60_000_000},
        {"line": "2", "on": "2026-04-12", "amount_fen": 500},
    ]
    answers = list(ledger.post([statement(lines, 0, 60_000_500)]))
    assert [answer.status for answer in answers] == ["recorded"], answers
    matched = {
        "kind": "StatementLineMatched", "on": "2026-04-15", "key": "m-1",
        "account": "wage:P-2026-001", "statement_id": "2026-04", "lines": ["1"],
        "matched": [{"position": 177}], "rule": "amount", "score": 100,
    }  # fmt: skip
    with reading(ledger.engine, ledger.tenant) as view:
        before = breaks(view, as_of="2026-04-15")["breaks"]
    assert [answer.status for answer in ledger.post([matched])] == ["recorded"]
    with reading(ledger.engine, ledger.tenant) as view:
        after = breaks(view, as_of="2026-04-15")["breaks"]
        waiting_now = waiting(view, "B", "2026-04-15")

    assert ("unknown_credit", "1", None) in [
        (one["kind"], one["line"], one["position"]) for one in before
    ]
    assert ("missing_at_bank", None, 177) in [
        (one["kind"], one["line"], one["position"]) for one in before
    ]
    assert [(one["kind"], one["line"], one["position"]) for one in after] == [
        ("missing_at_bank", None, 182),
        ("missing_at_bank", None, 183),
        ("unknown_credit", "2", None),
    ]
    assert ("break_to_resolve", "2", 500, None) in waiting_now
    resolved = {
        "kind": "BreakResolved", "on": "2026-04-15", "key": "r-1", "account": "wage:P-2026-001",
        "statement_id": "2026-04", "line": "2", "reason": "interest, booked in May",
    }  # fmt: skip
    assert [answer.status for answer in ledger.post([resolved])] == ["recorded"]
    with reading(ledger.engine, ledger.tenant) as view:
        left = breaks(view, as_of="2026-04-15", account="wage:P-2026-001")["breaks"]
        assert [one["position"] for one in left] == [182, 183]
        assert breaks(view, as_of="2026-04-15", account="wage:P-9")["breaks"] == []


# -- days ---------------------------------------------------------------------


def test_working_days_leave_out_saturdays_and_sundays() -> None:
    assert add_working_days("2026-05-28", 10) == "2026-06-11"
    assert add_working_days("2026-05-29", 1) == "2026-06-01"
    assert add_working_days("2026-05-30", 1) == "2026-06-01"
    assert add_working_days("2026-05-28", 0) == "2026-05-28"
    assert later("2026-01-31", 30) == "2026-03-02"
    assert later("2026-03-02", -30) == "2026-01-31"


def test_what_a_statement_says_of_payments_waits_to_be_confirmed_by_the_bank(
    ledger_after: Callable[[int], Ledger],
) -> None:
    ledger = ledger_after(182)
    account, at = "wage:P-2026-001", 182
    lines: list[dict[str, object]] = [
        {"line": f"d{line}", "on": "2026-04-11", "amount_fen": -800_000,
         "end_to_end": end_to_end(at, line)}
        for line in (1, 2, 3)
    ] + [
        {"line": "c3", "on": "2026-04-12", "amount_fen": 800_000, "return_code": "account_closed",
         "end_to_end": end_to_end(at, 3)},
        {"line": "fee", "on": "2026-04-12", "amount_fen": -300},
    ]  # fmt: skip
    total = sum(int(str(line["amount_fen"])) for line in lines)
    assert tell(ledger, [statement(lines, 60_000_000, 60_000_000 + total)]) == 1
    with reading(ledger.engine, ledger.tenant) as view:
        unmatched = inbox(view, role="B", party=None, as_of="2026-04-15")["items"]
    assert {one["kind"] for one in unmatched} == {
        "batch_to_settle", "break_to_resolve", "return_to_confirm",
    }  # fmt: skip
    run = Run(ledger, None, "2026-04-15")
    run.match(account)
    with reading(ledger.engine, ledger.tenant) as view:
        items = inbox(view, role="B", party=None, as_of="2026-04-15")["items"]
        unseen = inbox(view, role="B", party=None, as_of="2026-04-15", known_at=182)["items"]
    command = f"wageledger bank match --account {account} --confirm"
    told = [
        (one["kind"], one["ref"], one["on"], one["amount_fen"], one.get("command"))
        for one in items
        if one["ref"] not in {"182", "177"}  # the instruction itself, and the transfer before
    ]
    assert len(told) == 4
    assert set(told) == {
        ("batch_to_settle", "B-01", "2026-04-10", 42_400_000, None),
        ("settlement_to_confirm", "B-01", "2026-04-11", 1_600_000, command),
        ("return_to_confirm", "B-01", "2026-04-12", 800_000, command),
        ("break_to_resolve", "fee", "2026-04-12", -300, None),
    }
    assert [(one["kind"], one["amount_fen"]) for one in unseen] == [
        ("batch_to_settle", 44_000_000)
    ]  # fmt: skip

    confirmed = Run(ledger, None, "2026-04-15", confirm=True)
    confirmed.match(account)
    with reading(ledger.engine, ledger.tenant) as view:
        left = {
            one["kind"] for one in inbox(view, role="B", party=None, as_of="2026-04-15")["items"]
        }
    assert left == {"batch_to_settle", "break_to_resolve"}
