"""A log is signed as it grows, and never twice differently."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from ledger.eventlog.engine import begin_writing, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.eventlog.tables import log_checkpoint
from ledger.evidence import Evidence, Signer
from ledger.evidence.keys import KeyFile
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash, root, verify_consistency, verify_inclusion
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import SignerKey
from ledger.proof.schemes import ED25519_COSIGNATURE
from tests.ledger.eventlog.conftest import append

NOW = datetime(2030, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    """An empty log."""
    opened = open_engine(ledger_url, create=True)
    upgrade(opened, [LOG])
    yield opened
    opened.dispose()


@pytest.fixture
def signer(engine: Engine, tmp_path: Path) -> Signer:
    """Whoever holds the log's key."""
    made = Signer(Evidence(engine, "main"), KeyFile(tmp_path / "keys" / "city.log.key"))
    made.create(NOW)
    return made


def bodies(*numbers: int) -> list[bytes]:
    return [b"%d" % number for number in numbers]


def signed(signer: Signer, at: datetime = NOW) -> bytes:
    found = signer.sign(at)
    assert found is not None
    return found.note


def code_of(signer: Signer) -> str:
    with pytest.raises(LedgerError) as caught:
        signer.sign(NOW)
    return caught.value.code


def test_a_checkpoint_says_how_long_the_log_is_and_is_signed_by_its_key(signer: Signer) -> None:
    evidence = signer.evidence
    assert signer.sign(NOW) is None
    append(evidence.engine, bodies(*range(300)))
    opened = open_checkpoint(signed(signer), evidence.verifiers())
    assert opened.checkpoint.size == 300
    assert opened.checkpoint.root == root([leaf_hash(body) for body in bodies(*range(300))])
    assert opened.checkpoint.origin == evidence.origin() != ""


def test_what_is_signed_already_is_answered_again(signer: Signer) -> None:
    append(signer.evidence.engine, bodies(1, 2))
    first = signed(signer)
    assert signed(signer, NOW + timedelta(days=1)) == first
    assert [each.size for each in signer.evidence.checkpoints()] == [2]


def test_later_checkpoints_are_proved_to_begin_with_earlier_ones(signer: Signer) -> None:
    evidence = signer.evidence
    for count in (1, 3, 256, 5):
        append(evidence.engine, bodies(*range(count)))
        signed(signer)
    heads = list(evidence.checkpoints())
    assert [each.size for each in heads] == [1, 4, 260, 265]
    for before, after in pairwise(heads):
        proof = evidence.consistency_proof(before.size, after.size)
        assert verify_consistency(before.size, after.size, proof, before.root, after.root)
    proof = evidence.inclusion_proof(4, 265)
    assert verify_inclusion(leaf_hash(b"2"), 3, 265, proof, heads[-1].root)
    receipt = evidence.receipt(4)
    assert receipt.verify(evidence.entry(4), evidence.verifiers()).checkpoint.size == 265


def test_a_log_that_was_put_back_is_not_signed_again(tmp_path: Path) -> None:
    url, copy = tmp_path / "a.db", tmp_path / "b.db"
    engine = open_engine(f"sqlite:///{url}", create=True)
    upgrade(engine, [LOG])
    file = KeyFile(tmp_path / "a.log.key")
    signer = Signer(Evidence(engine, "main"), file)
    signer.create(NOW)
    append(engine, bodies(1))
    signed(signer)
    engine.dispose()
    shutil.copy(url, copy)
    append(engine, bodies(2))
    signed(signer)
    engine.dispose()

    back = Signer(Evidence(open_engine(f"sqlite:///{copy}"), "main"), file)
    assert code_of(back) == "log_shrunk"
    append(back.evidence.engine, bodies(3))
    assert code_of(back) == "log_forked"
    append(back.evidence.engine, bodies(4, 5))
    assert code_of(back) == "log_forked"
    assert [each.size for each in back.evidence.checkpoints()] == [1]
    back.evidence.engine.dispose()


def test_a_signature_that_left_before_the_power_cut_is_the_only_one(signer: Signer) -> None:
    append(signer.evidence.engine, bodies(1))
    origin = signer.evidence.origin()
    note = signed(signer)
    # As after a power cut between remembering and storing: the memory is ahead of the table.
    other = Signer(Evidence(signer.evidence.engine, "main"), signer.file)
    append(signer.evidence.engine, bodies(2))
    head = signer.file.signed(origin)
    assert head is not None
    assert head.size == 1
    second = signed(other)
    assert second != note
    kept = signer.file.signed(origin)
    assert kept is not None
    assert kept.size == 2


