"""A machine of random steps on a real ledger, held against the plain model after each one.

Steps are what happens to a ledger: postings right and wrong, the same file again, a key used
twice, a late entry, money that comes back, a reversal, a crash before the commit, another
program that opens the ledger, a rebuild. After each, every figure and every invariant of
postings.md is the model's.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger.eventlog.engine import begin_reading
from ledger.service import Ledger, LedgerConfig
from ledger.store import CHECK_RULES, REPLAY
from ledger.vault import VaultSession
from projections.queries.fund import fund_show
from projections.queries.liability import liability
from projections.queries.project import project_show
from projections.rebuilding import rebuild
from projections.runner import catch_up
from projections.view import view_of
from tests import counts
from tests.model.plain_model import PlainModel
from tests.postgres_server import Databases
from tests.properties.histories import TODAY, propose, propose_any
from tests.properties.stories import opening
from tests.properties.test_differential import Noon, assert_liability
from tests.properties.world import FIRST_DAY, Posting

STEPS = 50
RULES = tuple(name for name in CHECK_RULES if name != REPLAY)
"""Replaying has a step of its own."""
RETURNS = ("PayoutReturned", "TransferReturned", "AdvanceReturned", "PayrollReturned")
seeds = st.integers(min_value=0, max_value=2**32 - 1)


class PowerCutError(Exception):
    """The machine stops between the vault's commit and the log's."""


class LedgerMachine(RuleBasedStateMachine):
    """The ledger and the model live through the same steps."""

    urls: ClassVar[Iterator[str]]
    """A new ledger's URL for every run."""
    key_file: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.model = PlainModel(TODAY)
        self.config = LedgerConfig(next(self.urls), key_file=self.key_file)
        self.ledger = Ledger.create(self.config, clock=Noon())
        self.recorded: list[tuple[Posting, int]] = []

    def teardown(self) -> None:
        self.ledger.close()

    # -- what happens ---------------------------------------------------------

    @initialize(seed=seeds)
    def a_city_begins(self, seed: int) -> None:
        rng = Random(seed)  # noqa: S311 -- a history has no secrets
        for posting in opening(rng):
            key = f"{posting['kind']}-{rng.getrandbits(48):012x}"
            self.post({"kind": posting["kind"], "on": FIRST_DAY, "key": key, **posting})

    @rule(seed=seeds)
    def somebody_posts(self, seed: int) -> None:
        self.post(self.invented(seed))

    @rule(seed=seeds, days=st.integers(1, 60))
    def somebody_posts_late(self, seed: int, days: int) -> None:
        posting = self.invented(seed)
        earlier = sorted({posting.get("on", ""), *(p["on"] for p, _ in self.recorded)})
        at = earlier.index(posting.get("on", ""))
        self.post({**posting, "on": earlier[max(0, at - days)]})

    @rule(seed=seeds, kind=st.sampled_from(RETURNS))
    def money_or_a_sheet_comes_back(self, seed: int, kind: str) -> None:
        self.post_if_possible(seed, kind)

    @rule(seed=seeds)
    def something_is_reversed(self, seed: int) -> None:
        self.post_if_possible(seed, "Reversed")

    @rule(first=seeds, count=st.integers(1, 30))
    def the_same_file_comes_again(self, first: int, count: int) -> None:
        first %= len(self.recorded)
        again = self.recorded[first : first + count]
        answers = self.ledger.post(json.dumps(p, ensure_ascii=False) for p, _ in again)
        for answer, (_, position) in zip(answers, again, strict=True):
            assert (answer.status, answer.position) == ("duplicate", position)

    @rule(which=seeds)
    def a_key_is_used_for_something_else(self, which: int) -> None:
        posting, _ = self.recorded[which % len(self.recorded)]
        self.post({**posting, "note": f"{posting.get('note') or ''}另一件事"})

    @rule(seed=seeds)
    def the_power_fails_before_the_commit(self, seed: int) -> None:
        posting, before = self.invented(seed), self.ledger.position()
        flush = VaultSession.flush

        def cut(session: VaultSession) -> None:
            flush(session)
            raise PowerCutError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(VaultSession, "flush", cut)
            with pytest.raises(PowerCutError):
                list(self.ledger.post([json.dumps(posting, ensure_ascii=False)]))
        assert self.ledger.position() == before
        self.another_program_opens_the_ledger()
        self.post(posting)

    @rule()
    def another_program_opens_the_ledger(self) -> None:
        self.ledger.close()
        self.ledger = Ledger.open(self.config, clock=Noon())

    @rule()
    def everything_is_rebuilt(self) -> None:
        assert self.ledger.rebuild_claims(repair=False) == []
        catch_up(self.ledger.engine, self.ledger.tenant)
        for built in rebuild(self.ledger.engine, self.ledger.tenant):
            assert built["equal"], built

    # -- what is true then ----------------------------------------------------

    @precondition(lambda self: self.recorded)
    @invariant()
    def the_books_are_the_models(self) -> None:
        assert self.ledger.position() == len(self.model.log.records) == len(self.recorded)
        assert self.ledger.check(RULES) == []
        self.model.check_invariants()
        catch_up(self.ledger.engine, self.ledger.tenant)
        with begin_reading(self.ledger.engine) as connection:
            view = view_of(connection, self.ledger.tenant)
            for day in {self.recorded[-1][0]["on"], TODAY.isoformat()}:
                self.assert_figures(view, day)

    def assert_figures(self, view: Any, day: str) -> None:  # noqa: ANN401 -- a view of the books
        assert_liability(self.model, liability(view, as_of=day), day)
        for fund in fund_show(view, as_of=day)["funds"]:
            debtors = {row["party"]: row["receivable_fen"] for row in fund["debtors"]}
            ours = self.model.fund(fund["region"], day)
            assert {**fund, "debtors": debtors} == {**fund, **ours}, day
        for record in self.model.log.of("ProjectRegistered"):
            if record.on <= day:
                project = record.f["project"]
                theirs = project_show(view, project, as_of=day)
                assert theirs == {**theirs, **self.model.project(project, day)}, (project, day)

    # -- how a step is made ---------------------------------------------------

    def invented(self, seed: int) -> Posting:
        """A posting that the model finds plausible, right or wrong."""
        return propose_any(self.model, Random(seed))  # noqa: S311 -- a history has no secrets

    def post_if_possible(self, seed: int, kind: str) -> None:
        posting = propose(self.model, Random(seed), kind)  # noqa: S311 -- no secrets
        if posting is not None:
            self.post(posting)

    def post(self, posting: Posting) -> None:
        """Give a posting to both and compare what they say."""
        expected = self.model.post(posting)
        (answer,) = self.ledger.post([json.dumps(posting, ensure_ascii=False)])
        assert (answer.status, answer.code, answer.position) == expected, (posting, answer.facts)
        if answer.status == "recorded" and answer.position is not None:
            self.recorded.append((posting, answer.position))


def run_machine(urls: Iterator[str], key_file: Path, runs: int) -> None:
    """Run the machine on ledgers at these URLs."""
    machine = type("Machine", (LedgerMachine,), {"urls": urls, "key_file": key_file})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=counts.runs(runs),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_an_sqlite_ledger_is_the_models(tmp_path: Path) -> None:
    urls = (f"sqlite:///{tmp_path / f'{number}.db'}" for number in itertools.count())
    run_machine(urls, tmp_path / "vault.key", 200)


def test_whatever_happens_a_postgresql_ledger_is_the_models(
    postgres_databases: Databases, postgres_url: str, tmp_path: Path
) -> None:
    def urls() -> Iterator[str]:
        yield postgres_url
        while True:
            name, url = postgres_databases.new()
            yield url
            postgres_databases.give_back(name)

    run_machine(urls(), tmp_path / "vault.key", 50)
