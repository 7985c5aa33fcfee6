"""Payout files in the layouts of banks, taken apart by readers that know nothing of the writer."""

import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.banking.layout_reader import load_layout, parse_layout, shipped_layouts
from ledger.banking.layout_writer import LayoutWriter, MissingFactsError
from ledger.banking.payout_order import OrderLine, PayoutOrder, UnfitLinesError
from ledger.banking.references import PayoutReference, parse_reference
from ledger.kernel.errors import LedgerError
from ledger.kernel.text import text_problem
from tests import counts
from tests.drills.town import card_number
from tests.ledger.banking.orders import cut, order, rows_of

CHINESE = ("欧阳夏丹", "王五", "阿卜杜拉·买买提")
AMOUNTS = (500_000, 1, 99_999_999)
PAYER = {"payer_account": "2200001234567890"}
SIF = {"employer_id": "0000000123456", "employer_routing": "802420101",
       "agent_routing": "802420101", "currency": "AED"}  # fmt: skip


def written(name: str, made: PayoutOrder, **facts: str) -> bytes:
    layout = LayoutWriter(load_layout(name), facts)
    layout.require(made)
    return b"".join(layout.write(made))


def batch(*amounts: int) -> PayoutOrder:
    return order(*amounts, names=CHINESE)


# -- the layouts that come with the program -----------------------------------


def test_cmb_reads_header_and_details_of_its_wage_payment() -> None:
    header, *details = rows_of(
        written("cmb-n03010", batch(*AMOUNTS), branch="43", **PAYER), "gb18030"
    )

    made = batch(*AMOUNTS)
    assert header == [
        "NTAGCAGCX1", "Y", "Y", "1005000.00", "3", "1", "1005000.00", "3", "BYSA", "10",
        "2200001234567890", "43", "0", "农民工工资", made.file_id("csv:cmb-n03010"),
    ]  # fmt: skip
    assert len(header[-1]) <= 30
    assert [row[:6] for row in details] == [
        ["NTAGCDTLY1", "1", card_number(1), "欧阳夏丹", "5000.00", "Y"],
        ["NTAGCDTLY1", "2", card_number(2), "王五", "0.01", "N"],
        ["NTAGCDTLY1", "3", card_number(3), "阿卜杜拉·买买提", "999999.99", "Y"],
    ]
    assert [parse_reference(row[6]) for row in details] == [
        PayoutReference(182, number) for number in (1, 2, 3)
    ]


def test_icbc_reads_text_without_heading_total_or_trailing_commas() -> None:
    raw = written("icbc-txt", batch(*AMOUNTS))

    lines = raw.decode("gb18030").split("\r\n")
    assert lines.pop() == ""
    assert not any(line.endswith(",") or '"' in line for line in lines)
    assert [line.split(",")[:3] for line in lines] == [
        [card_number(1), "5000.00", "欧阳夏丹"],
        [card_number(2), "0.01", "王五"],
        [card_number(3), "999999.99", "阿卜杜拉·买买提"],
    ]


def test_fixed_width_records_have_their_bytes_and_the_trailer_adds_up() -> None:
    raw = written("cn-fixed", batch(*AMOUNTS), **PAYER)

    header, *details, trailer, end = raw.split(b"\r\n")
    assert end == b""
    kind, file_id, account, payer, day, currency = cut(header, 1, 35, 32, 80, 8, 3)
    assert (kind, file_id.strip()) == ("H", batch(1).file_id("csv:cn-fixed"))
    assert (account.strip(), day, currency) == ("2200001234567890", "20260410", "CNY")
    assert payer.strip() == "示例总包有限公司"
    taken = [cut(each, 1, 8, 32, 60, 15, 40, 35, 20) for each in details]
    assert [cells[3].strip() for cells in taken] == list(CHINESE)
    assert [int(cells[1]) for cells in taken] == [1, 2, 3]
    assert [int(cells[4]) for cells in taken] == list(AMOUNTS)
    kind, count, total = cut(trailer, 1, 8, 15)
    assert (kind, int(count), int(total)) == ("T", 3, sum(AMOUNTS))


def test_a_sif_has_one_line_an_employee_and_a_control_record_that_agrees() -> None:
    made = batch(*AMOUNTS)
    workers = {"W1": "91501234566", "W2": "00915012345664", "W3": "7"}
    lines = [OrderLine(one.line, one.claim, workers[one.worker], one.amount_fen, one.period)
             for one in made.lines]  # fmt: skip
    people = {workers[name]: person for name, person in made.people.items()}

    raw = written("uae-wps-sif", order(*AMOUNTS, lines=lines, people=people), **SIF)

    *records, control = [line.split(",") for line in raw.decode("ascii").splitlines()]
    assert records == [
        ["EDR", "00091501234566", "802420101", card_number(1), "2026-03-01", "2026-03-31", "31",
         "5000.00", "0.00", "0"],
        ["EDR", "00915012345664", "802420101", card_number(2), "2026-03-01", "2026-03-31", "31",
         "0.01", "0.00", "0"],
        ["EDR", "00000000000007", "802420101", card_number(3), "2026-03-01", "2026-03-31", "31",
         "999999.99", "0.00", "0"],
    ]  # fmt: skip
    assert control == [
        "SCR", "0000000123456", "802420101", "2026-04-10", "0930", "032026", "3", "1005000.00",
        "AED", "",
    ]  # fmt: skip
    named = LayoutWriter(load_layout("uae-wps-sif"), SIF).called(made)
    assert named == "0000000123456260410093000.SIF"


