"""The three spellings of one journal: what beancount, hledger and ledger each want to read.

Amounts are yuan with two decimals, exact: 123456 fen are ``1234.56 CNY``. A balance assertion
allows no difference: beancount would else let one be wrong by a fen, so it gets ``~ 0``.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

from ledger.kernel.dates import add_days
from ledger.kernel.money import format_yuan

CURRENCY: Final = "CNY"
Facts = Mapping[str, str]
Amount = tuple[str, int]
"""Name of an account and an amount in fen."""


class Entry(NamedTuple):
    """What one posting did in one book: its amounts sum to zero.

    Attributes:
        on: Business date, ISO text.
        position: Position of the event.
        title: Kind of the posting.
        facts: More about it, by untranslated keys.
        amounts: Accounts and amounts.
    """

    on: str
    position: int
    title: str
    facts: Facts
    amounts: Sequence[Amount]


class Dialect(Protocol):
    """How one program spells a journal."""

    def begin(self, remarks: Sequence[str]) -> str:
        """The head of a file."""

    def declare(self, name: str, first_on: str, facts: Facts) -> str:
        """An account, which nothing is dated before."""

    def entry(self, entry: Entry) -> str:
        """A transaction."""

    def balance(self, name: str, on: str, amount_fen: int) -> str:
        """The assertion that an account holds an amount at the end of a day, exactly."""


def yuan(amount_fen: int) -> str:
    """An amount as all three read it."""
    return f"{format_yuan(amount_fen).replace(',', '')} {CURRENCY}"


class Beancount:
    """For ``bean-check``."""

    def begin(self, remarks: Sequence[str]) -> str:
        """The head of a file."""
        options = (
            ("title", remarks[0]), ("operating_currency", CURRENCY),
            ("inferred_tolerance_default", f"{CURRENCY}:0"),
        )  # fmt: skip
        spelled = "".join(f'option "{name}" "{value}"\n' for name, value in options)
        return f"{_remarks(remarks)}{spelled}"

    def declare(self, name: str, first_on: str, facts: Facts) -> str:
        """An account, open from its first day on."""
        return f"{first_on} open {name} {CURRENCY}\n{_quoted(facts)}"

    def entry(self, entry: Entry) -> str:
        """A transaction with its position and more as metadata."""
        return (
            f'\n{entry.on} * "{entry.title}"\n  position: {entry.position}\n{_quoted(entry.facts)}'
            f"{_amounts('  ', entry.amounts)}"
        )

    def balance(self, name: str, on: str, amount_fen: int) -> str:
        """A balance directive: it holds at the beginning of a day, so of the next one."""
        following = add_days(date.fromisoformat(on), 1).isoformat()
        amount, currency = yuan(amount_fen).split()
        return f"{following} balance {name} {amount} ~ 0 {currency}\n"


class Hledger:
    """For ``hledger check --strict``."""

    def begin(self, remarks: Sequence[str]) -> str:
        """The head of a file."""
        return f"{_remarks(remarks)}decimal-mark .\ncommodity 1000.00 {CURRENCY}\n"

    def declare(self, name: str, first_on: str, facts: Facts) -> str:  # noqa: ARG002 - undated
        """An account directive."""
        return f"account {name}  ; {_tags(facts)}\n"

    def entry(self, entry: Entry) -> str:
        """A transaction with its position as code and tag."""
        return (
            f"\n{entry.on} * ({entry.position}) {entry.title}\n    ; position:{entry.position}, "
            f"{_tags(entry.facts)}\n{_amounts('    ', entry.amounts)}"
        )

    def balance(self, name: str, on: str, amount_fen: int) -> str:
        """A transaction of nothing that asserts the balance."""
        return _asserting(name, on, amount_fen)


class Ledger:
    """For ``ledger --strict --pedantic``."""

    def begin(self, remarks: Sequence[str]) -> str:
        """The head of a file, with every tag that its transactions have."""
        tags = "".join(f"tag {name}\n" for name in TAGS)
        return f"{_remarks(remarks)}commodity {CURRENCY}\n    format 1000.00 {CURRENCY}\n{tags}"

    def declare(self, name: str, first_on: str, facts: Facts) -> str:  # noqa: ARG002 - undated
        """An account directive."""
        return f"account {name}\n    note {_tags(facts)}\n"

    def entry(self, entry: Entry) -> str:
        """A transaction with its position as code and tag."""
        tags = "".join(f"    ; {key}: {value}\n" for key, value in entry.facts.items())
        return (
            f"\n{entry.on} * ({entry.position}) {entry.title}\n    ; position: {entry.position}\n"
            f"{tags}{_amounts('    ', entry.amounts)}"
        )

    def balance(self, name: str, on: str, amount_fen: int) -> str:
        """A transaction of nothing that asserts the balance."""
        return _asserting(name, on, amount_fen)


TAGS: Final = ("position", "recorded_at", "book")
"""What a transaction says about itself."""

DIALECTS: Final[Mapping[str, Dialect]] = {
    "beancount": Beancount(), "hledger": Hledger(), "ledger": Ledger(),
}  # fmt: skip


def _remarks(remarks: Sequence[str]) -> str:
    return "".join(f"; {remark}\n" for remark in remarks)


def _quoted(facts: Facts) -> str:
    return "".join(f'  {key}: "{value}"\n' for key, value in facts.items())


def _tags(facts: Facts) -> str:
    return ", ".join(f"{key}:{value}" for key, value in facts.items())


def _amounts(indent: str, amounts: Sequence[Amount]) -> str:
    return "".join(f"{indent}{name}  {yuan(fen)}\n" for name, fen in amounts)


def _asserting(name: str, on: str, amount_fen: int) -> str:
    return f"\n{on} * balance\n    {name}  0.00 {CURRENCY} = {yuan(amount_fen)}\n"
