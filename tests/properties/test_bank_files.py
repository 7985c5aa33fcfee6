"""Bank files that nobody wrote: made of known figures, and then with bytes changed at random.

What is made has the figures that it was made of, in every format and by every way of reading. What
is changed is read, flagged or refused with a code: never a traceback, and never a statement whose
sums changed while everything is said to be right.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.banking import camt_stream
from ledger.banking.currencies import MINOR_DIGITS
from ledger.banking.inspecting import Inspection, inspect
from ledger.banking.opening import read_statements
from ledger.banking.problems import BankFileError
from ledger.banking.statement import Entry
from ledger.kernel.codes import CODES
from tests import counts
from tests.ledger.banking.files import camt, detail, entry, statement, written
from tests.ledger.banking.test_payments import answered, declared, pain_001, pain_002, transfer

MUTANTS = counts.runs(1_000)
CURRENCIES = ("CNY", "JPY", "KWD")


@dataclass(frozen=True)
class Line:
    """One entry as it is made; the amount signed as the account moves."""

    minor: int
    pending: bool
    reversal: bool
    split: int
    odd: bool


lines = st.builds(
    Line,
    minor=st.integers(-(10**12), 10**12).filter(bool),
    pending=st.booleans(),
    reversal=st.booleans(),
    split=st.integers(0, 3),
    odd=st.booleans(),
)


def text_of(minor: int, currency: str, mark: str = ".") -> str:
    """Minor units as a bank writes them."""
    digits = MINOR_DIGITS[currency]
    whole, decimals = divmod(abs(minor), 10**digits)
    return f"{whole}{mark}{decimals:0{digits}}" if digits else f"{whole}{mark.strip('.')}"


def as_camt(made: Sequence[Line], opening: int, currency: str) -> str:
    """A camt.053 of these lines."""
    return camt(
        statement(
            [_entry(line, at, currency) for at, line in enumerate(made)],
            None,
            None,
            currency=currency,
            more=_balance("OPBD", opening, currency)
            + _balance("CLBD", opening + booked(made), currency),
        )
    )


def _balance(kind: str, minor: int, currency: str) -> str:
    sign = "DBIT" if minor < 0 else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{text_of(minor, currency)}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        "<Dt><Dt>2024-02-11</Dt></Dt></Bal>"
    )


def _entry(line: Line, at: int, currency: str) -> str:
    sign = "DBIT" if line.minor < 0 else "CRDT"
    parts = _parts(abs(line.minor), line.split)
    inside = "".join(
        detail(text_of(part, currency), sign, end_to_end=f"E{at}-{number}", currency=currency)
        for number, part in enumerate(parts)
    )
    before = f"<RvslInd>{str(line.reversal).lower()}</RvslInd>"
    if line.odd:
        before += "<AddtlNtryInf>&amp;<![CDATA[</Ntry>]]></AddtlNtryInf>"
    status = "<Sts><Cd>PDNG</Cd></Sts>" if line.pending else "<Sts><Cd>BOOK</Cd></Sts>"
    return entry(
        text_of(line.minor, currency), sign, currency=currency, status=status, before=before,
        details=f"<NtryDtls>{inside}</NtryDtls>" if parts else "",
    )  # fmt: skip


def _parts(amount: int, split: int) -> list[int]:
    """An amount in so many parts that sum to it."""
    if split == 0:
        return []
    rest = amount - (split - 1) * (amount // split)
    return [*[amount // split] * (split - 1), rest]


def as_mt940(made: Sequence[Line], opening: int, currency: str) -> str:
    """An MT940 of these lines."""
    body = "".join(
        f":61:2402110211{_mark(line)}{text_of(line.minor, currency, ',')}NTRFE{at}//B{at}\n"
        for at, line in enumerate(made)
    )
    closing = opening + booked(made)
    return (
        f":20:R\n:25:07001\n:28C:1/1\n:60F:{_side(opening)}240211{currency}"
        f"{text_of(opening, currency, ',')}\n{body}:62F:{_side(closing)}240211{currency}"
        f"{text_of(closing, currency, ',')}\n-\n"
    )


def _side(minor: int) -> str:
    return "D" if minor < 0 else "C"


def _mark(line: Line) -> str:
    """C and D; what takes back an earlier one moves the other way."""
    if line.pending:
        return f"E{_side(line.minor)}"
    return f"R{_side(-line.minor)}" if line.reversal else _side(line.minor)


def as_csv(made: Sequence[Line], opening: int, currency: str) -> str:
    """A statement CSV of these lines, with two columns and a running balance."""
    rows = ["\u4ea4\u6613\u65e5\u671f,\u652f\u51fa,\u6536\u5165,\u4f59\u989d"]
    balance = opening
    for line in made:
        balance += line.minor
        amount = text_of(line.minor, currency)
        out, come = (amount, "") if line.minor < 0 else ("", amount)
        shown = f"-{text_of(balance, currency)}" if balance < 0 else text_of(balance, currency)
        rows.append(f"2024-02-11,{out},{come},{shown}")
    return "\n".join(rows) + "\n"


def booked(made: Sequence[Line]) -> int:
    """What moves the balance."""
    return sum(line.minor for line in made if not line.pending)


def taken(content: str) -> list[Entry]:
    """The entries of a file with one statement."""
    with TemporaryDirectory() as folder:
        path = written(Path(folder), content)
        return [each for found in read_statements(path) for each in found.entries]


def looked_into(content: str | bytes) -> tuple[dict[str, object], list[str]]:
    """The figures of the only statement, and the codes of its problems."""
    with TemporaryDirectory() as folder:
        found = inspect(written(Path(folder), content))
    (figures,) = found.figures["statements"]
    return figures, [remark.problem.code for remark in found.remarks]


@pytest.mark.parametrize("make", [as_camt, as_mt940])
@given(
    made=st.lists(lines, max_size=12),
    opening=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(CURRENCIES),
)
def test_a_file_has_the_figures_that_it_was_made_of(
    make: Callable[[Sequence[Line], int, str], str], made: list[Line], opening: int, currency: str
) -> None:
    figures, codes = looked_into(make(made, opening, currency))
    assert (figures["entries"], figures["booked_minor"]) == (len(made), booked(made))
    assert figures["credit_minor"] == sum(line.minor for line in made if line.minor > 0)
    assert figures["debit_minor"] == -sum(line.minor for line in made if line.minor < 0)
    assert figures["reversal_entries"] == sum(
        line.reversal and not (line.pending and make is as_mt940) for line in made
    )
    assert (figures["opening_minor"], figures["closing_minor"]) == (
        opening, opening + booked(made),
    )  # fmt: skip
    assert (figures["balances_tie"], codes) == (True, [])


@given(made=st.lists(lines, min_size=2, max_size=12), opening=st.integers(-(10**12), 10**12))
def test_a_csv_has_the_figures_that_it_was_made_of(made: list[Line], opening: int) -> None:
    figures, codes = looked_into(as_csv(made, opening, "CNY"))
    assert figures["booked_minor"] == sum(line.minor for line in made)
    assert (figures["opening_minor"], figures["balances_tie"], codes) == (opening, True, [])


@given(made=st.lists(lines, max_size=20), currency=st.sampled_from(CURRENCIES))
def test_the_pattern_of_alike_entries_reads_what_the_parser_reads(
    made: list[Line], currency: str
) -> None:
    content = as_camt(made, 0, currency)
    by_pattern = taken(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(camt_stream, "is_utf8", lambda _path: False)
        by_parser = taken(content)
    assert by_pattern == by_parser


@settings(max_examples=counts.runs(300))
@given(
    made=st.lists(lines, min_size=1, max_size=6),
    at=st.integers(0, 5),
    off=st.integers(1, 10**6),
)
def test_a_booked_line_that_is_changed_never_ties(made: list[Line], at: int, off: int) -> None:
    whole = as_camt(made, 0, "CNY")
    line = made[at % len(made)]
    sign = 1 if line.minor > 0 else -1
    other = Line(line.minor + sign * off, line.pending, line.reversal, line.split, line.odd)
    changed = whole.replace(
        _entry(line, at % len(made), "CNY"), _entry(other, at % len(made), "CNY")
    )
    figures, codes = looked_into(changed)
    assert figures["balances_tie"] is line.pending
    assert codes == ([] if line.pending else ["bank_balance_gap"])


# -- mutants ------------------------------------------------------------------

SAMPLE = [
    Line(12_345, pending=False, reversal=False, split=2, odd=False),
    Line(-999, pending=False, reversal=True, split=1, odd=False),
    Line(100, pending=True, reversal=False, split=0, odd=False),
    Line(-5_000_000, pending=False, reversal=False, split=1, odd=True),
] * 3
INTERESTING = (
    b"<", b">", b"&", b"\x00", b"\xff", b"9", b"-", b",", b".", b":", b"\n", b'"', b"<!DOCTYPE x>",
    b"</Ntry>", b":61:", b"<Ntry>", "\uff11".encode(), b"]]>", b"Ccy", b"0" * 30,
)  # fmt: skip


def mutated(raw: bytes, dice: random.Random) -> bytes:
    """The bytes with one to three changes: figures, bytes and pieces, or the end cut off."""
    for _change in range(dice.randint(1, 3)):
        at = dice.randrange(len(raw)) if raw else 0
        length = dice.choice((1, 1, 1, 2, 7, 60, 400))
        kind = dice.choice(
            ("figure",) * 6 + ("byte", "put in", "take out", "double", "cut", "swap")
        )
        if kind == "figure":
            digits = [
                place for place in range(at, min(at + 300, len(raw))) if raw[place] in b"0123456789"
            ]
            if digits:
                place = dice.choice(digits)
                raw = raw[:place] + dice.choice(b"0123456789").to_bytes() + raw[place + 1 :]
        elif kind == "byte":
            raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
        elif kind == "put in":
            raw = raw[:at] + dice.choice(INTERESTING) + raw[at:]
        elif kind == "take out":
            raw = raw[:at] + raw[at + length :]
        elif kind == "double":
            raw = raw[:at] + raw[at : at + length] + raw[at:]
        elif kind == "cut":
            raw = raw[:at] if dice.randrange(4) == 0 else raw
        else:
            raw = raw[:at] + dice.choice(INTERESTING) + raw[at + length :]
    return raw


def mutants_of(raw: bytes, folder: Path) -> Iterator[Inspection | None]:
    """What is found in changed files, None for one that is refused; anything else is a failure."""
    dice = random.Random(counts.SEED)  # noqa: S311 - the same mutants every time
    path = folder / "mutant"
    for _mutant in range(MUTANTS):
        path.write_bytes(mutated(raw, dice))
        try:
            found = inspect(path)
        except BankFileError as refusal:
            if refusal.code not in CODES:
                raise
            yield None
        else:
            assert {remark.problem.code for remark in found.remarks} <= set(CODES)
            yield found


@pytest.mark.parametrize("make", [as_camt, as_mt940, as_csv])
def test_a_statement_with_changed_bytes_never_ties_with_other_sums_or_in_silence(
    make: Callable[[Sequence[Line], int, str], str], tmp_path: Path
) -> None:
    seen = 0
    for found in mutants_of(make(SAMPLE, 777, "CNY").encode(), tmp_path):
        for figures in [] if found is None else found.figures["statements"]:
            seen += 1
            if figures["balances_tie"] is True:
                moved = figures["closing_minor"] - figures["opening_minor"]
                assert (figures["balance_gap_minor"], figures["booked_minor"]) == (0, moved)
            else:
                assert found is not None
                assert found.remarks
    assert seen > MUTANTS // 10


def test_a_payout_file_with_changed_bytes_never_keeps_quiet_about_another_sum(
    tmp_path: Path,
) -> None:
    control = declared("3", "6.66")
    raw = pain_001(
        transfer("1.11"), transfer("2.22"), transfer("3.33"), group=control, batch=control
    ).encode()
    seen = 0
    for found in mutants_of(raw, tmp_path):
        if found is not None and not found.remarks:
            seen += 1
            sums = [each["minor"] for each in found.figures["by_ccy"].values()]
            assert (found.figures["transactions"], sum(sums)) == (3, 666)
    assert seen > MUTANTS // 20


def test_an_answer_with_changed_bytes_is_read_or_refused(tmp_path: Path) -> None:
    inner = (
        f"<OrgnlPmtInfAndSts>{answered('E1', 'ACSC')}{answered('E2', 'RJCT', 'AC04')}"
        "</OrgnlPmtInfAndSts>"
    )
    found = list(mutants_of(pain_002(inner).encode(), tmp_path))
    assert 0 < found.count(None) < len(found)