def test_a_sif_takes_each_employee_once_and_one_month() -> None:
    twice = [OrderLine(1, "S1/1", "1", 5, "2026-03"), OrderLine(2, "S2/1", "1", 5, "2026-03")]
    months = [OrderLine(1, "S1/1", "1", 5, "2026-03"), OrderLine(2, "S2/1", "2", 5, "2026-02")]
    for lines, code in ((twice, "layout_one_worker"), (months, "layout_one_month")):
        with pytest.raises(LedgerError) as caught:
            written("uae-wps-sif", order(5, 5, lines=lines), **SIF)
        assert caught.value.code == code


def test_an_employee_without_14_digits_is_refused_before_anybody_is_read() -> None:
    layout = LayoutWriter(load_layout("uae-wps-sif"), SIF)
    with pytest.raises(UnfitLinesError) as caught:
        layout.require(order(1, 2, people={}))
    assert [(each.line, each.field, each.value) for each in caught.value.unfit] == [
        (1, "employee", "W1"), (2, "employee", "W2"),
    ]  # fmt: skip


def test_facts_that_the_ledger_does_not_hold_are_asked_for_by_name() -> None:
    with pytest.raises(MissingFactsError) as caught:
        LayoutWriter(load_layout("uae-wps-sif"), {"employer_id": "0000000123456"}).require(order(1))
    assert caught.value.code == "missing_option"
    assert [fact.name for fact in caught.value.missing] == [
        "employer_routing", "agent_routing", "currency",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("uae-wps-sif", {**SIF, "currency": "CNY"}),
        ("uae-wps-sif", {**SIF, "text": "a,b"}),
        ("cmb-n03010", {**PAYER, "branch": "4"}),
        ("icbc-txt", {"colour": "red"}),
    ],
)
def test_facts_that_are_wrong_are_refused(name: str, facts: dict[str, str]) -> None:
    with pytest.raises(LedgerError) as caught:
        LayoutWriter(load_layout(name), facts).require(order(1))
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize("name", shipped_layouts())
def test_a_shipped_layout_shows_what_it_needs_and_no_more(name: str) -> None:
    layout = load_layout(name)
    assert layout.title
    assert set(layout.identity) <= {"name", "card_number", "bank_name"}
    assert "card_number" in layout.identity


# -- what a layout cannot carry -----------------------------------------------


@pytest.mark.parametrize(
    ("name", "problem"),
    [("王,五", "separator"), ('王"五', "separator"), ("=1+1", "formula"), ("@王", "formula"),
     ("-王", "formula"), ("王\t五", "control"), ("王\n五", "control")],
)  # fmt: skip
def test_a_name_that_would_break_the_file_is_refused_and_never_changed(
    name: str, problem: str
) -> None:
    with pytest.raises(UnfitLinesError) as caught:
        written("icbc-txt", order(1, names=(name,)))
    (unfit,) = caught.value.unfit
    assert problem in unfit.problem
    assert name not in unfit.value


def test_a_layout_that_quotes_carries_separators_and_quotation_marks() -> None:
    (_, row) = rows_of(
        written("cmb-n03010", order(1, names=('王,"五"',)), branch="43", **PAYER), "gb18030"
    )
    assert row[3] == '王,"五"'


def test_names_too_long_for_a_fixed_field_are_all_listed_and_never_cut() -> None:
    names = ("王" * 30, "王" * 31, "𠮷" * 16, "a" * 61)
    with pytest.raises(UnfitLinesError) as caught:
        written("cn-fixed", order(1, 2, 3, 4, names=names), **PAYER)
    assert [(each.line, each.value) for each in caught.value.unfit] == [
        (2, "王***"), (3, "𠮷***"), (4, "a***"),
    ]  # fmt: skip


def test_a_letter_that_the_encoding_does_not_have_is_refused() -> None:
    text = MINIMAL.replace('encoding = "gb18030"', 'encoding = "ascii"')
    layout = LayoutWriter(parse_layout("own", text, "own.toml"), {})
    with pytest.raises(UnfitLinesError) as caught:
        b"".join(layout.write(order(1, names=("王五",))))
    assert "encoding" in caught.value.unfit[0].problem


# -- a layout of one's own ----------------------------------------------------

MINIMAL = """
title = "own"
kind = "fixed"
encoding = "gb18030"
newline = "lf"

[[records]]
at = "line"
fields = [
    { name = "n", from = "name", width = 40 },
    { name = "r", from = "claim", width = 7, cut = true },
    { name = "a", from = "amount", unit = "fen", width = 12 },
]

[[records]]
at = "end"
fields = [{ name = "t", from = "total", width = 14, align = "left", pad = " " }]
"""

