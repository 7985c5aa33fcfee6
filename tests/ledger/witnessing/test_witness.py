"""A witness signs one history, remembers it, and signs nothing once it may have forgotten."""

import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ledger.kernel import merkle
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_text
from ledger.proof.note import Note, Signature, SignerKey, parse_note
from ledger.proof.schemes import ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, Scheme
from ledger.witnessing.witness import Witness
from tests.ledger.witnessing.logs import ORIGIN, Log, key_of

NAME = "witness.example.org/one"


def refused(code: str, call: Callable[[], object]) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        call()
    assert caught.value.code == code, caught.value
    return caught.value


def cosigned(witness: Witness, log: Log, old: int, size: int | None = None) -> Signature:
    return witness.cosign(log.checkpoint(size), old, log.proof(old, size))


@pytest.mark.parametrize("scheme", [ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE])
def test_a_witness_signs_what_continues_what_it_signed(
    folder: Path, log: Log, scheme: Scheme
) -> None:
    witness, _is_new = Witness.create(folder, NAME, scheme)
    witness.trust(log.key.verifier)
    grown = log.grown(300)
    for old, size in ((0, 5), (5, 6), (6, 256), (256, 305)):
        signature = cosigned(witness, grown, old, size)
        note = parse_note(grown.checkpoint(size)).with_signatures([signature])
        opened = open_checkpoint(note.encode(), [log.key.verifier], [witness.key])
        assert [signed.key for signed in opened.cosigned] == [witness.key]
        assert opened.cosigned[0].at is not None
    assert witness.log(ORIGIN).size == 305
    assert open_checkpoint(
        witness.log(ORIGIN).note.encode(), [log.key.verifier], [witness.key]
    ).cosigned


def test_the_same_checkpoint_again_is_answered_with_the_same_signature(
    witness: Witness, log: Log, folder: Path
) -> None:
    first = cosigned(witness, log, 0)
    kept = (folder / "state").read_bytes()
    assert cosigned(witness, log, 5) == first
    assert cosigned(Witness.open(folder), log, 5) == first
    assert (folder / "state").read_bytes() == kept


def test_a_second_history_is_never_signed_and_is_kept_as_proof(witness: Witness, log: Log) -> None:
    cosigned(witness, log, 0)
    other = Log.of(4, log.key).grown(1, "other ")
    refused("two_histories", lambda: cosigned(witness, other, 5))
    refused("proof_fails", lambda: cosigned(witness, other.grown(3), 5))
    seen = witness.log(ORIGIN)
    assert (seen.size, seen.root) == (5, log.root())
    heads = [parse_text(parse_note(note.encode()).text) for note in (seen.fork, seen.forked_from)]
    assert [head.root for head in heads] == [other.root(), log.root()]
    cosigned(witness, log.grown(1), 5)
    assert witness.log(ORIGIN).fork == seen.fork, "it is kept while the log goes on"


def test_who_comes_from_another_size_is_told_the_one_that_was_seen(
    witness: Witness, log: Log
) -> None:
    cosigned(witness, log, 0)
    grown = log.grown(5)
    for old in (0, 4, 6):
        told = refused("other_size_seen", lambda old=old: cosigned(witness, grown, old))  # type: ignore[misc]
        assert told.facts["count"] == 5
    shorter = log.checkpoint(3)
    refused("other_size_seen", lambda: witness.cosign(shorter, 3, ()))
    refused("bad_proof", lambda: witness.cosign(shorter, 5, ()))
    assert witness.log(ORIGIN).size == 5


@pytest.mark.parametrize("change", [
    lambda proof: proof[:-1],
    lambda proof: [*proof, proof[0]],
    lambda proof: [merkle.leaf_hash(b"x"), *proof[1:]],
    lambda _proof: [],
])  # fmt: skip
def test_a_proof_that_is_not_right_is_not_believed(
    witness: Witness, log: Log, change: Callable[[list[bytes]], Sequence[bytes]]
) -> None:
    cosigned(witness, log, 0)
    grown = log.grown(7)
    refused("proof_fails", lambda: witness.cosign(grown.checkpoint(), 5, change(grown.proof(5))))
    assert witness.log(ORIGIN).size == 5


