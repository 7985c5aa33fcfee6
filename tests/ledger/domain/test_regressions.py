"""Stories that the ledger once answered wrongly, each told the way the contract ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.service import Answer, Ledger, LedgerConfig, Poster
from projections.queries.worker import worker_show
from projections.runner import catch_up
from projections.view import View, view_of
from tests.drills.town import (
    CONTRACTOR,
    CREW,
    DEVELOPER,
    FOUNDED,
    OTHER_CREW,
    REGION,
    TODAY,
    Posting,
    SetClock,
    approved,
    assigned,
    founding,
    instructed,
    line,
    post,
    resident_id,
    sheet,
    transferred,
)

RECEIVED: Final = FOUNDED.index("LabourCostTransferred") + 1


@pytest.fixture
def config(tmp_path: Path) -> LedgerConfig:
    """Where the test's ledger lies."""
    return LedgerConfig(f"sqlite:///{tmp_path / 'ledger.db'}", key_file=tmp_path / "key")


@pytest.fixture
def ledger(config: LedgerConfig) -> Iterator[Ledger]:
    """A ledger in which the town stands."""
    made = Ledger.create(config, clock=SetClock())
    assert {answer.status for answer in made.post(founding())} == {"recorded"}
    yield made
    assert made.check() == []
    assert made.rebuild_claims(repair=False) == []
    made.close()


def told(ledger: Ledger, *postings: Posting, poster: Poster | None = None) -> list[Answer]:
    """Post a story; all but its end are recorded."""
    answers = list(ledger.post(postings, poster=poster))
    assert [answer.code for answer in answers[:-1]] == [None] * (len(answers) - 1)
    return answers


def end(ledger: Ledger, *postings: Posting) -> str:
    """Post a story and return how its last posting was answered."""
    last = told(ledger, *postings)[-1]
    return last.code or last.status


@contextmanager
def reading(ledger: Ledger) -> Iterator[View]:
    """What a reader sees after the story."""
    catch_up(ledger.engine, ledger.tenant)
    with begin_reading(ledger.engine) as connection:
        yield view_of(connection, ledger.tenant)


# -- form ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"amount_fen": 0}, "bad_amount"),
        ({"project": "P 1"}, "bad_id"),
        ({"colour": "red"}, "bad_field"),
        ({}, "bad_field"),
    ],
)
@pytest.mark.parametrize("note", ["很" * 501, f"工人{resident_id(7)}"])
def test_a_free_text_is_judged_after_every_field_has_its_form(
    ledger: Ledger, note: str, wrong: dict[str, Any], expected: str
) -> None:
    funds = {"project": "P1", "amount_fen": 100, "note": note}
    assert end(ledger, post("ProjectFundsPaid", **{**funds, **wrong})) == expected


def test_a_free_text_is_judged_before_lines_are_compared(ledger: Ledger) -> None:
    twice = {"project": "P1", "notice": "K1", "case": "C1", "lines": [line("S1/1", 1)] * 2}
    assert end(ledger, post("PaymentNoticeIssued", **twice)) == "duplicate_claim"
    assert end(ledger, post("PaymentNoticeIssued", **twice, note="很" * 501)) == "bad_field"
    empty = {**twice, "lines": []}
    assert end(ledger, post("PaymentNoticeIssued", **empty, note="很" * 501)) == "empty_lines"


# -- workers ------------------------------------------------------------------


def test_who_left_and_came_back_is_assigned_though_the_leaving_is_told_last(
    ledger: Ledger,
) -> None:
    at = {"project": "P1", "employer": OTHER_CREW, "worker": "W6"}
    told(
        ledger,
        post("WorkerAssigned", on="2025-03-01", **at),
        post("WorkerAssigned", on="2025-04-01", **at),
        post("WorkerExited", on="2025-03-15", **at),
    )

    def attended(period: str) -> str:
        lines = [{"worker": "W6", "days": 1}]
        month = {"project": "P1", "employer": OTHER_CREW, "period": period, "lines": lines}
        return end(ledger, post("AttendancePosted", on="2025-06-01", **month))

    assert [attended(f"2025-0{month}") for month in (2, 3, 4, 5)] == [
        "not_assigned", "recorded", "recorded", "recorded"
    ]  # fmt: skip
    with reading(ledger) as view:
        spells = worker_show(view, "W6", as_of=TODAY)["assigned"]
    assert [(spell["on"], spell["exited_on"]) for spell in spells] == [
        ("2025-03-01", "2025-03-15"), ("2025-04-01", None)
    ]  # fmt: skip
    assert end(ledger, post("WorkerExited", on="2025-05-10", **at)) == "recorded"
    assert end(ledger, post("WorkerExited", on="2025-05-11", **at)) == "not_assigned"


