"""Bank statements as imported, what was matched with what, and what was explained or signed off.

A break is a booked line without a match, or a posting that moved the account without a booked
line (postings.md, Corrections, policy, reconciliation). Amounts are signed as the account moves.
"""

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

bank_statement: Final = ReadTable(
    name="bank_statement",
    columns=(
        "tenant text", "account text", "statement_id text", "position int", "on_date text",
        "from_on text", "to_on text", "opening_fen int", "closing_fen int",
    ),
    key=("tenant", "account", "position"),
)  # fmt: skip
"""Statements of an account (``wage:<project>``, ``deposit:<project>``, ``fund:<region>``)."""

booked_line: Final = ReadTable(
    name="booked_line",
    columns=(
        "tenant text", "account text", "booked_on text", "line text", "position int",
        "statement_id text", "amount_fen int", "value_on text null", "end_to_end text null",
        "batch text null", "return_code text null",
    ),
    key=("tenant", "account", "booked_on", "line"),
)  # fmt: skip
"""Booked lines; a line that several statements show stands here once, by the first."""

bank_match: Final = ReadTable(
    name="bank_match",
    columns=(
        "tenant text", "account text", "position int", "line int", "on_date text",
        "booked_on text null", "booked text null", "of_position int null",
        "claim_position int null", "claim_line int null", "sign int", "amount_fen int",
    ),
    key=("tenant", "account", "position", "line"),
    indexes=(
        Index(
            name="bank_match_booked",
            columns=("tenant", "account", "booked_on", "booked"),
            where="booked IS NOT NULL",
        ),
        Index(
            name="bank_match_posting",
            columns=("tenant", "account", "of_position", "claim_position", "claim_line"),
            where="of_position IS NOT NULL",
        ),
    ),
)  # fmt: skip
"""What was matched, and what was taken back (sign -1), pair by pair.

A booked line and the posting that it shows (``of_position``, or one claim of it); where lines
and postings do not pair up one by one, each stands in a row of its own.
"""

bank_step: Final = ReadTable(
    name="bank_step",
    columns=(
        "tenant text", "account text", "position int", "on_date text", "step text",
        "subject text null", "to_on text null", "reason text null",
    ),
    key=("tenant", "account", "position"),
)  # fmt: skip
"""Breaks that were resolved (``subject``), and days up to which the account is signed off."""

bank_entry: Final = ReadTable(
    name="bank_entry",
    columns=(
        "tenant text", "account text", "position int", "on_date text", "amount_fen int",
    ),
    key=("tenant", "account", "position"),
    indexes=(Index(name="bank_entry_position", columns=("tenant", "position")),),
)  # fmt: skip
"""What each posting moved on a bank account, seen from the bank."""

STATEMENT: Final = Projection(
    name="statement",
    version=2,
    tables=(bank_statement, booked_line, bank_match, bank_step, bank_entry),
    statements=(
        Statement(
            """
            INSERT INTO {bank_statement} (tenant, account, statement_id, position, on_date,
                from_on, to_on, opening_fen, closing_fen)
            SELECT e.tenant, @text(e, fields.account), @text(e, fields.statement_id), e.position,
                e.on_date, @text(e, fields.from), @text(e, fields.to),
                @int(e, fields.opening_fen), @int(e, fields.closing_fen)
            FROM @events(StatementImported) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {booked_line} (tenant, account, booked_on, line, position, statement_id,
                amount_fen, value_on, end_to_end, batch, return_code)
            SELECT b.tenant, b.account, @text(b, on), @text(b, booking), b.position,
                b.statement_id, b.amount_fen, @text(b, value_on), @text(b, end_to_end),
                @text(b, batch), @text(b, return_code)
            FROM (SELECT x.tenant, x.position, x.account, x.statement_id, l.line, l.amount_fen,
                    @doc(l)
                FROM (SELECT e.tenant, e.position, @text(e, fields.account) AS account,
                        @text(e, fields.statement_id) AS statement_id
                    FROM @events(StatementImported) AS e @fence) AS x
                CROSS JOIN event_line AS l
                WHERE l.tenant = x.tenant AND l.position = x.position AND l.part = 0
                    AND @near(l) @fence) AS b
            WHERE true ORDER BY b.position, b.line
            ON CONFLICT (tenant, account, booked_on, line) DO NOTHING
            """
        ),
        Statement(
            """
            INSERT INTO {bank_match} (tenant, account, position, line, on_date, booked_on, booked,
                of_position, claim_position, claim_line, sign, amount_fen)
            SELECT b.tenant, b.account, b.position, b.line, b.on_date, @text(b, booked_on),
                @text(b, booked), @int(b, position), b.claim_position, b.claim_line, b.sign,
                b.amount_fen
            FROM (SELECT x.tenant, x.position, x.on_date, x.account, x.sign, l.line,
                    l.claim_position, l.claim_line, l.amount_fen, @doc(l)
                FROM (SELECT e.tenant, e.position, e.on_date, @text(e, fields.account) AS account,
                        CASE e.kind WHEN 'StatementLineMatched' THEN 1 ELSE -1 END AS sign
                    FROM @events(StatementLineMatched, StatementLineUnmatched) AS e @fence) AS x
                CROSS JOIN event_line AS l
                WHERE l.tenant = x.tenant AND l.position = x.position AND l.part = 0
                    AND @near(l) @fence) AS b
            """
        ),
        Statement(
            """
            INSERT INTO {bank_step} (tenant, account, position, on_date, step, subject, to_on,
                reason)
            SELECT e.tenant, @text(e, fields.account), e.position, e.on_date,
                CASE e.kind WHEN 'BreakResolved' THEN 'resolved' ELSE 'signed_off' END,
                @text(e, outcome.break), @text(e, fields.to), @text(e, fields.reason)
            FROM @events(BreakResolved, StatementReconciled) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {bank_entry} (tenant, account, position, on_date, amount_fen)
            SELECT j.tenant,
                CASE j.account WHEN 'cash' THEN j.book
                    WHEN 'wage_account' THEN 'wage:' || j.project
                    ELSE 'deposit:' || j.project END,
                j.position, j.on_date, sum(j.amount_fen)
            FROM @journal AS j
            WHERE j.account IN ('wage_account', 'deposit_cash', 'deposit_interest', 'cash')
            GROUP BY 1, 2, 3, 4 HAVING sum(j.amount_fen) <> 0
            """
        ),
    ),
    reads=("journal",),
)
