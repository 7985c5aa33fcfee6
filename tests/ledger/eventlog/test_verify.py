"""Whatever is changed in a log behind the program's back is found, where it is."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, text

from ledger.domain import effects
from ledger.eventlog import findings
from ledger.eventlog.engine import begin_writing
from ledger.eventlog.findings import RULES, Finding, Report
from ledger.eventlog.verify import verify
from ledger.kernel.merkle import leaf_hash
from tests.ledger.eventlog.city import City, Line


def tamper(engine: Engine, statement: str, **values: object) -> None:
    """Change the log as somebody with the owner's rights could."""
    with begin_writing(engine) as connection:
        for table in ("event", "event_line"):
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                for change in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{change}")
        connection.execute(text(statement), values)


def rewrite(engine: Engine, position: int, change: Callable[[bytes], bytes]) -> None:
    """Change a body and its hash, so that only the body itself can give it away."""
    with begin_writing(engine) as connection:
        body = change(body_of(connection, position))
    tamper(
        engine,
        "UPDATE event SET body = :body, leaf_hash = :leaf_hash WHERE position = :position",
        body=body,
        leaf_hash=leaf_hash(body),
        position=position,
    )


def body_of(connection: Connection, position: int) -> bytes:
    found = connection.execute(
        text("SELECT body FROM event WHERE position = :position"), {"position": position}
    ).scalar_one()
    return bytes(found)


def found(engine: Engine, from_position: int = 1) -> list[tuple[int, str, int | None]]:
    report = verify(engine, "main", from_position)
    assert report.clean == (not report.findings)
    assert all(finding.rule in RULES for finding in report.findings)
    return [(finding.position, finding.rule, finding.line) for finding in report.findings]


# -- logs as they should be ---------------------------------------------------


def test_a_log_as_it_was_written_is_clean(log: Engine, city: City) -> None:
    report = verify(log, city.tenant)

    assert report == Report("main", 1, last_position=9, events=9, lines=13)
    assert report.clean


def test_an_empty_log_is_clean(log: Engine) -> None:
    assert verify(log, "main") == Report("main", 1)


@pytest.mark.usefixtures("city")
def test_verification_may_begin_anywhere(log: Engine) -> None:
    for position in range(1, 11):
        report = verify(log, "main", position)

        assert report.clean
        assert (report.events, report.last_position) == (10 - position, 9)


@pytest.mark.usefixtures("city")
def test_tenants_are_verified_apart(log: Engine) -> None:
    City(log, "jilin").record("PartyRegistered", {"party": "x"})
    tamper(log, "UPDATE event SET kind = 'Reversed' WHERE tenant = 'jilin'")

    assert found(log) == []
    assert not verify(log, "jilin").clean


def test_documents_longer_than_what_is_read_at_once_are_clean(
    log: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.eventlog.verify_lines._LINES_AT_ONCE", 7)
    monkeypatch.setattr("ledger.eventlog.verify._EVENTS_AT_ONCE", 2)
    city = City(log)
    for number in range(1, 6):
        lines = [
            Line(effects.ACCRUE, f"S-{number}/{n}", (number, n), f"W-{n}", n) for n in range(1, 24)
        ]
        city.record("PayrollSubmitted", {"sheet": f"S-{number}"}, lines=lines)
    seen: list[int] = []

    report = verify(log, "main", progress=seen.append)

    assert report.clean
    assert (report.events, report.lines) == (5, 115)
    assert seen[-1] == 5


# -- the order of events ------------------------------------------------------


@pytest.mark.usefixtures("city")
def test_an_event_taken_out_is_missed(log: Engine) -> None:
    tamper(log, "DELETE FROM event WHERE position = 4")

    assert found(log) == [(5, "contiguity", None), (8, "stream", None)]


@pytest.mark.usefixtures("city")
def test_the_last_event_taken_out_is_missed_by_the_head(log: Engine) -> None:
    tamper(log, "DELETE FROM event WHERE position = 9")

    assert found(log) == [(9, "head", None)]


@pytest.mark.usefixtures("city")
def test_an_event_smuggled_in_after_the_head_is_found(log: Engine) -> None:
    tamper(log, "UPDATE ledger_head SET last_position = 8")

    assert found(log) == [(9, "head", None)]


@pytest.mark.usefixtures("city")
def test_a_head_with_another_time_or_none_is_found(log: Engine) -> None:
    tamper(log, "UPDATE ledger_head SET recorded_at = '2031-01-01T00:00:00.000000Z'")
    assert found(log) == [(9, "head", None)]

    tamper(log, "DELETE FROM ledger_head")
    assert found(log) == [(9, "head", None)]


@pytest.mark.usefixtures("city")
def test_recorded_time_that_goes_back_is_found(log: Engine) -> None:
    # A time that lies before the event before it, in body and column alike.
    earlier = b"2021-04-20T01:30:03.000000Z"
    rewrite(log, 4, lambda body: body.replace(b"2021-04-20T01:30:04.000000Z", earlier))
    tamper(log, "UPDATE event SET recorded_at = :at WHERE position = 4", at=earlier.decode())

    assert found(log) == [(4, "recorded_at", None)]
    assert found(log, 4) == [(4, "recorded_at", None)]
    assert found(log, 5) == []


@pytest.mark.usefixtures("city")
def test_a_recorded_time_that_is_none_is_found(log: Engine) -> None:
    tamper(log, "UPDATE event SET recorded_at = '2021-04-20T01:30:04Z' WHERE position = 4")

    assert found(log) == [(4, "recorded_at", None), (4, "columns", None)]


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("statement", "positions"),
    [
        ("UPDATE event SET version = 9 WHERE position = 9", [9]),
        ("UPDATE event SET stream = 'case:C-2' WHERE position = 8", [8]),
        ("UPDATE event SET version = 9 WHERE position = 2", [2, 3]),
    ],
)
def test_a_stream_out_of_step_is_found(log: Engine, statement: str, positions: list[int]) -> None:
    tamper(log, statement)

    assert {(position, rule) for position, rule, _ in found(log)} >= {
        (position, "stream") for position in positions
    }
    assert {rule for _, rule, _ in found(log)} == {"stream"}