def test_an_empty_log_has_one_root_and_the_first_sight_takes_no_proof(
    witness: Witness, log: Log
) -> None:
    refused("proof_fails", lambda: witness.cosign(log.checkpoint(), 0, [log.root()]))
    text = Checkpoint(ORIGIN, 0, log.root()).text
    lying = Note(text, (log.key.sign(text),)).encode()
    refused("two_histories", lambda: witness.cosign(lying, 0, ()))
    cosigned(witness, log, 0, 0)
    cosigned(witness, log, 0, 5)


def test_only_trusted_logs_that_signed_are_cosigned(witness: Witness, log: Log) -> None:
    stranger = Log.of(2, key_of("stranger.example.org"))
    refused("unknown_log", lambda: cosigned(witness, stranger, 0))
    impostor = Log.of(2, key_of(ORIGIN))
    refused("checkpoint_unsigned", lambda: cosigned(witness, impostor, 0))
    text = parse_note(log.checkpoint()).text
    forged = Signature(ORIGIN, log.key.verifier.key_id, bytes(64))
    refused("bad_signature", lambda: witness.cosign(Note(text, (forged,)).encode(), 0, ()))
    refused("bad_note", lambda: witness.cosign(b"hello", 0, ()))
    bad = Note("hello\n", (log.key.sign("hello\n"),)).encode()
    refused("bad_checkpoint", lambda: witness.cosign(bad, 0, ()))


def test_a_log_may_change_its_key_while_both_are_trusted(witness: Witness, log: Log) -> None:
    cosigned(witness, log, 0)
    newer = Log(key_of(ORIGIN), log.leaves).grown(2)
    refused("checkpoint_unsigned", lambda: cosigned(witness, newer, 5))
    witness.trust(newer.key.verifier)
    witness.trust(newer.key.verifier)
    assert len(witness.log(ORIGIN).keys) == 2
    cosigned(witness, newer, 5)


def test_lines_that_a_log_adds_to_the_same_root_are_signed_with_it(
    witness: Witness, log: Log
) -> None:
    first = cosigned(witness, log, 0)
    more = witness.cosign(log.checkpoint(extension=("more",)), 5, ())
    assert more != first
    assert witness.key.is_valid(parse_note(log.checkpoint(extension=("more",))).text, more)


def test_only_the_key_of_a_log_can_be_trusted(witness: Witness) -> None:
    refused("bad_key", lambda: witness.trust(witness.key))
    long = SignerKey.random("x" * 256, ED25519).verifier
    refused("bad_key", lambda: witness.trust(long))


# -- its folder ---------------------------------------------------------------


def test_making_a_witness_twice_changes_nothing(folder: Path) -> None:
    first, is_new = Witness.create(folder, NAME, ED25519_COSIGNATURE)
    again, is_new_again = Witness.create(folder, NAME, ED25519_COSIGNATURE)
    assert (is_new, is_new_again, first.key) == (True, False, again.key)
    refused("witness_exists", lambda: Witness.create(folder, "other", ED25519_COSIGNATURE))
    refused("witness_exists", lambda: Witness.create(folder, NAME, ML_DSA_44_COSIGNATURE))
    refused("bad_key", lambda: Witness.create(folder / "x", "a name", ED25519_COSIGNATURE))
    refused("bad_key", lambda: Witness.create(folder / "x", "x" * 256, ED25519_COSIGNATURE))


