"""Ctrl-C in the middle of a bulk post: the open group is rolled back, those before it stay."""

import json
import signal
from pathlib import Path
from typing import Final

import pytest

from ledger.service import Ledger, LedgerConfig
from tests.drills import victims
from tests.drills.bulk_post import GROUP_POSTINGS
from tests.drills.comparing import assert_whole
from tests.drills.town import FOUNDED, Posting, assigned, card, founding, sheet, worker

STOPPED_IN: Final = 6
"""The group that is interrupted: the founding takes four."""


def _postings() -> list[Posting]:
    postings = founding()
    for number in range(100, 115):
        postings += [worker(number), card(number), assigned(number),
                     sheet(f"S{number}", {f"W{number}": 1})]  # fmt: skip
    return postings


@pytest.mark.drill
@pytest.mark.parametrize("stage", ["L", "v", "C"])
def test_ctrl_c_rolls_back_the_open_group_only(ledger_url: str, tmp_path: Path, stage: str) -> None:
    config = LedgerConfig(ledger_url, key_file=tmp_path / "key")
    Ledger.create(config).close()
    postings = _postings()
    file = tmp_path / "postings.jsonl"
    file.write_text("".join(json.dumps(posting) + "\n" for posting in postings), "utf-8")

    victim = victims.start(config, file, stage, STOPPED_IN)
    assert victim.watch(lambda marks: marks.count("B") == STOPPED_IN and marks.endswith(stage))
    assert victims.open_transactions(config.url)
    victim.process.send_signal(signal.SIGINT)
    victim.end()

    assert victim.process.returncode == -signal.SIGINT
    answered = file.with_suffix(".out").read_text("utf-8").splitlines()
    ledger = Ledger.open(config)
    kept = (STOPPED_IN - 1) * GROUP_POSTINGS
    assert ledger.position() == len(answered) == kept > len(FOUNDED)
    assert_whole_but_for_the_vault_of_the_open_group(ledger, stage)
    again = [answer.status for answer in ledger.post(postings)]
    assert again == ["duplicate"] * kept + ["recorded"] * (len(postings) - kept)
    assert_whole(ledger)
    ledger.close()


def assert_whole_but_for_the_vault_of_the_open_group(ledger: Ledger, stage: str) -> None:
    """The log is whole; the vault knows a few people more where it had committed before."""
    assert ledger.verify().findings == []
    assert ledger.check() == []
    registered = {f"W{number}" for number in range(1, 7)}
    registered |= {f"W{number}" for number in range(100, 115)}
    unknown = ledger.vault.orphans(ref for ref in registered if ledger.masked_identity(ref))
    assert bool(unknown) == (stage in {"v", "C"})
