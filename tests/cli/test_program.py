"""The tree of commands: every one has help in both languages, and every mistake its status."""

import ast
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from cli import boundary, main
from cli.commands import guard
from cli.headings import OWN
from cli.messages import use_language
from cli.names import COLUMNS
from cli.overview import ENTRIES, overview
from cli.program import Program
from cli.widths import cells
from ledger.kernel.errors import LedgerError
from tests import REPOSITORY
from tests.cli.conftest import CONSOLE, Run, clean_environment


def _tree(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                under = command.get_command(context, name)
                assert under is not None, f"{words} {name} is listed and not there"
                yield from _tree(under, (*words, name))


IN_CHINESE = {
    ("completion",), ("worker", "import"), ("attendance", "import"),
    ("payroll", "check"), ("payroll", "submit"),
}  # fmt: skip
"""Commands whose English help names what is Chinese: headings of the files that they take."""

COMMANDS = [words for words in _tree(Program(), ()) if words]


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_in_both_languages(run: Run, words: tuple[str, ...]) -> None:
    english = run(*words, "--help")
    chinese = run("--lang", "zh", *words, "--help")
    for ran in (english, chinese):
        assert (ran.status, ran.err) == (0, "")
        assert f"wageledger {' '.join(words)}" in ran.out
        assert all(cells(line) <= 80 for line in ran.out.splitlines()), "it fits a screen"
    assert english.out.isascii() or words in IN_CHINESE
    assert chinese.out != english.out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_in_the_reference(words: tuple[str, ...]) -> None:
    page = (REPOSITORY / "docs" / "reference" / "cli.md").read_text("utf-8")
    if words[0] == "record" and len(words) > 1:
        assert f"| `{words[1]}` |" in page
    else:
        assert f"\n### wageledger {' '.join(words)}\n" in page


def test_the_reference_is_what_the_program_says_now() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/cli_reference.py", "--check"], cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_the_overview_lists_every_command_and_fits_a_screen() -> None:
    for language in ("en", "zh"):
        use_language("zh" if language == "zh" else "en")
        page = overview()
        assert all(f"\n  {name} " in page for name in ENTRIES)
        assert all(cells(line) <= 80 for line in page.splitlines())


def test_the_overview_is_the_same_however_it_is_asked_for(run: Run) -> None:
    assert run("--help").out == overview()
    assert run("--quiet", "--help").out == overview(), "the option parser shows the same"
    assert run("--lang", "zh", "--help").out == overview()
    assert run().status == 2
    assert run().err == overview(), "without a command it is a mistake, and helps"


def test_a_noun_without_a_verb_shows_its_verbs(run: Run) -> None:
    ran = run("payroll")
    assert (ran.status, ran.out) == (2, "")
    assert "approve" in ran.err


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["nothing"], 2, "bad_command"),
        (["fund", "nothing"], 2, "bad_command"),
        (["record", "Nothing"], 2, "bad_command"),
        (["liability", "--nothing"], 2, "bad_option"),
        (["liability", "--as-of"], 2, "bad_option"),
        (["liability", "--as-of", "2026-02-30"], 2, "bad_option"),
        (["liability", "A", "B"], 2, "bad_option"),
        (["liability", "--known-at", "yesterday"], 2, "bad_option"),
        (["claim", "list", "--limit", "0"], 2, "bad_option"),
        (["claim", "list", "--limit", "many"], 2, "bad_option"),
        (["claim", "list", "--after", "x"], 2, "bad_option"),
        (["claim", "list", "--after", "9" * 30 + "/1"], 2, "bad_option"),
        (["payout", "list", "--after", "9" * 30], 2, "bad_option"),
        (["journal", "--after", f"2026-01-01/{'9' * 30}/1"], 2, "bad_option"),
        (["journal", "--after", "yesterday/1/1"], 2, "bad_option"),
        (["liability", "--known-at", "0001-01-01T00:00"], 2, "bad_option"),
        (["liability", "--known-at", "9" * 30], 2, "bad_option"),
        (["claim", "show", f"S-2026-03/{'9' * 30}"], 5, "unknown_claim"),
        (["claim", "show", "S-2026-03/²"], 5, "unknown_claim"),
        (["payroll", "show", "S-2026-03", "--after", "x"], 2, "bad_option"),
        (["journal", "--account", "wages"], 2, "bad_option"),
        (["policy", "show", "fund.cap"], 5, "unknown_parameter"),
        (["policy", "list", "--parameter", "fund.cap"], 5, "unknown_parameter"),
        (["events", "--from", "0"], 2, "bad_option"),
        (["explain", "91220200900000110G"], 2, "missing_option"),
        (["explain", "91220200900000110G", "nothing"], 2, "bad_option"),
        (["liability", "-o", "a.xls"], 2, "bad_option"),
        (["liability", "--format", "xml"], 2, "bad_option"),
        (["liability", "--lang", "fr"], 2, "bad_option"),
        (["liability", "--tenant", "a b"], 2, "bad_tenant"),
        (["liability", "--profile", "nobody"], 5, "no_profile"),
        (["liability", "91220200900000999X"], 5, "unknown_party"),
        (["project", "show", "P-0"], 5, "unknown_project"),
        (["worker", "show", "W-0"], 5, "unknown_worker"),
        (["claim", "show", "S-0/1"], 5, "unknown_claim"),
        (["payroll", "show", "S-0"], 5, "unknown_sheet"),
        (["payout", "show", "B-0"], 5, "unknown_batch"),
        (["case", "show", "C-0"], 5, "unknown_case"),
        (["fund", "show", "999999"], 5, "unknown_fund"),
        (["post", "none.jsonl"], 5, "no_file"),
        (["liability", "-o", "none/a.csv"], 5, "no_folder"),
        (["check", "9"], 2, "bad_option"),
        (["projections", "rebuild", "nothing"], 2, "bad_option"),
        (["id", "check", "uscc", "91220200900000110G"], 0, ""),
        (["id", "check", "uscc", "912202009000001100"], 3, ""),
        (["id", "check", "resident-id", "220202190601010007"], 0, ""),
        (["id", "check", "card", "6200000000000000018"], 0, ""),
        (["id", "check", "card", "6200000000000000019"], 3, ""),
        (["id", "check", "passport", "1"], 2, "bad_option"),
        (["completion", "csh"], 2, "bad_option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_every_mistake_ends_with_its_status_and_one_coded_sentence(
    run: Run, example: str, words: list[str], status: int, code: str
) -> None:
    ran = run("--ledger", example, *words)
    assert ran.status == status
    assert "Traceback" not in ran.err
    if code:
        first, *rest = ran.err.splitlines()
        assert first.startswith(f"{code}: ")
        assert len(rest) <= 1, "what happened, and what to do"
        assert ran.out == ""


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://host/db", "not a url", "books.db",
     "sqlite:///a.db?mode=rw", "postgresql://host"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(run: Run, url: str) -> None:
    ran = run("--ledger", url, "liability")
    assert ran.status == 2
    assert ran.err.startswith("bad_url: ")


