"""Files come as they come: with a byte order mark, CRLF, empty lines, without an end."""

import io
from pathlib import Path

import pytest

from cli import intake
from cli.intake import Source, opened, read_rows
from ledger.kernel.errors import LedgerError


def lines_of(given: bytes) -> tuple[list[bytes], list[int]]:
    source = Source("file", io.BytesIO(given))
    return list(source.lines()), list(source.numbers)


@pytest.mark.parametrize(
    ("given", "lines", "numbers"),
    [
        (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}'], [1, 2]),
        (b'{"a":1}\r\n{"b":2}\r\n', [b'{"a":1}', b'{"b":2}'], [1, 2]),
        (b'\xef\xbb\xbf{"a":1}\n', [b'{"a":1}'], [1]),
        (b'{"a":1}\n\n  \r\n{"b":2}', [b'{"a":1}', b'{"b":2}'], [1, 4]),
        (b'{"a":1}\n{"b":', [b'{"a":1}', b'{"b":'], [1, 2]),
        (b"\xef\xbb\xbf", [], []),
        (b"", [], []),
        ('{"n":"\u2028"}\n'.encode(), ['{"n":"\u2028"}'.encode()], [1]),
    ],
)
def test_lines_come_whole_under_their_number_in_the_file(
    given: bytes, lines: list[bytes], numbers: list[int]
) -> None:
    assert lines_of(given) == (lines, numbers)


def test_a_byte_order_mark_inside_the_file_is_kept_for_the_judgement_of_its_line() -> None:
    assert lines_of(b'{"a":1}\n\xef\xbb\xbf{"b":2}\n')[0][1].startswith(b"\xef\xbb\xbf")


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "MAX_LINE", 100)
    lines, numbers = lines_of(b"x" * 100 + b"\n" + b"y" * 1000 + b"\n" + b'{"b":2}\n')
    assert [len(line) for line in lines] == [100, 102, 7]
    assert numbers == [1, 2, 3]
    assert lines[2] == b'{"b":2}'


def test_the_limit_of_a_line_is_the_limit_of_a_posting() -> None:
    from ledger.domain.form import MAX_POSTING_BYTES  # noqa: PLC0415 - compared here alone

    assert intake.MAX_LINE == MAX_POSTING_BYTES


def test_utf_16_is_named_and_not_judged_line_by_line() -> None:
    with pytest.raises(LedgerError) as caught:
        lines_of('{"a":1}\n'.encode("utf-16"))
    assert caught.value.code == "bad_encoding"


def test_no_line_comes_out_after_somebody_stops() -> None:
    source = Source("file", io.BytesIO(b"{}\n" * 5))
    taken = []
    for line in source.lines():
        taken.append(line)
        source.stopped = len(taken) == 2
    assert len(taken) == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [("none.jsonl", "no_file"), ("none/none.jsonl", "no_file"), (".", "file_unreadable"),
     ("nul\0.jsonl", "file_unreadable"), ("empty.jsonl", "empty_file")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_with_its_code(
    tmp_path: Path, name: str, code: str
) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(LedgerError) as caught, opened(str(tmp_path / name)):
        pass
    assert caught.value.code == code


def test_rows_keep_their_numbers_and_bad_ones_are_all_listed(tmp_path: Path) -> None:
    path = tmp_path / "sheet.jsonl"
    path.write_text('{"worker":"W-1","net_fen":1}\n[]\n\n{"worker":"W-2","net_fen":1.5}\n{"a":\n')

    rows, bad = read_rows(str(path))

    assert rows.numbers == [1, 4]
    assert [(row.row, row.code) for row in bad] == [(2, "bad_json"), (5, "bad_json")]
