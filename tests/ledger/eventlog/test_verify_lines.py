"""Whatever is changed in a document's lines is found, line by line."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ledger.eventlog.engine import begin_writing
from ledger.kernel.canonical import canonical_bytes
from tests.ledger.eventlog.city import City
from tests.ledger.eventlog.test_verify import found, tamper

UPDATE_LINE = "UPDATE event_line SET {} WHERE position = {} AND part = {} AND line = {}"


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("line", [1, 3, 5])
def test_a_line_taken_out_is_missed(log: Engine, line: int) -> None:
    tamper(log, "DELETE FROM event_line WHERE position = 2 AND line = :line", line=line)

    assert {(position, rule) for position, rule, _ in found(log)} == {(2, "lines")}


@pytest.mark.usefixtures("city")
def test_all_lines_taken_out_are_missed(log: Engine) -> None:
    tamper(log, "DELETE FROM event_line WHERE position = 6 AND part = 1")

    assert found(log) == [(6, "lines", None)]


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("position", [3, 9, 10, 77])
def test_lines_that_no_event_states_are_found(log: Engine, position: int) -> None:
    tamper(
        log,
        "INSERT INTO event_line (tenant, position, part, line, effect, body)"
        " VALUES ('main', :position, 0, 1, 0, :body)",
        position=position,
        body=b"{}",
    )

    assert found(log) == [(position, "lines", None)]


def change_line(engine: Engine, position: int, line: int, change: Callable[[bytes], bytes]) -> None:
    where = {"position": position, "line": line}
    with begin_writing(engine) as connection:
        body = (
            connection.execute(
                text("SELECT body FROM event_line WHERE position = :position AND line = :line"),
                where,
            )
            .scalars()
            .first()
        )
    tamper(
        engine,
        "UPDATE event_line SET body = :body WHERE position = :position AND line = :line",
        body=change(bytes(body or b"")),
        **where,
    )


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda body: body.replace(b'"days":3', b'"days":4'), {"root"}),
        (lambda body: body.replace(b'"days":3', b'"days":3 '), {"root", "line"}),
        (lambda body: body.replace("王".encode(), b"\\u738b"), {"root", "line"}),
        (lambda body: body + b"{}", {"root", "line"}),
        (lambda _: b"", {"root", "line"}),
        (lambda _: b"[]", {"root", "line"}),
        (lambda body: body.replace(b'"amount_fen":300', b'"amount_fen":3e2'), {"root", "line"}),
        (lambda body: body.replace(b'"salt"', b'"slat"'), {"root", "line"}),
        (lambda body: body.replace(b"00000000000000000000000000000003", b"3"), {"root", "line"}),
    ],
)
def test_a_changed_line_is_found(
    log: Engine, change: Callable[[bytes], bytes], rules: set[str]
) -> None:
    change_line(log, 2, 3, change)

    reported = found(log)

    assert {rule for _, rule, _ in reported} == rules
    assert {line for _, rule, line in reported if rule == "line"} <= {3}


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    "column",
    [
        "amount_fen = amount_fen + 1",
        "amount_fen = NULL",
        "worker = '王-4'",
        "worker = NULL",
        "effect = 2",
        "effect = 99",
        "claim_line = 4",
        "claim_position = 5",
        "claim_position = 3",
        "claim_position = NULL",
    ],
)
def test_a_column_that_disagrees_with_its_line_is_found(log: Engine, column: str) -> None:
    tamper(log, UPDATE_LINE.format(column, 2, 0, 3))

    assert found(log) == [(2, "line", 3)]


PLAIN = "UPDATE event_line SET {} WHERE position = 6 AND part = 0 AND line = 2"
AS_THEY_SAY = (
    b'{"amount_fen":%s,"claim":"CL-7","effect":"instruct","line":%s,"salt":"%s","worker":"%s"}'
)


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("fen", "line", "salt", "worker", "columns"),
    [
        (b"701", b"2", b"0" * 32, "王-1", ""),
        (b"700", b"3", b"0" * 32, "王-1", ""),
        (b"700", b"2", b"0" * 31, "王-1", ""),
        (b"700", b"2", b"G" * 32, "王-1", ""),
        (b"700", b"2", b'","x":"' + b"0" * 25, "王-1", ""),
        (b"700", b"2", b"0" * 32, "王-2", ""),
        (b"700", b"2", b"0" * 32, 'a"b', "worker = 'a\"b'"),
        (b"700", b"2", b"0" * 32, "a\\b", "worker = 'a\\b'"),
        (b"700", b"2", b"0" * 32, "a\nb", "worker = 'a\nb'"),
        (b"700", b"2", b"0" * 32, "王-1", "amount_fen = 701"),
        (b"700", b"2", b"0" * 32, "王-1", "claim_line = 2"),
        (b"700", b"2", b"0" * 32, "王-1", "effect = 4"),
    ],
)
def test_a_line_that_says_nothing_more_than_its_columns_is_verified_as_well(
    log: Engine, fen: bytes, line: bytes, salt: bytes, worker: str, columns: str
) -> None:
    body = AS_THEY_SAY % (fen, line, salt, worker.encode())
    tamper(log, PLAIN.format("body = :body"), body=body)
    if columns:
        tamper(log, PLAIN.format(columns))

    assert set(found(log)) == {(6, "line", 2), (6, "root", None)}


@pytest.mark.usefixtures("city")
def test_a_float_in_a_column_and_in_its_line_is_found(log: Engine) -> None:
    body = AS_THEY_SAY % (b"700.5", b"2", b"0" * 32, "王-1".encode())
    tamper(log, PLAIN.format("body = :body"), body=body)
    tamper(log, PLAIN.format("amount_fen = 700.5"))

    assert set(found(log)) == {(6, "line", 2), (6, "root", None)}


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("from_position", [1, 6])
def test_a_payment_turned_to_another_claim_is_found(log: Engine, from_position: int) -> None:
    tamper(log, "UPDATE event_line SET claim_line = 3 WHERE position = 6 AND part = 0 AND line = 1")

    assert found(log, from_position) == [(6, "line", 1)]


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    "change",
    ["amount_fen = amount_fen + 1", "worker = 'x'", "effect = 1", "claim_position = 1"],
)
def test_a_journal_line_beside_its_event_is_verified_too(log: Engine, change: str) -> None:
    tamper(log, UPDATE_LINE.format(change, 6, 1, 2))

    assert found(log) == [(6, "line", 2)]


def test_journal_lines_beside_their_event_that_do_not_balance_are_found(log: Engine) -> None:
    city = City(log)
    city.record("Reversed", {}, journal=[("gc", "a", 5), ("gc", "b", -4)], beside=True)

    assert found(log) == [(1, "balance", None)]


def test_a_journal_line_of_another_form_is_found(log: Engine) -> None:
    city = City(log)
    city.record("Reversed", {}, journal=[("gc", "a", 5), ("gc", "b", -5)], beside=True)
    body = canonical_bytes(["gc", "a", "JL-1", "", 5, "0" * 32])

    tamper(log, "UPDATE event_line SET body = :body WHERE line = 1", body=body)

    assert {(rule, line) for _, rule, line in found(log)} == {
        ("line", 1),
        ("root", None),
        ("balance", None),
    }


def test_a_journal_inside_and_beside_its_event_is_found(log: Engine) -> None:
    city = City(log)
    pair = [("gc", "a", 5), ("gc", "b", -5)]
    inside: list[list[Any]] = [[book, account, "", "", "", fen] for book, account, fen in pair]
    city.record("Reversed", {}, journal=pair, beside=True, changes={"journal": inside})

    assert found(log) == [(1, "body", None)]
