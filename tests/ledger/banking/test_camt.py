"""What entries of camt messages mean: sign, status, batch, return, currency, and their balances."""

from pathlib import Path

import pytest

from ledger.banking.problems import MOST_PROBLEMS, BankFileError
from tests.ledger.banking.files import (
    balance,
    camt,
    detail,
    entry,
    looked_into,
    only,
    read,
    statement,
)

PENDING = "<Sts><Cd>PDNG</Cd></Sts>"


def test_a_closing_balance_that_is_off_by_one_fen_is_named_with_what_it_should_be(
    tmp_path: Path,
) -> None:
    found, codes = looked_into(tmp_path, camt(statement([entry("0.02")], "1.00", "1.01")))
    (figures,) = found.figures["statements"]
    assert codes == ["bank_balance_gap"]
    assert (figures["balances_tie"], figures["balance_gap_minor"]) == (False, 1)
    assert found.remarks[0].problem.facts == {
        "found": "1.02 CNY", "declared": "1.01 CNY", "gap": "0.01 CNY",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "booked"),
    [
        ("<Sts><Cd>BOOK</Cd></Sts>", "booked"),
        ("<Sts>BOOK</Sts>", "booked"),
        ("", "booked"),
        (PENDING, "pending"),
        ("<Sts>PDNG</Sts>", "pending"),
        ("<Sts><Cd>FUTR</Cd></Sts>", "pending"),
        ("<Sts><Cd>INFO</Cd></Sts>", "info"),
        ("<Sts><Prtry>XX</Prtry></Sts>", "info"),
    ],
)
def test_only_what_is_booked_moves_the_balance(tmp_path: Path, status: str, booked: str) -> None:
    closing = "1100.00" if booked == "booked" else "1000.00"
    ((found, (taken,)),) = read(
        tmp_path, camt(statement([entry(status=status)], closing=closing))
    )  # fmt: skip
    assert taken.status == booked
    assert found.balances_tie is True
    assert found.totals.credit_minor == 10_000
    unknown = status.count("Prtry") > 0
    assert [problem.code for problem in found.problems] == (["bank_status"] if unknown else [])


def test_a_reversal_moves_the_account_as_it_says_itself(tmp_path: Path) -> None:
    taken_back = entry("5.00", "CRDT", before="<RvslInd>true</RvslInd>")
    (taken,), codes = only(tmp_path, taken_back, closing="1005.00")
    assert (taken.amount_minor, taken.reversal, codes) == (500, True, [])


def test_a_return_gives_its_reason_and_our_reference(tmp_path: Path) -> None:
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    details = f"<NtryDtls>{detail(more=returned, end_to_end='WL1B2L3')}</NtryDtls>"
    (taken,), codes = only(tmp_path, entry(details=details), closing="1100.00")
    assert (taken.end_to_end, taken.return_code, taken.amount_minor) == ("WL1B2L3", "AC04", 10_000)
    assert codes == []


def test_a_return_without_a_reason_is_still_a_return(tmp_path: Path) -> None:
    details = f"<NtryDtls>{detail(more='<RtrInf/>')}</NtryDtls>"
    (taken,), _codes = only(tmp_path, entry(details=details), closing="1100.00")
    assert taken.details[0].return_code == ""


def test_a_batch_gives_each_of_its_transactions_and_its_own_name(tmp_path: Path) -> None:
    parts = detail("60.00", "DBIT", end_to_end="E1") + detail("40.00", "DBIT", end_to_end="E2")
    details = f"<NtryDtls><Btch><PmtInfId>B7</PmtInfId></Btch>{parts}</NtryDtls>"
    (taken,), codes = only(tmp_path, entry(sign="DBIT", details=details), closing="900.00")
    assert [(part.end_to_end, part.amount_minor) for part in taken.details] == [
        ("E1", -6_000), ("E2", -4_000),
    ]  # fmt: skip
    assert (taken.batch, taken.end_to_end, taken.return_code, codes) == ("B7", None, None, [])


def test_a_batch_whose_transactions_sum_to_one_fen_more_is_flagged(tmp_path: Path) -> None:
    details = f"<NtryDtls>{detail('60.00')}{detail('40.01')}</NtryDtls>"
    _taken, codes = only(tmp_path, entry(details=details), closing="1100.00")
    assert codes == ["bank_details_sum"]