letters = st.text(
    st.one_of(
        st.characters(codec="utf-8"), st.sampled_from("王五欧阳·𠮷㐂ⅠΩ€ aZ0é"),
    ),
    min_size=1, max_size=24,
).filter(lambda text: text_problem(text) is None and text.strip() == text)  # fmt: skip


@settings(max_examples=counts.runs(1000))
@given(st.lists(st.tuples(letters, letters, st.integers(1, 10**11)), min_size=1, max_size=6))
def test_any_name_and_amount_read_back_equal_or_are_refused(
    rows: list[tuple[str, str, int]],
) -> None:
    lines = [OrderLine(n, claim, f"W{n}", fen, "") for n, (_, claim, fen) in enumerate(rows, 1)]
    people = {f"W{n}": {"name": name} for n, (name, _, _) in enumerate(rows, 1)}
    made = order(*[fen for _, _, fen in rows], lines=lines, people=people)
    too_long = [n for n, (name, _, _) in enumerate(rows, 1) if len(name.encode("gb18030")) > 40]
    layout = LayoutWriter(parse_layout("own", MINIMAL, "own.toml"), {})
    if too_long:
        with pytest.raises(UnfitLinesError) as caught:
            b"".join(layout.write(made))
        assert [each.line for each in caught.value.unfit] == too_long
        return

    *details, trailer, end = b"".join(layout.write(made)).split(b"\n")

    assert end == b""
    for line, (name, claim, fen) in zip(details, rows, strict=True):
        read_name, remark, amount = cut(line, 40, 7, 12)
        assert read_name.rstrip(" ") == name
        assert int(amount) == fen
        kept = remark.rstrip(" ")
        assert claim.startswith(kept)
        room = 7 - len(kept.encode("gb18030"))
        following = claim[len(kept) : len(kept) + 1]
        assert not following or following == " " or len(following.encode("gb18030")) > room
    assert Decimal(trailer.decode()) == Decimal(sum(fen for *_, fen in rows)) / 100


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('kind = "fixed"', 'kind = "round"', "kind"),
        ('kind = "fixed"', "", "kind"),
        ('title = "own"', "title = 5", "title"),
        ('newline = "lf"', "newline = true", "newline"),
        ("width = 7, cut = true", "width = true, cut = true", "records[1].fields[2].width"),
        ("width = 7, cut = true", 'width = 7, cut = "yes"', "records[1].fields[2].cut"),
        ('title = "own"', 'title = "own"\ncolour = "red"', "colour"),
        ('from = "name", width = 40', 'from = "salary", width = 40', "records[1].fields[1].from"),
        ('from = "name", width = 40', 'from = "name"', "records[1].fields[1].width"),
        ('from = "name", width', 'value = "x", from = "name", width', "records[1].fields[1]"),
        ('from = "name", width', 'cut = true, from = "name", width', "records[1].fields[1].cut"),
        ('from = "name", width', 'pad = "中", from = "name", width', "records[1].fields[1].pad"),
        ('from = "name", width', 'set = "x", width', "records[1].fields[1].set"),
        ('from = "name", width', 'pattern = "(", from = "name", width',
         "records[1].fields[1].pattern"),
        ('from = "total"', 'from = "name"', "records[2].fields[1].from"),
        ('at = "line"', 'at = "somewhere"', "records[1].at"),
        ('at = "line"', 'at = "begin"', "records[1].fields[1].from"),
        ('newline = "lf"', 'newline = "cr"', "newline"),
        ('encoding = "gb18030"', 'encoding = "klingon"', "encoding"),
        ("[[records]]", "[[record]]", "records"),
    ],
)  # fmt: skip
def test_a_wrong_layout_is_refused_with_its_place(old: str, new: str, place: str) -> None:
    with pytest.raises(LedgerError) as caught:
        parse_layout("own", MINIMAL.replace(old, new), "own.toml")
    assert caught.value.code == "bad_layout"
    assert caught.value.facts["value"] == place


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(LedgerError) as caught:
        parse_layout("own", "kind = = 5", "own.toml")
    assert caught.value.code == "bad_layout"


def test_a_layout_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    own = tmp_path / "mybank.toml"
    own.write_text(MINIMAL, "utf-8")
    assert load_layout(str(own)).name == "mybank"
    for name, code in (("mybank", "unknown_layout"), (str(tmp_path / "no.toml"), "no_file"),
                       (f"{tmp_path}.toml", "no_file")):  # fmt: skip
        with pytest.raises(LedgerError) as caught:
            load_layout(name)
        assert caught.value.code == code


def test_layouts_are_toml_and_nothing_else_lies_beside_them() -> None:
    for each in files("ledger.banking.payout_profiles").iterdir():
        if each.name.endswith(".toml"):
            assert tomllib.loads(each.read_text("utf-8"))["title"]
        else:
            assert each.name in {"__init__.py", "__pycache__"}
