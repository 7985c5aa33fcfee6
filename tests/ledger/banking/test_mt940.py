"""MT940 as banks really write it: reversals, pages, envelopes, wrapped lines, strange days."""

from pathlib import Path

import pytest

from ledger.banking.opening import recognise
from ledger.banking.statement import Entry, Statement
from ledger.kernel.errors import LedgerError
from tests.ledger.banking.files import looked_into, read

HEAD = ":20:REF1\n:25:07001\n:28C:1/1\n"


def page(
    *lines: str, opening: str = "C240211CNY1000,00", closing: str = "C240211CNY1000,00"
) -> str:
    """One page with its balances."""
    body = "".join(f"{line}\n" for line in lines)
    return f"{HEAD}:60F:{opening}\n{body}:62F:{closing}\n-\n"


def only(folder: Path, content: str | bytes) -> tuple[Statement, list[Entry], list[str]]:
    """The one page of a file, its entries, and the codes of its problems."""
    ((found, taken),) = read(folder, content)
    return found, taken, [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    ("mark", "amount", "kind", "closing"),
    [
        ("C", 500, "plain", "1005,00"),
        ("D", -500, "plain", "995,00"),
        ("RC", -500, "reversal", "995,00"),
        ("RD", 500, "reversal", "1005,00"),
        ("CY", 500, "plain", "1005,00"),
        ("DR", -500, "plain", "995,00"),
        ("RCY", -500, "reversal", "995,00"),
    ],
)
def test_the_mark_says_how_the_account_moves_and_a_reversal_moves_it_back(
    tmp_path: Path, mark: str, amount: int, kind: str, closing: str
) -> None:
    line = f":61:2402110211{mark}5,00NTRFOURS//BANKS"
    found, (taken,), codes = only(tmp_path, page(line, closing=f"C240211CNY{closing}"))
    assert (taken.amount_minor, taken.reversal) == (amount, kind == "reversal")
    assert (found.balances_tie, codes) == (True, [])
    assert (taken.reference, taken.end_to_end) == ("BANKS", "OURS")


def test_a_closing_balance_that_is_off_by_one_fen_is_flagged(tmp_path: Path) -> None:
    content = page(":61:240211C5,00NTRFNONREF", closing="C240211CNY1005,01")
    found, codes = looked_into(tmp_path, content)
    (figures,) = found.figures["statements"]
    assert (codes, figures["balance_gap_minor"]) == (["bank_balance_gap"], -1)


def test_an_overdrawn_account_has_negative_balances(tmp_path: Path) -> None:
    content = page(":61:240211D5,NTRFNONREF", opening="D240211CNY10,5", closing="D240211CNY15,50")
    found, _taken, codes = only(tmp_path, content)
    assert (found.opening_minor, found.closing_minor, codes) == (-1_050, -1_550, [])


def test_pages_are_carried_over_and_a_missing_one_is_flagged(tmp_path: Path) -> None:
    first = f"{HEAD}:60F:C240211CNY0,\n:61:240211C7,NTRFNONREF\n:62M:C240211CNY7,\n-\n"
    second = f"{HEAD}:60M:C240211CNY7,\n:61:240211C1,NTRFNONREF\n:62F:C240211CNY8,\n-\n"
    _found, codes = looked_into(tmp_path, first + second)
    assert codes == []
    _found, codes = looked_into(tmp_path, first + second.replace("CNY7,", "CNY9,"))
    assert "bank_page_gap" in codes


@pytest.mark.parametrize(
    ("value", "entry", "booked_on", "value_on"),
    [
        ("240211", "0212", "2024-02-12", "2024-02-11"),
        ("240211", "", "2024-02-11", "2024-02-11"),
        ("240211", "    ", "2024-02-11", "2024-02-11"),
        ("231231", "0102", "2024-01-02", "2023-12-31"),
        ("240102", "1231", "2023-12-31", "2024-01-02"),
        ("991231", "0103", "2000-01-03", "1999-12-31"),
        ("240230", "0301", "2024-03-01", None),
    ],
)
def test_the_entry_date_is_of_the_year_next_to_the_value_date(
    tmp_path: Path, value: str, entry: str, booked_on: str, value_on: str | None
) -> None:
    _found, (taken,), codes = only(
        tmp_path, page(f":61:{value}{entry}C5,NTRFNONREF", closing="C240211CNY1005,")
    )
    assert (taken.booked_on, taken.value_on) == (booked_on, value_on)
    assert codes == ([] if value_on else ["bank_date"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("{1:F01BANKCNBJAXXX0000000000}{2:O9400000000000BANK}{4:\n", "-}{5:{CHK:00}}\n"),
        ("{1:F01BANKCNBJAXXX0000000000}{2:I940BANK}{4:", "-}\n"),
        ("\x01{1:F01BANK}{4:\n", "\x03"),
        ("\n\n:940:\n", ""),
        ("BANKCNBJ\n940\nBANKCNBJ\n", ""),
        ("\ufeff", ""),
    ],
)
def test_envelopes_and_line_ends_do_not_matter(
    tmp_path: Path, end: str, before: str, after: str
) -> None:
    content = before + page(":61:240211C5,NTRFNONREF", closing="C240211CNY1005,") + after
    found, _taken, codes = only(tmp_path, content.replace("\n", end))
    assert (found.id, found.account, found.balances_tie, codes) == ("REF1", "07001", True, [])


