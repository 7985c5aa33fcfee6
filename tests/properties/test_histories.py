"""The generator of histories reaches every kind, every refusal code and the awkward corners."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests import counts
from tests.model.fields import FIELDS
from tests.model.plain_model import PlainModel
from tests.properties.histories import TODAY, random_history

LENGTH = 450
MOST_HISTORIES = 80

ELSEWHERE = {"bad_json", "too_many_lines", "not_authorised"}
"""Codes that a list of small postings of the owner cannot earn."""

COMMON_CODES = {
    "over_claim", "over_payable", "insufficient_funds", "depended_upon", "before_cause",
    "period_closed", "not_pending", "not_on_notice", "over_cap", "account_not_open",
    "other_project", "other_case", "other_region", "case_closed", "key_reused", "unknown_claim",
}  # fmt: skip


def codes_of_contract(shared_dir: Path) -> set[str]:
    """The words in code font of the contract that are answers: none of them is a field."""
    text = (shared_dir / "contracts" / "postings.md").read_text(encoding="utf-8")
    words = set(re.findall("`([a-z]+(?:_[a-z]+)+)`", text))
    shortened = {f"unknown_{word}" for word in re.findall("`_([a-z]+)`", text)}
    fields = {"due_on", "as_of", "known_at", "recorded_at", "labour_cost_fen"}
    return {w for w in words | shortened if not w.endswith("_fen")} - fields


def answers(seed: int, length: int = LENGTH) -> tuple[PlainModel, Counter[str], Counter[str]]:
    """A history posted to a fresh model: its codes, and the kinds that were recorded."""
    model = PlainModel(TODAY)
    codes: Counter[str] = Counter()
    for posting in random_history(seed, length):
        status, code, _ = model.post(json.loads(json.dumps(posting)))
        codes[code or status] += 1
    return model, codes, Counter(record.kind for record in model.log.records)


def test_the_same_seed_tells_the_same_history() -> None:
    assert random_history(counts.SEED, 200) == random_history(counts.SEED, 200)


@pytest.mark.parametrize("seed", range(counts.runs(40)))
def test_the_invariants_hold_after_a_random_history(seed: int) -> None:
    model, codes, _ = answers(counts.SEED + seed)

    model.check_invariants()
    assert codes["recorded"] > LENGTH // 2


def test_a_prefix_replayed_in_a_fresh_model_gives_the_same_journal() -> None:
    history = random_history(counts.SEED, LENGTH)
    whole, part = PlainModel(TODAY), PlainModel(TODAY)
    whole_answers = [whole.post(posting) for posting in history]
    cut = LENGTH * 2 // 3

    part_answers = [part.post(posting) for posting in history[:cut]]

    assert part_answers == whole_answers[:cut]
    for record in part.log.records:
        assert whole.journal(record.position) == record.lines


def test_some_histories_record_every_kind_and_meet_every_code(shared_dir: Path) -> None:
    wanted = codes_of_contract(shared_dir) - ELSEWHERE
    assert wanted >= COMMON_CODES
    most, few = (MOST_HISTORIES, 0) if counts.full() else (12, len(wanted) // 5)
    kinds = set(FIELDS)

    for seed in range(most):
        _, codes, recorded = answers(seed)
        wanted -= codes.keys()
        kinds -= recorded.keys()
        if not wanted and not kinds:
            break

    assert kinds == set()
    assert len(wanted) <= few, wanted
    assert not wanted & COMMON_CODES
