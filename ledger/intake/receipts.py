"""A bank's list of receipts: what was paid to which card, as workbook or text."""

from ledger.intake.grid import read_grid, require_size
from ledger.intake.headings import RECEIPTS, Aliases
from ledger.intake.problems import Problem
from ledger.intake.tables import Table, read_table


def read_receipts(content: bytes, aliases: Aliases) -> Table:
    """Read a list of receipts: cards, amounts in fen, and what else it says of each payment.

    The amount stands in the column ``amount``, under whichever of its names the list has it.

    Raises:
        BadFileError: What cannot be read as a table at all.
    """
    require_size(len(content))
    table = read_table(read_grid(content), RECEIPTS, aliases)
    if "amount" not in table.columns and "net" in table.columns:
        table.columns["amount"] = table.columns["net"]
    of = "amount" if "amount" in table.headings.columns else "net"
    told = {(problem.row, problem.column) for problem in table.problems}
    for at, amount in enumerate(table.columns.get("amount", ())):
        place = (table.numbers[at], table.heading(of))
        if not amount and place not in told:
            facts = {"field": place[1], "problem": "missing" if amount is None else "out_of_range"}
            table.problems.append(Problem(*place, "bad_amount", facts))
            table.broken.add(at)
    return table
