"""A ledger whose making is killed at any moment is made whole by the next try."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

import pytest

from ledger.kernel.errors import LedgerError
from ledger.service import Ledger, LedgerConfig
from tests import REPOSITORY, counts
from tests.drills.comparing import assert_whole
from tests.drills.town import founding

KILLS: Final = counts.runs(30)
LONGEST_DELAY: Final = 0.12

PROGRAM: Final = """
import sys
from pathlib import Path
from ledger.service import Ledger, LedgerConfig
config = LedgerConfig(sys.argv[1], tenant=sys.argv[3], key_file=Path(sys.argv[2]))
sys.stdout.write("ready\\n")
sys.stdout.flush()
Ledger.create(config).close()
"""

EXPECTED: Final = {"no_ledger", "no_vault", "schema_older", "vault_key_missing"}
"""What somebody is told who opens a ledger that is not made yet: make it."""


def _make_and_kill(config: LedgerConfig, delay: float) -> None:
    given = [sys.executable, "-c", PROGRAM, config.url, str(config.key_file), config.tenant]
    with subprocess.Popen(given, cwd=REPOSITORY, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        time.sleep(delay)
        program.send_signal(signal.SIGKILL)


@pytest.mark.drill
def test_a_killed_beginning_is_begun_again(ledger_url: str, tmp_path: Path) -> None:
    rng = Random(counts.SEED)  # noqa: S311 -- nothing secret
    for number in range(KILLS):
        # A file of its own for each; a server's database is made once, a tenant each time.
        url = ledger_url.replace("ledger.db", f"ledger{number}.db")
        config = LedgerConfig(url, tenant=f"t{number}", key_file=tmp_path / f"key{number}")
        _make_and_kill(config, rng.uniform(0, LONGEST_DELAY))
        try:
            Ledger.open(config).close()
        except LedgerError as error:
            if error.code not in EXPECTED:
                raise

        ledger = Ledger.create(config)
        assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
        assert_whole(ledger)
        ledger.close()