@pytest.mark.parametrize(
    ("information", "encoding"),
    [
        ("\u4ee3\u53d1\u5de5\u8d44 \u9a6c\u5927", "gb18030"),
        ("\u4ee3\u53d1\u5de5\u8d44 \u9a6c\u5927", "utf-8"),
        ("Gr\xfc\xdfe aus K\xf6ln", "latin-1"),
    ],
)
def test_texts_come_in_the_encoding_that_they_are_in(
    tmp_path: Path, information: str, encoding: str
) -> None:
    content = page(":61:240211C5,NTRFNONREF", f":86:{information}", closing="C240211CNY1005,")
    _found, (taken,), codes = only(tmp_path, content.encode(encoding))
    assert (taken.details[0].remittance, codes) == (information, [])


def test_structured_information_gives_reference_return_and_the_other_side(tmp_path: Path) -> None:
    lines = (
        ":61:2402110211C5,00NRTINONREF//B1",
        ":86:159?00RETOURE?20EREF+WL1B2L3?21KREF+B7?22SVWZ+RETURN AC04?31DE001?32NN?33 MM",
        ":61:2402110211D5,00NTRFNONREF//B2",
        ":86:/EREF/WL9/NAME/XX/IBAN/DE002/REMI/words",
        ":61:2402110211C5,00NTRFNONREF//B3",
        ":86:/RTRN/MS03/EREF/NOTPROVIDED/REMI/x",
        ":61:2402110211D5,00NTRFNONREF//B4",
        ":86:free",
        "  words",
    )
    _found, taken, codes = only(tmp_path, page(*lines))
    first, second, third, last = (each.details[0] for each in taken)
    assert (first.end_to_end, first.batch, first.return_code) == ("WL1B2L3", "B7", "AC04")
    assert (first.counterparty_name, first.counterparty_account) == ("NN MM", "DE001")
    assert (second.end_to_end, second.return_code, second.remittance) == ("WL9", None, "words")
    assert (second.counterparty_name, second.counterparty_account) == ("XX", "DE002")
    assert (third.end_to_end, third.return_code) == (None, "MS03")
    assert (last.remittance, codes) == ("free words", [])


def test_a_line_that_is_none_is_flagged_and_not_counted(tmp_path: Path) -> None:
    content = page(":61:nonsense", ":61:240211C5,NTRFNONREF", closing="C240211CNY1005,")
    _found, taken, codes = only(tmp_path, content)
    assert (len(taken), codes) == (1, ["bank_line_unread"])


def test_a_balance_without_currency_is_flagged_and_left_out(tmp_path: Path) -> None:
    found, _taken, codes = only(tmp_path, page(closing="C2402111000,00"))
    assert found.closing_minor is None
    assert codes == ["bank_line_unread", "bank_no_closing"]


def test_yen_have_no_sen_and_dinars_have_thousand_fils(tmp_path: Path) -> None:
    for currency, text, minor in (("JPY", "500,", 500), ("KWD", "1,234", 1_234)):
        content = page(
            f":61:240211C{text}NTRFNONREF",
            opening=f"C240211{currency}0,", closing=f"C240211{currency}{text}",
        )  # fmt: skip
        found, (taken,), codes = only(tmp_path, content)
        assert (taken.amount_minor, found.balances_tie, codes) == (minor, True, [])


def test_an_interim_report_holds_its_own_totals_and_its_expected_lines_are_not_booked(
    tmp_path: Path,
) -> None:
    report = (
        ":20:M1\n:25:07001\n:28C:1\n:34F:CNY0,\n:13D:2402111200+0800\n"
        ":61:240211C5,NTRFNONREF\n:61:240211EC7,NTRFNONREF\n:61:240211D1,NTRFNONREF\n"
        ":90D:1CNY1,\n:90C:{0}\n-\n"
    )
    found, codes = looked_into(tmp_path, report.format("2CNY12,"))
    (figures,) = found.figures["statements"]
    assert (figures["entries"], figures["booked"], figures["booked_minor"]) == (3, 2, 400)
    assert codes == ["bank_no_opening"]
    _found, codes = looked_into(tmp_path, report.format("1CNY5,"))
    assert "bank_declared" in codes


def test_a_file_is_recognised_by_its_first_tag_and_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_text(page(), "utf-8")
    assert recognise(path).kind == "mt940-statement"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_encoding_and_the_ends_of_lines_change_nothing(
    tmp_path: Path, encoding: str, end: str
) -> None:
    lines = (":61:2402120212C5,00NTRFREF//BK1", ":86:收到 工程款 示例公司")
    text = page(*lines, closing="C240212CNY1005,00")
    plain = only(tmp_path, text)

    found = only(tmp_path, text.replace("\n", end).encode(encoding))

    assert found[1] == plain[1]
    assert found[2] == plain[2] == []
    assert found[0].account == "07001"


def test_text_in_utf16_that_is_cut_off_anywhere_is_no_failure(tmp_path: Path) -> None:
    whole = page(":61:2402120212C5,00NTRFREF//BK1", closing="C240212CNY1005,00").encode("utf-16")
    codes: set[str] = set()
    for length in range(len(whole)):
        try:
            codes.update(looked_into(tmp_path, whole[:length])[1])
        except LedgerError as error:
            codes.add(error.code)
    assert {code.partition("_")[0] for code in codes} == {"bank"}
    assert "bank_no_closing" in codes or len(codes) > 1
