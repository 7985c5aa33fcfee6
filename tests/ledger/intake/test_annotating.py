"""A checked workbook is the clerk's own, with a column of what is wrong."""

import io
import re
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from ledger.intake.payroll import read_payroll
from ledger.intake.problems import Problem
from ledger.intake.writing import checked_of
from tests.ledger.intake.books import HEADINGS, person, workbook

TODAY = "2026-03-31"
SHEET = "xl/worksheets/sheet1.xml"
WRONG = "bad_amount\nbad_amount"
"""Both amounts of a row."""

CHANGED = {SHEET, "xl/styles.xml"}


def clerks_own() -> bytes:
    """A wage sheet as a clerk keeps it: title, colours, widths, a drop-down, a second sheet."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet("工资表")
        page.merge_range(
            0, 0, 0, 8, "三月工资表", book.add_format({"bold": True, "bg_color": "red"})
        )
        head = book.add_format({"border": 1, "bg_color": "#DDEBF7"})
        money = book.add_format({"num_format": "#,##0.00", "font_color": "blue"})
        for at, name in enumerate(HEADINGS):
            page.write_string(1, at, name, head)
        for number, net in enumerate(("5000.1", "很多", "-3"), 1):
            for at, value in enumerate(person(number, net, name=f"示例<{number}>&")):
                page.write_string(number + 1, at, value, money)
        page.write_formula(5, 7, "=SUM(H3:H3)", money, 5000.1)
        page.write_string(5, 0, "合计")
        page.set_column(1, 1, 33)
        page.data_validation(2, 3, 99, 3, {"validate": "list", "source": ["木工", "电工"]})
        page.freeze_panes(2, 3)
        book.add_worksheet("填写说明").write_string(0, 0, "请看")
    return made.getvalue()


def checked(content: bytes) -> bytes:
    return checked_of(read_payroll(content, {}, TODAY), "错误", lambda problem: problem.code)


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def rows_of(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]


def test_the_clerks_workbook_comes_back_with_one_column_more_and_nothing_else_changed() -> None:
    content = clerks_own()
    before, after = parts(content), parts(checked(content))

    assert list(after) == list(before)
    assert {name for name in before if before[name] != after[name]} == CHANGED
    old, new = rows_of(content), rows_of(checked(content))
    assert [row[:9] for row in new] == old
    assert [row[9] for row in new] == ["", "错误", "", WRONG, WRONG, ""]
    xml, was = after[SHEET].decode(), before[SHEET].decode()
    kept = ("mergeCells", "dataValidations", "sheetViews")
    for name in kept:
        part = re.search(f"<{name}.*</{name}>", was, re.DOTALL)
        assert part is not None
        assert part[0] in xml
    assert '<col min="2" max="2" width="33.7109375" customWidth="1"/>' in xml
    assert "<f>SUM(H3:H3)</f>" in xml
    assert f"<row{was.split('<row')[3].split('</row>')[0]}</row>" in xml  # a row without a note


def test_wrong_cells_are_coloured_and_keep_the_format_that_they_had() -> None:
    after = parts(checked(clerks_own()))
    xml, styles = after[SHEET].decode(), after["xl/styles.xml"].decode()
    style = re.search(r'<c r="H4" [^>]*s="([0-9]+)"|<c r="H4" s="([0-9]+)"', xml)
    other = re.search(r'<c r="H3" s="([0-9]+)"', xml)
    assert style is not None
    assert other is not None
    cells = re.search(r"<cellXfs.*</cellXfs>", styles, re.DOTALL)
    assert cells is not None
    forms = re.findall(r"<xf [^>]*>", cells[0])
    marked, plain = forms[int(style[1] or style[2])], forms[int(other[1])]
    for name in ("numFmtId", "fontId", "borderId"):
        assert re.findall(f'{name}="([0-9]+)"', marked) == re.findall(f'{name}="([0-9]+)"', plain)
    assert re.findall('fillId="([0-9]+)"', marked) != re.findall('fillId="([0-9]+)"', plain)
    assert f'<cellXfs count="{len(forms)}"' in styles


def test_a_sheet_that_is_checked_again_has_the_new_notes_in_place_of_the_old() -> None:
    content = workbook([HEADINGS, person(1, "很多"), person(2, "5")])
    once = checked(content)
    twice = checked(once)

    assert rows_of(twice) == rows_of(once)
    assert parts(twice)[SHEET].count("错误".encode()) == 1


def test_words_about_the_whole_file_stand_beside_the_headings() -> None:
    content = workbook([HEADINGS, person(1, "5")])
    sheet = read_payroll(content, {}, TODAY)
    sheet.problems.append(Problem(None, "", "sheet_exists", {}))
    made = checked_of(sheet, "错误", lambda problem: f"{problem.code}\n<b>&=1+1")

    assert rows_of(made)[0][9:] == ["错误", "sheet_exists\n<b>&=1+1"]


def added(name: str) -> Callable[[bytes], bytes]:
    return lambda content: repacked({**parts(content), name: b"x"})


def edited(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda content: repacked(
        {
            name: part.replace(old.encode(), new.encode()) if name == SHEET else part
            for name, part in parts(content).items()
        }
    )


def repacked(content: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as package:
        for name, part in content.items():
            package.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize(
    "unusual",
    [
        added("xl/vbaProject.bin"),
        added("xl/externalLinks/externalLink1.xml"),
        added("XL/ActiveX/activeX1.bin"),
        edited('<row r="4"', "<row"),
        edited("<sheetData>", "<!-- <row r='4'> --><sheetData><!-- -->"),
        edited('s="3"', 's="999"'),
    ],
)
def test_a_package_that_is_unusual_or_active_is_written_anew_with_the_rows_alone(
    unusual: Callable[[bytes], bytes],
) -> None:
    content = unusual(clerks_own())
    made = checked(content)

    assert not set(parts(made)) & {"xl/vbaProject.bin", "xl/worksheets/sheet2.xml"}
    assert [row[-1] for row in rows_of(made)][1] == "错误"
    assert WRONG in {row[-1] for row in rows_of(made)}