@pytest.mark.parametrize("command", ["init", "liability", "doctor"])
def test_a_password_in_the_address_is_refused_and_never_shown(run: Run, command: str) -> None:
    ran = run("--ledger", "postgresql://clerk:s3cret@host/books", command)
    assert ran.status == 2
    assert "password_in_url" in ran.err + ran.out
    assert "s3cret" not in ran.err + ran.out


def test_a_server_is_for_a_later_version(run: Run) -> None:
    ran = run("--ledger", "https://example.org/", "liability")
    assert (ran.status, ran.err.partition(":")[0]) == (2, "not_available")


def test_global_options_stand_before_and_after_the_command(run: Run, example: str) -> None:
    before = run("--ledger", example, "--format", "json", "fund", "show")
    between = run("fund", "--ledger", example, "--format", "json", "show")
    after = run("fund", "show", "--format", "json", "--ledger", example)
    assert before.status == 0
    assert before.json == between.json == after.json
    assert run("--format", "csv", "--ledger", example, "fund", "show", "--format", "json").json


@pytest.mark.parametrize(
    "words",
    [["liability"], ["post", "x.jsonl"], ["check"], ["verify"], ["projections", "status"],
     ["fund", "appropriate", "220200", "--amount", "1"], ["worker", "show", "W-1"], ["doctor"]],
    ids=" ".join,
)  # fmt: skip
def test_a_ledger_that_does_not_exist_is_named_with_its_command_and_not_made(
    run: Run, sqlite_url: str, tmp_path: Path, words: list[str]
) -> None:
    ran = run("--ledger", sqlite_url, *words)
    assert ran.status == 5
    assert "no_ledger" in ran.err + ran.out
    if words != ["doctor"]:
        assert f"`wageledger --ledger {sqlite_url} init`" in ran.err
    assert not list(tmp_path.iterdir())


def test_a_read_only_folder_is_said_and_left_as_it_is(
    run: Run, example: str, tmp_path: Path
) -> None:
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for name in before:
        (tmp_path / name).chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        read = run("--ledger", example, "liability")
        written = run("--ledger", example, "fund", "appropriate", "220200", "--amount", "1")
    finally:
        tmp_path.chmod(0o700)
    for ran in (read, written):
        assert (ran.status, ran.err.partition(":")[0]) == (4, "storage_read_only")
    assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


