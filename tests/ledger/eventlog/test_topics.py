"""Old events stay readable for ever, and nothing in a database names code to run."""

import sys
from pathlib import Path
from typing import Any

import pytest

import ledger.domain.kinds  # noqa: F401 - fills the register of kinds
from ledger.domain.base import KINDS
from ledger.eventlog.topics import (
    AREAS,
    OWN_KINDS,
    TOPICS,
    Topics,
    UnknownTopicError,
    parse_body,
    topic_of,
)
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.errors import LedgerError

GOLDEN = Path(__file__).parent / "golden"


def golden(topic: str) -> bytes:
    return (GOLDEN / f"{topic}.json").read_bytes().removesuffix(b"\n")


def sample(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    body = TOPICS.decode("payroll.payroll_approved.v1", golden("payroll.payroll_approved.v1"))
    return {**body, **changes}


# -- the table ----------------------------------------------------------------


def test_every_kind_of_posting_has_a_topic_in_its_area() -> None:
    listed = {kind: area for area, kinds in AREAS.items() for kind in kinds}

    assert {kind: one.area for kind, one in KINDS.items()} == {
        kind: area for kind, area in listed.items() if kind not in OWN_KINDS
    }


def test_the_ledgers_own_events_have_topics_and_cannot_be_posted() -> None:
    assert {
        "IdentityRevealed",
        "PersonErased",
        "LegalHoldSet",
        "LegalHoldLifted",
        "KeyRotated",
    } == OWN_KINDS
    assert not OWN_KINDS & KINDS.keys()


def test_a_topic_is_spelled_from_area_event_and_version() -> None:
    assert topic_of("PayrollApproved") == "payroll.payroll_approved.v1"
    assert topic_of("CaseClaimsLinked") == "arrears.case_claims_linked.v1"
    assert topic_of("Reversed") == "correction.reversed.v1"
    assert all(
        TOPICS.read(topic_of(kind)).kind == kind for kinds in AREAS.values() for kind in kinds
    )


@pytest.mark.parametrize(
    "topic",
    [
        "payroll.payroll_approved.v2",
        "payroll.payroll_approved",
        "PayrollApproved",
        "this:d",
        "os:system",
        "",
    ],
)
def test_an_unknown_topic_is_refused_and_imports_nothing(topic: str) -> None:
    with pytest.raises(UnknownTopicError) as caught:
        TOPICS.decode(topic, b"{}")

    assert caught.value.code == "unknown_topic"
    assert caught.value.facts == {"topic": topic}
    assert "this" not in sys.modules


# -- golden samples -----------------------------------------------------------


def test_every_topic_that_was_ever_released_has_a_golden_sample() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(TOPICS.known)


@pytest.mark.parametrize("topic", sorted(TOPICS.known))
def test_a_golden_sample_reads_as_todays_version(topic: str) -> None:
    body = golden(topic)

    decoded = TOPICS.decode(topic, body)

    assert decoded["kind"] == TOPICS.read(topic).kind
    sums: dict[str, int] = {}
    for book, *_, amount_fen in decoded.get("journal", []):
        sums[book] = sums.get(book, 0) + amount_fen
    assert set(sums.values()) <= {0}


@pytest.mark.parametrize("topic", sorted(TOPICS.known))
def test_a_golden_sample_is_canonical(topic: str) -> None:
    body = golden(topic)

    assert canonical_bytes(parse_body(body)) == body


# -- upcasting ----------------------------------------------------------------


def split_total(body: dict[str, Any]) -> dict[str, Any]:
    """v1 to v2: the fields of the thing move into one object."""
    return {**body, "fields": {"thing": body["fields"]}}


def name_sender(body: dict[str, Any]) -> dict[str, Any]:
    """v2 to v3: who sent it was always the poster."""
    return {**body, "fields": {**body["fields"], "sent_by": body["by"]}}


OLD = Topics({"example": ("ThingSent", "Other")})
NEW = Topics({"example": ("ThingSent", "Other")}, {"ThingSent": (split_total, name_sender)})


def thing(**fields: int) -> bytes:
    return canonical_bytes(sample(kind="ThingSent", by="someone", fields=fields))


def test_an_event_of_an_older_version_is_lifted_step_by_step() -> None:
    assert NEW.decode("example.thing_sent.v1", thing(a=1))["fields"] == {
        "thing": {"a": 1},
        "sent_by": "someone",
    }
    assert NEW.decode("example.thing_sent.v2", thing(a=1))["fields"] == {
        "a": 1,
        "sent_by": "someone",
    }
    assert NEW.decode("example.thing_sent.v3", thing(a=1))["fields"] == {"a": 1}


def test_new_events_are_recorded_under_the_newest_version_and_others_stay() -> None:
    assert OLD.topic_of("ThingSent") == "example.thing_sent.v1"
    assert NEW.topic_of("ThingSent") == "example.thing_sent.v3"
    assert NEW.topic_of("Other") == "example.other.v1"


def test_an_older_program_refuses_a_newer_version() -> None:
    with pytest.raises(UnknownTopicError):
        OLD.decode("example.thing_sent.v2", thing(a=1))


def test_what_an_upcast_makes_is_checked_too() -> None:
    broken = Topics(
        {"example": ("ThingSent",)},
        {"ThingSent": (lambda body: {**body, "fields": "none"},)},
    )

    with pytest.raises(LedgerError) as caught:
        broken.decode("example.thing_sent.v1", thing(a=1))
    assert caught.value.facts["field"] == "fields"


# -- what is read back is not trusted -----------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"kind":"PayrollApproved"',
        b'{"kind":"PayrollApproved"}',
        b"\xff",
        b'{"kind":NaN}',
        b"[" * 100_000,
    ],
)
def test_bytes_that_are_no_event_are_damage(body: bytes) -> None:
    with pytest.raises(LedgerError) as caught:
        TOPICS.decode("payroll.payroll_approved.v1", body)

    assert caught.value.code == "storage_damaged"


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 0},
        {"position": True},
        {"position": "7"},
        {"recorded_at": "2021-04-20"},
        {"on": "2021-4-20"},
        {"on": None},
        {"fields": []},
        {"tenant": 1},
        {"kind": "PayrollReturned"},
        {"by": None},
        {"surprise": 1},
        {"journal": [["book", "account", "", "", "", True]]},
        {"journal": [["book", "account", "", "", 1]]},
        {"lines": {"alg": "md5", "count": 1, "root": "0" * 64}},
        {"lines": {"alg": "rfc6962-sha256", "count": -1, "root": "0" * 64}},
        {"lines": {"alg": "rfc6962-sha256", "count": 1, "root": "0" * 63}},
        {"journal_lines": {"alg": "rfc6962-sha256", "count": 1}},
        {"policies": {}},
        {"warnings": [1]},
        {"outcome": []},
    ],
)
def test_an_event_with_a_wrong_part_is_damage(changes: dict[str, Any]) -> None:
    with pytest.raises(LedgerError) as caught:
        TOPICS.decode("payroll.payroll_approved.v1", canonical_bytes(sample(**changes)))

    assert caught.value.code == "storage_damaged"


@pytest.mark.parametrize(
    "key", ["tenant", "position", "recorded_at", "kind", "on", "fields", "key"]
)
def test_an_event_without_a_part_is_damage(key: str) -> None:
    body = sample()
    del body[key]

    with pytest.raises(LedgerError) as caught:
        TOPICS.decode("payroll.payroll_approved.v1", canonical_bytes(body))

    assert caught.value.code == "storage_damaged"


def test_a_float_in_an_event_is_damage() -> None:
    position = b'"position":%d' % sample()["position"]
    whole = canonical_bytes(sample())
    assert position in whole

    with pytest.raises(LedgerError) as caught:
        TOPICS.decode("payroll.payroll_approved.v1", whole.replace(position, position + b".0"))

    assert caught.value.code == "storage_damaged"