def test_charges_explain_why_a_transaction_is_not_its_entry(tmp_path: Path) -> None:
    charged = "<Chrgs><TtlChrgsAndTaxAmt>1.00</TtlChrgsAndTaxAmt></Chrgs>"
    details = f"<NtryDtls>{detail('99.00', more=charged)}</NtryDtls>"
    _taken, codes = only(tmp_path, entry(details=details), closing="1100.00")
    assert codes == []


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("JPY", "1000", 1_000),
        ("JPY", "1000.00", 1_000),
        ("KWD", "1.234", 1_234),
        ("BHD", "0.1", 100),
        ("CNY", "12.5", 1_250),
        ("CNY", "12.50000", 1_250),
        ("CLF", "1.2345", 12_345),
        ("CNY", "000012.00", 1_200),
    ],
)
def test_amounts_are_whole_units_of_their_own_currency(
    tmp_path: Path, currency: str, text: str, minor: int
) -> None:
    one = entry(text, currency=currency)
    ((found, (taken,)),) = read(tmp_path, camt(statement([one], None, None, currency=currency)))
    assert (taken.amount_minor, found.totals.credit_minor) == (minor, minor)
    assert "bank_amount_fine" not in found.problems.codes


@pytest.mark.parametrize(
    ("currency", "text"), [("CNY", "1.005"), ("JPY", "0.5"), ("KWD", "1.2345")]
)
def test_an_amount_finer_than_its_currency_is_flagged_and_the_balances_stay_undecided(
    tmp_path: Path, currency: str, text: str
) -> None:
    one = entry(text, currency=currency)
    found, codes = looked_into(
        tmp_path, camt(statement([one], "0", "1", currency=currency))
    )  # fmt: skip
    assert codes == ["bank_amount_fine"]
    assert found.figures["statements"][0]["balances_tie"] is None


@pytest.mark.parametrize(
    "text",
    ["", "-1.00", "+1.00", "1,00", "1e3", "NaN", "Infinity", "１.00", "1.0.0", "9" * 19, "."],
)
def test_what_is_no_amount_refuses_the_file_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(BankFileError) as caught:
        read(tmp_path, camt(statement([entry(text)])))
    assert (caught.value.code, caught.value.facts["line"]) == ("bank_amount", 2)


@pytest.mark.parametrize(
    "broken",
    [
        entry(sign="BOTH"),
        "<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>",
        '<Ntry><Amt Ccy="CNY">1</Amt></Ntry>',
    ],
)
def test_an_entry_without_amount_or_sign_refuses_the_file(tmp_path: Path, broken: str) -> None:
    with pytest.raises(BankFileError) as caught:
        read(tmp_path, camt(statement([broken])))
    assert caught.value.code == "bank_field"


def test_an_entry_in_another_currency_is_refused_unless_the_bank_gives_the_rate(
    tmp_path: Path,
) -> None:
    with pytest.raises(BankFileError) as caught:
        read(tmp_path, camt(statement([entry(currency="USD")])))
    assert caught.value.code == "bank_currency_mix"

    rate = "<AmtDtls><TxAmt><CcyXchg><XchgRate>7.1</XchgRate></CcyXchg></TxAmt></AmtDtls>"
    found, codes = looked_into(
        tmp_path, camt(statement([entry(currency="USD", before=rate)]))
    )  # fmt: skip
    assert codes == ["bank_currency_differs", "bank_currencies"]
    assert found.figures["statements"][0]["balances_tie"] is None


def test_a_currency_that_nobody_knows_is_flagged(tmp_path: Path) -> None:
    one = statement([entry(currency="QQQ")], "0", "100", currency="QQQ")
    _found, codes = looked_into(tmp_path, camt(one))
    assert codes == ["bank_currency"]


@pytest.mark.parametrize(
    ("kinds", "opening"),
    [
        (("OPBD", "PRCD", "ITBD"), 100),
        (("ITBD", "PRCD"), 200),
        (("ITBD", "CLAV"), 100),
        (("CLAV",), None),
    ],
)
def test_the_opening_balance_is_the_best_that_the_bank_gives(
    tmp_path: Path, kinds: tuple[str, ...], opening: int | None
) -> None:
    balances = "".join(
        balance(kind, f"{number}.00") for number, kind in enumerate(kinds, 1)
    )  # fmt: skip
    ((found, _taken),) = read(tmp_path, camt(statement(opening=None, closing=None, more=balances)))
    assert found.opening_minor == opening


