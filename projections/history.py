"""The history of a party: every event that touches it, with what a reader wants to see of it.

An event touches its poster, the parties that it names, those in whose books it writes, the
employer of a sheet, case, notice or advance that it names, and the general contractor of the
project that it names (not every single assignment and attendance there).
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from typing import Final

from projections.base import Projection, ReadTable, Statement

history_event: Final = ReadTable(
    name="history_event",
    columns=(
        "tenant text", "position int", "on_date text", "recorded_at text", "kind text",
        "project text null", "summary text", "amount_fen int null", "by_party text null",
        "document_type text null", "document_number text null", "document_sha256 text null",
    ),
    key=("tenant", "position"),
    keyed_later=True,
)  # fmt: skip
"""What a list of events shows of each. ``summary`` is ``name value`` pairs, never translated."""

history_party: Final = ReadTable(
    name="history_party",
    columns=("tenant text", "party text", "position int"),
    key=("tenant", "party", "position"),
    keyed_later=True,
)
"""Which events touch a party, in the order of recording."""

history_subject: Final = ReadTable(
    name="history_subject",
    columns=("tenant text", "subject text", "ref text", "party text"),
    key=("tenant", "subject", "ref", "party"),
)
"""Parties behind a project, sheet, case, notice, advance or guarantee that an event may name."""

PARTY_FIELDS: Final = (
    "party", "developer", "general_contractor", "subcontractor", "employer", "debtor"
)  # fmt: skip
"""Fields that hold a credit code."""

SUBJECT_FIELDS: Final = ("project", "sheet", "case", "notice", "advance", "guarantee")
"""Fields that hold the id of something behind which parties stand."""

SUMMARY_FIELDS: Final = (
    "name", "sheet", "batch", "notice", "advance", "guarantee", "case", "claim", "worker",
    "employer", "subcontractor", "debtor", "period", "due_on", "deadline_on", "source",
    "outcome", "result", "level", "issuer", "valid_from", "valid_to", "bank_ref", "parameter",
    "statement_id", "account", "year", "grade", "number", "until_on", "reverses", "reason",
    "purpose",
)  # fmt: skip
"""Fields that a summary shows."""

_OF_ALL_ITS_EMPLOYEES: Final = (
    "'WorkerAssigned', 'WorkerExited', 'AttendancePosted', 'NoWorkReported'"
)

_SUMMARY: Final = f"coalesce(@pairs(f, {' '.join(SUMMARY_FIELDS)}), '')"
_LINE_SUM: Final = (
    "(SELECT sum(l.amount_fen) FROM event_line AS l WHERE l.tenant = f.tenant"
    " AND l.position = f.position AND l.part = 0)"
)
_WAGES: Final = (
    "(SELECT abs(sum(j.amount_fen)) FROM {journal_line} AS j WHERE j.tenant = f.tenant"
    " AND j.position = f.position AND j.account = 'wages_payable')"
)
_AMOUNT: Final = f"""
    coalesce(@int(f, amount_fen), @int(f, total_fen), @int(f, net_fen), @int(f, progress_fen),
        @int(f, contract_price_fen), @int(f, face_fen), @int(f, balance_to_gc_fen),
        @int(f, floor_fen), f.decided_fen,
        CASE WHEN f.lines IS NULL OR f.kind = 'PayoutSettled' THEN {_WAGES} ELSE {_LINE_SUM} END)
