"""A clerk books the bank's statement, matches it, looks at what is left, and signs off."""

import io
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ledger.banking.references import end_to_end, payment_information
from ledger.service import Ledger, LedgerConfig
from tests.cli.conftest import Ran, Run
from tests.drills import town
from tests.drills.town import SetClock
from tests.reconciliation.camt import Entry, Tx, written

ACCOUNT = "wage:P1"
LAST4 = "1234"
WAGES = {"W1": 100_000, "W2": 100_000, "W3": 250_000}
CREDITED = 2_000_000


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A town whose batch B1 of three lines is with the bank; its account ends in 1234."""
    made = f"sqlite:///{tmp_path / 'ledger.db'}"
    story = [
        {**posting, "account_number_last4": LAST4}
        if posting["kind"] == "WageAccountOpened" else posting
        for posting in town.founding()
    ]  # fmt: skip
    story += [
        town.sheet("G1", WAGES, period="2025-02"),
        town.approved("G1"),
        town.instructed("B1", *(town.line(f"G1/{n}", fen) for n, fen in enumerate(
            WAGES.values(), 1)), on="2025-03-03"),
    ]  # fmt: skip
    with closing(Ledger.create(LedgerConfig(made), clock=SetClock())) as ledger:
        assert {answer.status for answer in ledger.post(story)} == {"recorded"}
        assert ledger.position() == BATCH
    return made


BATCH = len(town.FOUNDED) + 3


def paid(number: int, fen: int, on: str = "2025-03-04") -> Entry:
    return Entry(on, -fen, f"BK{number}", end_to_end(BATCH, number), payment_information(BATCH))


RECEIVED = Entry("2025-02-03", CREDITED, "L-1")
PAID = [paid(number, fen) for number, fen in enumerate(WAGES.values(), 1)]
FEE = Entry("2025-03-05", -50, "FEE")

Bank = Callable[..., Ran]


@pytest.fixture
def bank(run: Run, url: str) -> Bank:
    """Run ``wageledger bank ...`` on the town's ledger."""

    def run_bank(*words: object) -> Ran:
        return run("--ledger", url, "bank", *words)

    return run_bank


def statement(path: Path, *entries: Entry, opening: int = 0, **more: str) -> Path:
    given = {"first": "2025-02-01", "last": "2025-03-31", **more}
    moved = sum(entry.amount_fen for entry in entries if entry.status == "BOOK")
    return written(path, entries, opening_fen=opening, closing_fen=opening + moved, **given)


def imported(bank: Bank, path: Path, account: str = ACCOUNT) -> Ran:
    return bank("import", path, "--account", account, "--format", "json")


def kinds(bank: Bank) -> list[tuple[str, str]]:
    shown = bank("breaks", "--format", "json")
    assert shown.status == 0
    return [(one["kind"], one["line"] or str(one["position"])) for one in shown.json["breaks"]]


# -- importing --------------------------------------------------------------------


def test_the_same_statement_is_booked_once(bank: Bank, tmp_path: Path) -> None:
    path = statement(tmp_path / "march.xml", RECEIVED, *PAID, FEE)

    first, second = imported(bank, path), imported(bank, path)

    assert (first.status, second.status) == (0, 0)
    assert first.json["warnings"] == []
    (booked,) = first.json["statements"]
    assert (booked["lines"], booked["status"]) == (5, "recorded")
    assert second.json["statements"][0]["status"] == "duplicate"
    assert "Booked before" in second.err


