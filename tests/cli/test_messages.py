"""People read the program in Chinese or English, completely, and a message never fails to show."""

import gettext
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from cli import messages
from cli.messages import LOCALE, _, choose_language, ngettext, render, translator, use_language
from cli.names import (
    KINDS,
    account_name,
    heading,
    kind_name,
    problem_name,
    role_name,
    state_name,
    unit_name,
    word_name,
)
from cli.rendering import message_of, remedy_of, shown_text
from ledger.domain import kinds as _register_kinds  # noqa: F401 - fills the register of kinds
from ledger.domain.base import KINDS as POSTINGS
from ledger.domain.policy import PARAMETERS
from ledger.kernel.codes import CODES, FACTS
from ledger.kernel.identifiers import luhn_ok
from tests import REPOSITORY

SOURCE = Path(LOCALE) / "zh" / "LC_MESSAGES" / "wageledger.po"
OWN_EVENTS = {"IdentityRevealed", "PersonErased", "LegalHoldSet", "LegalHoldLifted", "KeyRotated"}


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with SOURCE.open("rb") as file:
        return read_po(file, abort_invalid=True)


def forms(message: Message) -> list[tuple[str, str]]:
    """Each translation beside the English text it stands for, plural forms apart."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))] if message.string else []
    strings = message.string if isinstance(message.string, tuple | list) else ()
    return [(message.id[-1], str(string)) for string in strings if string]


# -- the language -------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "environment", "language"),
    [
        ("zh", {"LANG": "en_US.UTF-8"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "zh_CN.GBK"}, "zh"),
        (None, {"LC_ALL": "zh_TW"}, "zh"),
        (None, {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LC_MESSAGES": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN"}, "zh"),
        (None, {"LANG": "POSIX"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {}, "en"),
        ("", {"LANG": "zh_CN"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_option_and_else_of_the_locale(
    option: str | None, environment: dict[str, str], language: str
) -> None:
    assert choose_language(option, environment) == language


def test_a_message_is_shown_in_the_language_of_the_run() -> None:
    assert _("Party") == "Party"
    use_language("zh")
    assert _("Party") == "单位"
    assert _("column {column}", column=3) == "第 3 列"
    assert _("") == ""


def test_a_message_that_nobody_translated_is_shown_in_english() -> None:
    use_language("zh")
    assert _("No such message: {n}", n=1) == "No such message: 1"
    assert ngettext("{n} thing", "{n} things", 1_000) == "1,000 things"


def test_a_checkout_that_was_never_built_speaks_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOCALE", str(tmp_path))
    translator.cache_clear()
    try:
        assert translator("zh").gettext("Party") == "Party"
    finally:
        translator.cache_clear()


# -- the catalogue ------------------------------------------------------------


def test_no_message_of_the_program_is_left_without_a_chinese_one(chinese: Catalog) -> None:
    script = runpy.run_path(str(REPOSITORY / "scripts" / "messages"))
    found = {message.id for message in script["messages_of_the_code"]() if message.id}
    known = {message.id: message for message in chinese if message.id}
    assert found - set(known) == set(), "run scripts/messages and translate them"
    assert set(known) - found == set(), "run scripts/messages: no code uses them any more"
    assert not chinese.obsolete, "run scripts/messages"
    assert [id_ for id_, message in known.items() if not script["translated"](message)] == []


def test_every_translation_shows_the_same_facts_as_the_english_message(chinese: Catalog) -> None:
    def facts(text: str) -> Counter[str]:
        return Counter(re.findall(r"\{(\w*)[^{}]*\}", text))

    differing = [
        (english, translation)
        for message in chinese
        if message.id
        for english, translation in forms(message)
        if set(facts(english)) != set(facts(translation))
    ]
    assert differing == []


def test_a_translation_may_leave_out_facts_in_the_same_groups(chinese: Catalog) -> None:
    def groups(text: str) -> Counter[frozenset[str]]:
        segments = re.findall(r"\[([^\[\]]*)\]", text)
        return Counter(frozenset(re.findall(r"\{(\w+)\}", segment)) for segment in segments)

    catalogue = {text for code in CODES.values() for text in (code.message, code.remedy)}
    for message in chinese:
        if message.id in catalogue:
            for english, translation in forms(message):
                assert groups(translation) == groups(english), english
                rest = re.sub(r"\[[^\[\]]*\]", "", translation)
                assert not set("[]{}") & set(rest), english


def test_translations_are_chinese_and_not_the_english_text_again(chinese: Catalog) -> None:
    same = [
        english
        for message in chinese
        if message.id
        for english, translation in forms(message)
        if not re.search("[\u4e00-\u9fff]", translation) and re.search("[A-Za-z]{3}", english)
    ]
    assert sorted(same) == ["percent"]


def test_what_was_compiled_says_what_its_source_says(chinese: Catalog) -> None:
    with SOURCE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in chinese:
        if isinstance(message.id, str) and message.id and message.string:
            assert compiled.gettext(message.id) == message.string, "run scripts/messages"


# -- the words of the ledger --------------------------------------------------


def test_every_kind_of_posting_has_a_name() -> None:
    assert set(KINDS) == set(POSTINGS) | OWN_EVENTS


def test_every_choice_of_a_posting_and_every_unit_of_a_parameter_has_a_name() -> None:
    choices = {
        choice
        for kind in POSTINGS.values()
        for field in kind.fields
        for choice in field.shape.choices
        if len(choice) > 1
    }
    assert choices
    words = choices | {word for known in PARAMETERS.values() for word in known.words}
    assert {word for word in words if word_name(word) == word and "_" in word} == set()
    use_language("zh")
    assert {word for word in words if not re.search("[\u4e00-\u9fff]", word_name(word))} == set()
    units = {known.unit for known in PARAMETERS.values()}
    assert {unit for unit in units if unit_name(unit) == unit} == set()


def test_words_are_shown_in_the_language_of_the_reader() -> None:
    assert (kind_name("PayrollApproved"), heading("net_fen")) == ("payroll approved", "Net")
    use_language("zh")
    assert kind_name("PayrollApproved") == "审核通过工资支付表"
    assert account_name("wages_payable") == "应付工资"
    assert account_name("wage:P-2026-001") == "工资专户 P-2026-001"
    assert (state_name("open"), state_name("open", "case")) == ("未付", "办理中")
    assert (role_name("I"), heading("net_fen")) == ("劳动保障监察", "实发")
    assert problem_name("out_of_range") == "超出允许范围"


def test_a_word_that_this_version_does_not_know_is_shown_as_it_is() -> None:
    use_language("zh")
    assert kind_name("SomethingNew") == "SomethingNew"
    assert account_name("new_account") == "new_account"
    assert state_name("odd", "case") == "odd"
    assert heading("new_fen") == "new_fen"


# -- showing an answer --------------------------------------------------------


def test_a_refusal_says_what_happened_with_its_figures_and_what_to_do() -> None:
    facts = {"claim": "S-1/3", "amount_fen": 123_456_789, "available_fen": 0}
    assert render("over_claim", facts, "en") == (
        "over_claim: This is more than is free on the claim: S-1/3, 1,234,567.89 yuan asked,"
        " 0.00 yuan free.\n"
        "  Ask at most for net less paid less in transit, now and on every later day."
    )
    assert render("over_claim", facts, "zh") == (
        "over_claim: 超过该笔工资的可动用金额：S-1/3，申请 1,234,567.89 元，可动用 0.00 元。\n"
        "  金额不得超过实发减已付再减在途，当日及以后各日都是如此。"
    )


def test_a_fact_that_is_missing_is_left_out_of_the_sentence() -> None:
    assert message_of("over_claim", {"claim": "S-1/3"}) == (
        "This is more than is free on the claim: S-1/3."
    )
    assert message_of("over_claim", {"claim": "", "amount_fen": None}) == (
        "This is more than is free on the claim."
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", [*CODES, "no_such_code"])
def test_every_code_can_be_shown_with_and_without_its_facts(
    code: str, language: messages.Language
) -> None:
    every = {name: 5 if name.endswith("_fen") else "X" for name in FACTS}
    for facts in ({}, every, {name: [1, "2"] for name in FACTS}, dict.fromkeys(FACTS)):
        shown = render(code, facts, language)
        assert shown.startswith(f"{code}: ")
        assert not set("[]{}") & set(shown)
        assert "\n\n" not in shown


def test_words_inside_a_message_are_translated_too() -> None:
    facts = {"kind": "ClaimReduced", "role": "S"}
    assert message_of("not_authorised", facts, "en") == (
        "You may not post this: claim reduced as subcontractor."
    )
    assert (
        message_of("not_authorised", facts, "zh")
        == "您无权登记此事项：核减工资，当前角色 分包单位。"
    )
    assert message_of("bad_amount", {"reason": "decimals"}, "zh") == "金额无效：小数超过两位。"
    json = {"field": "column 17", "problem": "not_json"}
    assert message_of("bad_json", json, "zh") == (
        "这一行不是 UTF-8 编码的 JSON 对象：不是 JSON（第 17 列）。"
    )


def test_showing_in_another_language_does_not_change_that_of_the_run() -> None:
    use_language("zh")
    assert message_of("busy", {}, "en").startswith("The ledger")
    assert message_of("busy", {}).startswith("账本")


def test_several_values_are_named_and_very_many_cut_short() -> None:
    message = message_of("unknown_claim", {"claim": [f"S-1/{n}" for n in range(1, 9)]})
    assert message == "There is no such claim: S-1/1, S-1/2, S-1/3, S-1/4, S-1/5, ...."


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("id_number", "22020019000101001", "***"),
        ("lines[3].name", "张三", "***"),
        ("note", "身份证 220200 19000101 0019 附后", "身份证 ****************0019 附后"),
        ("key", "13800001234", "*******1234"),
        ("amount_fen", "1000000000000000000", "1000000000000000000"),
        ("on", "2026-13-01", "2026-13-01"),
        ("by", "91220201MA0Y4K7L8X", "91220201MA0Y4K7L8X"),
    ],
)
def test_a_value_that_was_refused_is_shown_without_anybodys_identity(
    field: str, value: str, shown: str
) -> None:
    message = message_of("bad_field", {"field": field, "value": value})
    assert message.endswith(f"(given: {shown}).")


def test_a_card_number_is_hidden_wherever_it_stands() -> None:
    card = "6222020000000000000"
    assert luhn_ok(card)
    message = message_of("unknown_project", {"project": card})
    assert card not in message
    assert "6222" not in message


def test_a_text_from_outside_cannot_move_the_cursor_or_fill_the_screen() -> None:
    assert shown_text("a\x1b[31mb\n\u202ec\x00") == "a\\u001b[31mb\\u000a\\u202ec\\u0000"
    assert shown_text("长" * 200) == "长" * 160 + "..."


def test_what_to_do_can_be_shown_by_itself() -> None:
    assert remedy_of("no_ledger", {}, "zh") == "请用 `wageledger init` 建立。"
