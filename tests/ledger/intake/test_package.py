"""Workbooks are measured before they are read: sizes, spread, document types, mutations."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from ledger.intake.grid import read_grid
from ledger.intake.limits import MAX_ROWS
from ledger.intake.package import column_letters, column_number
from ledger.intake.payroll import read_payroll
from ledger.intake.problems import BadFileError
from tests import counts
from tests.ledger.intake.books import HEADINGS, person, text, workbook

SHEET = "xl/worksheets/sheet1.xml"


def rewritten(content: bytes, changed: Callable[[str, bytes], bytes]) -> bytes:
    """The same package with some parts changed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, changed(part.filename, old.read(part.filename)))
    return buffer.getvalue()


def in_sheet(before: bytes, after: bytes) -> bytes:
    """A wage sheet whose worksheet says something else."""

    def change(name: str, part: bytes) -> bytes:
        if name != SHEET:
            return part
        assert before in part
        return part.replace(before, after)

    return rewritten(workbook([HEADINGS, person(1, "100"), person(2, "200")]), change)


def refusal(content: bytes) -> tuple[str, object]:
    with pytest.raises(BadFileError) as caught:
        read_grid(content)
    return caught.value.code, caught.value.facts.get("problem")


@pytest.mark.parametrize("place", ["XFD3", "A1048576", "IW3", "IV199999"])
def test_a_cell_far_out_is_refused_before_room_is_made_for_it(place: str) -> None:
    code, _problem = refusal(in_sheet(b'r="A3"', f'r="{place}"'.encode()))
    assert code == "over_limit"


def test_a_cell_far_out_is_found_however_its_place_is_written() -> None:
    code, _problem = refusal(in_sheet(b' r="A3"', b"\nr='XFD9'"))
    assert code == "over_limit"


@pytest.mark.parametrize("row", [b"<row/>", b'<row r="4"><c r="A4" t="str"><v>x</v></c></row>'])
def test_more_rows_than_the_largest_sheet_has_are_refused_before_they_are_parsed(
    row: bytes,
) -> None:
    noise = b"".join(b"%s<!--%x-->" % (row, at * 2_654_435_761) for at in range(MAX_ROWS + 1))
    assert refusal(in_sheet(b"</sheetData>", noise + b"</sheetData>")) == ("over_limit", "rows")


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml", "_rels/.rels"])
def test_a_document_type_in_any_part_is_refused(part: str) -> None:
    def change(name: str, content: bytes) -> bytes:
        return b"<!-- x --><!DOCTYPE a>" + content if name == part else content

    content = rewritten(workbook([HEADINGS, person(1, "100")]), change)
    assert refusal(content) == ("bad_workbook", "document_type")


def test_a_part_in_an_encoding_that_could_hide_one_is_refused() -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.decode().encode("utf-16") if name == "xl/workbook.xml" else content

    content = rewritten(workbook([HEADINGS, person(1, "100")]), change)
    assert refusal(content) == ("bad_workbook", "document_type")


def test_a_part_that_unpacks_to_a_hundred_times_its_size_is_refused() -> None:
    content = in_sheet(b"<sheetData>", b"<sheetData>" + b" " * 30_000_000)
    assert refusal(content) == ("over_limit", "ratio")


def test_one_long_text_shared_by_many_cells_is_refused_before_it_is_copied() -> None:
    rows = [HEADINGS, *([["长" * 700_000]] * 300)]

    import xlsxwriter  # noqa: PLC0415 - only here

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write_string(at, column, cell[:30_000])
    book.close()
    shared = "长" * 700_000
    content = rewritten(
        buffer.getvalue(),
        lambda name, part: (
            part.replace(("长" * 30_000).encode(), shared.encode())
            if name == "xl/sharedStrings.xml"
            else part
        ),
    )
    assert refusal(content)[0] == "over_limit"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old_or_locked"),
        (b"%PDF-1.7 ...", "no_table"),
        (b"PK\x03\x04 nothing more", "damaged"),
    ],
)
def test_another_kind_of_file_is_named_as_what_it_is(content: bytes, problem: str) -> None:
    assert refusal(content) == ("bad_workbook", problem)


def test_columns_are_counted_as_spreadsheets_letter_them() -> None:
    assert [column_number(letters) for letters in ("A", "Z", "AA", "IV", "XFD")] == [
        0, 25, 26, 255, 16383,
    ]  # fmt: skip
    assert all(column_number(column_letters(number)) == number for number in range(2_000))


@pytest.mark.parametrize("kind", ["workbook", "package", "text", "json"])
def test_a_mutated_file_is_read_or_refused_and_never_breaks_the_program(kind: str) -> None:
    rows = [HEADINGS, *(person(number, "100.50") for number in range(1, 6))]
    book = workbook(rows)
    whole = {
        "workbook": book,
        "package": book,
        "text": text(rows).encode("gb18030"),
        "json": b'{"worker":"W-1","net_fen":1}\n{"worker":"W-2","net_fen":2,"days":1.5}\n',
    }[kind]
    chance = random.Random(kind)  # noqa: S311 - mutations
    for _run in range(counts.runs(1_000)):
        content = mutated_part(whole, chance) if kind == "package" else mutated(whole, chance)
        try:
            sheet = read_payroll(content, {}, "2026-06-30")
        except BadFileError:
            continue
        assert len(sheet.lines) == len(sheet.numbers)
        assert sheet.failed or all(line.get("net_fen", 0) > 0 for line in sheet.lines), content


def mutated(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _change in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        kind = chance.randrange(4)
        if kind == 0:
            made[at] = chance.randrange(256)
        elif kind == 1:
            del made[at : at + chance.randint(1, 20)]
        elif kind == 2:
            made[at:at] = made[at : at + chance.randint(1, 20)]
        else:
            made[at:at] = bytes(chance.randrange(256) for _ in range(3))
    return bytes(made)


def mutated_part(content: bytes, chance: random.Random) -> bytes:
    """A package whole by its checksums, with one XML part spoilt."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    spoilt = chance.choice(names)
    return rewritten(content, lambda name, part: mutated(part, chance) if name == spoilt else part)