def test_a_statement_that_comes_through_a_pipe_is_the_same_statement(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = statement(tmp_path / "march.xml", RECEIVED, *PAID, FEE)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    piped = bank("import", "-", "--account", ACCOUNT, "--format", "json")
    assert (piped.status, piped.json["statements"][0]["status"]) == (0, "recorded"), piped.err
    again = imported(bank, path)
    assert again.json["statements"][0]["status"] == "duplicate"


def test_an_overlapping_statement_adds_its_new_days_in_any_order(
    bank: Bank, tmp_path: Path
) -> None:
    early = statement(tmp_path / "a.xml", RECEIVED, *PAID, last="2025-03-04", statement_id="A")
    late = statement(
        tmp_path / "b.xml", *PAID, FEE, opening=CREDITED, first="2025-03-04", statement_id="B"
    )
    for path in (late, early, late):
        assert imported(bank, path).status == 0

    assert len(kinds(bank)) == 5 + 2  # five lines; what came in, and the batch that went out


def test_a_statement_that_contradicts_an_earlier_one_is_refused_whole(
    bank: Bank, tmp_path: Path
) -> None:
    imported(bank, statement(tmp_path / "a.xml", RECEIVED))
    other = statement(tmp_path / "b.xml", RECEIVED, FEE, statement_id="B")

    ended = imported(bank, other)

    assert (ended.status, ended.json["statements"][0]["status"]) == (6, "refused")
    assert "statement_overlap" in ended.err


@pytest.mark.parametrize(
    ("account", "entry", "code"),
    [
        ("22050100000000009999", FEE, "bank_other_account"),
        (
            "22050100000000001234",
            Entry("2025-03-05", -50, "FEE", currency="USD"),
            "bank_currency_mix",
        ),
    ],
)
def test_the_wrong_file_books_nothing(
    bank: Bank, tmp_path: Path, account: str, entry: Entry, code: str
) -> None:
    ended = imported(bank, statement(tmp_path / "wrong.xml", entry, account=account))

    assert ended.status == 3
    assert code in ended.err
    assert bank("match", "--account", ACCOUNT).status == 5


def test_balances_that_do_not_tie_book_nothing(bank: Bank, tmp_path: Path) -> None:
    path = written(tmp_path / "gap.xml", [FEE], opening_fen=0, closing_fen=-49,
                   first="2025-02-01", last="2025-03-31")  # fmt: skip
    ended = imported(bank, path)

    assert ended.status == 3
    assert "bank_balance_gap" in ended.err


def test_what_is_pending_waits_and_missing_days_are_named(bank: Bank, tmp_path: Path) -> None:
    imported(bank, statement(tmp_path / "a.xml", RECEIVED, last="2025-02-28"))
    later = statement(
        tmp_path / "b.xml", FEE, Entry("2025-03-06", -7, "P", status="PDNG"), opening=CREDITED - 9,
        first="2025-03-03", statement_id="B",
    )  # fmt: skip

    ended = imported(bank, later)

    assert ended.status == 0
    assert ended.json["warnings"] == [
        "bank_left_out", "bank_days_missing", "bank_opening_differs",
    ]  # fmt: skip
    assert "2025-03-01" in ended.err
    assert "2025-03-02" in ended.err
    assert ended.json["statements"][0]["lines"] == 1


def test_an_account_whose_number_nobody_gave_is_warned_of(bank: Bank, tmp_path: Path) -> None:
    ended = imported(bank, statement(tmp_path / "d.xml", FEE), "deposit:P1")

    assert ended.json["warnings"] == ["bank_account_unchecked"]


def test_a_dry_run_books_nothing(bank: Bank, tmp_path: Path) -> None:
    path = statement(tmp_path / "march.xml", RECEIVED)

    ended = bank("import", path, "--account", ACCOUNT, "--dry-run", "--format", "json")

    assert (ended.status, ended.json["statements"][0]["positions"]) == (0, [])
    assert imported(bank, path).json["statements"][0]["status"] == "recorded"


# -- matching -------------------------------------------------------------------


def matched(bank: Bank, *words: str) -> dict[str, int]:
    shown = bank("match", "--format", "json", *words)
    assert shown.status == 0, shown.err
    return {row["rule"]: row["lines"] for row in shown.json["matched"]}


def test_a_month_is_matched_confirmed_explained_and_signed_off(
    bank: Bank, run: Run, url: str, tmp_path: Path
) -> None:
    back = Entry("2025-03-06", 250_000, "BK9", end_to_end(BATCH, 3), return_code="AC06")
    imported(bank, statement(tmp_path / "march.xml", RECEIVED, *PAID, back, FEE))

    assert matched(bank, "--dry-run") == {"payout-line": 3, "bank-reference": 1}
    assert matched(bank) == {"payout-line": 3, "bank-reference": 1}
    assert kinds(bank) == [("missing_in_ledger", "FEE"), ("missing_in_ledger", "BK9")]

    confirmed = bank("match", "--confirm", "--format", "json").json
    assert [(row["kind"], row["lines"], row["codes"]) for row in confirmed["proposed"]] == [
        ("PayoutSettled", 2, []),
        ("PayoutReturned", 1, ["account_frozen"]),
    ]
    assert kinds(bank) == [("missing_in_ledger", "FEE")]
    lines = run("--ledger", url, "payout", "show", "B1", "--format", "json").json["lines"]
    assert [line["state"] for line in lines] == ["settled", "settled", "returned"]

    closing = ("sign-off", "--account", ACCOUNT, "--to", "2025-03-31")
    assert bank(*closing).status == 7
    bank("resolve", "--account", ACCOUNT, "--statement-id", "ST-1", "--line", "FEE", "--reason",
         "手续费")  # fmt: skip
    assert bank(*closing).status == 0
    assert bank("sign-off", "--account", ACCOUNT, "--to", "2025-04-30").status == 8
    assert run("--ledger", url, "check").status == 0


def test_one_line_of_many_is_unmatched_and_not_matched_again(bank: Bank, tmp_path: Path) -> None:
    imported(bank, statement(tmp_path / "march.xml", RECEIVED, *PAID))
    matched(bank)

    taken_back = ("unmatch", "--account", ACCOUNT, "--line", "BK2")
    assert (bank(*taken_back).status, bank(*taken_back).status) == (0, 7)
    assert matched(bank) == {}
    assert kinds(bank) == [("missing_at_bank", str(BATCH)), ("missing_in_ledger", "BK2")]
    assert bank("unmatch", "--account", ACCOUNT, "--line", "2025-03-04|BK1").status == 0


def test_an_entry_whose_details_are_the_payments_is_matched_line_by_line(
    bank: Bank, tmp_path: Path
) -> None:
    details = [Tx(-fen, end_to_end(BATCH, n)) for n, fen in enumerate(WAGES.values(), 1)]
    whole = Entry("2025-03-04", -450_000, "BATCH", details=details)
    imported(bank, statement(tmp_path / "march.xml", RECEIVED, whole))

    assert matched(bank) == {"payout-line": 3, "bank-reference": 1}


def test_breaks_are_told_by_kind_and_age(bank: Bank, tmp_path: Path) -> None:
    twice = Entry("2025-03-04", -100_000, "BK1B", end_to_end(BATCH, 1))
    other = Entry("2025-03-04", -99_999, "BK2", end_to_end(BATCH, 2))
    credit = Entry("2025-03-07", 77_700, "WHO")
    path = statement(tmp_path / "march.xml", RECEIVED, PAID[0], twice, other, PAID[2], credit, FEE)
    imported(bank, path)
    matched(bank, "--on", "2026-10-01")

    shown = bank("breaks", "--format", "json", "--as-of", "2026-11-01").json["breaks"]
    assert {(one["kind"], one["line"]) for one in shown if one["line"]} == {
        ("duplicate", "BK1"), ("duplicate", "BK1B"), ("amount_differs", "BK2"),
        ("unknown_credit", "WHO"), ("missing_in_ledger", "FEE"),
    }  # fmt: skip
    assert {one["age_days"] for one in shown if one["line"] == "WHO"} == {604}
    only = bank("breaks", "--kind", "unknown_credit", "--format", "json").json["breaks"]
    assert [one["line"] for one in only] == ["WHO"]
    assert bank("breaks", "--kind", "nonsense").status == 2


def test_without_a_statement_there_is_nothing_to_match_or_to_sign_off(bank: Bank) -> None:
    for words in (("match",), ("sign-off", "--to", "2025-03-31")):
        ended = bank(*words, "--account", ACCOUNT)
        assert (ended.status, ended.err.partition(":")[0]) == (5, "no_statement")


def test_money_that_was_there_before_the_first_statement_keeps_a_period_open(
    bank: Bank, tmp_path: Path
) -> None:
    imported(bank, statement(tmp_path / "march.xml", RECEIVED, *PAID, opening=100))
    matched(bank)

    ended = bank("sign-off", "--account", ACCOUNT, "--to", "2025-03-31")

    assert (ended.status, ended.err.partition(":")[0]) == (8, "bank_balances_differ")
