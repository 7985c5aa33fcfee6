"""The history of a party, and one worker from registration to payment."""

from collections.abc import Callable

import pytest

from ledger.kernel.errors import LedgerError
from ledger.service import Ledger, Poster
from projections.queries.history import history
from projections.queries.worker import worker_show
from projections.runner import reading
from projections.view import View
from tests.projections.conftest import PARTIES, worked_example

GC, SUB, DEV = (PARTIES[name] for name in ("general_contractor", "subcontractor", "developer"))


def kinds(view: View, party: str, **filters: object) -> list[tuple[int, str]]:
    found = history(view, party, **filters)["events"]  # type: ignore[arg-type]
    return [(event["position"], event["kind"]) for event in found]


def test_a_contractor_sees_deposits_transfers_sheets_payouts_arrears_and_orders(view: View) -> None:
    seen = {kind for _, kind in kinds(view, GC)}
    assert seen == {
        "PartyRegistered", "ProjectRegistered", "SubcontractRegistered", "WorkerAssigned",
        "DepositAssessed", "WageAccountOpened", "DepositLodged", "ProgressCertified",
        "LabourCostTransferred", "PayrollSubmitted", "PayrollApproved", "PayoutInstructed",
        "PayoutReturned", "PayoutSettled", "CaseOpened", "CorrectionOrdered", "DecisionIssued",
        "AdvanceClearingPaid", "PaymentNoticeIssued", "DepositPaidOut", "AdvanceRequested",
        "AdvanceApproved", "AdvancePaid", "ClaimAsserted",
    }  # fmt: skip


def test_an_employer_sees_orders_that_name_only_its_case_and_advances_that_name_only_an_id(
    view: View,
) -> None:
    late = [one for one in kinds(view, SUB) if one[0] >= 195]
    assert (196, "CorrectionOrdered") in late
    assert (202, "AdvanceApproved") in late
    assert (212, "AdvanceRecovered") in late
    assert (210, "DepositLodged") not in late


def test_a_developer_does_not_see_the_payroll(view: View) -> None:
    seen = {kind for _, kind in kinds(view, DEV)}
    assert "LabourCostTransferred" in seen
    assert "WageAccountOpened" in seen
    assert not {"PayrollSubmitted", "PayoutSettled", "WorkerAssigned"} & seen


def test_pages_follow_each_other_and_show_every_event_once(view: View) -> None:
    whole = kinds(view, GC)
    seen: list[tuple[int, str]] = []
    after = None
    while True:
        found = history(view, GC, limit=50, after=after)
        seen += [(event["position"], event["kind"]) for event in found["events"]]
        after = found["next"]
        if after is None:
            break
        assert after == str(seen[-1][0])
    assert seen == whole
    assert [position for position, _ in whole] == sorted(position for position, _ in whole)


def test_an_event_shows_its_amount_and_a_summary(view: View) -> None:
    told = {event["position"]: event for event in history(view, SUB)["events"]}
    assert told[179]["amount_fen"] == 36_000_000
    assert told[179]["summary"] == (
        f"due_on 2026-04-15 employer {SUB} period 2026-03 sheet S-2026-03"
    )
    assert told[181]["amount_fen"] == 36_000_000
    assert 183 not in told, "a line that was pending moves nothing in the employer's book"
    assert told[184]["amount_fen"] == 42_200_000
    assert told[200]["amount_fen"] == 8_000_000
    assert told[201]["amount_fen"] == 2_000_000
    assert told[202]["amount_fen"] == 2_000_000
    assert told[203]["amount_fen"] == 2_000_000, "what was paid, not what ceased to be committed"
    assert told[204]["amount_fen"] == 600_000
    assert told[212]["amount_fen"] == 1_200_000
    assert told[212]["project"] is None
    assert told[212]["document"] is None


def test_history_is_filtered_by_date_position_project_and_kind(view: View) -> None:
    assert [k for _, k in kinds(view, SUB, as_of="2026-01-20")] == [
        "PartyRegistered",
        "SubcontractRegistered",
    ]
    assert max(position for position, _ in kinds(view, SUB, known_at=190)) == 190
    assert {k for _, k in kinds(view, SUB, kind="PayoutSettled")} == {"PayoutSettled"}
    assert (212, "AdvanceRecovered") not in kinds(view, SUB, project="P-2026-001")
    assert len(kinds(view, SUB, kind="PayoutSettled", limit=1)) == 1


