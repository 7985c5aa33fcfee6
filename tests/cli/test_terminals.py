"""The program on the terminals that clerks have: GBK, no locale at all, a pipe, no colours."""

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

from cli.progress import Progress, duration
from cli.widths import cells
from tests.cli.conftest import CONSOLE, Run, clean_environment

CHINESE = "示例建筑总承包有限公司"


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({"PYTHONIOENCODING": "gbk", "LC_ALL": "zh_CN.GBK"}, "gbk"),
        ({"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, "ascii"),
        ({"PYTHONIOENCODING": "latin-1"}, "latin-1"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii"),
        ({"LC_ALL": "POSIX"}, "utf-8"),
    ],
    ids=["gbk", "ascii", "latin-1", "plain C", "POSIX"],
)
def test_no_terminal_makes_the_program_fail(
    console: Run, example: str, environment: dict[str, str], encoding: str
) -> None:
    for words in (("liability",), ("party", "list"), ("--help",), ("payroll", "--help")):
        ran = console(
            "--ledger", example, *words, environment=environment, encoding=encoding
        ) if words != ("--help",) else console(
            "--help", environment=environment, encoding=encoding
        )  # fmt: skip
        assert (ran.status, "Traceback" in ran.err) == (0, False)
    answer = console(
        "--ledger", example, "party", "list", "--format", "json", environment=environment,
        encoding=encoding,
    )  # fmt: skip
    assert CHINESE in {party["name"] for party in json.loads(answer.out)["parties"]}


def test_a_gbk_terminal_shows_chinese(console: Run, example: str) -> None:
    environment = {"PYTHONIOENCODING": "gbk", "LC_ALL": "zh_CN.GBK"}
    ran = console("--ledger", example, "party", "list", environment=environment, encoding="gbk")
    assert CHINESE in ran.out
    assert not ran.out.startswith("Party")


def test_a_terminal_without_chinese_is_spoken_to_in_english(console: Run) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "zh_CN.UTF-8"}
    assert console("--help", environment=environment).out.startswith("Usage")
    ran = console("--help", "--lang", "zh", environment=environment)
    assert (ran.status, ran.out.isascii()) == (0, True)


def test_the_locale_chooses_the_language(console: Run) -> None:
    chinese = console("fund", "--help", environment={"LC_ALL": "zh_CN.UTF-8"})
    assert not chinese.out.isascii()
    assert console("fund", "--help", environment={"LC_ALL": "en_US.UTF-8"}).out.isascii()
    asked = console("fund", "--help", "--lang", "en", environment={"LC_ALL": "zh_CN.UTF-8"})
    assert asked.out.isascii()