# -- the bytes of an event ----------------------------------------------------


@pytest.mark.usefixtures("city")
def test_a_single_bit_is_noticed(log: Engine) -> None:
    with begin_writing(log) as connection:
        body = body_of(connection, 9)
    changed = body.replace(b"key-9", b"key-8")

    tamper(log, "UPDATE event SET body = :body WHERE position = 9", body=changed)

    assert found(log) == [(9, "leaf_hash", None)]


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda body: body.replace(b'"fields":', b'"fields": '), ["canonical"]),
        (lambda body: body.replace("示例".encode(), b"\\u793a\\u4f8b"), ["canonical"]),
        (lambda body: b"{" + body[1:].replace(b'"key"', b'"key":"a","key"'), ["canonical"]),
        (lambda body: body[:-1], ["canonical"]),
        (lambda body: body.replace(b'"position":9', b'"position":9.0'), ["canonical"]),
        (lambda _: b"\xff\xfe", ["canonical"]),
        (lambda body: body.replace(b'"key":"key-9",', b""), ["body"]),
        (lambda body: body.replace(b'"position":9', b'"position":"9"'), ["body"]),
        (lambda body: body.replace(b'"position":9', b'"position":8'), ["columns"]),
        (lambda body: body.replace(b'"tenant":"main"', b'"tenant":"mine"'), ["columns"]),
        (lambda body: body.replace(b"2021-04-20T", b"2021-04-19T"), ["columns"]),
        (lambda body: body.replace(b'"on":"2021-04-20"', b'"on":"2021-04-21"'), ["columns"]),
        (
            lambda body: body.replace(b'"key":"key-9"', b'"key":"%s"' % (b"k" * 60_000)),
            ["canonical"],
        ),
    ],
)
def test_a_body_that_was_never_written_like_this_is_found(
    log: Engine, change: Callable[[bytes], bytes], rules: list[str]
) -> None:
    rewrite(log, 9, change)

    assert [rule for _, rule, _ in found(log)] == rules


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        ("UPDATE event SET topic = 'os:system' WHERE position = 9", ["topic"]),
        ("UPDATE event SET kind = 'PartyRegistered' WHERE position = 9", ["topic", "columns"]),
        ("UPDATE event SET on_date = '2021-04-21' WHERE position = 9", ["columns"]),
        (
            "UPDATE event SET topic = 'register.party_registered.v1' WHERE position = 9",
            ["topic", "body"],
        ),
    ],
)
def test_columns_that_disagree_with_the_body_are_found(
    log: Engine, statement: str, rules: list[str]
) -> None:
    tamper(log, statement)

    assert [rule for _, rule, _ in found(log)] == rules


@pytest.mark.usefixtures("city")
def test_a_journal_that_does_not_sum_to_zero_is_found(log: Engine) -> None:
    rewrite(log, 3, lambda body: body.replace(b"-1500", b"-1499"))

    assert found(log) == [(3, "balance", None)]


# -- the report ---------------------------------------------------------------


@pytest.mark.usefixtures("city")
def test_a_thoroughly_broken_log_is_counted_and_not_kept_whole(
    log: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "MAX_FINDINGS", 3)
    tamper(log, "UPDATE event SET leaf_hash = body")

    report = verify(log, "main")

    assert report.found == 9
    assert report.findings == [
        Finding(n, "leaf_hash", "the body gives another hash") for n in (1, 2, 3)
    ]
    assert not report.clean
