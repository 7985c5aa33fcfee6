"""The bytes of a line are the one canonical spelling of what it says, however they were made."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import effects
from ledger.domain.base import DocumentLine
from ledger.kernel.canonical import canonical_bytes
from ledger.recording import accrued_bodies, document_line_body, fresh_salts

SALT = "00112233445566778899aabbccddeeff"

refs = st.from_regex(r"[A-Za-z0-9工人一-二._-]{1,64}", fullmatch=True)
amounts = st.integers(min_value=0, max_value=10**15)
numbers = st.dictionaries(st.sampled_from(["gross_fen", "deductions_fen", "half_days"]), amounts)


@given(st.integers(min_value=1, max_value=200_000), refs, refs, amounts, numbers)
def test_a_sheets_line_is_spelled_canonically_with_and_without_its_optional_fields(
    number: int, sheet: str, worker: str, amount: int, optional: dict[str, int]
) -> None:
    line = DocumentLine(effects.ACCRUE, None, worker, amount, optional)

    body = document_line_body(number, line, SALT, sheet)

    said = json.loads(body)
    assert body == canonical_bytes(said)
    assert said == {
        **optional, "amount_fen": amount, "claim": f"{sheet}/{number}", "effect": "accrue",
        "line": number, "salt": SALT, "worker": worker,
    }  # fmt: skip


@pytest.mark.parametrize("effect", [effects.INSTRUCT, effects.SETTLE, effects.RETURN])
@pytest.mark.parametrize("more", [{}, {"code": "account_frozen"}, {"half_days": 3}])
def test_a_line_on_a_claim_is_spelled_canonically(effect: int, more: dict[str, object]) -> None:
    line = DocumentLine(effect, (7, 3), "工人-1", 5_000, {"claim": "表-1/3", **more})

    body = document_line_body(2, line, SALT, "")

    said = json.loads(body)
    assert body == canonical_bytes(said)
    assert said == {
        **more, "amount_fen": 5_000, "claim": "表-1/3", "effect": effects.EFFECTS[effect].name,
        "line": 2, "salt": SALT, "worker": "工人-1",
    }  # fmt: skip


@pytest.mark.parametrize("more", [
    {"booking": 'B"K\\1', "on": "2026-03-01"},
    {"booked": "流水-1", "booked_on": "2026-03-01", "position": 7},
    {"booked": "x", "booked_on": "2026-03-01", "position": 7, "claim": "表-1/3"},
    {"position": 7},
    {},
])  # fmt: skip
def test_a_line_of_a_bank_is_spelled_canonically(more: dict[str, object]) -> None:
    line = DocumentLine(effects.MATCH, (7, 3) if "claim" in more else None, None, -5_000, more)

    body = document_line_body(2, line, SALT, "")

    assert body == canonical_bytes(
        {**more, "amount_fen": -5_000, "effect": "match", "line": 2, "salt": SALT}
    )


def test_a_line_says_nothing_of_what_it_does_not_have() -> None:
    line = DocumentLine(effects.ATTENDANCE, None, "W1", None, {"half_days": 43})

    body = document_line_body(1, line, SALT, "")

    assert json.loads(body) == {
        "effect": "attendance", "half_days": 43, "line": 1, "salt": SALT, "worker": "W1",
    }  # fmt: skip


def test_every_line_has_a_salt_of_its_own() -> None:
    salts = fresh_salts(1_000)
    assert len(set(salts)) == 1_000
    assert {len(salt) for salt in salts} == {32}


@given(
    st.lists(st.tuples(refs, amounts), min_size=1, max_size=5), refs,
    st.lists(st.sampled_from(["gross_fen", "deductions_fen", "half_days"]), unique=True),
    st.integers(min_value=0, max_value=1),
)  # fmt: skip
def test_the_lines_of_a_sheet_are_spelled_at_once_as_each_by_itself(
    people: list[tuple[str, int]], sheet: str, optional: list[str], more: int
) -> None:
    lines = [
        DocumentLine(effects.ACCRUE, None, worker, amount, dict.fromkeys(optional, amount + 1))
        for worker, amount in people
    ]
    lines += [DocumentLine(effects.ACCRUE, None, "W", 1, {"half_days": 3})] * more
    salts = fresh_salts(len(lines))

    made = accrued_bodies(lines, salts, sheet)

    if more and optional != ["half_days"]:
        assert made is None
    else:
        assert made == [
            document_line_body(number, line, salt, sheet)
            for number, (line, salt) in enumerate(zip(lines, salts, strict=True), 1)
        ]