def test_a_checkpoint_in_the_table_binds_where_the_memory_is_lost(signer: Signer) -> None:
    append(signer.evidence.engine, bodies(1, 2))
    signer.file.signed_path.unlink(missing_ok=True)
    with begin_writing(signer.evidence.engine) as connection:
        connection.execute(
            insert(log_checkpoint).values(
                tenant="main", size=1, root=bytes(32), note=b"", signed_at=""
            )
        )
    assert code_of(signer) == "log_forked"


def test_a_machine_without_the_key_signs_nothing(signer: Signer, tmp_path: Path) -> None:
    append(signer.evidence.engine, bodies(1))
    elsewhere = Signer(signer.evidence, KeyFile(tmp_path / "elsewhere" / "city.log.key"))
    elsewhere.create(NOW)
    assert not elsewhere.is_able(NOW)
    assert code_of(elsewhere) == "log_key_missing"
    assert signer.is_able(NOW)
    assert len(signer.evidence.key_history()) == 1


def test_a_key_that_others_can_read_signs_nothing(signer: Signer) -> None:
    append(signer.evidence.engine, bodies(1))
    signer.file.path.chmod(0o640)
    assert code_of(signer) == "log_key_unsafe"
    signer.file.path.chmod(0o600)
    signer.file.path.write_text("wageledger-log-keys 1\nnonsense\n", encoding="ascii")
    assert code_of(signer) == "log_key_damaged"


def test_a_damaged_memory_signs_nothing(signer: Signer) -> None:
    append(signer.evidence.engine, bodies(1))
    signed(signer)
    signer.file.signed_path.write_text("wageledger-log-signed 1\nlog x y\n", encoding="ascii")
    assert code_of(signer) == "log_key_damaged"


def test_old_and_new_key_sign_side_by_side_while_they_overlap(signer: Signer) -> None:
    evidence = signer.evidence
    (old,) = evidence.verifiers()
    new = signer.rotate(NOW + timedelta(days=1), overlap_days=10).key
    assert evidence.verifiers() == [old, new]
    for day, keys in ((5, [old, new]), (12, [new])):
        append(evidence.engine, bodies(day))
        note = signed(signer, NOW + timedelta(days=day))
        opened = open_checkpoint(note, evidence.verifiers())
        assert [each.key for each in opened.signed] == keys


def test_signatures_of_witnesses_stand_under_the_checkpoint_that_they_saw(signer: Signer) -> None:
    evidence = signer.evidence
    append(evidence.engine, bodies(1))
    head = signer.sign(NOW)
    assert head is not None
    witness = SignerKey.random("witness.example/a", ED25519_COSIGNATURE)
    text = open_checkpoint(head.note, evidence.verifiers()).checkpoint.text
    line = witness.sign(text, at=1_900_000_000)
    assert evidence.add_cosignatures(1, head.root, [line], NOW) == 1
    assert evidence.add_cosignatures(1, head.root, [line], NOW) == 0
    note = evidence.latest_checkpoint()
    assert note is not None
    opened = open_checkpoint(note, evidence.verifiers(), [witness.verifier])
    assert [each.key for each in opened.cosigned] == [witness.verifier]
    with pytest.raises(LedgerError, match="no_checkpoint"):
        evidence.add_cosignatures(1, bytes(32), [line], NOW)


def test_every_tenant_has_a_log_of_its_own_name(signer: Signer) -> None:
    other = Signer(Evidence(signer.evidence.engine, "贵阳"), signer.file)
    other.create(NOW)
    assert other.evidence.origin() != signer.evidence.origin()
    append(signer.evidence.engine, bodies(1), tenant="贵阳")
    assert open_checkpoint(signed(other), other.evidence.verifiers()).checkpoint.size == 1


def test_a_key_that_is_retired_everywhere_is_no_key_here(signer: Signer, tmp_path: Path) -> None:
    here = Signer(signer.evidence, KeyFile(tmp_path / "copied" / "city.log.key"))
    here.file.add(signer.file.keys(signer.evidence.origin())[0])
    signer.rotate(NOW, overlap_days=0)
    assert signer.is_able(NOW)
    assert not here.is_able(NOW)
    append(signer.evidence.engine, bodies(1))
    assert code_of(here) == "log_key_missing"


def test_somebody_who_holds_the_keys_too_long_is_busy(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.evidence.keys.LOCK_WAIT_SECONDS", 0.05)
    append(signer.evidence.engine, bodies(1))
    with signer.file.exclusive():
        assert code_of(signer) == "busy"
    assert signer.sign(NOW) is not None
