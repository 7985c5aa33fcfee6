"""Guarantee deposits: what a project must hold, what it holds, and the notices that draw on it.

Legal source: 人社部发〔2021〕65号 arts. 11 to 22; postings.md, Guarantee deposit.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

deposit_move: Final = ReadTable(
    name="deposit_move",
    columns=(
        "tenant text", "party text", "project text", "position int", "what text", "on_date text",
        "ref text null", "amount_fen int", "valid_from text null", "valid_to text null",
    ),
    key=("tenant", "party", "project", "position", "what"),
    indexes=(
        Index(
            name="deposit_move_guarantee",
            columns=("tenant", "ref"),
            where="what = 'guarantee'",
            kept=True,
        ),
        Index(name="deposit_move_project", columns=("tenant", "project", "position")),
    ),
)  # fmt: skip
"""Everything that changes the deposit of a project, under its general contractor.

``what`` is assessed (required), cash (principal, signed), guarantee (face), extended, ended (a
guarantee given back), called (signed: a bounced call comes back), confirmed or released.
"""

notice: Final = ReadTable(
    name="notice",
    columns=(
        "tenant text", "notice text", "position int", "on_date text", "project text",
        "case_id text", "total_fen int", "lines int",
    ),
    key=("tenant", "notice"),
    indexes=(Index(name="notice_project", columns=("tenant", "project", "position")),),
)  # fmt: skip
"""Payment notices."""

notice_step: Final = ReadTable(
    name="notice_step",
    columns=(
        "tenant text", "notice text", "position int", "on_date text", "step text",
        "amount_fen int", "of_position int null",
    ),
    key=("tenant", "notice", "position"),
)  # fmt: skip
"""What became of a notice: paid, called, bounced (amount below zero) or withdrawn."""

_LINE_SUM: Final = (
    "(SELECT coalesce(sum(l.amount_fen), 0) FROM event_line AS l WHERE l.tenant = e.tenant"
    " AND l.position = e.position AND l.part = 0)"
)

DEPOSIT: Final = Projection(
    name="deposit",
    version=1,
    tables=(deposit_move, notice, notice_step),
    statements=(
        Statement(
            """
            INSERT INTO {deposit_move} (tenant, party, project, position, what, on_date, ref,
                amount_fen, valid_from, valid_to)
            SELECT e.tenant, p.general_contractor, p.project, e.position,
                CASE e.kind WHEN 'DepositAssessed' THEN 'assessed'
                    WHEN 'GuaranteeAccepted' THEN 'guarantee'
                    WHEN 'DepositReleaseConfirmed' THEN 'confirmed' ELSE 'released' END,
                e.on_date, @text(e, fields.guarantee),
                CASE e.kind WHEN 'DepositAssessed' THEN @int(e, outcome.required_fen)
                    WHEN 'GuaranteeAccepted' THEN @int(e, fields.face_fen)
                    WHEN 'DepositReleased' THEN @int(e, fields.amount_fen) ELSE 0 END,
                @text(e, fields.valid_from), @text(e, fields.valid_to)
            FROM @events(DepositAssessed, GuaranteeAccepted, DepositReleaseConfirmed,
                DepositReleased) AS e
            JOIN {project} AS p ON p.tenant = e.tenant AND p.project = @text(e, fields.project)
            """
        ),
        Statement(
            """
            INSERT INTO {deposit_move} (tenant, party, project, position, what, on_date, ref,
                amount_fen, valid_from, valid_to)
            SELECT j.tenant, j.book, j.project, j.position, 'cash', j.on_date, NULL,
                sum(j.amount_fen), NULL, NULL
            FROM @journal AS j WHERE j.account = 'deposit_cash'
            GROUP BY j.tenant, j.book, j.project, j.position, j.on_date
            """
        ),
        Statement(
            """
            INSERT INTO {deposit_move} (tenant, party, project, position, what, on_date, ref,
                amount_fen, valid_from, valid_to)
            SELECT e.tenant, g.party, g.project, e.position,
                CASE e.kind WHEN 'GuaranteeExtended' THEN 'extended' ELSE 'ended' END,
                e.on_date, g.ref, 0, NULL, @text(e, fields.valid_to)
            FROM @events(GuaranteeExtended, GuaranteeReleased) AS e
            JOIN {deposit_move} AS g ON g.tenant = e.tenant AND g.what = 'guarantee'
                AND g.ref = @text(e, fields.guarantee)
            """
        ),
        Statement(
            f"""
            INSERT INTO {{deposit_move}} (tenant, party, project, position, what, on_date, ref,
                amount_fen, valid_from, valid_to)
            SELECT e.tenant, g.party, g.project, e.position, 'called', e.on_date, g.ref,
                CASE e.kind WHEN 'GuaranteeCalled' THEN 1 ELSE -1 END * {_LINE_SUM}, NULL, NULL
            FROM @events(GuaranteeCalled, TransferReturned) AS e
            JOIN {{deposit_move}} AS g ON g.tenant = e.tenant AND g.what = 'guarantee'
                AND g.ref = CASE e.kind WHEN 'GuaranteeCalled' THEN @text(e, fields.guarantee)
                    ELSE @text(e, outcome.guarantee) END
            """
        ),
        Statement(
            f"""
            INSERT INTO {{notice}} (tenant, notice, position, on_date, project, case_id,
                total_fen, lines)
            SELECT e.tenant, @text(e, fields.notice), e.position, e.on_date,
                @text(e, fields.project), @text(e, fields.case), {_LINE_SUM}, @int(e, lines.count)
            FROM @events(PaymentNoticeIssued) AS e
            """
        ),
        Statement(
            f"""
            INSERT INTO {{notice_step}} (tenant, notice, position, on_date, step, amount_fen,
                of_position)
            SELECT e.tenant, coalesce(@text(e, fields.notice), @text(e, outcome.notice)),
                e.position, e.on_date,
                CASE e.kind WHEN 'DepositPaidOut' THEN 'paid' WHEN 'GuaranteeCalled' THEN 'called'
                    WHEN 'TransferReturned' THEN 'bounced' ELSE 'withdrawn' END,
                CASE e.kind WHEN 'NoticeWithdrawn' THEN 0 WHEN 'TransferReturned'
                    THEN -{_LINE_SUM} ELSE {_LINE_SUM} END,
                @int(e, fields.position)
            FROM @events(DepositPaidOut, GuaranteeCalled, NoticeWithdrawn, TransferReturned) AS e
            WHERE coalesce(@text(e, fields.notice), @text(e, outcome.notice)) IS NOT NULL
            """
        ),
    ),
    reads=("journal", "project"),
)