def test_an_argument_that_is_no_text_is_refused_and_not_crashed_on(
    example: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [os.fsencode(CONSOLE), b"--ledger", example.encode(), b"party", b"show", b"\xff\xfe"],
        cwd=tmp_path, capture_output=True, env=clean_environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def _on_a_terminal(
    *words: str, columns: int = 80, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run the program on a terminal of its own; its exit status and what the screen got."""
    pid, master = pty.fork()
    if pid == 0:  # pragma: no cover - the child becomes the program
        size = {"COLUMNS": str(columns), "LINES": "24", "TERM": "xterm"}
        chosen = clean_environment({**size, **(environment or {})})
        os.execve(CONSOLE, [str(CONSOLE), *words], chosen)  # noqa: S606 - no shell is meant
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 1)[0]:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
    _pid, status = os.waitpid(pid, 0)
    os.close(master)
    return os.waitstatus_to_exitcode(status), shown.decode("utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "words",
    [["liability"], ["fund", "show"], ["project", "show", "P-2026-001"], ["claim", "list"],
     ["journal"], ["worker", "show", "S001"], ["payroll", "list"], ["policy", "list"],
     ["events"], ["inbox"], ["payroll", "slips", "S-2026-04", "--limit", "3"],
     ["payout", "proof", "B-01", "--party", "9122020090000033XP"],
     ["project", "statement", "P-2026-001", "--month", "2026-05"],
     ["party", "statement", "9122020090000033XP", "--month", "2026-05"]],
    ids=" ".join,
)  # fmt: skip
def test_a_screen_of_80_columns_is_never_overrun(
    run: Run, example: str, monkeypatch: pytest.MonkeyPatch, language: str, words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for module in ("output", "commands.reads", "reading"):
        monkeypatch.setattr(f"cli.{module}.is_terminal", lambda _stream: True)
    ran = run("--ledger", example, "--lang", language, *words, "--no-color")
    assert ran.status == 0
    assert ran.out
    assert [line for line in ran.out.splitlines() if cells(line) > 80] == []


def test_headings_stand_out_on_a_terminal_unless_nobody_wants_colours(example: str) -> None:
    _status, plain = _on_a_terminal("--ledger", example, "party", "list", "--no-color")
    _status, none = _on_a_terminal(
        "--ledger", example, "party", "list", environment={"NO_COLOR": "1"}
    )
    _status, bold = _on_a_terminal("--ledger", example, "party", "list")
    assert "\x1b[1m" in bold
    assert "\x1b[" not in plain + none


def test_a_workbook_is_not_poured_onto_a_terminal(example: str) -> None:
    status, shown = _on_a_terminal("--ledger", example, "liability", "--format", "xlsx")
    assert status == 2
    assert "-o FILE.xlsx" in shown
    assert "PK" not in shown


# -- completion ---------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_completion(run: Run, shell: str) -> None:
    ran = run("completion", shell)
    assert ran.status == 0
    assert "_WAGELEDGER_COMPLETE" in ran.out


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("wageledger pay", {"payroll", "payout"}),
        ("wageledger fund adv", {"advance"}),
        ("wageledger project show P-", {"P-2026-001"}),
        ("wageledger party show 912202009000002", {"91220200900000225N"}),
        ("wageledger case show C", {"C-01"}),
        ("wageledger payroll approve ", {"P-2026-001"}),
        ("wageledger payroll approve P-2026-001 S-2026-04", {"S-2026-04"}),
        ("wageledger claim list --project P", {"P-2026-001"}),
        ("wageledger case close C-01 --result un", {"unfounded"}),
        ("wageledger project show X", set()),
    ],
)
def test_commands_and_ids_are_completed(
    console: Run, example: str, line: str, expected: set[str]
) -> None:
    ran = console(
        environment={
            "_WAGELEDGER_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
            "WAGELEDGER_URL": example,
        }
    )
    assert {row.partition(",")[2] for row in ran.out.splitlines() if row} == expected
    assert ran.err == ""


def test_without_a_ledger_completion_offers_nothing_and_says_nothing(console: Run) -> None:
    ran = console(
        environment={
            "_WAGELEDGER_COMPLETE": "bash_complete", "COMP_WORDS": "wageledger project show ",
            "COMP_CWORD": "3",
        }
    )  # fmt: skip
    assert (ran.out.strip(), ran.err) == ("", "")


# -- progress -----------------------------------------------------------------


def test_a_bar_tells_rows_a_second_and_the_time_left() -> None:
    bar = Progress(total=1000)
    bar.advance(50, 250)
    line = bar.line(10.0)
    assert "25%" in line
    assert "50 rows, 5 a second" in line
    assert "30 s left" in line


def test_a_bar_without_a_known_end_only_counts() -> None:
    bar = Progress()
    bar.advance(1234)
    assert bar.line(2.0) == "1,234 rows, 617 a second"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (42, "42 s"), (185, "3:05"), (3723, "1:02:03")]
)
def test_times_are_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_pipe_never_gets_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(total=10) as bar:
        bar._next = 0.0
        bar.advance(5, 5)
    assert capsys.readouterr().err == ""
