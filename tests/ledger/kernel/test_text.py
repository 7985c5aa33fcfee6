"""Nothing invisible gets into a name, and no identity into a text that stays for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.text import holds_identity, text_problem, workbook_text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "张三",
        "买买提·吐尔逊",
        "ئابدۇكېرىم",
        "ᠮᠣᠩᠭᠣᠯ",
        "བཀྲ་ཤིས",
        "𠮷野家",
        "葛\U000e0100城",  # the ideographic variant that the name is written with
        "\ue863",  # a rare name in an old bank file
        "👷 at 吉林-01, 3rd floor; 'ok' (½)",
    ],
)
def test_names_and_notes_of_any_script_are_welcome(text: str) -> None:
    assert text_problem(text) is None


@pytest.mark.parametrize(
    ("character", "problem"),
    [
        ("\x00", "nul"),
        ("\x01", "control_character"),
        ("\x1b", "control_character"),
        ("\r", "control_character"),
        ("\x7f", "control_character"),
        ("\x85", "control_character"),
        ("\x9b", "control_character"),
        ("\u2028", "control_character"),
        ("\u061c", "direction_control"),
        ("\u200e", "direction_control"),
        ("\u202a", "direction_control"),
        ("\u202e", "direction_control"),
        ("\u2066", "direction_control"),
        ("\u2069", "direction_control"),
        ("\u00ad", "invisible_character"),
        ("\u200b", "invisible_character"),
        ("\u200d", "invisible_character"),
        ("\u2060", "invisible_character"),
        ("\u3164", "invisible_character"),
        ("\ufeff", "invisible_character"),
        ("\U000e0041", "invisible_character"),
        ("\ud800", "lone_surrogate"),
        ("\udfff", "lone_surrogate"),  # noqa: PT014 - ruff cannot tell surrogates apart
        ("\ufdd0", "noncharacter"),
        ("\uffff", "noncharacter"),
        ("\U0001fffe", "noncharacter"),
        ("\U0010ffff", "noncharacter"),
    ],
)
@pytest.mark.parametrize("many_lines", [False, True])
def test_a_character_that_deceives_the_reader_is_named(
    character: str, problem: str, *, many_lines: bool
) -> None:
    assert text_problem(f"张{character}三", many_lines=many_lines) == problem


@pytest.mark.parametrize("blank", ["\n", "\t"])
def test_a_note_may_have_lines_and_a_name_may_not(blank: str) -> None:
    assert text_problem(f"one{blank}two", many_lines=True) is None
    assert text_problem(f"one{blank}two") == "control_character"


def test_a_text_of_500_characters_is_stored_and_of_501_is_not() -> None:
    assert text_problem("工" * 500) is None
    assert text_problem("工" * 501) == "too_long"
    assert text_problem("four", limit=3) == "too_long"


@given(st.text())
def test_every_text_gets_an_answer(text: str) -> None:
    problem = text_problem(text, limit=10_000)

    assert problem is None or problem.replace("_", "").isalpha()
    if problem is None:
        text.encode()  # UTF-8 can hold it
    holds_identity(text)


ID_NUMBER = "22028219040923001X"
CARD = "6228489039558431820"


@pytest.mark.parametrize("identity", [ID_NUMBER, CARD, "6225884329547775", "220202190211010001"])
@pytest.mark.parametrize(
    "note",
    [
        "{}",
        "worker {} left",
        "身份证{}已核",
        "no.{}.",
        "卡号：{}，开户行不详",
        "({})",
        "a{}b",
        "\n{}\n",
    ],
)
def test_an_identity_inside_a_note_is_found(identity: str, note: str) -> None:
    assert holds_identity(note.format(identity))


@pytest.mark.parametrize(
    "written",
    [
        "220282 19040923 001X",
        "220282-1904-0923-001x",
        "220282_19040923_001X",
        "2 2 0 2 8 2 1 9 0 4 0 9 2 3 0 0 1 X",
        "２２０２８２１９０４０９２３００１Ｘ",
        "２２０２８２\u300019040923－001X",
        "٢٢٠٢٨٢19040923001X",
        "220282\u00a019040923\u2011001X",
        "6228 4890 3955 8431 820",
        "6228-4890-3955-8431-820",
        "622848 9039558431820",
        "６２２８ ４８９０ ３９５５ ８４３１ ８２０",
        "on 1931-03-31 6228 4890 3955 8431 820 was bound",
        "99220282190409230 01X",
        "99220282190409230 01X77",
    ],
)
def test_blanks_hyphens_and_other_digits_do_not_hide_an_identity(written: str) -> None:
    assert holds_identity(written)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "转账凭证",
        "from 2026-01-05 to 2026-02-05, 2026-03-05",
        "tel. 13800001234, 0432-62012345",
        "91220200MA2A99L15M",
        "220282190409230011",  # the check digit of an ID number is wrong
        "220282190413230010",  # there is no thirteenth month
        "6228489039558431821",  # the Luhn digit of a card is wrong
        "622848903955843",  # fifteen digits
        "62284890395584318200",  # twenty digits
        "1234567.89 + 7654321.00 = 8888888.89",
        "a" * 500,
    ],
)
def test_other_numbers_may_stand_in_a_note(note: str) -> None:
    assert not holds_identity(note)


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_a_number_in_front_does_not_hide_an_id_number(before: int, after: int) -> None:
    assert holds_identity(f"{before}{ID_NUMBER} {after}")


def test_a_text_that_looks_like_markup_of_a_workbook_is_no_longer_all_of_it() -> None:
    assert workbook_text("<r><t>1</t></r>") == "<r><t>1</t></r> "
    assert workbook_text("<r> 1") == "<r> 1"
