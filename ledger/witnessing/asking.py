"""The log's side: asking witnesses for their cosignatures, all at once and not for long.

A witness that does not answer costs the log its cosignature and nothing else.
"""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import Final

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import parse_text
from ledger.proof.note import Note, Signature, VerifierKey, parse_note, parse_signatures
from ledger.witnessing.opening import OPENER
from ledger.witnessing.protocol import ADD_CHECKPOINT, MAX_BODY, Request, parse_size

BUDGET: Final = 2.0
"""Seconds that a write may wait for all of its witnesses together."""

_NO_ANSWER: Final = N_("no answer in time")

ProofFrom = Callable[[int], Sequence[bytes]]


@dataclass(frozen=True)
class WitnessAt:
    """A witness that the log may ask.

    Attributes:
        url: Where it serves.
        key: Its public key, from its owner and not from that address.
        size: The size that it cosigned last, as far as the log knows.
    """

    url: str
    key: VerifierKey
    size: int = 0


@dataclass(frozen=True)
class Asked:
    """What came of asking one witness: a signature, or why there is none.

    Attributes:
        witness: Who was asked.
        signature: Its cosignature, which was checked.
        refusal: ``witness_unreachable``, ``witness_refused``, ``bad_signature``,
            ``two_histories`` or ``seen_longer``.
        told: The size that it says it has seen, where that is not the one it was asked from.
    """

    witness: WitnessAt
    signature: Signature | None = None
    refusal: LedgerError | None = None
    told: int | None = None


@dataclass(frozen=True)
class _Answer:
    at: int
    status: int
    body: bytes
    problem: str = ""


def ask_all(
    witnesses: Sequence[WitnessAt],
    checkpoint: bytes,
    proof_from: ProofFrom,
    budget: float = BUDGET,
) -> list[Asked]:
    """Ask witnesses to cosign a checkpoint; never raises and never takes longer than the budget.

    A witness that has seen another size is asked once more, from there.

    Args:
        witnesses: Whom to ask.
        checkpoint: As the log signed it.
        proof_from: Returns the consistency proof from a size to the checkpoint's; called in this
            thread, for sizes from 1 to that of the checkpoint.
        budget: Seconds for all together.
    """
    deadline = time.monotonic() + budget
    note = parse_note(checkpoint)
    head = parse_text(note.text)
    found: dict[int, Asked] = {}
    begin = {at: min(each.size, head.size) for at, each in enumerate(witnesses)}
    for _round in range(2):
        requests = {
            at: (witnesses[at], Request(old, _proof(proof_from, old, head.size), checkpoint))
            for at, old in begin.items()
        }
        begin = {}
        for answer in _posted(requests, deadline):
            asked = _judged(witnesses[answer.at], answer, note, head.size)
            found[answer.at] = asked
            if asked.told is not None and asked.refusal is None:
                begin[answer.at] = asked.told
        if not begin:
            break
    for at in begin:  # it told another size twice: somebody else is at it
        found[at] = Asked(witnesses[at], told=begin[at])
    return [found[at] for at in range(len(witnesses))]


def _proof(proof_from: ProofFrom, old: int, size: int) -> tuple[bytes, ...]:
    return tuple(proof_from(old)) if 0 < old < size else ()


def _posted(requests: dict[int, tuple[WitnessAt, Request]], deadline: float) -> list[_Answer]:
    """Send requests, each in a thread of its own; who is late is left behind."""
    answers: SimpleQueue[_Answer] = SimpleQueue()
    for at, (witness, request) in requests.items():
        threading.Thread(
            target=_post, args=(at, witness.url, request, deadline, answers.put), daemon=True
        ).start()
    came: dict[int, _Answer] = {}
    while len(came) < len(requests):
        try:
            answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        came[answer.at] = answer
    return [came.get(at, _Answer(at, 0, b"", _NO_ANSWER)) for at in requests]


def _post(
    at: int, url: str, request: Request, deadline: float, put: Callable[[_Answer], None]
) -> None:
    try:
        question = urllib.request.Request(  # noqa: S310 - only http and https are configured
            f"{url.rstrip('/')}/{ADD_CHECKPOINT}", data=request.encode(), method="POST"
        )
        left = max(0.05, deadline - time.monotonic())
        with OPENER.open(question, timeout=left) as answer:
            put(_Answer(at, answer.status, answer.read(MAX_BODY)))
    except urllib.error.HTTPError as error:
        with error:
            put(_Answer(at, error.code, _rest(error)))
    except TimeoutError:
        put(_Answer(at, 0, b"", _NO_ANSWER))
    except urllib.error.URLError as error:
        timed_out = isinstance(error.reason, TimeoutError)
        put(_Answer(at, 0, b"", _NO_ANSWER if timed_out else _said(error.reason)))
    except (OSError, HTTPException, ValueError) as error:
        put(_Answer(at, 0, b"", _said(error)))


def _rest(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(MAX_BODY)
    except (OSError, HTTPException):
        return b""


def _said(error: object) -> str:
    said = getattr(error, "strerror", None)
    return str(said) if said else type(error).__name__


def _judged(witness: WitnessAt, answer: _Answer, note: Note, size: int) -> Asked:
    if answer.status == 0:
        problem = answer.problem
        return _refused(witness, "witness_unreachable", url=witness.url, problem=problem)
    if answer.status == HTTPStatus.OK:
        return _checked(witness, answer.body, note)
    name = witness.key.name
    if answer.status == HTTPStatus.CONFLICT:
        told = parse_size(answer.body)
        if told is not None and told > size:
            refusal = LedgerError("seen_longer", value=name, count=told, limit=size)
            return Asked(witness, refusal=refusal, told=told)
        if told is not None:
            return Asked(witness, told=told)
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return _refused(witness, "two_histories", value=name, position=size)
    return _refused(witness, "witness_refused", url=witness.url, problem=str(answer.status))


def _refused(witness: WitnessAt, code: str, /, **facts: object) -> Asked:
    return Asked(witness, refusal=LedgerError(code, **facts))


def _checked(witness: WitnessAt, body: bytes, note: Note) -> Asked:
    try:
        signature = own_signature(body, note.text, witness.key)
    except LedgerError as error:
        return Asked(witness, refusal=error)
    return Asked(witness, signature=signature)


def own_signature(lines: bytes, text: str, key: VerifierKey) -> Signature:
    """Return a witness's signature over a checkpoint from lines that came from outside.

    Raises:
        LedgerError: ``bad_note`` for what are no lines of signatures, ``bad_signature`` where none
            is this witness's over this text.
    """
    try:
        decoded = lines.decode()
    except UnicodeDecodeError:
        raise LedgerError("bad_note", problem=N_("it is not UTF-8")) from None
    for signature in parse_signatures(decoded):
        if key.is_valid(text, signature):
            return signature
    raise LedgerError("bad_signature", value=key.name)
