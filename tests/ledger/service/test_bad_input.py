"""Whatever stands in a file, each line gets an answer and nothing half-written stays."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.kernel.codes import CODES
from ledger.service import Ledger
from tests import counts
from tests.drills.town import (
    CREW,
    DAY,
    FOUNDED,
    REGION,
    Posting,
    founding,
    instructed,
    line,
    post,
    resident_id,
    transferred,
    worker,
)

DEEP: Final = 100_000
GOOD: Final = {"kind": "InterestCredited", "on": DAY, "key": "good", "region": REGION,
               "amount_fen": 1}  # fmt: skip

BATCH: Final = instructed("B1", line("S1/1", 1))


def text_of(posting: Mapping[str, Any], **changed: str) -> str:
    """A posting as JSON, with values replaced by raw text that Python would not write."""
    text = json.dumps({**posting, **{name: f"<{name}>" for name in changed}}, ensure_ascii=False)
    for name, raw in changed.items():
        text = text.replace(f'"<{name}>"', raw)
    return text


def days(raw: str) -> str:
    """Attendance of so many days, written as they are."""
    return text_of(
        post("AttendancePosted", project="P1", employer=CREW, period="2025-02"),
        lines=f'[{{"worker":"W1","days":{raw}}}]',
    )


BAD_JSON: Final = {
    "nothing": b"",
    "blank": b"  \r\n",
    "half a line": json.dumps(GOOD).encode()[:-7],
    "two objects": json.dumps(GOOD).encode() * 2,
    "no object": b"[1]",
    "a number": b"5",
    "null": b"null",
    "a name twice": b'{"kind":"InterestCredited","kind":"InterestCredited"}',
    "a name twice further in": text_of(GOOD, document='{"number":"1","number":"2"}').encode(),
    "not a number": text_of(GOOD, amount_fen="NaN").encode(),
    "infinite": text_of(GOOD, amount_fen="-Infinity").encode(),
    "5,000 digits": text_of(GOOD, amount_fen="1" * 5_000).encode(),
    "an exponent of 20 digits": days("1e99999999999999999999").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "GBK": json.dumps({**GOOD, "note": "工资"}, ensure_ascii=False).encode("gbk"),
    "a NUL": json.dumps(GOOD).encode().replace(b"good", b"go\x00d"),
    "lists deep inside each other": text_of(GOOD, note="[" * DEEP + "]" * DEEP).encode(),
    "objects deep inside each other": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "only openings": b"[" * DEEP,
}

BAD_VALUES: Final[tuple[tuple[str, Posting | str, str, str], ...]] = (
    ("an unknown kind", GOOD | {"kind": "InterestPaid"}, "bad_kind", "kind"),
    ("a kind of another type", GOOD | {"kind": ["InterestCredited"]}, "bad_kind", "kind"),
    ("a kind nested deep", text_of(GOOD, kind="[" * 400 + "]" * 400), "bad_kind", "kind"),
    ("no kind", {"on": DAY}, "bad_kind", "kind"),
    ("an unknown field", GOOD | {"colour": 1}, "bad_field", "colour"),
    ("a field with a strange name", GOOD | {"\u202e": 1}, "bad_field", "?"),
    ("money as text", GOOD | {"amount_fen": "100"}, "bad_amount", "amount_fen"),
    ("money with a point", text_of(GOOD, amount_fen="100.0"), "bad_amount", "amount_fen"),
    ("money with an exponent", text_of(GOOD, amount_fen="1e2"), "bad_amount", "amount_fen"),
    ("10^18 fen", GOOD | {"amount_fen": 10**18}, "bad_amount", "amount_fen"),
    ("4,000 digits of fen", text_of(GOOD, amount_fen="9" * 4_000), "bad_amount", "amount_fen"),
    ("negative money", GOOD | {"amount_fen": -1}, "bad_amount", "amount_fen"),
    ("money that is true", GOOD | {"amount_fen": True}, "bad_amount", "amount_fen"),
    ("a day as number", GOOD | {"on": 20250301}, "bad_date", "on"),
    ("a day with a time", GOOD | {"on": "2025-03-01T00:00:00"}, "bad_date", "on"),
    ("a day in other digits", GOOD | {"on": "２０２５-03-01"}, "bad_date", "on"),
    ("a day of no calendar", GOOD | {"on": "2025-02-29"}, "bad_date", "on"),
    ("a key as number", GOOD | {"key": 7}, "bad_field", "key"),
    ("an empty key", GOOD | {"key": ""}, "bad_field", "key"),
    ("a key with a NUL", GOOD | {"key": "a\x00b"}, "bad_field", "key"),
    ("a key with half a character", GOOD | {"key": "\ud800"}, "bad_field", "key"),
    ("a very long key", GOOD | {"key": "k" * 201}, "bad_field", "key"),
    ("a note of a megabyte", GOOD | {"note": "a" * 2**20}, "bad_field", "note"),
    ("a note with a resident ID", GOOD | {"note": f"工人{resident_id(5)}"}, "bad_field", "note"),
    ("a note that turns around", GOOD | {"note": "付\u202e给"}, "bad_field", "note"),
    ("a document as text", GOOD | {"document": "7"}, "bad_field", "document"),
    ("a document with more", GOOD | {"document": {"page": 1}}, "bad_field", "document.page"),
    ("a hash in capitals", GOOD | {"document": {"sha256": "A" * 64}}, "bad_field",
     "document.sha256"),
    ("a name with a NUL", worker(7, "张\x00三"), "bad_field", "name"),
    ("a name with a bidi control", worker(7, "张\u2066三"), "bad_field", "name"),
    ("a name of no width", worker(7, "\u200b"), "bad_field", "name"),
    ("a name of blanks", worker(7, "  "), "bad_field", "name"),
    ("a name over two lines", worker(7, "张\n三"), "bad_field", "name"),
    ("a party's name with a NUL", founding()[0] | {"name": "甲\x00"}, "bad_field", "name"),
    ("an id with a slash", post("ProjectCompleted", project="P/1"), "bad_id", "project"),
    ("an id of 65 letters", post("ProjectCompleted", project="P" * 65), "bad_id", "project"),
    ("lines as an object", BATCH | {"lines": {}}, "bad_field", "lines"),
    ("a line that is no object", BATCH | {"lines": [[1]]}, "bad_field", "lines[1]"),
    ("a claim as list", BATCH | {"lines": [{"claim": [], "amount_fen": 1}]}, "bad_id",
     "lines[1].claim"),
    ("an unknown field of a line", instructed("B1", line("S1/1", 1) | {"to": "x"}), "bad_field",
     "lines[1].to"),
    ("a quarter of a day", days("0.25"), "bad_field", "lines[1].days"),
    ("32 days", days("32"), "bad_field", "lines[1].days"),
    ("10^999999999 days", days("1e999999999"), "bad_field", "lines[1].days"),
    ("a trifle of a day", days("1e-999999999"), "bad_field", "lines[1].days"),
    ("almost 20 days", days(f"20.{'0' * 40}1"), "bad_field", "lines[1].days"),
    ("days as text", days('"20"'), "bad_field", "lines[1].days"),
)  # fmt: skip


def answers_of(town: Ledger, raw: Posting | str | bytes) -> tuple[str, str | None, list[str]]:
    """What a line answers between two good ones, which are recorded whatever it is."""
    before = town.position()
    good = [GOOD | {"key": f"good-{before}-{number}"} for number in range(2)]
    first, answer, last = town.post([good[0], raw, good[1]])
    assert (first.position, last.position) == (before + 1, before + 2)
    assert answer.position is None
    return answer.status, answer.code, [problem.field for problem in answer.problems]


ONE_DATABASE: Final = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
"""The form of a posting is judged before any database is asked."""


@ONE_DATABASE
@pytest.mark.parametrize("raw", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_a_line_that_is_no_json_object_is_answered(town: Ledger, raw: bytes) -> None:
    assert answers_of(town, raw)[:2] == ("invalid", "bad_json")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [case[1:] for case in BAD_VALUES],
    ids=[case[0] for case in BAD_VALUES],
)
def test_a_bad_value_is_answered_with_its_field(
    town: Ledger, raw: Posting | str, code: str, field: str
) -> None:
    status, found, fields = answers_of(town, raw)
    assert (status, found) == ("invalid", code)
    assert field in fields


def test_white_space_around_a_line_does_not_matter(town: Ledger) -> None:
    text = json.dumps(GOOD)
    statuses = [a.status for a in town.post([f"{text}\r\n", f"\t{text}  \n", text.encode()])]
    assert statuses == ["recorded", "duplicate", "duplicate"]


def test_numbers_of_the_bank_are_not_taken_for_cards(town: Ledger) -> None:
    looks_like_a_card = "2026033100000006"
    statement = post("StatementImported", account="wage:P2", statement_id=looks_like_a_card,
                     from_=DAY, to=DAY, opening_fen=0, closing_fen=1,
                     lines=[{"line": looks_like_a_card, "on": DAY, "amount_fen": 1,
                             "end_to_end": looks_like_a_card}])  # fmt: skip
    answers = town.post([transferred(1, looks_like_a_card, on=DAY), statement])
    assert [answer.status for answer in answers] == ["recorded", "recorded"]


def test_an_empty_file_answers_nothing(town: Ledger) -> None:
    assert list(town.post([])) == list(town.post([], atomic=True)) == []
    assert town.position() == len(FOUNDED)


# -- anything at all ----------------------------------------------------------

KINDS_OF_VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.sampled_from(["", "P1", "S1/1", "W1", CREW, REGION, DAY, "all", "2025-01", "\ud800", "\0"])
    | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside),
    max_leaves=6,
)
EXAMPLES: Final = (
    *founding(),
    BATCH,
    post("Reversed", reverses=29, reason="误记"),
    post("PolicyPublished", region=REGION, parameter="fund.cap_p", value=30, valid_from=DAY,
         source="示例"),
    post("StatementLineMatched", account="wage:P1", statement_id="K1", lines=["1"],
         matched=[{"position": 1, "claim": "S1/1"}], rule="示例", score=1),
    post("TransferReturned", project="P1", position=3, lines=[{"claim": "S1/1", "code": "other"}]),
)  # fmt: skip


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value may be replaced."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


@st.composite
def spoiled(draw: st.DrawFn) -> Posting:
    """A posting in which one value is anything, or a name is added."""
    posting: Posting = json.loads(json.dumps(draw(st.sampled_from(EXAMPLES))))
    value = draw(KINDS_OF_VALUES)
    *path, last = draw(st.sampled_from([*places(posting), ("colour",)]))
    target: Any = posting
    for step in path:
        target = target[step]
    target[last] = value
    return posting


@settings(
    max_examples=counts.runs(1_000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(postings=st.lists(spoiled(), min_size=1, max_size=5))
def test_no_value_in_any_place_breaks_a_file(town: Ledger, postings: list[Posting]) -> None:
    answers = list(town.post(postings, dry_run=True))

    assert len(answers) == len(postings)
    for answer in answers:
        assert answer.code is None or answer.code in CODES
        assert (answer.code is None) == (answer.status in {"recorded", "duplicate"})
    assert town.position() == len(FOUNDED)