def test_balances_that_come_after_the_entries_count_too(tmp_path: Path) -> None:
    content = camt(
        f"<Stmt><Id>S</Id>{entry()}{balance('CLBD', '3.00')}{entry()}{balance('OPBD', '1.00')}"
        "</Stmt>"
    )
    ((found, taken),) = read(tmp_path, content)
    assert len(taken) == 2
    assert (found.opening_minor, found.closing_minor, found.gap_minor) == (100, 300, 19_800)


def test_a_statement_that_declares_more_entries_than_it_holds_is_flagged(tmp_path: Path) -> None:
    summary = (
        "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><Sum>100.00</Sum></TtlNtries></TxsSummry>"
    )
    _taken, codes = only(tmp_path, entry(), closing="1100.00", more=summary)
    assert codes == ["bank_declared"]


@pytest.mark.parametrize(
    ("namespace", "codes"),
    [
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.02", []),
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.10", []),
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.01", ["bank_version"]),
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.99", ["bank_version"]),
        ("urn:iso:std:iso:20022:tech:xsd:camt.052.001.02", ["bank_version"]),
        ("urn:somebody:else", ["bank_version"]),
        ("", ["bank_no_namespace"]),
    ],
)
def test_a_version_that_nobody_knows_is_read_and_flagged(
    tmp_path: Path, namespace: str, codes: list[str]
) -> None:
    found, said = looked_into(tmp_path, camt(statement(), namespace=namespace))
    assert (found.figures["kind"], said) == ("statement", codes)


def test_a_message_in_an_envelope_is_found(tmp_path: Path) -> None:
    inner = camt(statement([entry()], closing="1100.00")).partition("?>")[2].strip()
    content = f"<Envelope><AppHdr><To>x</To></AppHdr>{inner}</Envelope>"
    _found, codes = looked_into(tmp_path, content)
    assert codes == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "iso-8859-1"])
def test_the_encoding_that_the_file_names_is_used(tmp_path: Path, encoding: str) -> None:
    name = "Zo\xeb" if encoding == "iso-8859-1" else "\u9a6c\u5927"
    party = f"<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>"
    details = f"<NtryDtls>{detail(more=party)}</NtryDtls>"
    content = camt(statement([entry(details=details)] * 3, closing="1300.00"))
    raw = content.replace("UTF-8", encoding).encode(encoding)
    ((found, taken),) = read(tmp_path, raw)
    assert {each.details[0].counterparty_name for each in taken} == {name}
    assert found.balances_tie is True


def test_each_statement_of_a_file_has_its_own_entries_even_when_they_are_not_taken(
    tmp_path: Path,
) -> None:
    content = camt(
        statement([entry()], closing="1100.00", identity="A"),
        statement([], identity="B"),
        statement([entry("1.00")] * 2, closing="1002.00", identity="C"),
    )
    found, codes = looked_into(tmp_path, content)
    rows = [(each["id"], each["entries"]) for each in found.figures["statements"]]
    assert (rows, codes) == ([("A", 1), ("B", 0), ("C", 2)], [])


def test_a_batch_of_many_thousand_transactions_is_taken_while_it_is_read(tmp_path: Path) -> None:
    count = 40_000
    parts = "".join(detail("0.01", end_to_end=f"E{at}") for at in range(count))
    (taken,), codes = only(
        tmp_path, entry("400.00", details=f"<NtryDtls>{parts}</NtryDtls>"), closing="1400.00"
    )
    assert [part.end_to_end for part in taken.details] == [f"E{at}" for at in range(count)]
    assert codes == []


def test_so_many_problems_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    count = MOST_PROBLEMS + 50
    ((found, _taken),) = read(tmp_path, camt(statement([entry("1.001")] * count)))
    listed = list(found.problems)
    assert len(listed) == MOST_PROBLEMS + 1
    assert listed[-1].facts == {"value": "bank_amount_fine", "count": 50}
