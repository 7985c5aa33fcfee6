"""Every failure a user can cause: a stable code and the facts of the case.

The code is for scripts and for the catalogue in ``ledger.kernel.codes``; the facts
are JSON-able values that a door may put into a message (amounts in fen, dates as
ISO text). Nothing here prints, translates or exits: that is the doors' work.
"""


class LedgerError(Exception):
    """Base of all errors raised on purpose by this product.

    Attributes:
        code: Stable identifier out of ``ledger.kernel.codes``, never reused.
        facts: What the message may name. Never an unmasked identity.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({facts})" if facts else self.code


class Refusal(LedgerError):  # noqa: N818 - the contract's word for what a decider answers
    """A well-formed posting that a rule of the ledger refuses."""
