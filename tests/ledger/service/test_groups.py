"""Where a file is cut into groups, runs or programs changes no answer and nothing recorded."""

import json
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from ledger import service
from ledger.service import Ledger
from tests import counts
from tests.drills.comparing import Contents, assert_equal, assert_whole, contents
from tests.drills.town import Posting, founding
from tests.ledger.service.conftest import Open, told
from tests.properties.histories import TODAY, random_history

LENGTH = 260
SEEDS = range(counts.SEED, counts.SEED + counts.runs(20))

Told = list[tuple[str, str | None, int | None]]


def chunks(postings: Sequence[Posting], rng: Random, most: int) -> Iterator[Sequence[Posting]]:
    """The postings in pieces of random lengths."""
    start = 0
    while start < len(postings):
        length = rng.randint(1, most)
        yield postings[start : start + length]
        start += length


@pytest.fixture(params=SEEDS)
def history(request: pytest.FixtureRequest) -> list[Posting]:
    """A file with every kind of posting and mistake."""
    return random_history(request.param, LENGTH, TODAY)


@pytest.fixture
def whole(open_ledger: Open, history: list[Posting]) -> tuple[Told, Contents]:
    """What the file answers and leaves in one run."""
    ledger = open_ledger("whole")
    answers = told(list(ledger.post(history)))
    assert sum(status == "recorded" for status, _, _ in answers) > LENGTH // 2
    assert len({code for _, code, _ in answers}) > 5
    return answers, contents(ledger)


@pytest.mark.parametrize("size", [1, 7])
def test_groups_of_any_size_answer_the_same(
    open_ledger: Open,
    history: list[Posting],
    whole: tuple[Told, Contents],
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "GROUP_POSTINGS", size)
    ledger = open_ledger()

    assert told(list(ledger.post(history))) == whole[0]
    assert_equal(contents(ledger), whole[1])


def test_programs_that_take_turns_answer_the_same(
    open_ledger: Open, history: list[Posting], whole: tuple[Told, Contents]
) -> None:
    rng = Random(counts.SEED)  # noqa: S311 -- nothing secret
    programs = [open_ledger() for _ in range(3)]
    answers: Told = []
    for piece in chunks(history, rng, 9):
        answers += told(list(rng.choice(programs).post(piece)))

    assert answers == whole[0]
    assert_equal(contents(programs[0]), whole[1])
    assert_whole(programs[0])


def test_a_program_that_starts_anew_for_each_piece_answers_the_same(
    open_ledger: Open, history: list[Posting], whole: tuple[Told, Contents]
) -> None:
    answers: Told = []
    for piece in chunks(history, Random(counts.SEED + 1), 60):  # noqa: S311 -- nothing secret
        answers += told(list(open_ledger().post(piece)))

    assert answers == whole[0]
    assert_equal(contents(open_ledger()), whole[1])


def test_a_trial_before_each_piece_changes_nothing(
    open_ledger: Open, history: list[Posting], whole: tuple[Told, Contents]
) -> None:
    ledger = open_ledger()
    answers: Told = []
    for piece in chunks(history, Random(counts.SEED + 2), 40):  # noqa: S311 -- nothing secret
        tried = list(ledger.post(piece, dry_run=True))
        posted = list(ledger.post(piece))
        assert [(t.status, t.code) for t in tried] == [(p.status, p.code) for p in posted]
        answers += told(posted)

    assert answers == whole[0]
    assert_equal(contents(ledger), whole[1])


def test_a_file_posted_a_second_time_answers_with_the_first_positions(
    open_ledger: Open, history: list[Posting], whole: tuple[Told, Contents]
) -> None:
    ledger = open_ledger("whole")
    again = told(list(ledger.post(history)))

    for first, second in zip(whole[0], again, strict=True):
        if first[0] in {"recorded", "duplicate"}:
            assert second == ("duplicate", None, first[2])
        else:
            assert second[0] in {"refused", "invalid", "recorded"}


def test_bytes_text_and_objects_are_the_same_file(open_ledger: Open) -> None:

    story = founding()
    texts = [json.dumps(posting, ensure_ascii=False) for posting in story]
    mixed: list[bytes | str | Posting] = []
    for number, (posting, text) in enumerate(zip(story, texts, strict=True)):
        mixed.append((posting, text, text.encode())[number % 3])
    plain, other = open_ledger("plain"), open_ledger("mixed")

    assert told(list(other.post(mixed))) == told(list(plain.post(story)))
    assert_equal(contents(other), contents(plain))


def test_answers_come_while_the_file_is_still_being_read(town: Ledger) -> None:
    taken = 0

    def endless() -> Iterator[Posting]:
        nonlocal taken
        while True:
            taken += 1
            yield {"kind": "InterestCredited", "on": "2025-03-01", "key": f"i{taken}",
                   "region": "220202", "amount_fen": 1}  # fmt: skip

    answers = town.post(endless())
    assert next(answers).status == "recorded"
    assert taken == service.GROUP_POSTINGS
