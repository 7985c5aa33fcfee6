"""Reading the books: the answers of the contract, and tables that a clerk can compare."""

import csv
import inspect
import io
import json
import re
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from cli.reading import BOOKED, READS, Read
from ledger.domain.journal import ACCOUNTS
from ledger.kernel.dates import SHANGHAI
from tests.cli.conftest import CONTRACTOR, DEVELOPER, EXAMPLE, SUBCONTRACTOR, Run

PROJECT = "P-2026-001"

EXAMPLE_READS = [
    ("liability",),
    ("liability", SUBCONTRACTOR),
    ("history", SUBCONTRACTOR),
    ("explain", SUBCONTRACTOR, "own_arrears"),
    ("explain", CONTRACTOR, "deposit_shortfall_fen"),
    ("explain", "220200", "available"),
    ("explain", PROJECT, "account_gap"),
    ("explain", "S-2026-04", "lines.S-2026-04/21.open"),
    ("trace", "177"),
    ("trace", "S-2026-04/21"),
    ("trace", "B-01"),
    ("history", SUBCONTRACTOR, "--diff", "2026-05-10..2026-05-28"),
    ("history", CONTRACTOR, "--diff", "@180..@200"),
    ("inbox",),
    ("inbox", "--role", "bank"),
    ("journal", "--book", CONTRACTOR),
    ("events",),
    ("party", "list"),
    ("party", "show", DEVELOPER),
    ("project", "list"),
    ("project", "show", PROJECT),
    ("subcontract", "list"),
    ("worker", "show", "S001"),
    ("deposit", "notices"),
    ("deposit", "show", PROJECT),
    ("payroll", "list"),
    ("payroll", "show", "S-2026-03"),
    ("payout", "list"),
    ("payout", "show", "B-01"),
    ("claim", "list"),
    ("claim", "show", "S-2026-04/1"),
    ("case", "list"),
    ("case", "show", "C-01"),
    ("fund", "show"),
    ("fund", "show", "220200"),
    ("fund", "advance", "list"),
    ("policy", "list"),
    ("policy", "show", "minimum_wage.month"),
]


@pytest.mark.parametrize("read", READS, ids=lambda read: read.path)
def test_a_read_asks_only_what_its_query_answers(read: Read) -> None:
    module, _colon, name = read.query.partition(":")
    query = getattr(import_module(f"projections.queries.{module}"), name)
    known = set(inspect.signature(query).parameters) - {"view", "as_of", "known_at"}
    asked = {word.removesuffix("?") for word in read.words} | set(read.filters)
    paging = known & {"limit", "after"}
    assert bool(paging) == read.paged
    assert asked <= known
    assert known - paging - asked <= {"parameter", "region"}, "a filter without an option"


@pytest.mark.parametrize("words", EXAMPLE_READS, ids=" ".join)
def test_every_read_answers_in_every_format_and_language(
    run: Run, example: str, words: tuple[str, ...]
) -> None:
    on = ("--as-of", "2026-05-28") if words[0] != "events" else ()
    answer = run("--ledger", example, *words, *on, "--format", "json")
    assert (answer.status, answer.err) == (0, "")
    assert answer.json
    rows = run("--ledger", example, *words, *on, "--format", "jsonl")
    table = run("--ledger", example, *words, *on, "--format", "csv")
    assert len(rows.lines) == len(list(csv.reader(io.StringIO(table.out)))[1:])
    for language in ("en", "zh"):
        ran = run("--ledger", example, "--lang", language, *words, *on, "--format", "table")
        assert ran.status == 0
        assert "_fen" not in ran.out, "a column without its heading"
        assert ran.out or ran.err


def test_json_has_the_keys_of_the_contract(run: Run, example: str) -> None:
    def keys(*words: str) -> list[str]:
        return list(run("--ledger", example, *words, "--format", "json").json)

    assert keys("liability") == [
        "as_of", "known_at", "position", "contractors", "system_arrears_fen",
    ]  # fmt: skip
    assert set(keys("fund", "show")) >= {"as_of", "position", "funds"}
    assert set(keys("history", CONTRACTOR)) >= {"events", "next"}
    assert set(keys("claim", "list")) >= {"claims", "next"}
    assert set(keys("explain", CONTRACTOR, "own_arrears")) >= {"figure_fen", "lines"}
    assert keys("id", "check", "card", "6200000000000000018") == ["valid", "notes"]
    project = keys("project", "show", PROJECT)
    assert set(project) >= {"project", "as_of", "position", "parties", "next_payroll_fen"}


