"""A fact has one spelling, or none."""

import json
import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.canonical import NotCanonicalError, canonical_bytes

plain_text = st.text(st.characters(exclude_categories=["Cs"]))
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | plain_text,
    lambda inner: st.lists(inner) | st.dictionaries(plain_text, inner),
    max_leaves=20,
)


def test_an_event_is_spelled_with_sorted_keys_and_no_blanks() -> None:
    body = {"on": "1931-03-31", "journal": [["", -500], ["工资", 500]], "by": None, "ok": True}

    assert canonical_bytes(body) == (
        '{"by":null,"journal":[["",-500],["工资",500]],"ok":true,"on":"1931-03-31"}'.encode()
    )


def test_control_characters_and_quotes_are_escaped_as_json_escapes_them() -> None:
    assert canonical_bytes('a"\\\n\u0001\u2028') == b'"a\\"\\\\\\n\\u0001\xe2\x80\xa8"'


@given(plain_values)
def test_the_same_fact_is_read_back_and_spelled_the_same_again(value: object) -> None:
    spelled = canonical_bytes(value)

    assert json.loads(spelled) == value
    assert canonical_bytes(json.loads(spelled)) == spelled


@given(st.dictionaries(plain_text, st.integers(), min_size=2))
def test_the_order_in_which_fields_were_given_does_not_matter(fields: dict[str, int]) -> None:
    backwards = dict(reversed(fields.items()))

    assert canonical_bytes(backwards) == canonical_bytes(fields)


class Amount(int):
    """An integer that spells itself differently."""

    def __repr__(self) -> str:
        return "a lot"


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        math.nan,
        math.inf,
        Decimal(1),
        date(1931, 3, 31),
        b"bytes",
        {1},
        Amount(1),
        {1: "key"},
        {None: "key"},
        {True: "key"},
        {1.5: "key"},
        pytest.param(10**5000, id="ten to the 5000th"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"deep": [{"er": (v,)}]}])
def test_what_has_two_spellings_is_refused_wherever_it_stands(value: object, wrap: object) -> None:
    assert callable(wrap)
    with pytest.raises(NotCanonicalError):
        canonical_bytes(wrap(value))


def test_a_lone_surrogate_is_refused_without_repeating_the_text() -> None:
    with pytest.raises(NotCanonicalError) as caught:
        canonical_bytes({"name": "Zhang\ud800"})

    assert "Zhang" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_lone_surrogate_in_a_key_is_refused() -> None:
    with pytest.raises(NotCanonicalError):
        canonical_bytes({"\udfff": 1})


def test_a_hundred_thousand_brackets_are_refused_and_do_not_end_the_program() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]

    with pytest.raises(NotCanonicalError):
        canonical_bytes(nested)


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(NotCanonicalError):
        canonical_bytes(endless)
