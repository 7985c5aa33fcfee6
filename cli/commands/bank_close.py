"""``wageledger bank unmatch`` and ``bank sign-off``: taking a match back, closing a period."""

from collections.abc import Mapping
from typing import Any

import click

from cli import answers
from cli.app import App
from cli.boundary import Ended
from cli.messages import N_, _
from cli.options import common_options, field_options, kind_of
from cli.program import Command, Option
from cli.recording import record
from ledger.kernel.errors import LedgerError


def unmatch_command() -> click.Command:
    """Make ``bank unmatch``."""
    return Command(
        "unmatch",
        unmatch,
        summary=N_("Take a match back: a line is open again, and so is what it was matched with"),
        params=[
            Option(["--account"], metavar="ACCOUNT", needed=True,
                   help=N_("Account of the line")),
            Option(["--line"], metavar="[DAY|]LINE", needed=True,
                   help=N_("The line; with its day where its name is not the only one")),
            Option(["--on"], metavar="DATE", help=N_("Business date; today, if left out")),
            Option(["--dry-run"], is_flag=True,
                   help=N_("Judge everything, record nothing; show what would be recorded")),
        ],
        more=lambda: _(
            "Of many lines matched in one go only the named one is taken back; lines that are"
            " matched as a group only together. The same match is not made again by itself."
        ),
    )  # fmt: skip


def unmatch(account: str | None, line: str | None, on: str | None, *, dry_run: bool) -> None:
    """Take back the match in which a line stands."""
    app = App.of(click.get_current_context())
    if account is None or line is None:
        raise LedgerError("missing_option", option="--account" if account is None else "--line")
    with app.ledger() as ledger:
        found = ledger.accounts.match_of(account, line)
        if found is None:
            raise LedgerError("not_matched", account=account, line=line)
        posting = {
            "kind": "StatementLineUnmatched", "on": on or app.today, "account": account, **found,
        }  # fmt: skip
        (answer,) = ledger.post([posting], poster=app.poster, dry_run=dry_run)
        if answer.status == "recorded" and not dry_run:
            app.catch_up(ledger)
    if answer.status in answers.FAILED:
        answers.tell(answers.failure_lines(answer))
        raise Ended(answers.status_of(answer))
    answers.tell(answers.success_lines(answer, derived_key=False))


def sign_off_command() -> click.Command:
    """Make ``bank sign-off``."""
    kind = kind_of("StatementReconciled")
    return Command(
        "sign-off",
        sign_off,
        summary=N_("Close a period: bank, ledger and explained breaks agree up to a day"),
        params=[*field_options(kind), *common_options()],
        more=lambda: _(
            "Nothing dated up to that day can move the account any more. Refused while a break is"
            " open, or when the bank's balance is not the ledger's with what is explained."
        ),
    )


def sign_off(**values: Any) -> None:  # noqa: ANN401 - as typed
    """Compare the balances, then record the sign-off; ends with status 8 where they differ."""
    app = App.of(click.get_current_context())
    require_agreement(app, values)
    record(kind_of("StatementReconciled"), values)


def require_agreement(app: App, values: Mapping[str, Any]) -> None:
    """Refuse to sign off what does not agree.

    Raises:
        LedgerError: ``no_statement``, ``statement_not_reaching``, ``bank_balances_differ``.
    """
    account, to = values.get("account"), values.get("to")
    if account is None or to is None:
        return  # the form says so
    with app.ledger() as ledger:
        if account not in ledger.accounts.with_statements():
            raise LedgerError("no_statement", account=account)
        found = ledger.accounts.balances(account, to)
    if found is None:
        raise LedgerError("statement_not_reaching", account=account, to=to)
    if found.bank_fen != found.expected_fen:
        facts = {"balance_fen": found.bank_fen, "actual_fen": found.expected_fen, "to": to}
        raise LedgerError("bank_balances_differ", **facts)
