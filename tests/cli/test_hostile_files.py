"""Files that were made to do harm, or that went wrong on their way: each gets its verdict.

They are called as a stranger would call the program: in a process of its own, without a ledger.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.conftest import clean_environment

MEMORY_MB: Final = 200
_KIB_PER_MB: Final = 1024


def expected(shared: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        (shared / "data" / "own" / "hostile" / "EXPECTED.json").read_text("utf-8")
    )
    return {name: each for name, each in found.items() if not name.endswith(".xml")}


PROGRAM: Final = """
import sys
from cli.main import main
status = 0
try:
    main()
except SystemExit as end:
    status = int(end.code or 0)
sys.stdout.flush()
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
sys.stderr.write(f"\\n{peak[0].split()[1]}")
sys.exit(status)
"""
"""The program with its own peak (KiB) behind its words: ru_maxrss begins with this test's."""


def checked(path: Path, folder: Path) -> tuple[int, dict[str, Any], str, int]:
    """Status, answer, stderr and peak memory (KiB) of a check without a ledger."""
    words = ["--lang", "en", "payroll", "check", str(path), "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        cwd=folder,
        env=clean_environment(),
        check=False,
    )
    err, _newline, peak = done.stderr.decode().rpartition("\n")
    return done.returncode, json.loads(done.stdout), err, int(peak)


def test_every_hostile_file_gets_its_verdict_in_little_memory(
    shared_dir: Path, tmp_path: Path
) -> None:
    identities = {
        cell
        for line in (shared_dir / "data" / "own" / "hostile" / "ok_utf8.csv")
        .read_text("utf-8")
        .splitlines()[1:]
        for at, cell in enumerate(line.split(","))
        if at in {1, 2, 4}
    }
    verdicts = expected(shared_dir)
    assert len(verdicts) == 43
    for name, each in verdicts.items():
        path = shared_dir / "data" / "own" / "hostile" / name
        status, answer, err, peak = checked(path, tmp_path)
        told = [(p["severity"], p["code"]) for p in answer["problems"]]
        verdict = each["verdict"]
        assert status == (3 if any(severity == "error" for severity, _ in told) else 0), name
        assert "Traceback" not in err, name
        assert peak < MEMORY_MB * _KIB_PER_MB, (name, peak)
        assert not [shown for shown in identities if shown in json.dumps(answer)], name
        if "sum_minor" in each:
            assert (status, answer["rows"]) == (0, each["rows"]), name
            assert answer["net_sum_fen"] == each["sum_minor"], name
        elif verdict == "flag":
            assert told, name
        elif verdict.startswith("refuse") and " or " not in verdict and "skip" not in verdict:
            assert status == 3, (name, told)
        elif name == "bad_total_row.csv":
            assert (status, answer["net_sum_fen"]) == (0, 1_658_200)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", range(8))
def test_a_workbook_cut_off_anywhere_is_refused_and_never_breaks_the_program(
    shared_dir: Path, tmp_path: Path, number: int
) -> None:
    whole = (shared_dir / "data" / "own" / "hostile" / "ok.xlsx").read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: len(whole) * number // 8])
    status, answer, err, _peak = checked(path, tmp_path)
    assert status == 3
    assert answer["problems"]
    assert "Traceback" not in err
