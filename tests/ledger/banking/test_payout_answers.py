"""What a bank says of payouts becomes postings: once, whole, and only what it confirmed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.banking.layout_reader import load_layout, shipped_layouts
from ledger.banking.layout_writer import LayoutWriter
from ledger.banking.payout_answers import Batch, Instructed, Resolved, Said, resolve
from ledger.banking.payout_layout import Returns
from ledger.banking.references import end_to_end
from ledger.banking.return_codes import RETURN_CODES, return_code
from ledger.banking.return_file import ReturnFile, has_heading
from ledger.banking.status_answers import StatusAnswers, day_of
from ledger.banking.status_report import read_status_report
from ledger.kernel.errors import LedgerError
from tests.ledger.banking.orders import order
from tests.ledger.banking.reports import Line, report

AT = 182
AMOUNTS = (500_000, 100, 250_050)
DAY, LATER = "2026-04-11", "2026-04-13"
SETTLED, RETURNED = Said(True, 183, DAY), Said(False, 184, DAY)  # noqa: FBT003 - what was said


def batch(*said: Sequence[Said]) -> Batch:
    words = [*said, *[()] * (len(AMOUNTS) - len(said))]
    lines = {
        number: Instructed(f"S1/{number}", fen, tuple(word))
        for number, (fen, word) in enumerate(zip(AMOUNTS, words, strict=True), 1)
    }
    return Batch("B-01", "P1", AT, lines)


def answered(tmp_path: Path, raw: bytes, *said: Sequence[Said]) -> Resolved:
    file = tmp_path / "answer.xml"
    file.write_bytes(raw)
    read = StatusAnswers(read_status_report(file))
    found = resolve(read.answers(), lambda at: batch(*said) if at == AT else None, LATER)
    found.troubles += read.troubles
    return found


def told(found: Resolved) -> list[dict[str, Any]]:
    """The postings without what follows from the file."""
    postings = found.postings("0" * 64, {"type": "pain.002"})
    return [
        {name: value for name, value in posting.items() if name not in {"key", "document"}}
        for posting in postings
    ]


def settled(*lines: int, on: str = DAY) -> dict[str, Any]:
    return {"kind": "PayoutSettled", "on": on, "project": "P1", "batch": "B-01",
            "claims": [f"S1/{line}" for line in lines]}  # fmt: skip


def returned(*lines: tuple[Any, ...], on: str = DAY) -> dict[str, Any]:
    told_lines = [
        {"claim": f"S1/{line}", "code": code, **({"bank_code": bank[0]} if bank else {})}
        for line, code, *bank in lines
    ]
    return {"kind": "PayoutReturned", "on": on, "project": "P1", "batch": "B-01",
            "lines": told_lines}  # fmt: skip


# -- pain.002 -----------------------------------------------------------------


def test_a_batch_that_is_partly_accepted_settles_and_returns_line_by_line(tmp_path: Path) -> None:
    raw = report(AT, [(1, "ACSC"), (2, "RJCT", "AC04"), (3, "ACCC", None, "2500.50")])
    found = answered(tmp_path, raw)
    assert told(found) == [settled(1, 3), returned((2, "account_closed", "AC04"))]
    assert (found.pending, found.late, found.unknown, found.troubles) == (0, 0, [], [])


@pytest.mark.parametrize("status", ["ACSP", "ACTC", "ACCP", "PDNG", "RCVD", "ACWC", None])
def test_nothing_but_a_confirmation_discharges_a_wage(tmp_path: Path, status: str | None) -> None:
    found = answered(tmp_path, report(AT, [(1, status)], group=None))
    assert told(found) == []
    assert found.pending == 1


@pytest.mark.parametrize(
    ("group", "payment", "lines", "expected"),
    [
        ("ACSC", None, [], [settled(1, 2, 3)]),
        (None, "ACSC", [(2, "RJCT", "AM04")],
         [settled(1, 3), returned((2, "insufficient_balance", "AM04"))]),
        ("RJCT", None, [], [returned((1, "other"), (2, "other"), (3, "other"))]),
        ("PART", None, [(1, "ACSC")], [settled(1)]),
        ("ACCP", None, [], []),
        ("PART", "ACSC", [(1, None)], [settled(1, 2, 3)]),
        ("CANC", None, [], [returned((1, "other"), (2, "other"), (3, "other"))]),
    ],
)  # fmt: skip
def test_what_is_not_named_shares_the_fate_of_the_whole(
    tmp_path: Path, group: str | None, payment: str | None, lines: list[Line],
    expected: list[dict[str, Any]],
) -> None:  # fmt: skip
    for named in (True, False) if not lines and payment is None else (True,):
        raw = report(AT, lines, group=group, payment=payment, named=named)
        assert told(answered(tmp_path, raw)) == expected


def test_a_line_that_was_settled_comes_back_late(tmp_path: Path) -> None:
    raw = report(AT, [(1, "RJCT", "AC06"), (2, "RJCT"), (3, "RJCT", "NARR")],
                 created="2026-04-13T08:00:00+08:00")  # fmt: skip
    found = answered(tmp_path, raw, [SETTLED], [SETTLED])
    assert told(found) == [
        returned((1, "account_frozen", "AC06"), (2, "late_return"), (3, "other", "NARR"), on=LATER)
    ]
    assert found.late == 2


def test_what_was_booked_before_is_a_repetition_in_whatever_order_files_come(
    tmp_path: Path,
) -> None:
    raw = report(AT, [(1, "ACSC"), (2, "RJCT", "AC04"), (3, "ACSC")])
    found = answered(tmp_path, raw, [SETTLED], [RETURNED], [SETTLED, RETURNED])
    assert told(found) == []
    assert [(one.position, one.kind, one.count, one.amount_fen) for one in found.repeated] == [
        (183, "PayoutSettled", 2, 750_050), (184, "PayoutReturned", 1, 100),
    ]  # fmt: skip


def test_a_file_that_says_a_thing_twice_is_booked_once(tmp_path: Path) -> None:
    found = answered(tmp_path, report(AT, [(1, "ACSC"), (1, "ACSC"), (1, "RJCT", "AC01")]))
    assert told(found) == [settled(1), returned((1, "account_not_found", "AC01"))]
    assert found.late == 1


def test_a_returned_line_cannot_be_settled_and_takes_the_file_with_it(tmp_path: Path) -> None:
    found = answered(tmp_path, report(AT, [(2, "ACSC"), (1, "ACSC")]), [RETURNED])
    assert [(one.row, one.code) for one in found.troubles] == [(2, "not_pending")]


def test_the_rest_of_a_rejected_batch_never_takes_back_what_was_paid(tmp_path: Path) -> None:
    found = answered(tmp_path, report(AT, [], group="RJCT"), [SETTLED], [RETURNED])
    assert told(found) == [returned((3, "other"))]


def test_an_amount_or_currency_that_is_not_the_instructed_one_is_trouble(tmp_path: Path) -> None:
    raw = report(AT, [(1, "ACSC", None, "5000.01"), (2, "ACSC", None, "1.00"),
                      (3, "ACSC", None, "2,5")])  # fmt: skip
    found = answered(tmp_path, raw)
    assert [(one.row, one.code) for one in found.troubles] == [
        (1, "answer_amount_differs"), (3, "bad_answer_line"),
    ]  # fmt: skip
    in_euro = answered(tmp_path, report(AT, [(2, "ACSC", None, "1.00")], currency="EUR"))
    assert [one.code for one in in_euro.troubles] == ["bad_answer_line"]


def test_references_that_are_not_ours_are_listed_with_their_row(tmp_path: Path) -> None:
    card = "6222021234567890128"
    lines: list[Line] = [(1, "ACSC"), ("NOTPROVIDED", "ACSC"), (end_to_end(181, 1), "ACSC"),
                         (end_to_end(AT, 4), "ACSC"), (card, "ACSC"), ("", "ACSC")]  # fmt: skip
    found = answered(tmp_path, report(AT, lines))
    assert told(found) == [settled(1)]
    assert [one.row for one in found.unknown] == [2, 3, 4, 5, 6]
    assert {one.code for one in found.unknown} == {"unknown_reference"}
    assert card not in repr(found.unknown)


def test_the_day_is_the_banks_in_shanghai(tmp_path: Path) -> None:
    late_in_utc = report(AT, [(1, "ACSC")], created="2026-04-10T17:30:00Z")
    assert told(answered(tmp_path, late_in_utc)) == [settled(1, on=DAY)]
    nothing = report(AT, [(1, "ACSC")], created="yesterday")
    assert told(answered(tmp_path, nothing)) == [settled(1, on=LATER)]
    assert [day_of(text) for text in ("2026-04-10", "2026-04-10T23:59:59", "2026-13-01", None)] == [
        "2026-04-10", "2026-04-10", None, None,
    ]  # fmt: skip


def test_keys_follow_from_the_file_and_its_lines(tmp_path: Path) -> None:
    first = answered(tmp_path, report(AT, [(1, "ACSC"), (2, "RJCT")]))
    again = answered(tmp_path, report(AT, [(1, "ACSC"), (2, "RJCT")]))
    other = answered(tmp_path, report(AT, [(1, "ACSC"), (3, "ACSC"), (2, "RJCT")]))
    keys = [[one["key"] for one in found.postings("ab" * 32, {})] for found in
            (first, again, other)]  # fmt: skip
    assert keys[0] == keys[1]
    assert keys[0][0] != keys[2][0]
    assert len({*keys[0], *[one["key"] for one in first.postings("cd" * 32, {})]}) == 4


def test_the_banks_code_is_kept_short_and_never_an_identity(tmp_path: Path) -> None:
    long = "X" * 60
    raw = report(AT, [(1, "RJCT", long), (2, "RJCT", "6222021234567890128")])
    (posting,) = told(answered(tmp_path, raw))
    assert posting["lines"] == [
        {"claim": "S1/1", "code": "other", "bank_code": "X" * 35},
        {"claim": "S1/2", "code": "other"},
    ]


def test_every_code_of_iso_maps_to_one_of_the_contract() -> None:
    codes = {"AC01": "account_not_found", "AC04": "account_closed", "AC06": "account_frozen",
             "AM04": "insufficient_balance", "BE01": "name_mismatch", "AM14": "limit",
             "AB05": "bank_error", "CUST": "cancelled", "ac04": "account_closed",
             "ZZ99": "other"}  # fmt: skip
    assert {code: return_code(code) for code in codes} == codes
    assert (return_code(None), return_code(None, late=True)) == ("other", "late_return")
    assert set(codes.values()) <= set(RETURN_CODES)


# -- results in the layouts of banks ------------------------------------------


def results(raw: bytes, name: str, position: int | None = None) -> tuple[Resolved, list[str]]:
    returns = load_layout(name).returns
    assert returns is not None
    read = ReturnFile(returns, raw, position, [])
    found = resolve(read.answers(), lambda at: batch() if at == AT else None, LATER)
    return found, [f"{one.row}:{one.facts['field']}" for one in read.troubles]


def test_cmb_results_are_read_by_their_headings_in_any_encoding_of_excel() -> None:
    text = (
        "招商银行代发结果\r\nTRXSEQ,ACCNAM,TRSAMT,STSCOD,ERRCOD,TRSDSP\r\n"
        f"1,欧阳夏丹,5000.00,S,,{end_to_end(AT, 1)}\r\n"
        f"2,王五,1.00,F,AC04,{end_to_end(AT, 2)}\r\n"
        f"3,王五,2500.50,P,,{end_to_end(AT, 3)}\r\n\r\n"
    )
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        found, wrong = results(text.encode(encoding), "cmb-n03010")
        assert told(found) == [
            settled(1, on=LATER),
            returned((2, "account_closed", "AC04"), on=LATER),
        ]
        assert (found.pending, wrong) == (1, [])


def test_results_by_line_number_need_the_batch() -> None:
    raw = b"TRXSEQ,STSCOD\n1,S\n2,S\n"
    found, _ = results(raw, "cmb-n03010", AT)
    assert told(found) == [settled(1, 2, on=LATER)]
    alone, _ = results(raw, "cmb-n03010")
    assert told(alone) == []
    assert [one.row for one in alone.unknown] == [2, 3]


def test_icbc_results_have_no_heading_and_reasons_in_words() -> None:
    raw = "".join(
        f"62000,{yuan},某某,{end_to_end(AT, line)},{result},{reason}\r\n"
        for line, yuan, result, reason in (
            (1, "5,000.00", "交易成功", ""), (2, "1.00", "退票", "账户已销户"),
            (3, "2500.50", "失败", "网络中断"),
        )
    ).replace("5,000.00", '"5,000.00"')  # fmt: skip
    found, wrong = results(raw.encode("gb18030"), "icbc-txt")
    assert wrong == []
    assert told(found) == [
        settled(1, on=LATER),
        returned((2, "account_closed", "账户已销户"), (3, "other", "网络中断"), on=LATER),
    ]


def test_fixed_width_results_are_cut_by_bytes_between_header_and_trailer() -> None:
    def record(line: int, fen: int, result: str, reason: str) -> bytes:
        cells = ((f"{line:08}", 8), (f"{fen:015}", 15), (end_to_end(AT, line), 35), (result, 4),
                 (reason, 40))  # fmt: skip
        padded = (cell.encode("gb18030").ljust(width) for cell, width in cells)
        return b"D" + b"".join(padded) + b"\r\n"

    raw = (
        b"H20260411\r\n" + record(1, 500_000, "0000", "") + record(2, 100, "1002", "户名不符")
        + record(3, 250_050, "9999", "") + b"T00000003\r\n"
    )  # fmt: skip
    found, wrong = results(raw, "cn-fixed")
    assert wrong == []
    assert told(found) == [
        settled(1, on=LATER), returned((2, "name_mismatch", "户名不符"), on=LATER)
    ]  # fmt: skip
    assert found.pending == 1


def test_every_wrong_row_is_named_and_not_the_first_alone() -> None:
    raw = (
        "TRXSEQ,TRSAMT,STSCOD,TRSDSP\n"
        f"1,5000.001,S,{end_to_end(AT, 1)}\n2,x,S,{end_to_end(AT, 2)}\n"
        f"3,2500.50,maybe,{end_to_end(AT, 3)}\n"
    ).encode()
    _, wrong = results(raw, "cmb-n03010")
    assert wrong == ["2:amount", "3:amount", "4:result"]


@pytest.mark.parametrize(
    "raw",
    [b"a,b\n1,2\n", b'TRXSEQ,STSCOD,TRSDSP\n"1,S,x\n', b"\xff\xff\xff\xff", b"TRXSEQ\x00,STSCOD\n"],
)
def test_a_file_that_is_no_result_is_refused(raw: bytes) -> None:
    with pytest.raises(LedgerError) as caught:
        results(raw, "cmb-n03010")
    assert caught.value.code == "bad_answer_file"


def test_a_layout_is_recognised_by_its_heading_alone() -> None:
    headings = {
        name: returns
        for name in shipped_layouts()
        if (returns := load_layout(name).returns) is not None and returns.heading
    }
    for name, returns in headings.items():
        line = ",".join(str(column) for column in returns.columns.values())
        raw = f"{line}\n1\n".encode()
        assert [other for other, one in headings.items() if has_heading(one, raw)] == [name]
        assert not has_heading(returns, b"a,b,c\n")


def test_dates_of_results_follow_the_layout() -> None:
    returns = Returns(
        columns={"line": "n", "result": "r", "on": "d"}, form="%Y%m%d", settled=("ok",)
    )
    raw = b"n,r,d\n1,ok,20260412\n2,ok,2026-04-12\n3,ok,\n"
    read = ReturnFile(returns, raw, AT, [])
    found = resolve(read.answers(), lambda _at: batch(), LATER)
    assert told(found) == [settled(1, on="2026-04-12"), settled(3, on=LATER)]
    assert [one.row for one in read.troubles] == [3]


def test_what_was_exported_is_found_again_by_its_answer() -> None:
    """A bank that sends our own text back with a result beside it is understood."""
    raw = b"".join(
        LayoutWriter(load_layout("icbc-txt"), {}).write(order(*AMOUNTS, names=("王五",)))
    )
    sent_back = raw.replace(b"\r\n", ",成功,\r\n".encode("gb18030"))
    found, wrong = results(sent_back, "icbc-txt")
    assert wrong == []
    assert told(found) == [settled(1, 2, 3, on=LATER)]