"""

_SUBJECTS: Final = Statement(
    """
    INSERT INTO {history_subject} (tenant, subject, ref, party)
    SELECT DISTINCT e.tenant, 'project', @text(e, fields.project),
        @text(e, fields.general_contractor)
    FROM @events(ProjectRegistered) AS e
    UNION
    SELECT e.tenant, 'developer', @text(e, fields.project), @text(e, fields.developer)
    FROM @events(ProjectRegistered) AS e
    UNION
    SELECT e.tenant, 'sheet', @text(e, fields.sheet), @text(e, fields.employer)
    FROM @events(PayrollSubmitted) AS e
    UNION
    SELECT e.tenant, 'case', @text(e, fields.case), @text(e, fields.employer)
    FROM @events(CaseOpened) AS e
    """
)
_SUBJECTS_OF_SUBJECTS: Final = Statement(
    """
    INSERT INTO {history_subject} (tenant, subject, ref, party)
    SELECT e.tenant, 'case', @text(e, fields.case), s.party
    FROM @events(CaseOpened) AS e JOIN {history_subject} AS s ON s.tenant = e.tenant
        AND s.subject = 'project' AND s.ref = @text(e, fields.project)
    UNION
    SELECT e.tenant, 'guarantee', @text(e, fields.guarantee), s.party
    FROM @events(GuaranteeAccepted) AS e JOIN {history_subject} AS s ON s.tenant = e.tenant
        AND s.subject = 'project' AND s.ref = @text(e, fields.project)
    ON CONFLICT (tenant, subject, ref, party) DO NOTHING
    """
)
_SUBJECTS_OF_CASES: Final = Statement(
    """
    INSERT INTO {history_subject} (tenant, subject, ref, party)
    SELECT e.tenant, 'notice', @text(e, fields.notice), s.party
    FROM @events(PaymentNoticeIssued) AS e JOIN {history_subject} AS s ON s.tenant = e.tenant
        AND s.subject = 'case' AND s.ref = @text(e, fields.case)
    UNION
    SELECT e.tenant, 'advance', @text(e, fields.advance), s.party
    FROM @events(AdvanceRequested) AS e JOIN {history_subject} AS s ON s.tenant = e.tenant
        AND s.subject = 'case' AND s.ref = @text(e, fields.case)
    """
)
_EVENTS: Final = Statement(
    f"""
    INSERT INTO {{history_event}} (tenant, position, on_date, recorded_at, kind, project, summary,
        amount_fen, by_party, document_type, document_number, document_sha256)
    SELECT f.tenant, f.position, f.on_date, f.recorded_at, f.kind,
        coalesce(@text(f, project), f.of_project), {_SUMMARY}, {_AMOUNT}, f.by_party,
        f.document_type, f.document_number, f.document_sha256
    FROM (SELECT e.tenant, e.position, e.on_date, e.recorded_at, e.kind,
            @member(e, fields) AS doc, @text(e, outcome.of.project) AS of_project,
            @text(e, by) AS by_party, @int(e, lines.count) AS lines,
            coalesce(@int(e, outcome.required_fen), @int(e, outcome.total_fen),
                @int(e, outcome.of.amount_fen), @int(e, outcome.of.progress_fen),
                CASE WHEN e.kind <> 'AdvancePaid' THEN abs(@int(e, outcome.committed_fen)) END
            ) AS decided_fen,
            @text(e, document.type) AS document_type,
            @text(e, document.number) AS document_number,
            @text(e, document.sha256) AS document_sha256
        FROM @events AS e @fence) AS f
    """
)
_NAMED: Final = Statement(
    f"""
    INSERT INTO {{history_party}} (tenant, party, position)
    WITH named AS (
        SELECT e.tenant, e.position, e.kind, f.key AS field, f.value AS ref
        FROM @events AS e CROSS JOIN @each(e, fields) AS f
        WHERE f.key IN ({", ".join(map(repr, PARTY_FIELDS + SUBJECT_FIELDS))})
    )
    SELECT n.tenant, n.ref, n.position FROM named AS n
    WHERE n.field IN ({", ".join(map(repr, PARTY_FIELDS))})
    UNION
    SELECT n.tenant, s.party, n.position FROM named AS n CROSS JOIN {{history_subject}} AS s
    WHERE n.field IN ({", ".join(map(repr, SUBJECT_FIELDS))})
        AND n.kind NOT IN ({_OF_ALL_ITS_EMPLOYEES})
        AND s.tenant = n.tenant AND s.subject = n.field AND s.ref = n.ref
    UNION
    SELECT e.tenant, s.party, e.position
    FROM @events(ContractPriceChanged, ProjectCompleted, WageAccountOpened, WageAccountClosed) AS e
    JOIN {{history_subject}} AS s ON s.tenant = e.tenant AND s.subject = 'developer'
        AND s.ref = @text(e, fields.project)
    UNION
    SELECT h.tenant, h.by_party, h.position FROM {{history_event}} AS h
    WHERE h.tenant = :tenant AND h.position > :low AND h.position <= :high
        AND h.by_party IS NOT NULL
    UNION
    SELECT j.tenant, j.book, j.position FROM @journal AS j WHERE j.book NOT LIKE 'fund:%'
    ORDER BY 1, 2, 3
    """
)

HISTORY: Final = Projection(
    name="history",
    version=2,
    tables=(history_event, history_party, history_subject),
    statements=(_SUBJECTS, _SUBJECTS_OF_SUBJECTS, _SUBJECTS_OF_CASES, _EVENTS, _NAMED),
    reads=("journal",),
)
