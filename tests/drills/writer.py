"""One of several programs that write about the same project and the same fund at the same time.

Its postings follow from its number alone. It says when it is ready and waits for a byte, so that
all begin at once, and prints what each posting answered, one JSON array a line.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

from ledger.service import Ledger, LedgerConfig
from tests import counts
from tests.drills.town import CREW, REGION, Posting, instructed, line, post

WRITERS: Final = 8
LONGEST_PAUSE: Final = 0.02
"""Seconds between two pieces; without a pause SQLite's lock stays with whoever has it."""
CLAIMS: Final = ("S1/1", "S1/2")

LEGAL: Final[dict[str, set[str | None]]] = {
    "PayoutInstructed": {None, "over_claim", "insufficient_funds"},
    "PayoutReturned": {None, "unknown_batch", "before_cause", "not_pending"},
    "PayoutSettled": {None, "unknown_batch", "before_cause", "not_pending"},
    "SubcontractorPaid": {None, "over_payable"},
    "WageAccountToppedUp": {None, "bank_ref_reused"},
    "FundSurrendered": {None, "insufficient_funds"},
    "FundAppropriated": {None, "key_reused"},
}
"""What a posting of each kind may answer when others compete with it."""


def plan(number: int, count: int) -> list[Posting]:
    """The postings of one writer, in its order; keys tell whose they are."""
    rng = Random(counts.SEED * 100 + number)  # noqa: S311 -- nothing secret
    postings: list[Posting] = []
    for place in range(count):
        own = [posting["batch"] for posting in postings if posting["kind"] == "PayoutInstructed"]
        posting = _posting(rng, number, place, own)
        _make_small(posting, max(1, count // 25))
        postings.append(posting | {"key": posting.pop("shared", f"w{number}-{place}")})
    return postings


def _make_small(posting: Posting, parts: int) -> None:
    """Divide what is taken, so that the money lasts for all postings of a long plan."""
    if posting["kind"] == "FundAppropriated":
        return
    for each in (posting, *posting.get("lines", ())):
        if "amount_fen" in each:
            each["amount_fen"] = -(-each["amount_fen"] // parts)
    if "total_fen" in posting:
        posting["total_fen"] = sum(each["amount_fen"] for each in posting["lines"])


def _posting(rng: Random, number: int, place: int, own: Sequence[str]) -> Posting:
    on = f"2025-03-{rng.randint(1, 28):02}"
    kind = rng.choice((*LEGAL, "PayoutInstructed", "PayoutInstructed", "PayoutReturned"))
    if kind == "PayoutInstructed":
        return _payout(rng, on, f"B{number}-{place}")
    if kind.startswith("Payout"):
        # A batch of its own, or one that somebody else may have instructed by now.
        other = f"B{rng.randrange(WRITERS)}-{rng.randint(0, place)}"
        return _bank_answer(rng, kind, on, rng.choice((*own, other)))
    return _money(rng, kind, on, place)


def _payout(rng: Random, on: str, batch: str) -> Posting:
    claims = rng.sample(CLAIMS, rng.randint(1, len(CLAIMS)))
    lines = [line(claim, rng.randint(1, 200_000)) for claim in claims]
    return instructed(batch, *lines, on=on)


def _bank_answer(rng: Random, kind: str, on: str, batch: str) -> Posting:
    if kind == "PayoutSettled":
        return post(kind, on=on, project="P1", batch=batch, claims="all")
    lines = [{"claim": rng.choice(CLAIMS), "code": "account_closed"}]
    return post(kind, on=on, project="P1", batch=batch, lines=lines)


def _money(rng: Random, kind: str, on: str, place: int) -> Posting:
    if kind == "SubcontractorPaid":
        return post(kind, on=on, project="P1", subcontractor=CREW,
                    amount_fen=rng.randint(1, 300_000))  # fmt: skip
    if kind == "WageAccountToppedUp":
        # The same reference from two writers: only one of them saw the money arrive.
        return post(kind, on=on, project="P1", amount_fen=rng.randint(1, 50_000),
                    bank_ref=f"T{rng.randrange(WRITERS * place + 8)}")  # fmt: skip
    if kind == "FundSurrendered":
        return post(kind, on=on, region=REGION, amount_fen=rng.randint(1, 1_500_000))
    # Keys that several writers use, sometimes for the same and sometimes for another amount.
    shared = {"shared": f"shared-{rng.randrange(place + 2)}"} if rng.random() < 0.7 else {}
    return post(kind, on="2025-03-01", region=REGION,
                amount_fen=rng.choice((100_000, 100_000, 100_001))) | shared  # fmt: skip


def pieces(postings: Sequence[Posting], rng: Random) -> Iterator[Sequence[Posting]]:
    """The postings in groups of one to four."""
    start = 0
    while start < len(postings):
        length = rng.randint(1, 4)
        yield postings[start : start + length]
        start += length


def main(url: str, tenant: str, key_file: str, number: str, count: str) -> None:
    ledger = Ledger.open(LedgerConfig(url, tenant=tenant, key_file=Path(key_file)))
    postings = plan(int(number), int(count))
    rng = Random(int(number))  # noqa: S311 -- nothing secret
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read(1)
    for piece in pieces(postings, rng):
        time.sleep(rng.uniform(0, LONGEST_PAUSE))
        for answer in ledger.post(piece):
            told = [answer.key, answer.status, answer.code, answer.position]
            sys.stdout.write(json.dumps(told) + "\n")
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