WITHOUT_POWERS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""How root runs a program as somebody whom the modes of files bind."""


@pytest.fixture(params=["file", "folder"])
def locked(request: pytest.FixtureRequest, example: str) -> Iterator[str]:
    """The example where its user may read and not write: the file, or all of its folder."""
    path = Path(example.removeprefix("sqlite:///"))
    path.chmod(0o444)
    if request.param == "folder":
        path.parent.chmod(0o555)
    yield example
    path.parent.chmod(0o755)
    path.chmod(0o644)


def _as_ordinary_user(*words: str) -> subprocess.CompletedProcess[str]:
    if os.geteuid() == 0 and shutil.which(WITHOUT_POWERS[0]) is None:
        pytest.skip("root writes everywhere, and there is no setpriv to give that up")
    before = WITHOUT_POWERS if os.geteuid() == 0 else ()
    return subprocess.run(
        [*before, str(CONSOLE), *words], capture_output=True, text=True, check=False,
        env=clean_environment(),
    )  # fmt: skip


def test_a_ledger_that_may_only_be_read_is_checked_to_the_last_rule(locked: str) -> None:
    folder = Path(locked.removeprefix("sqlite:///")).parent
    before = (folder / "ledger.db").read_bytes()
    ran = _as_ordinary_user("--ledger", locked, "check", "--format", "json")
    assert ran.returncode == 0, ran.stderr
    rules = {rule["rule"]: rule["holds"] for rule in json.loads(ran.stdout)["rules"]}
    assert rules == dict.fromkeys(guard.MEANINGS, True)
    verified = _as_ordinary_user("--ledger", locked, "verify", "--format", "json")
    assert (verified.returncode, json.loads(verified.stdout)["found"]) == (0, 0)
    written = _as_ordinary_user(
        "--ledger", locked, "fund", "appropriate", "220200", "--amount", "1"
    )  # fmt: skip
    assert (written.returncode, written.stderr.partition(":")[0]) == (4, "storage_read_only")
    assert (folder / "ledger.db").read_bytes() == before


def test_a_difference_is_found_in_a_ledger_that_may_only_be_read(locked: str) -> None:
    path = Path(locked.removeprefix("sqlite:///"))
    mode = path.parent.stat().st_mode
    path.parent.chmod(0o755)
    path.chmod(0o644)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE claim SET paid_fen = paid_fen - 1 WHERE position = 178 AND line = 1"
        )
        connection.commit()
    path.chmod(0o444)
    path.parent.chmod(mode)
    ran = _as_ordinary_user("--ledger", locked, "check", "replay", "--format", "json")
    assert (ran.returncode, "check_failed: " in ran.stderr) == (8, True)
    (found,) = json.loads(ran.stdout)["differences"]
    assert (found["table"], found["missing_rows"], found["surplus_rows"]) == ("claim", 1, 1)


def test_every_column_that_people_see_has_a_heading() -> None:
    from cli.commands import profile, reads, start  # noqa: PLC0415 - their screens
    from cli.screens import SCREENS  # noqa: PLC0415

    views = [*SCREENS.values(), guard._VERIFIED, guard._CHECKED, guard._STATUS, guard._REBUILT,
             profile._VIEW, reads._EVENTS, start._VIEW]  # fmt: skip
    shown = {
        key.rpartition(".")[2]
        for view in views
        for key in (*view.facts, *view.totals, *(c for each in view.listings for c in each.columns))
    }
    assert shown <= COLUMNS.keys() | OWN.keys()


# -- mistakes of the program itself -------------------------------------------


def test_a_mistake_of_the_program_is_kept_in_a_file_and_never_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail(_arguments: list[str]) -> int:
        message = "the card 6200000000000000018 is not here"
        raise RuntimeError(message)

    monkeypatch.setattr(boundary, "_ran", fail)
    ran = run("liability")

    assert ran.status == 1
    assert ran.err.startswith("unexpected: ")
    assert "6200000000000000018" not in ran.err
    (kept,) = (tmp_path / "wageledger").iterdir()
    assert "RuntimeError" in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o077 == 0
    assert str(kept) in ran.err


def test_a_traceback_is_shown_to_who_asks_for_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAGELEDGER_DEBUG", "1")

    def fail(_arguments: list[str]) -> int:
        raise RuntimeError

    monkeypatch.setattr(boundary, "_ran", fail)
    assert "Traceback" in run("liability").err


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(KeyboardInterrupt(), 130, "interrupted"), (LedgerError("busy"), 9, "busy"),
     (MemoryError(), 1, "unexpected"), (click.Abort(), 130, "interrupted")],
)  # fmt: skip
def test_every_end_of_a_run_has_its_status(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, code: str
) -> None:
    def fail(_arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(boundary, "_ran", fail)
    ran = run("liability")
    assert (ran.status, ran.err.partition(":")[0]) == (status, code)


def test_help_loads_neither_the_option_parser_nor_the_ledger() -> None:
    asked = (
        "import sys; sys.argv = ['wageledger', '--help']\n"
        "from cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('click', 'sqlalchemy', 'eventsourcing', 'ledger', 'wcwidth',"
        " 'cryptography') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert done.stderr.strip() == "[]"
    assert main.asks_for_overview(["--lang", "zh", "--help"])
    assert not main.asks_for_overview(["liability", "--help"])


def test_no_message_hides_inside_an_f_string_where_nobody_would_translate_it() -> None:
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in (REPOSITORY / "cli").rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"_", "N_", "ngettext"}
        and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []
