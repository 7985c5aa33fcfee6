"""An inspector checks our books with programs that we did not write, and they say the same."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cli.plaintext.accounts import ROOTS, cell_name, part
from ledger.domain.journal import ACCOUNTS
from tests import counts
from tests.cli import checkers
from tests.cli.checkers import ACCEPTED, Told
from tests.cli.conftest import CONTRACTOR, SUBCONTRACTOR, Run
from tests.properties.histories import TODAY, random_history
from tests.properties.test_differential import LENGTH, ledger_at, post_all

REQUIRE_VARIABLE: Final = "WAGELEDGER_REQUIRE_CHECKERS"
"""Set to 1 by .ci/run: there a test without hledger, ledger or beancount is a failure."""

PROGRAMS: Final = tuple(ACCEPTED)
PROJECT: Final = "P-2026-001"
_DAYS: Final = 3


@pytest.fixture(scope="module", autouse=True)
def _checkers() -> None:
    """The programs themselves, or a reason why nothing can be compared here."""
    places = {name: shutil.which(name) for name in ("hledger", "ledger")}
    beside = Path(sys.executable).with_name("bean-check")
    places["bean-check"] = str(beside) if beside.exists() else None
    missing = [name for name, place in places.items() if place is None]
    if missing and os.environ.get(REQUIRE_VARIABLE) == "1":
        pytest.fail(f"required here, but missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (apt install hledger ledger)")


def exported(run: Run, url: str, folder: Path, *options: str) -> dict[str, Path]:
    """The journal in every spelling, each accepted by its program."""
    files = {}
    for program in PROGRAMS:
        file = folder / f"books.{program}"
        ran = run("--ledger", url, "export", "journal", "--to", program, "-o", file, *options)
        assert ran.status == 0, ran.err
        ACCEPTED[program](file)
        files[program] = file
    return files


# -- five random histories ----------------------------------------------------


@pytest.mark.parametrize("seed", range(counts.runs(50)))
def test_figures_made_of_the_balances_of_other_programs_are_ours_to_the_fen(
    run: Run, sqlite_url: str, tmp_path: Path, seed: int
) -> None:
    history = list(random_history(counts.SEED + 5_000 + seed, LENGTH))
    with ledger_at(sqlite_url) as ledger:
        answers = post_all(ledger, history)
    days = sorted({answer.event["on"] for answer in answers if answer.event is not None})
    files = exported(run, sqlite_url, tmp_path, "--memoranda", "--as-of", TODAY.isoformat())
    entries = checkers.loaded_by_beancount(files["beancount"])
    facts = checkers.facts_of(entries)

    for day in {*days[len(days) // _DAYS :: max(1, len(days) // _DAYS)], TODAY.isoformat()}:
        balances = checkers.beancount_balances(entries, day)
        assert checkers.hledger_balances(files["hledger"], day) == balances, day
        assert checkers.ledger_balances(files["ledger"], day) == balances, day
        assert_same_figures(run, sqlite_url, Told(day, facts, balances))


def assert_same_figures(run: Run, url: str, told: Told) -> None:
    def read(*words: str) -> Any:  # noqa: ANN401 - any answer
        ran = run("--ledger", url, *words, "--as-of", told.day, "--format", "json")
        assert ran.status == 0, ran.err
        return ran.json

    ours = read("liability")
    rows = {
        row["party"]: {name: fen for name, fen in row.items() if name.endswith("_fen") and fen}
        for row in ours["contractors"]
    }
    assert told.liability() == rows, told.day
    assert sum(owed for _, owed in told.overdue()) == ours["system_arrears_fen"], told.day
    for fund in read("fund", "show")["funds"]:
        debtors = {row["party"]: row["receivable_fen"] for row in fund["debtors"]}
        assert {**fund, "debtors": debtors} == {
            "region": fund["region"], **told.fund(fund["region"])
        }, told.day  # fmt: skip
    for listed in read("project", "list")["projects"]:
        shown = read("project", "show", listed["project"])
        owed = {
            row["party"]: [row["payable_fen"], row["recourse_fen"]]
            for row in shown["subcontractors"]
            if row["payable_fen"] or row["recourse_fen"]
        }
        theirs = told.project(listed["project"])
        ours = {name: fen for name, fen in shown.items() if name.endswith("_fen")}
        ours.pop("contract_price_fen")
        assert {**ours, "subcontractors": owed} == theirs, (listed["project"], told.day)


def test_both_databases_give_the_same_bytes_and_twice_the_same(
    run: Run, sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    history = list(random_history(counts.SEED + 6_000, LENGTH))
    texts = []
    for url in (sqlite_url, postgres_url):
        with ledger_at(url) as ledger:
            post_all(ledger, history)
        for _ in range(2):
            files = exported(run, url, tmp_path, "--memoranda", "--as-of", TODAY.isoformat())
            texts.append([file.read_bytes() for file in files.values()])
    assert texts[0] == texts[1] == texts[2] == texts[3]


def test_a_city_as_it_was_known_at_a_position_is_accepted_too(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    with ledger_at(sqlite_url) as ledger:
        answers = post_all(ledger, list(random_history(counts.SEED + 7_000, LENGTH)))
    last = max(answer.position or 0 for answer in answers)
    for options in (("--known-at", str(last // 2)), ("--known-at", "1"), ("--as-of", "2025-03-01")):
        exported(run, sqlite_url, tmp_path, "--memoranda", *options)


# -- the worked example -------------------------------------------------------


def test_the_worked_example_passes_the_oracle_that_compares_programs(
    run: Run, example: str, tmp_path: Path, shared_dir: Path
) -> None:
    files = exported(run, example, tmp_path)
    ran = run("--ledger", example, "journal", "--format", "jsonl")
    balances: dict[str, int] = {}
    for line in ran.lines:
        cell = (line[key] for key in ("book", "account", "project", "counterparty", "due_on"))
        name = cell_name(*cell)
        balances[name] = balances.get(name, 0) + line["amount_fen"]
    ours = tmp_path / "ours.json"
    ours.write_text(json.dumps(balances))

    done = subprocess.run(
        [sys.executable, shared_dir / "data" / "own" / "check_ledger_oracle.py",
         "--balances", ours, *(word for program in PROGRAMS
                               for word in (f"--{program}", files[program]))],
        capture_output=True, text=True, check=False,
        env={**os.environ, **checkers.ENVIRONMENT,
             "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed, 0 skipped" in done.stdout


def test_one_project_balances_and_says_what_went_elsewhere(
    run: Run, example: str, tmp_path: Path
) -> None:
    files = exported(run, example, tmp_path, "--project", PROJECT)
    entries = checkers.loaded_by_beancount(files["beancount"])
    facts = checkers.facts_of(entries)
    assert {about.get("project", PROJECT) for about in facts.values()} == {PROJECT}
    assert f"Equity:Elsewhere:{SUBCONTRACTOR}" in facts
    assert checkers.hledger_balances(files["hledger"], "2026-12-31") == (
        checkers.beancount_balances(entries, "2026-12-31")
    )


def test_every_transaction_says_its_position_and_no_worker_is_named(run: Run, example: str) -> None:
    text = run("--ledger", example, "export", "journal", "--to", "beancount").out
    positions = {line.split()[1] for line in text.splitlines() if line.startswith("  position: ")}
    shown = run("--ledger", example, "journal", "--format", "jsonl").lines
    assert positions == {str(line["position"]) for line in shown}
    for line in run("--ledger", example, "claim", "list", "--format", "jsonl").lines:
        assert line["worker"] not in text
        assert line["claim"] not in text


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_fen_too_much_is_found_by_each_program(
    run: Run, example: str, tmp_path: Path, program: str
) -> None:
    assert run("--ledger", example, "journal").status == 0  # the read models are there
    with sqlite3.connect(example.removeprefix("sqlite:///")) as tampered:
        changed = tampered.execute(
            "UPDATE balance_day_a SET amount_fen = amount_fen + 1 WHERE account = 'wage_account'"
        )
        assert changed.rowcount
    file = tmp_path / f"books.{program}"
    ran = run("--ledger", example, "export", "journal", "--to", program, "-o", file)
    assert ran.status == 0
    with pytest.raises(AssertionError, match=rf"(?s){CONTRACTOR}.*"):
        ACCEPTED[program](file)


def test_an_empty_ledger_is_a_journal_too(run: Run, books: str, tmp_path: Path) -> None:
    exported(run, books, tmp_path, "--memoranda")


def test_what_cannot_be_exported_is_said(run: Run, books: str, tmp_path: Path) -> None:
    for words, code, status in (
        ((), "missing_option", 2),
        (("--to", "gnucash"), "bad_option", 2),
        (("--to", "ledger", "--project", "nowhere"), "unknown_project", 5),
        (("--to", "ledger", "--as-of", "yesterday"), "bad_option", 2),
        (("--to", "ledger", "-o", str(tmp_path / "no" / "folder")), "no_folder", 5),
    ):
        ran = run("--ledger", books, "export", "journal", *words)
        assert (code in ran.err, ran.status) == (True, status), ran


# -- names --------------------------------------------------------------------


def test_every_account_of_the_journal_has_a_place_among_the_five_roots() -> None:
    assert sorted(ROOTS) == list(ACCOUNTS)


_REFS: Final = some.text(some.sampled_from("aA1-_.甲é5f2de"), min_size=1, max_size=8)


@given(_REFS, _REFS)
def test_two_ids_are_never_spelled_alike(one: str, other: str) -> None:
    assert (part(one) == part(other)) == (one == other)


def test_ids_in_chinese_and_with_signs_are_names_that_every_program_takes(
    run: Run, books: str, tmp_path: Path
) -> None:
    project = "_.松江-二期_工程--9.é-"
    for words in (
        ("party", "add", CONTRACTOR, "示例建筑有限公司", "--on", "2026-01-05"),
        ("project", "open", project, "示例工程", "--on", "2026-01-05", "--region", "220200",
         "--industry", "building", "--developer", CONTRACTOR, "--general-contractor", CONTRACTOR,
         "--contract-price", "1000000", "--starts-on", "2026-01-05",
         "--planned-end-on", "2026-12-31"),
        ("deposit", "lodge", project, "--amount", "80000", "--bank-ref", "B1",
         "--on", "2026-01-06"),
    ):  # fmt: skip
        ran = run("--ledger", books, *words)
        assert ran.status == 0, ran.err

    files = exported(run, books, tmp_path, "--memoranda")

    entries = checkers.loaded_by_beancount(files["beancount"])
    facts = checkers.facts_of(entries)
    balances = checkers.beancount_balances(entries, "2026-01-06")
    assert Told("2026-01-06", facts, balances).sum(account="deposit_cash", project=project) == (
        8_000_000
    )
    assert checkers.hledger_balances(files["hledger"], "2026-01-06") == balances
    assert checkers.ledger_balances(files["ledger"], "2026-01-06") == balances
