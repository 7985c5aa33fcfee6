"""A document can be shown with some of its lines, and nobody can pass off others for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.effects import EFFECTS
from ledger.kernel.merkle import leaf_hash, root
from ledger.proof.excerpt import BadExcerptError, excerpt, parse_excerpt, root_of
from ledger.proof.verifying import receipt_check


def lines(count: int) -> list[bytes]:
    return [b'{"line":%d}' % number for number in range(1, count + 1)]


def root_over(bodies: list[bytes]) -> bytes:
    return root(list(map(leaf_hash, bodies)))


@given(st.data(), st.integers(0, 200))
def test_an_excerpt_gives_the_root_and_shows_only_what_was_chosen(
    data: st.DataObject, count: int
) -> None:
    bodies = lines(count)
    shown = data.draw(st.sets(st.integers(1, count), max_size=8)) if count else set()
    raw = excerpt(bodies, shown)
    pieces = parse_excerpt(raw)
    assert root_of(pieces) == root_over(bodies)
    assert {piece.first: piece.body for piece in pieces if piece.body is not None} == {
        number: bodies[number - 1] for number in shown
    }
    for number in set(range(1, count + 1)) - shown:
        assert bodies[number - 1] not in [piece.body for piece in pieces]


@given(st.integers(2, 60), st.data())
def test_an_excerpt_with_any_line_changed_gives_another_root(
    count: int, data: st.DataObject
) -> None:
    bodies = lines(count)
    number = data.draw(st.integers(1, count))
    raw = excerpt(bodies, {number})
    changed = raw.replace(b'{"line":%d}' % number, b'{"line":%d0}' % number)
    assert changed != raw
    assert root_of(parse_excerpt(changed)) != root_over(bodies)


@pytest.mark.parametrize(
    "raw",
    [
        b"1 {}",  # no end
        b"2 {}\n",  # begins late
        b"1 {}\n3 {}\n",  # a gap
        b"1-2 {}\n",  # two lines in one row
        b"2-1 " + b"0" * 64 + b"\n",  # backwards
        b"01 {}\n",
        b"1-99999999999999999 " + b"0" * 64 + b"\n",  # longer than any document
        b"1\n",
        b"\n",
    ],
)  # fmt: skip
def test_what_is_no_excerpt_is_refused(raw: bytes) -> None:
    with pytest.raises(BadExcerptError):
        parse_excerpt(raw)


def test_a_withheld_run_that_is_no_subtree_gives_no_root() -> None:
    hidden = b"0" * 64
    assert root_of(parse_excerpt(b"1 {}\n2-3 " + hidden + b"\n4 {}\n")) is None


def test_the_verifier_knows_every_effect_that_moves_a_claim() -> None:
    moving = {
        effect.name: (effect.net, effect.paid, effect.transit)
        for effect in EFFECTS
        if effect.net or effect.paid or effect.transit
    }
    assert moving == receipt_check.EFFECTS