@pytest.mark.parametrize("limit", [1, 3, 500])
@pytest.mark.parametrize(
    "filters",
    [
        {"kind": "AdvanceClearingPaid"}, {"kind": "AdvanceRecovered"}, {"as_of": "2026-05-20"},
        {"project": "P-2026-001", "known_at": 205}, {"kind": "AdvancePaid", "known_at": 150},
    ],
)  # fmt: skip
def test_filtered_pages_follow_each_other_however_far_apart_their_events_lie(
    view: View, filters: dict[str, object], limit: int
) -> None:
    whole = kinds(view, SUB, **filters)
    walked: list[tuple[int, str]] = []
    after: str | None = None
    while True:
        answer = history(view, SUB, limit=limit, after=after, **filters)  # type: ignore[arg-type]
        assert len(answer["events"]) <= limit
        walked += [(event["position"], event["kind"]) for event in answer["events"]]
        after = answer["next"]
        if after is None:
            break
    assert walked == whole


def test_a_party_that_there_is_not_is_unknown_and_one_without_events_on_a_page_is_not(
    view: View,
) -> None:
    with pytest.raises(LedgerError) as caught:
        history(view, "91220300000740009M")
    assert caught.value.code == "unknown_party"
    assert history(view, SUB, after="9999")["events"] == []


def test_a_workers_time_line_runs_from_registration_to_payment(view: View) -> None:
    told = worker_show(view, "S007", as_of="2026-06-30")
    assert [one["position"] for one in told["registered"]] == [56]
    assert [one["last4"] for one in told["cards"]] == ["0174"]
    assert [(one["project"], one["employer"]) for one in told["assigned"]] == [("P-2026-001", SUB)]
    assert [one["claim"] for one in told["on_sheet"]] == ["S-2026-03/7", "S-2026-04/7"]
    assert [(one["position"], one["batch"]) for one in told["instructed"]] == [
        (182, "B-01"),
        (185, "B-02"),
        (193, "B-03"),
    ]
    assert [(one["position"], one["code"]) for one in told["returned"]] == [(183, "name_mismatch")]
    assert [one["position"] for one in told["settled"]] == [186, 194]
    assert {claim["state"] for claim in told["claims"]} == {"paid"}


def test_a_worker_off_the_sheets_is_seen_by_the_asserted_claim(view: View) -> None:
    told = worker_show(view, "S041", as_of="2026-06-08")
    assert told["on_sheet"] == []
    assert [one["claim"] for one in told["asserted"]] == ["X-1"]
    assert [(one["position"], one["kind"]) for one in told["paid_otherwise"]] == [
        (209, "AdvanceClearingPaid")
    ]


def test_a_workers_past_holds_only_what_was_dated_and_known_by_then(view: View) -> None:
    told = worker_show(view, "S007", as_of="2026-04-12", known_at=184)
    assert [one["claim"] for one in told["on_sheet"]] == ["S-2026-03/7"]
    assert told["settled"] == []
    assert [claim["state"] for claim in told["claims"]] == ["open"]


def test_a_worker_that_there_is_not_is_unknown(view: View) -> None:
    with pytest.raises(LedgerError) as caught:
        worker_show(view, "S999", as_of="2026-06-30")
    assert caught.value.code == "unknown_worker"


def test_a_contractor_sees_who_read_identities_on_its_project_and_what_for(
    ledger_after: Callable[[int], Ledger],
) -> None:
    ledger = ledger_after(120)
    workers = [each["worker"] for each in worked_example() if each["kind"] == "CardBound"][:2]
    project = "P-2026-001"
    about = {"project": project, "batch": "B-1"}
    ledger.reveal(workers, ["name"], purpose="payout:B-1", subject=about, poster=Poster(SUB, "S"))

    with reading(ledger.engine, ledger.tenant) as view:
        for party in (GC, SUB):
            (seen,) = history(view, party, kind="IdentityRevealed")["events"]
            assert seen["position"] == ledger.position()
            assert seen["summary"] == "batch B-1 purpose payout:B-1"
            assert seen["amount_fen"] is None
            assert (seen["by"], seen["project"]) == (SUB, project)
