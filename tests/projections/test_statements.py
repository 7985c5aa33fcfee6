"""What the statements of the read models say: spelled right, complete, and changed with care."""

import hashlib
import re

import pytest

from ledger.domain.base import KINDS
from projections.base import Spelling, Statement, spell
from projections.positions import physical_tables
from projections.registry import BY_NAME, OWNER, PROJECTIONS, TABLES, with_dependants

FINGERPRINTS: dict[str, tuple[int, str]] = {
    "journal": (1, "f9bc9443e4cd88f0"),
    "project": (1, "7a068f79eea0951c"),
    "party": (1, "077f3f1c98927ef3"),
    "policy": (1, "eca8b9e7df33cd73"),
    "payroll": (1, "90e213593a0b90d3"),
    "payout": (1, "01c422cbabbbffcd"),
    "case": (1, "3213a029c7c9e4f5"),
    "fund": (1, "79713fcfdc34413a"),
    "worker": (1, "e1ab007fdf8467ca"),
    "liability": (1, "8a734662004151fd"),
    "deposit": (1, "de5d62a54f48a54b"),
    "history": (2, "f17df7c694f6b15a"),
    "statement": (2, "acbdbaf1bf29256e"),
}


def spelled(sql: str, *, postgres: bool = False, parked: bool = False) -> str:
    tables = physical_tables({"journal": "b"})
    return spell(sql, Spelling(postgres, tables, ("fund", "a") if parked else None))


@pytest.mark.parametrize("postgres", [False, True])
@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_no_word_is_left_unspelled(projection: object, postgres: bool) -> None:  # noqa: FBT001
    for statement in projection.statements:  # type: ignore[attr-defined]
        sql = spelled(statement.sql, postgres=postgres, parked=True)
        assert "@" not in sql
        assert not re.search(r"(?<!')\{\w+\}", sql)


def test_a_member_is_asked_for_in_the_words_of_each_database() -> None:
    sql = "@text(e, fields.project), @int(e, outcome.of.amount_fen)"
    assert spelled(sql) == (
        "json_extract(e.doc, '$.fields.project'), json_extract(e.doc, '$.outcome.of.amount_fen')"
    )
    assert spelled(sql, postgres=True) == (
        "(e.doc #>> '{fields,project}'), (e.doc #>> '{outcome,of,amount_fen}')::bigint"
    )


def test_a_table_is_named_by_the_slot_of_its_read_model() -> None:
    assert spelled("{journal_line} {fund_floor}") == "journal_line_b fund_floor_a"


def test_an_unknown_word_is_a_mistake_and_not_sql() -> None:
    with pytest.raises(ValueError, match="@nonsense"):
        spelled("@nonsense(e, x)")


def test_a_statement_knows_the_kinds_without_which_it_does_nothing() -> None:
    named = Statement("FROM @events(CaseOpened, CaseClosed) AS e").kinds
    assert named is not None
    assert sorted(named) == ["CaseClosed", "CaseOpened"]
    assert Statement("FROM @events AS e").kinds is None
    assert Statement("FROM @journal AS j").kinds is None
    assert Statement("DELETE FROM {balance}").kinds is None


def test_every_kind_that_a_statement_names_is_one_of_the_contract() -> None:
    named = {
        kind
        for projection in PROJECTIONS
        for statement in projection.statements
        for kind in statement.kinds or ()
    }
    assert named <= set(KINDS)


def test_every_kind_is_read_by_a_statement_of_its_own_or_through_its_journal() -> None:
    """A new kind that nobody reads would be missing on the screens."""
    named = {
        kind
        for projection in PROJECTIONS
        for statement in projection.statements
        for kind in statement.kinds or ()
    }
    only_by_journal = set(KINDS) - named
    assert only_by_journal == {
        "AdvanceRefunded", "AdvanceSetOff", "AdvanceWrittenOff", "AdvanceClearingPaid",
        "ClaimReduced", "DepositInterestCredited", "DepositInterestWithdrawn",
        "DepositLodged", "DonationReceived", "FundAppropriated", "FundSurrendered",
        "InterestCredited", "MisdirectedCredited", "MisdirectedReturned", "NoWorkReported",
        "PaidOutsideAccount", "RecourseRepaid", "RecourseSetOff", "SubcontractorPaid",
        "WageAccountInterestCredited", "WageAccountToppedUp",
    } - named  # fmt: skip


def test_read_models_come_after_those_that_they_read() -> None:
    order = [projection.name for projection in PROJECTIONS]
    for projection in PROJECTIONS:
        for name in projection.reads:
            assert order.index(name) < order.index(projection.name)


def test_a_read_model_names_every_other_whose_rows_it_uses() -> None:
    for projection in PROJECTIONS:
        used = {
            OWNER[table]
            for statement in projection.statements
            for table in re.findall(r"\{(\w+)\}", statement.sql)
        }
        if any("@journal" in statement.sql for statement in projection.statements):
            used.add("journal")
        assert used - {projection.name, "journal"} <= set(projection.reads)
        assert (
            projection.name == "journal" or "journal" not in used or "journal" in projection.reads
        )


def test_dependants_of_the_journal_are_all_that_read_it() -> None:
    assert {projection.name for projection in with_dependants(["journal"])} == {
        "journal", "payout", "liability", "deposit", "history", "statement",
    }  # fmt: skip
    assert [projection.name for projection in with_dependants(["party"])] == ["party"]


def test_tenant_comes_first_in_every_key_and_index() -> None:
    for table in TABLES.values():
        assert table.key[0] == "tenant"
        assert all(index.columns[0] == "tenant" for index in table.indexes)
        assert set(table.key) <= set(table.names)


def fingerprint(name: str) -> str:
    projection = BY_NAME[name]
    said = [repr(table) for table in projection.tables]
    said += [
        spelled(statement.sql, postgres=postgres)
        for statement in projection.statements
        for postgres in (False, True)
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_changed_statement_or_table_comes_with_a_new_version(name: str) -> None:
    """Raise the version of the read model (and of none other), then write down both here."""
    assert FINGERPRINTS[name] == (BY_NAME[name].version, fingerprint(name))