# -- reversal -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "settled", "expected"),
    [
        ("2025-02-28", True, "depended_upon"),
        ("2025-03-05", True, "depended_upon"),
        ("2025-03-05", False, "depended_upon"),
        ("2025-03-10", True, "recorded"),
        ("2025-03-10", False, "recorded"),
    ],
)
def test_an_approval_is_not_reversed_on_a_day_on_which_its_claims_were_on_their_way(
    ledger: Ledger, on: str, *, settled: bool, expected: str
) -> None:
    payout = instructed("B1", line("G1/1", 300_000), on="2025-03-01")
    confirmed = post("PayoutSettled", on="2025-03-02", project="P1", batch="B1", claims=["G1/1"])
    bounced = post(
        "PayoutReturned", on="2025-03-10", project="P1", batch="B1",
        lines=[{"claim": "G1/1", "code": "limit"}],
    )  # fmt: skip
    reversal = post("Reversed", on=on, reverses=len(FOUNDED) + 5, reason="误批")
    story = [
        assigned(6, employer=CONTRACTOR),
        sheet("G0", {"W6": 300_000}, employer=CONTRACTOR, period="2025-02"),
        approved("G0"),
        sheet("G1", {"W6": 300_000}, employer=CONTRACTOR),
        approved("G1"),
        payout,
        *([confirmed] if settled else []),
        bounced,
        reversal,
    ]
    assert end(ledger, *story) == expected


def test_a_reference_that_interest_showed_too_is_not_free_after_a_reversal(ledger: Ledger) -> None:
    lodged = {"project": "P1", "amount_fen": 5, "bank_ref": "R"}
    reversal = post("Reversed", reverses=len(FOUNDED) + 1, reason="重复入账")
    told(ledger, post("DepositLodged", **lodged), post("DepositInterestCredited", **lodged))
    assert end(ledger, reversal, post("DepositLodged", **lodged)) == "bank_ref_reused"


# -- arrears ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "warnings"), [("2025-01", ("line_beside_claim",)), ("2025-02", ())]
)
def test_a_claim_beside_a_line_on_another_employer_s_sheet_is_warned_of(
    ledger: Ledger, period: str, warnings: tuple[str, ...]
) -> None:
    case = post("CaseOpened", case="C2", project="P1", employer=OTHER_CREW, source="hotline")
    claim = post(
        "ClaimAsserted", project="P1", case="C2", claim="X1", employer=OTHER_CREW, worker="W1",
        period=period, net_fen=1_000, due_on="2025-03-10",
    )  # fmt: skip
    assert told(ledger, case, claim)[-1].warnings == warnings


# -- standing -----------------------------------------------------------------


def test_a_fund_s_payment_of_the_project_is_no_transfer_that_bounces(ledger: Ledger) -> None:
    advance = {"region": REGION, "advance": "A1"}
    asked = {"project": "P1", "case": "C1", "lines": [line("S1/1", 1_000)]}
    told(
        ledger,
        post("AdvanceRequested", **advance, **asked),
        post("AdvanceApproved", **advance),
        post("AdvancePaid", **advance),
    )
    back: dict[str, Any] = {
        "position": len(FOUNDED) + 3, "lines": [{"claim": "S1/1", "code": "limit"}]
    }  # fmt: skip
    assert end(ledger, post("TransferReturned", project="P1", **back)) == "not_returnable"
    back["position"] = 1
    assert end(ledger, post("TransferReturned", project="P1", **back)) == "other_project"