@pytest.mark.parametrize("on", ["2026-05-20", "2026-06-05"])
@pytest.mark.parametrize(
    "component",
    ["accrued_not_due", "own_arrears", "joint_arrears", "due_to_fund", "recourse_payable",
     "recourse_receivable", "compensation_payable", "deposit_shortfall", "hard_debt"],
)  # fmt: skip
def test_the_lines_of_an_explanation_sum_to_the_figure(
    run: Run, example: str, component: str, on: str
) -> None:
    for party in (CONTRACTOR, SUBCONTRACTOR):
        asked = ("--ledger", example, "--as-of", on, "--format", "json")
        (owes,) = run("liability", party, *asked).json["contractors"]
        explained = run("explain", party, component, *asked).json
        assert explained["figure_fen"] == owes[f"{component}_fen"]
        assert sum(line["amount_fen"] for line in explained["lines"]) == explained["figure_fen"]


def test_figures_can_be_asked_for_as_of_a_day_and_as_known_then(run: Run, example: str) -> None:
    def arrears(*options: object) -> int:
        ran = run("--ledger", example, "liability", "--format", "json", *options)
        return int(ran.json["system_arrears_fen"])

    assert arrears("--as-of", "2026-05-16") == 13_000_000
    assert arrears("--as-of", "2026-05-20") == 10_000_000
    assert arrears("--as-of", "2026-05-20", "--known-at", "0") == 0
    assert arrears("--as-of", "2026-05-20", "--known-at", "2000-01-01T00:00:00+08:00") == 0
    assert arrears("--as-of", "2026-05-20", "--known-at", "2999-01-01") == 10_000_000
    events = run("--ledger", example, "events", "--format", "json").json["events"]
    first, last = (
        datetime.fromisoformat(events[at]["recorded_at"]).astimezone(SHANGHAI).date()
        for at in (0, -1)
    )
    before = str(first - timedelta(days=1))
    assert arrears("--as-of", "2026-05-20", "--known-at", str(last)) == 10_000_000
    assert arrears("--as-of", "2026-05-20", "--known-at", before) == 0


def test_a_page_says_as_of_which_day_and_as_known_when(run: Run, example: str) -> None:
    asked = ("--as-of", "2026-05-20", "--known-at", "200")
    for words in (["liability"], ["fund", "show"]):
        told = run("--ledger", example, *words, *asked).out
        assert re.search("As of +2026-05-20\nKnown at +200\nPosition +212\n", told)
    figure = run("--ledger", example, "explain", SUBCONTRACTOR, "own_arrears", *asked).out
    assert figure.endswith("Known at  200\n")


def test_pages_follow_each_other_without_gap_or_double(run: Run, example: str) -> None:
    whole = run("--ledger", example, "claim", "list", "--format", "json").json["claims"]
    paged: list[object] = []
    after: tuple[str, ...] = ()
    while True:
        page = run(
            "--ledger", example, "claim", "list", "--limit", "7", *after, "--format", "json"
        ).json
        paged += page["claims"]
        if page["next"] is None:
            break
        after = ("--after", page["next"])
    assert paged == whole


def test_the_next_page_of_a_table_is_named_on_stderr(run: Run, example: str) -> None:
    ran = run("--ledger", example, "claim", "list", "--limit", "2")
    assert "--after " in ran.err
    assert len(ran.out.splitlines()) == 4


def test_the_log_is_one_event_a_line_in_order(run: Run, example: str) -> None:
    events = run("--ledger", example, "events", "--from", "200", "--format", "jsonl").lines
    assert [event["position"] for event in events] == list(range(200, 213))
    assert all(event["journal"] is not None for event in events if event["kind"] == "AdvancePaid")


def test_a_pipe_gets_the_log_itself_and_not_a_table_about_it(run: Run, example: str) -> None:
    assert [event["position"] for event in run("--ledger", example, "events").lines] == list(
        range(1, 213)
    )


def test_a_worker_is_shown_with_masked_identity_and_every_step(run: Run, example: str) -> None:
    ran = run("--ledger", example, "worker", "show", "S001", "--format", "json")
    shown = ran.json
    assert shown["identity"]["id_number"].count("*") > 10
    assert set(shown) >= {"registered", "assigned", "on_sheet", "instructed", "settled", "returned"}
    assert all(step["position"] for step in shown["settled"])
    table = run("--ledger", example, "worker", "show", "S001").out
    assert shown["identity"]["id_number"] in table


