"""Entries that are alike are taken by pattern: the same as by the parser, and never misled."""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.banking import camt as camt_reader
from ledger.banking.camt_entry import Raw, Reading, raw_of
from ledger.banking.problems import BankFileError
from tests.ledger.banking.files import NAMESPACE, camt, detail, entry, only, read, statement

if TYPE_CHECKING:
    from lxml.etree import _Element


def test_entries_that_are_alike_are_read_like_the_first_one(tmp_path: Path) -> None:
    entries = []
    for at in range(1, 40):
        party = f"<RltdPties><Dbtr><Nm>n{at}</Nm></Dbtr></RltdPties>"
        more = f"{party}<RmtInf><Ustrd>r{at}</Ustrd></RmtInf>"
        amount = f"{at}.0{at % 10}"
        inside = detail(amount, end_to_end=f"E{at}", more=more)
        entries.append(entry(amount, details=f"<NtryDtls>{inside}</NtryDtls>"))
    taken, _codes = only(tmp_path, *entries)
    assert [each.amount_minor for each in taken] == [at * 100 + at % 10 for at in range(1, 40)]
    assert [each.end_to_end for each in taken] == [f"E{at}" for at in range(1, 40)]
    assert [each.details[0].counterparty_name for each in taken] == [
        f"n{at}" for at in range(1, 40)
    ]
    assert [each.details[0].remittance for each in taken] == [f"r{at}" for at in range(1, 40)]
    assert [each.number for each in taken] == list(range(1, 40))


def test_entries_that_are_alike_need_the_parser_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []

    def counted(element: "_Element", reading: Reading) -> Raw:
        parsed.append(element.tag)
        return raw_of(element, reading)

    monkeypatch.setattr(camt_reader, "raw_of", counted)
    other = entry("2.00", before="<RvslInd>false</RvslInd>")
    taken, _codes = only(tmp_path, *[entry("1.00"), other] * 500)
    assert len(taken) == 1_000
    assert len(parsed) == 2


@pytest.mark.parametrize(
    "odd",
    [
        entry("1.00", before="<!-- </Ntry> -->"),
        entry("1.00", before="<BkTxCd><![CDATA[</Ntry>]]></BkTxCd>"),
        entry("1.00", before="<AddtlNtryInf>&lt;/Ntry&gt;&amp;</AddtlNtryInf>"),
        entry("1.00", before="<SplmtryData><Ntry><Amt>9</Amt></Ntry></SplmtryData>"),
        entry("1.00", before=f'<x xmlns="{NAMESPACE}x"><Ntry>7</Ntry></x>'),
        entry("1.00", before='<BkTxCd a="&lt;"/>'),
        entry("1.00").replace(">CRDT<", "> CRDT\n<"),
    ],
)
def test_an_entry_that_hides_an_end_or_looks_otherwise_does_not_mislead_the_pattern(
    tmp_path: Path, odd: str
) -> None:
    plain = entry("1.00")
    taken, codes = only(tmp_path, plain, plain, odd, plain, odd, plain, closing="1006.00")
    assert [each.amount_minor for each in taken] == [100] * 6
    assert codes == []


@pytest.mark.parametrize(
    "broken",
    [
        entry("1.00").replace("CRDT", "CR\x01DT"),
        entry("1.00").replace("CRDT", "CRDT]]>"),
        entry("1.00").replace("</Sts>", "</Stz>"),
        entry("1.00").replace("CRDT", "CRDT&"),
        entry("1.00").replace("CRDT", "CR<DT"),
        entry("1.00") + "</Stmt>",
        entry("1.00") + "words <",
    ],
)
def test_a_broken_entry_among_alike_ones_still_refuses_the_file(
    tmp_path: Path, broken: str
) -> None:
    plain = entry("1.00")
    with pytest.raises(BankFileError) as caught:
        read(tmp_path, camt(statement([plain, plain, broken, plain])))
    assert caught.value.code in {"bank_xml_broken", "bank_field"}


def test_lines_keep_their_numbers_behind_entries_that_needed_no_parser(tmp_path: Path) -> None:
    entries = [f"\n{entry('1.00')}" for _ in range(30)]
    entries[20] = f"\n{entry('1.001')}"
    entries[25] = f"\n<!-- odd -->{entry('1.001', before='<BkTxCd/>')}"
    ((found, taken),) = read(tmp_path, camt(statement(entries)))
    assert {after.place - before.place for before, after in pairwise(taken)} == {1}
    fine = [
        problem.facts["line"] for problem in found.problems if problem.code == "bank_amount_fine"
    ]
    assert fine == [taken[20].place, taken[25].place]


def test_a_statement_of_many_pieces_is_read_whole_whatever_stands_at_their_borders(
    tmp_path: Path,
) -> None:
    filler = "\u5de5\u8d44" * 400
    count = 1_500
    entries = [
        entry("0.01", before=f"<AddtlNtryInf>{filler[: at % 800]}</AddtlNtryInf>")
        + ("\n" * (at % 5))
        for at in range(count)
    ]
    taken, codes = only(tmp_path, *entries, closing="1015.00")
    assert (len(taken), codes) == (count, [])