# -- statements ---------------------------------------------------------------


def statement(name: str, month: str, opening_fen: int = 0, **amounts: int) -> Posting:
    """A statement of the wage account for 28 days, with lines on the third."""
    return post(
        "StatementImported", account="wage:P1", statement_id=name, from_=f"{month}-01",
        to=f"{month}-28", on="2025-04-01", opening_fen=opening_fen,
        closing_fen=opening_fen + sum(amounts.values()),
        lines=[{"line": ref, "on": f"{month}-03", "amount_fen": fen}
               for ref, fen in amounts.items()],
    )  # fmt: skip


def matching(kind: str, ref: str, position: int) -> Posting:
    extra: dict[str, Any] = (
        {"rule": "reference", "score": 1} if kind == "StatementLineMatched" else {}
    )
    return post(
        kind, on="2025-04-02", account="wage:P1", statement_id="K1", lines=[ref],
        matched=[{"position": position}], **extra,
    )  # fmt: skip


def test_a_bank_that_numbers_statements_anew_each_month_still_overlaps_its_first(
    ledger: Ledger,
) -> None:
    told(ledger, statement("K1", "2025-02", a=2_000_000), statement("K1", "2025-03", 2_000_000))
    assert end(ledger, statement("K2", "2025-02", b=5)) == "statement_overlap"
    assert end(ledger, matching("StatementLineMatched", "a", RECEIVED)) == "recorded"


def test_a_statement_of_the_same_days_with_another_opening_differs(
    ledger: Ledger, config: LedgerConfig
) -> None:
    told(ledger, statement("K1", "2025-02", a=2_000_000))
    assert end(ledger, statement("K2", "2025-02", 7, a=2_000_000)) == "statement_overlap"
    later = Ledger.open(config, clock=SetClock())
    assert end(later, statement("K2", "2025-02", 7, a=2_000_000)) == "statement_overlap"
    assert end(later, statement("K3", "2025-02", a=2_000_000)) == "recorded"
    later.close()


def test_a_line_is_unmatched_only_from_what_it_was_matched_with(ledger: Ledger) -> None:
    other = len(FOUNDED) + 1
    told(
        ledger,
        transferred(2_000_000, "L-2"),
        statement("K1", "2025-02", a=2_000_000, b=2_000_000),
        matching("StatementLineMatched", "a", RECEIVED),
        matching("StatementLineMatched", "b", other),
    )
    assert end(ledger, matching("StatementLineUnmatched", "a", other)) == "not_matched"
    assert end(ledger, matching("StatementLineUnmatched", "a", RECEIVED)) == "recorded"
    assert end(ledger, matching("StatementLineUnmatched", "a", RECEIVED)) == "not_matched"
    assert end(ledger, matching("StatementLineMatched", "a", RECEIVED)) == "recorded"


# -- authority ----------------------------------------------------------------


@pytest.mark.parametrize("by", [CREW, "not a credit code"])
def test_a_posting_in_another_name_is_refused_before_its_form_is_looked_at(
    ledger: Ledger, by: str
) -> None:
    renaming = post("PartyRenamed", party="wrong", name="示例", by=by)
    (answer,) = told(ledger, renaming, poster=Poster(party=DEVELOPER, role="O"))
    assert (answer.status, answer.code) == ("refused", "not_authorised")


# -- checks -------------------------------------------------------------------


def test_a_balance_changed_on_one_day_is_found(ledger: Ledger) -> None:
    def move(fen: int) -> None:
        with begin_writing(ledger.engine) as connection:
            connection.execute(
                text(
                    "UPDATE cell_day SET amount_fen = amount_fen + :fen"
                    " WHERE account = 'wage_account' AND on_date = '2025-02-03'"
                ),
                {"fen": fen},
            )

    move(1)
    found, replayed = ledger.check()
    assert (found.rule, found.facts["on"]) == ("tables", "2025-02-03")
    assert (replayed.rule, replayed.facts["table"]) == ("replay", "cell_day")
    move(-1)