def test_without_the_key_of_the_vault_the_books_can_still_be_read(
    run: Run, example: str, tmp_path: Path
) -> None:
    (tmp_path / "ledger.vault.key").unlink()
    assert run("--ledger", example, "liability").status == 0
    shown = run("--ledger", example, "worker", "show", "S001", "--format", "json")
    assert (shown.status, shown.json["identity"]) == (0, None)
    assert run("--ledger", example, "fund", "appropriate", "220200", "--amount", "1").status == 5


def test_an_answer_goes_into_a_file_by_its_ending(run: Run, example: str, tmp_path: Path) -> None:
    out = tmp_path / "claims.csv"
    ran = run("--ledger", example, "claim", "list", "-o", out)
    assert (ran.status, ran.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert rows[0]["net_fen"].isdigit()
    run("--ledger", example, "fund", "show", "-o", tmp_path / "fund.json")
    assert json.loads((tmp_path / "fund.json").read_text("utf-8"))["funds"]


def test_the_inbox_is_that_of_the_profile(
    run: Run, example: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    kept = run("profile", "set", "city", "--role", "inspector", "--ledger", example)
    assert kept.status == 0
    assert "From now on city posts" in kept.err, "the first profile is the default"
    inbox = run("inbox", "--format", "json").json
    assert inbox["role"] == "I"
    assert {item["kind"] for item in inbox["items"]} >= {"case_past_deadline"}


def test_policies_are_shown_in_yuan_and_answered_in_fen(run: Run, example: str) -> None:
    words = ("--ledger", example, "policy", "show", "minimum_wage.month", "220200")
    (row,) = run(*words, "--format", "json").json["policies"]
    assert row["value"] == 176_000
    assert "1,760.00" in run(*words).out


def test_checks_of_a_sound_ledger_end_well(run: Run, example: str) -> None:
    checked = run("--ledger", example, "check", "--format", "json")
    assert (checked.status, checked.json["differences"]) == (0, [])
    third = run("--ledger", example, "check", "3", "--format", "json").json["rules"]
    assert [rule["rule"] for rule in third] == ["signs", "reserves", "free"]
    verified = run("--ledger", example, "verify", "--format", "json").json
    assert (verified["events"], verified["found"]) == (212, 0)
    rebuilt = run("--ledger", example, "projections", "rebuild", "--format", "json").json
    assert all(row["equal"] for row in rebuilt["projections"])
    status = run("--ledger", example, "projections", "status", "--format", "json").json
    assert {row["state"] for row in status["projections"]} == {"current"}


def test_the_invariants_are_those_of_the_service() -> None:
    from cli.commands.guard import MEANINGS, NUMBERS  # noqa: PLC0415 - compared here alone
    from ledger.store import CHECK_RULES  # noqa: PLC0415

    assert tuple(MEANINGS) == CHECK_RULES
    assert sorted(name for names in NUMBERS.values() for name in names) == sorted(CHECK_RULES)


def test_a_changed_log_ends_with_status_8_and_every_finding(
    run: Run, example: str, tmp_path: Path
) -> None:
    import sqlite3  # noqa: PLC0415 - somebody with a tool for the file

    with sqlite3.connect(tmp_path / "ledger.db") as broken:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in broken.execute(triggers).fetchall():
            broken.execute(f'DROP TRIGGER "{name}"')
        broken.execute(
            "UPDATE event SET body = CAST(replace(body, '1200000', '1200001') AS BLOB)"
            " WHERE position = 212"
        )
    ran = run("--ledger", example, "verify", "--format", "json")
    assert ran.status == 8
    assert {finding["position"] for finding in ran.json["findings"]} == {212}
    assert ran.err.startswith("verify_failed: ")


def test_the_doctor_says_what_the_ledger_promises(run: Run, example: str) -> None:
    ran = run("--ledger", example, "doctor", "--format", "json")
    assert ran.status == 0
    told = {row["check"]: row for row in ran.json["checks"]}
    assert "synchronous" in told["storage"]["detail"]
    exposed = {name for name, row in told.items() if row["state"] != "ok"}
    assert exposed == {"witnesses"}  # nobody outside has seen this log
    assert {told[name]["state"] for name in exposed} == {"warning"}


def test_the_doctor_names_what_is_wrong_and_goes_on(run: Run, example: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.vault.key").chmod(0o644)
    ran = run("--ledger", example, "doctor", "--format", "json")
    told = {row["check"]: row for row in ran.json["checks"]}
    assert ran.status == 7
    assert told["vault"]["state"] == "error"
    assert "vault_key_mode" in told["vault"]["detail"]
    assert told["promise"]["state"] == "ok"


@pytest.mark.parametrize(
    "words",
    [("claim", "list", "--state", "late"), ("case", "list", "--state", "open,gone"),
     ("history", CONTRACTOR, "--kind", "Nothing")],
    ids=" ".join,
)  # fmt: skip
def test_a_state_or_kind_that_there_is_not_is_refused_and_not_answered_with_nothing(
    run: Run, example: str, words: tuple[str, ...]
) -> None:
    ran = run("--ledger", example, *words)
    assert (ran.status, ran.err.partition(":")[0]) == (2, "bad_option")


@pytest.mark.parametrize("read", [read for read in READS if read.states], ids=lambda r: r.path)
def test_the_states_of_a_list_are_those_of_its_query(read: Read) -> None:
    module = import_module(f"projections.queries.{read.query.partition(':')[0]}")
    known = getattr(module, "STATES", None) or getattr(module, "NOTICE_STATES", None)
    assert known is None or tuple(known) == read.states


def test_both_databases_give_the_same_answers(
    run: Run, example: str, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert run("--ledger", postgres_url, "init").status == 0
    assert run("--ledger", postgres_url, "post", EXAMPLE).status == 0
    for words in EXAMPLE_READS:
        if words[0] == "events":  # their times and salts are their own
            continue
        asked = (*words, "--as-of", "2026-06-05", "--format", "json")
        answers = [run("--ledger", url, *asked).json for url in (example, postgres_url)]
        assert without_times(answers[0]) == without_times(answers[1]), words
    assert run("--ledger", postgres_url, "check").status == 0
    assert run("--ledger", postgres_url, "verify").status == 0
    assert run("--ledger", postgres_url, "doctor").status == 0


def without_times(answer: object) -> object:
    """An answer without the times of recording, which no two ledgers share."""
    if isinstance(answer, dict):
        return {name: without_times(part) for name, part in answer.items() if name != "recorded_at"}
    return [without_times(part) for part in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize(
    "words",
    [
        "liability", "fund show", "project list", "project show P-2026-001",
        "party show 91220200900000225N", "worker show S021", "claim show S-2026-04/21",
        "payroll show S-2026-03", "payout show B-01", "case list", "case show C-01",
        "deposit show P-2026-001", "deposit notices", "fund advance list", "inbox",
        "explain 91220200900000225N deposit_shortfall", "explain 9122020090000033XP hard_debt",
    ],
)  # fmt: skip
def test_a_chinese_screen_holds_no_english_word(run: Run, example: str, words: str) -> None:
    ran = run("--ledger", example, "--lang", "zh", *words.split())
    assert ran.status == 0
    assert not re.findall("[A-Za-z]{3,}", ran.out.replace("fund:", ""))


def test_a_worker_has_the_name_of_a_person_and_a_project_the_state_of_its_account(
    run: Run, example: str
) -> None:
    assert "姓名" in run("--ledger", example, "--lang", "zh", "worker", "show", "S021").out
    listed = run("--ledger", example, "--lang", "zh", "project", "list").out
    assert "专户状态" in listed
    assert "工资专户余额" not in listed


def test_whoever_names_no_figure_is_told_all_figures(run: Run, example: str) -> None:
    said = run("--ledger", example, "explain", CONTRACTOR, "nothing").err
    assert "accrued_not_due, own_arrears" in said
    assert "hard_debt (" in said


def test_an_unknown_fund_is_named(run: Run, example: str) -> None:
    assert "fund: 110000." in run("--ledger", example, "fund", "show", "110000").err
    posted = run("--ledger", example, "fund", "appropriate", "110000", "--amount", "1", "--dry-run")
    assert "fund: 110000." in posted.err


def test_accounts_that_can_be_asked_for_are_those_of_the_journal() -> None:
    assert set(BOOKED) == set(ACCOUNTS)


def test_the_debtors_of_a_fund_stand_under_its_money(run: Run, example: str) -> None:
    told = run("--ledger", example, "fund", "show", "--as-of", "2026-06-02").out
    assert re.search(
        f"Debtors\nRegion +Party +Receivable\n.*\n220200 +{SUBCONTRACTOR} +20,000.00", told
    )
