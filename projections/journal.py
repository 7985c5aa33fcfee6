"""The journal: every line that any posting put into the books, and the balances they add up to.

Debit is positive, credit negative, in fen. Most lines stand in their event; those of an event
that would have become too large stand beside it (postings.md, Books and accounts).
"""

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

CELL: Final = ("book", "account", "project", "counterparty", "due_on")
"""What a balance is held for."""

journal_line: Final = ReadTable(
    name="journal_line",
    columns=(
        "tenant text", "position int", "seq int", "on_date text", "book text", "account text",
        "project text", "counterparty text", "due_on text", "amount_fen int",
    ),
    key=("tenant", "position", "seq"),
    indexes=(
        Index(
            name="journal_line_book", columns=("tenant", "book", "account", "position", "seq")
        ),
        Index(
            name="journal_line_wages",
            columns=("tenant", "project", "position", "seq"),
            where="account = 'wages_payable'",
        ),
    ),
)  # fmt: skip
"""Journal lines in the order of recording; ``seq`` counts from 1 within a posting."""

_CELL_COLUMNS: Final = tuple(f"{name} text" for name in CELL)

balance: Final = ReadTable(
    name="balance",
    columns=("tenant text", *_CELL_COLUMNS, "amount_fen int"),
    key=("tenant", *CELL),
)
"""Balance of every cell over all dates."""

balance_day: Final = ReadTable(
    name="balance_day",
    columns=("tenant text", *_CELL_COLUMNS, "on_date text", "amount_fen int"),
    key=("tenant", *CELL, "on_date"),
)
"""Change of every cell by business date."""

_LINES_IN_THE_EVENT: Final = Statement(
    """
    INSERT INTO {journal_line} (tenant, position, seq, on_date, book, account, project,
        counterparty, due_on, amount_fen)
    SELECT e.tenant, e.position, @item_number(i, key), e.on_date, @item_text(i, 0),
        @item_text(i, 1), @item_text(i, 2), @item_text(i, 3), @item_text(i, 4), @item_int(i, 5)
    FROM @events AS e CROSS JOIN @items(e, journal) AS i
    """
)
_LINES_BESIDE_IT: Final = Statement(
    """
    INSERT INTO {journal_line} (tenant, position, seq, on_date, book, account, project,
        counterparty, due_on, amount_fen)
    SELECT i.tenant, i.position, i.line, i.on_date, @item_text(i, 0), @item_text(i, 1),
        @item_text(i, 2), @item_text(i, 3), @item_text(i, 4), @item_int(i, 5)
    FROM @journal_beside AS i
    """
)
_BALANCES: Final = Statement(
    """
    INSERT INTO {balance} AS b (tenant, book, account, project, counterparty, due_on, amount_fen)
    SELECT j.tenant, j.book, j.account, j.project, j.counterparty, j.due_on, sum(j.amount_fen)
    FROM @journal AS j WHERE true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant, book, account, project, counterparty, due_on)
    DO UPDATE SET amount_fen = b.amount_fen + excluded.amount_fen
    """
)
_BALANCES_BY_DAY: Final = Statement(
    """
    INSERT INTO {balance_day} AS b (tenant, book, account, project, counterparty, due_on, on_date,
        amount_fen)
    SELECT j.tenant, j.book, j.account, j.project, j.counterparty, j.due_on, j.on_date,
        sum(j.amount_fen)
    FROM @journal AS j WHERE true GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (tenant, book, account, project, counterparty, due_on, on_date)
    DO UPDATE SET amount_fen = b.amount_fen + excluded.amount_fen
    """
)

JOURNAL: Final = Projection(
    name="journal",
    version=1,
    tables=(journal_line, balance, balance_day),
    statements=(_LINES_IN_THE_EVENT, _LINES_BESIDE_IT, _BALANCES, _BALANCES_BY_DAY),
)
