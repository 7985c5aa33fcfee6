"""Ledgers whose read models the tests look at, and the stories that are told to them."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from ledger.service import Ledger, LedgerConfig
from tests import REPOSITORY, counts
from tests.properties.histories import TODAY, random_history

Posting = dict[str, Any]
Story = Sequence[Posting]
OpenLedger = Callable[..., Ledger]

PARTIES = {
    "developer": "91220200900000110G",
    "general_contractor": "91220200900000225N",
    "subcontractor": "9122020090000033XP",
}
"""Who is who in the worked example."""

LENGTH = 450


class Noon:
    """A clock that stands still at noon of the histories' today, in China."""

    def now(self) -> datetime:
        return datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)


@lru_cache(maxsize=1)
def worked_example() -> Story:
    """The postings of the example that the project carries."""
    lines = (REPOSITORY / "examples/worked-example.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@lru_cache(maxsize=1)
def expected_figures() -> dict[str, Any]:
    """Its figures by date."""
    text = (REPOSITORY / "examples/worked-example.expected.json").read_text("utf-8")
    told: dict[str, Any] = json.loads(text)
    return told


@lru_cache(maxsize=8)
def invented_history(seed: int) -> Story:
    """A random history with every kind of posting and of mistake."""
    return random_history(counts.SEED + seed, LENGTH)


@pytest.fixture
def make_ledger(tmp_path: Path) -> Iterator[Callable[[str, str], Ledger]]:
    """Create or open ledgers by URL and tenant, each with a vault of its own."""
    opened: list[Ledger] = []

    def maker(url: str, tenant: str) -> Ledger:
        number = len(opened)
        vault = f"sqlite:///{tmp_path / f'vault-{number}.db'}"
        config = LedgerConfig(url, tenant, vault, tmp_path / f"key-{number}")
        opened.append(Ledger.create(config, clock=Noon()))
        return opened[-1]

    yield maker
    for ledger in opened:
        ledger.close()


@pytest.fixture
def open_ledger(ledger_url: str, make_ledger: Callable[[str, str], Ledger]) -> OpenLedger:
    """Create or open a tenant's ledger in the test's database."""

    def opener(tenant: str = "main") -> Ledger:
        return make_ledger(ledger_url, tenant)

    return opener


@pytest.fixture
def ledger(open_ledger: OpenLedger) -> Ledger:
    """An empty ledger."""
    return open_ledger()


@pytest.fixture
def example(ledger: Ledger) -> Ledger:
    """A ledger that holds the worked example."""
    tell(ledger, worked_example())
    return ledger


def tell(ledger: Ledger, story: Story) -> int:
    """Post a story; return how many postings of it were recorded."""
    answers = ledger.post(json.dumps(posting, ensure_ascii=False) for posting in story)
    return sum(answer.status == "recorded" for answer in answers)


def recorded_only(ledger: Ledger, story: Story) -> list[Posting]:
    """Post a story; return those of its postings that were recorded."""
    answers = ledger.post(json.dumps(posting, ensure_ascii=False) for posting in story)
    pairs = zip(story, answers, strict=True)
    return [posting for posting, answer in pairs if answer.status == "recorded"]
