"""Ctrl-C in the middle: what was recorded is said, and nothing is half-written."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any

import pytest

from ledger import service
from tests.cli.conftest import CONSOLE, DEVELOPER, Run, clean_environment

GROUP = service.GROUP_POSTINGS
"""So many postings the service commits at once, and answers only then."""


def postings(first: int, count: int) -> bytes:
    return b"".join(
        json.dumps(
            {"kind": "PartyRegistered", "on": "2026-01-10", "key": f"k{number}",
             "party": DEVELOPER, "name": "示例开发有限公司"}
        ).encode() + b"\n"
        for number in range(first, first + count)
    )  # fmt: skip


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(CONSOLE), "--ledger", f"sqlite:///{folder / 'ledger.db'}", "post", "-", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=clean_environment(),
    )  # fmt: skip


def fed(process: subprocess.Popen[bytes], given: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.flush()


def results(stream: IO[bytes] | None, count: int) -> list[dict[str, Any]]:
    assert stream is not None
    return [json.loads(stream.readline()) for _ in range(count)]


def position(run: Run, url: str) -> int:
    return int(run("--ledger", url, "init", "--format", "json").json["position"])


def test_ctrl_c_finishes_what_is_at_work_and_says_what_was_recorded(
    run: Run, books: str, tmp_path: Path
) -> None:
    process = start(tmp_path, "--format", "jsonl")
    fed(process, postings(1, GROUP + 7))
    told = results(process.stdout, GROUP)
    time.sleep(1)  # it has taken in the rest and waits for more
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    told += [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 130
    assert b"Traceback" not in err
    recorded = [result for result in told if result["status"] == "recorded"]
    assert len(recorded) == position(run, books) == GROUP + 7
    assert f"{GROUP + 7:,} recorded".encode() in err
    assert f"after line {GROUP + 7} of <stdin>".encode() in err


def test_what_is_posted_again_after_ctrl_c_is_recorded_once(
    run: Run, books: str, tmp_path: Path
) -> None:
    process = start(tmp_path)
    fed(process, postings(1, 20))
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    file = tmp_path / "again.jsonl"
    file.write_bytes(postings(1, 30))
    ran = run("--ledger", books, "post", file, "--format", "jsonl")

    assert ran.status == 0
    assert [result["position"] for result in ran.lines] == list(range(1, 31))
    assert position(run, books) == 30


def test_ctrl_c_in_an_atomic_file_leaves_nothing_behind(
    run: Run, books: str, tmp_path: Path
) -> None:
    process = start(tmp_path, "--atomic")
    fed(process, postings(1, GROUP + 7))
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert position(run, books) == 0


def test_a_reader_of_a_pipe_does_not_hold_up_the_other_writers(
    run: Run, books: str, tmp_path: Path
) -> None:
    process = start(tmp_path, "--atomic")
    fed(process, postings(1, 5))
    time.sleep(2)
    other = run("--ledger", books, "party", "add", DEVELOPER, "示例开发有限公司")
    assert other.status == 0, "the ledger is locked for a file that has not come yet"
    _out, _err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert position(run, books) == 6


def test_two_programs_post_the_same_file_and_every_posting_is_recorded_once(
    run: Run, books: str, tmp_path: Path
) -> None:
    file = tmp_path / "both.jsonl"
    file.write_bytes(postings(1, 300))
    both = [
        subprocess.Popen(
            [str(CONSOLE), "--ledger", books, "post", str(file), "--format", "jsonl"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(),
        )
        for _ in range(2)
    ]  # fmt: skip
    told = [[json.loads(line) for line in each.communicate(timeout=120)[0].splitlines()]
            for each in both]  # fmt: skip
    assert [each.returncode for each in both] == [0, 0]
    assert sum(result["status"] == "recorded" for results in told for result in results) == 300
    assert [r["position"] for r in told[0]] == [r["position"] for r in told[1]]
    assert position(run, books) == 300


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_disk_behind_stdout_is_said(example: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [str(CONSOLE), "--ledger", example, "events", "--format", "jsonl"], stdout=full,
            stderr=subprocess.PIPE, env=clean_environment(), check=False, cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 4
    assert done.stderr.startswith(b"output_unwritable: ")
    assert b"Traceback" not in done.stderr


def test_a_folder_that_may_not_be_written_is_said(run: Run, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    tmp_path.chmod(0o500)
    try:
        ran = run("--ledger", f"sqlite:///{tmp_path / 'new.db'}", "init")
    finally:
        tmp_path.chmod(0o700)
    assert ran.status in {4, 9}
    assert "Traceback" not in ran.err
