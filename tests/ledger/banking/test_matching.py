"""Small statements that tempt a matcher: no match is better than a wrong one."""

from ledger.banking.matching import (
    AMOUNT_AND_DAY,
    BANK_REFERENCE,
    BATCH_AND_AMOUNT,
    BATCH_NET,
    BATCH_TOTAL,
    PAYOUT_LINE,
    Item,
    Line,
    Matcher,
    Refused,
)
from ledger.banking.references import end_to_end, payment_information

DAY = "2025-03-05"
BATCH = 40
OURS = payment_information(BATCH)


def line(name: str, amount: int, end: str = "", batch: str = "", **more: str) -> Line:
    return Line(more.pop("on", DAY), name, amount, "ST", end, batch, **more)


def paid(number: int, amount: int, batch: int = BATCH) -> Item:
    """A payment of a batch that no line shows yet."""
    return Item(
        batch, f"S/{number}", -amount, DAY, "PayoutInstructed", batch, number, None, "pending"
    )


def whole(amount: int, batch: int = BATCH) -> Item:
    return Item(batch, "", -amount, DAY, "PayoutInstructed", batch)


def back(number: int, amount: int) -> Item:
    return Item(77, f"S/{number}", amount, DAY, "PayoutReturned", BATCH, number)


def received(amount: int, bank_ref: str = "", on: str = DAY, position: int = 9) -> Item:
    return Item(position, "", amount, on, "LabourCostTransferred", bank_ref=bank_ref or None)


def found(
    lines: list[Line], items: list[Item], refused: Refused = frozenset()
) -> list[tuple[str, list[str], list[str]]]:
    """Rule, names of lines, names of items of each match."""
    shown = []
    for matches in Matcher(lines, items, refused).run():
        for one, item in matches.pairs:
            shown.append((matches.rule.name, [one.name], [item.claim or str(item.position)]))
        for some, of in matches.groups:
            names = [item.claim or str(item.position) for item in of]
            shown.append((matches.rule.name, [one.name for one in some], names))
    return shown


def test_a_reference_of_ours_finds_its_payment_among_equal_amounts() -> None:
    lines = [line("a", -500, end_to_end(BATCH, 2)), line("b", -500, end_to_end(BATCH, 1))]

    assert found(lines, [whole(1_000), paid(1, 500), paid(2, 500)]) == [
        (PAYOUT_LINE.name, ["a"], ["S/2"]),
        (PAYOUT_LINE.name, ["b"], ["S/1"]),
    ]


def test_a_reference_of_ours_is_never_matched_with_another_amount() -> None:
    items = [whole(1_100), paid(1, 500), paid(2, 600)]

    assert found([line("a", -600, end_to_end(BATCH, 1))], items) == []
    assert found([line("a", -600, batch=OURS)], items) == [(BATCH_AND_AMOUNT.name, ["a"], ["S/2"])]


def test_a_credit_with_the_reference_of_a_payment_shows_its_return() -> None:
    lines = [line("a", -500, end_to_end(BATCH, 1)), line("b", 500, end_to_end(BATCH, 1))]

    assert found(lines, [whole(500), paid(1, 500), back(1, 500)]) == [
        (PAYOUT_LINE.name, ["a"], ["S/1"]),
        (PAYOUT_LINE.name, ["b"], ["S/1"]),
    ]


def test_of_a_payment_that_the_bank_made_twice_only_the_first_line_is_matched() -> None:
    lines = [line(name, -500, end_to_end(BATCH, 1)) for name in ("a", "b")]

    assert found(lines, [whole(500), paid(1, 500)]) == [(PAYOUT_LINE.name, ["a"], ["S/1"])]


def test_two_lines_with_one_reference_are_left_alone_while_another_payment_waits() -> None:
    lines = [line(name, -500, end_to_end(BATCH, 1)) for name in ("a", "b")]

    assert found(lines, [whole(1_000), paid(1, 500), paid(2, 500)]) == []


def test_a_batch_is_matched_by_its_total_by_split_totals_and_net_of_returns() -> None:
    items = [whole(1_100), paid(1, 500), paid(2, 600)]

    assert found([line("t", -1_100, batch=OURS)], items) == [(BATCH_TOTAL.name, ["t"], ["40"])]
    split = [line("t", -400, batch=OURS), line("u", -700, batch=OURS)]
    assert found(split, items) == [(BATCH_TOTAL.name, ["t", "u"], ["40"])]
    net = [line("t", -600, batch=OURS)]
    returned = Item(77, "", 500, DAY, "PayoutReturned", BATCH)
    assert found(net, [*items[:1], returned]) == [(BATCH_NET.name, ["t"], ["40", "77"])]


def test_what_is_left_of_a_batch_is_matched_claim_by_claim() -> None:
    lines = [line("a", -500, end_to_end(BATCH, 1)), line("t", -1_300, batch=OURS)]
    items = [whole(1_800), paid(1, 500), paid(2, 600), paid(3, 700)]

    assert found(lines, items) == [
        (PAYOUT_LINE.name, ["a"], ["S/1"]),
        (BATCH_TOTAL.name, ["t"], ["S/2", "S/3"]),
    ]


def test_the_bank_s_reference_decides_and_never_against_the_amount() -> None:
    lines = [line("LC1", 900), line("x", 800, "LC2")]

    assert found(lines, [received(900, "LC1"), received(800, "LC2", position=10)]) == [
        (BANK_REFERENCE.name, ["LC1"], ["9"]),
        (BANK_REFERENCE.name, ["x"], ["10"]),
    ]
    assert found([line("LC1", 901)], [received(900, "LC1"), received(901, position=10)]) == []


def test_an_amount_decides_only_where_nobody_else_has_it_near() -> None:
    one, near = [received(900)], received(900, on="2025-03-06", position=10)

    assert found([line("a", 900)], one) == [(AMOUNT_AND_DAY.name, ["a"], ["9"])]
    assert found([line("a", 900), line("b", 900)], one) == []
    assert found([line("a", 900)], [*one, near]) == []
    assert found([line("a", 900, on="2025-03-13")], one) == []
    assert found([line("a", 900, on="2025-03-03")], one) == []
    assert found([line("a", 900, return_code="other")], one) == []


def test_a_batch_of_one_payment_is_no_two_candidates_for_its_line() -> None:
    assert found([line("a", -500)], [whole(500), paid(1, 500)]) == [
        (AMOUNT_AND_DAY.name, ["a"], ["40"])
    ]


def test_a_match_that_somebody_took_back_is_not_made_again() -> None:
    lines, items = [line("a", -500, end_to_end(BATCH, 1))], [whole(500), paid(1, 500)]
    taken_back = frozenset({(DAY, "a", BATCH, "S/1")})

    assert found(lines, items, taken_back) == []
    groups = [line("t", -400, batch=OURS), line("u", -100, batch=OURS)]
    assert found(groups, items, frozenset({(DAY, "t", BATCH, "")})) == []
