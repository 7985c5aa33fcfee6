"""Programs that start together: the same ledger made, and the same file posted, by all at once."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from ledger.service import Ledger, LedgerConfig
from tests import REPOSITORY
from tests.drills.comparing import assert_whole
from tests.drills.town import Posting, assigned, card, founding, instructed, line, sheet, worker

PROGRAMS: Final = 4
LONGEST_SECONDS: Final = 180

PROGRAM: Final = """
import json, sys
from pathlib import Path
from ledger import service
from ledger.service import Ledger, LedgerConfig
service.GROUP_POSTINGS = 7
config = LedgerConfig(sys.argv[1], key_file=Path(sys.argv[2]))
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.read(1)
Ledger.create(config).close()
ledger = Ledger.open(config)
for answer in ledger.post(open(sys.argv[3], "rb")):
    print(json.dumps([answer.status, answer.code, answer.position]))
"""


def run_together(*given: str) -> list[list[str]]:
    """Start the program several times, let all begin at once; what each printed."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *given],
            cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(PROGRAMS)
    ]  # fmt: skip
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin is not None
        each.stdin.write("!")
        each.stdin.flush()
    outputs = [each.communicate(timeout=LONGEST_SECONDS)[0] for each in running]
    assert [each.returncode for each in running] == [0] * PROGRAMS
    return [output.splitlines() for output in outputs]


def _file() -> list[Posting]:
    """The town, and more people who are paid; nothing of it is refused."""
    postings = founding()
    for number in range(100, 115):
        name = f"S{number}"
        postings += [worker(number), card(number), assigned(number),
                     sheet(name, {f"W{number}": 5})]  # fmt: skip
    return [*postings, instructed("B1", line("S1/1", 500_000), line("S1/2", 600_000))]


@pytest.mark.drill
def test_a_ledger_that_all_make_and_fill_at_once_is_made_and_filled_once(
    ledger_url: str, tmp_path: Path
) -> None:
    config = LedgerConfig(ledger_url, key_file=tmp_path / "key")
    postings, file = _file(), tmp_path / "postings.jsonl"
    file.write_text("".join(json.dumps(posting) + "\n" for posting in postings), "utf-8")

    printed = run_together(ledger_url, str(config.key_file), str(file))

    places = list(range(1, len(postings) + 1))
    statuses: Counter[str] = Counter()
    for answers in printed:
        told = [json.loads(answer) for answer in answers]
        assert [position for _, _, position in told] == places
        statuses.update(status for status, _, _ in told)
    assert statuses == {"recorded": len(places), "duplicate": len(places) * (PROGRAMS - 1)}
    ledger = Ledger.open(config)
    assert_whole(ledger)
    ledger.close()