def test_a_folder_that_was_made_beforehand_becomes_private(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    Witness.create(folder, NAME, ED25519_COSIGNATURE)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_a_program_killed_while_it_made_a_witness_can_be_run_again(folder: Path) -> None:
    for last in ("key", "memory"):
        Witness.create(folder, NAME, ED25519_COSIGNATURE)
        (folder / "key").unlink()
        if last == "memory":
            (folder / "memory").unlink()
        refused("no_witness", lambda: Witness.open(folder))
        _made, is_new = Witness.create(folder, NAME, ED25519_COSIGNATURE)
        assert is_new


def test_where_there_is_no_witness_it_says_so(folder: Path) -> None:
    refused("no_witness", lambda: Witness.open(folder))
    folder.mkdir(mode=0o700)
    refused("no_witness", lambda: Witness.open(folder))


def _delete(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _change(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-20] + b"#" + content[-19:])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


@pytest.mark.parametrize("act", [_delete, _empty, _change, _cut], ids=lambda act: act.__name__)
@pytest.mark.parametrize("name", ["state", "memory", "key"])
def test_a_witness_that_lost_what_it_saw_neither_starts_nor_signs_nor_is_made_anew(
    witness: Witness, log: Log, folder: Path, act: Callable[[Path], None], name: str
) -> None:
    cosigned(witness, log, 0)
    act(folder / name)
    lost = {"witness_state_lost", "witness_state_damaged"}
    grown = log.grown(1)
    calls: list[Callable[[], object]] = [
        lambda: Witness.open(folder),
        lambda: Witness.create(folder, NAME, ED25519_COSIGNATURE),
    ]
    if name != "key":
        calls.append(lambda: cosigned(witness, grown, 5))
    for call in calls:
        with pytest.raises(LedgerError) as caught:
            call()
        assert caught.value.code in lost


def test_an_older_copy_of_the_state_is_noticed(witness: Witness, log: Log, folder: Path) -> None:
    cosigned(witness, log, 0)
    shutil.copy(folder / "state", folder / "backup")
    cosigned(witness, log.grown(1), 5)
    shutil.copy(folder / "backup", folder / "state")
    refused("witness_state_old", lambda: Witness.open(folder))
    other = log.grown(1, "other ")
    refused("witness_state_old", lambda: cosigned(witness, other, 5))


def test_an_older_copy_of_the_memory_is_noticed(witness: Witness, log: Log, folder: Path) -> None:
    cosigned(witness, log, 0)
    shutil.copy(folder / "memory", folder / "backup")
    cosigned(witness, log.grown(1), 5)
    cosigned(witness, log.grown(2), 6)
    shutil.copy(folder / "backup", folder / "memory")
    refused("witness_state_old", lambda: Witness.open(folder))


def test_a_state_that_was_written_by_hand_is_noticed(
    witness: Witness, log: Log, folder: Path, tmp_path: Path
) -> None:
    cosigned(witness, log, 0)
    other, _is_new = Witness.create(tmp_path / "other", "other", ED25519_COSIGNATURE)
    other.trust(log.key.verifier)
    cosigned(other, log, 0, 2)
    shutil.copy(tmp_path / "other/state", folder / "state")
    refused("witness_state_damaged", lambda: Witness.open(folder))


def test_a_witness_killed_between_its_two_files_goes_on(
    witness: Witness, log: Log, folder: Path
) -> None:
    cosigned(witness, log, 0)
    before = (folder / "memory").read_bytes()
    cosigned(witness, log.grown(1), 5)
    (folder / "memory").write_bytes(before)
    again = Witness.open(folder)
    assert again.log(ORIGIN).size == 6
    assert (folder / "memory").read_bytes() != before


@pytest.mark.parametrize("name", ["state", "memory", "key", "."])
def test_what_others_can_read_or_change_is_refused(
    witness: Witness, folder: Path, name: str
) -> None:
    path = folder / name
    path.chmod(path.stat().st_mode | 0o040)
    refused("witness_file_mode", lambda: Witness.open(folder))
    path.chmod(path.stat().st_mode & 0o700)
    assert Witness.open(folder).key == witness.key


@pytest.mark.usefixtures("witness")
def test_a_link_in_the_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / "key").rename(folder / "elsewhere")
    (folder / "key").symlink_to(folder / "elsewhere")
    refused("witness_file_mode", lambda: Witness.open(folder))
    refused("witness_file_mode", lambda: Witness.create(folder, NAME, ED25519_COSIGNATURE))


def test_of_two_histories_that_come_at_once_one_is_signed(folder: Path, log: Log) -> None:
    Witness.create(folder, NAME, ED25519_COSIGNATURE)[0].trust(log.key.verifier)
    sides = [log.grown(number, f"{number} ") for number in range(1, 9)]
    signed: list[int] = []
    start = threading.Barrier(len(sides))

    def ask(side: Log) -> None:
        witness = Witness.open(folder)
        start.wait()
        try:
            cosigned(witness, side, 0)
        except LedgerError as error:
            assert error.code == "other_size_seen"  # noqa: PT017 - in a thread
        else:
            signed.append(side.size)

    threads = [threading.Thread(target=ask, args=(side,)) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signed) == 1
    assert Witness.open(folder).log(ORIGIN).size == signed[0]
