"""Chinese takes two cells a character, so columns only stand right when cells are counted."""

import pytest

from cli.widths import cells, cut, pad, wrap


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("wage", 4),
        ("示例公司", 8),
        ("示例Co.", 7),
        ("é", 1),
        ("e\u0301", 1),
        ("，", 2),
        ("a\u200bb", 2),
    ],
)
def test_a_text_takes_the_cells_that_a_terminal_gives_it(text: str, width: int) -> None:
    assert cells(text) == width


def test_padding_counts_cells_and_not_characters() -> None:
    assert pad("工资", 6) == "工资  "
    assert pad("工资", 6, right=True) == "  工资"
    assert pad("工资表", 4) == "工资表"


def test_a_text_that_is_too_wide_is_cut_between_characters_and_says_so() -> None:
    assert cut("示例建筑公司", 12) == "示例建筑公司"
    assert cut("示例建筑公司", 11) == "示例建筑公…"
    assert cut("示例建筑公司", 10) == "示例建筑…"
    assert cells(cut("示例建筑公司", 10)) <= 10


def test_english_breaks_at_blanks_and_chinese_between_characters() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("先行清偿农民工工资", 8) == ["先行清偿", "农民工工", "资"]


def test_a_line_never_begins_with_a_closing_mark() -> None:
    assert wrap("应付工资。已付", 8) == ["应付工", "资。已付"]


def test_a_word_longer_than_the_line_stands_alone() -> None:
    assert wrap("see sqlite:///a/very/long/path.db now", 10) == [
        "see", "sqlite:///a/very/long/path.db", "now",
    ]  # fmt: skip


def test_a_paragraph_stays_a_paragraph() -> None:
    assert wrap("one\n\ntwo", 20) == ["one", "", "two"]
