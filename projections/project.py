"""Projects: their parties and price, what of it is certified and settled, the wage account.

Every row is one fact with its position and business date, so that a question as of a date, or as
known at a position, is a matter of which rows count. A reversal is a row of its own with the
opposite sign. Legal source: Decree 724 arts. 24 to 29.
"""

from typing import Final

from projections.base import Index, Projection, ReadTable, Statement

project: Final = ReadTable(
    name="project",
    columns=(
        "tenant text", "project text", "position int", "on_date text", "name text", "region text",
        "industry text", "developer text", "general_contractor text", "contract_price_fen int",
        "contract_on text", "starts_on text", "planned_end_on text",
    ),
    key=("tenant", "project"),
    indexes=(
        Index(
            name="project_contractor", columns=("tenant", "general_contractor", "project")
        ),
    ),
)  # fmt: skip
"""Projects as they were registered."""

project_price: Final = ReadTable(
    name="project_price",
    columns=("tenant text", "project text", "position int", "on_date text", "price_fen int"),
    key=("tenant", "project", "position"),
)
"""Changes of the contract price; the latest ``on``, then position, counts."""

subcontract: Final = ReadTable(
    name="subcontract",
    columns=("tenant text", "project text", "subcontractor text", "position int", "on_date text"),
    key=("tenant", "project", "subcontractor"),
    indexes=(Index(name="subcontract_party", columns=("tenant", "subcontractor", "project")),),
)
"""Subcontractors of a project, from the first registration on."""

project_step: Final = ReadTable(
    name="project_step",
    columns=(
        "tenant text", "project text", "position int", "on_date text", "step text",
        "notice_posted_on text null",
    ),
    key=("tenant", "project", "position"),
)  # fmt: skip
"""Completion, and the opening and closing of the wage account."""

certification: Final = ReadTable(
    name="certification",
    columns=(
        "tenant text", "project text", "position int", "on_date text", "period text",
        "due_on text", "progress_fen int", "labour_cost_fen int",
    ),
    key=("tenant", "project", "position"),
)  # fmt: skip
"""Certified progress and its labour part; a reversal counts with the opposite sign."""

settlement: Final = ReadTable(
    name="settlement",
    columns=(
        "tenant text", "project text", "position int", "on_date text", "source text",
        "amount_fen int",
    ),
    key=("tenant", "project", "position"),
)  # fmt: skip
"""What settles the contract price: labour cost, developer advances, other project funds."""

PROJECT: Final = Projection(
    name="project",
    version=1,
    tables=(project, project_price, subcontract, project_step, certification, settlement),
    statements=(
        Statement(
            """
            INSERT INTO {project} (tenant, project, position, on_date, name, region, industry,
                developer, general_contractor, contract_price_fen, contract_on, starts_on,
                planned_end_on)
            SELECT e.tenant, @text(e, fields.project), e.position, e.on_date,
                @text(e, fields.name), @text(e, fields.region), @text(e, fields.industry),
                @text(e, fields.developer), @text(e, fields.general_contractor),
                @int(e, fields.contract_price_fen),
                coalesce(@text(e, fields.contract_on), @text(e, fields.starts_on)),
                @text(e, fields.starts_on), @text(e, fields.planned_end_on)
            FROM @events(ProjectRegistered) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {project_price} (tenant, project, position, on_date, price_fen)
            SELECT e.tenant, @text(e, fields.project), e.position, e.on_date,
                @int(e, fields.contract_price_fen)
            FROM @events(ContractPriceChanged) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {subcontract} (tenant, project, subcontractor, position, on_date)
            SELECT e.tenant, @text(e, fields.project), @text(e, fields.subcontractor),
                e.position, e.on_date
            FROM @events(SubcontractRegistered) AS e WHERE true ORDER BY e.position
            ON CONFLICT (tenant, project, subcontractor) DO NOTHING
            """
        ),
        Statement(
            """
            INSERT INTO {project_step} (tenant, project, position, on_date, step,
                notice_posted_on)
            SELECT e.tenant, @text(e, fields.project), e.position, e.on_date,
                CASE e.kind WHEN 'ProjectCompleted' THEN 'completed'
                    WHEN 'WageAccountOpened' THEN 'account_opened' ELSE 'account_closed' END,
                @text(e, fields.notice_posted_on)
            FROM @events(ProjectCompleted, WageAccountOpened, WageAccountClosed) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {certification} (tenant, project, position, on_date, period, due_on,
                progress_fen, labour_cost_fen)
            SELECT e.tenant, @text(e, fields.project), e.position, e.on_date,
                @text(e, fields.period), @text(e, fields.due_on), @int(e, fields.progress_fen),
                @int(e, fields.labour_cost_fen)
            FROM @events(ProgressCertified) AS e
            UNION ALL
            SELECT e.tenant, @text(e, outcome.of.project), e.position, e.on_date,
                @text(e, outcome.of.period), @text(e, outcome.of.due_on),
                -@int(e, outcome.of.progress_fen), -@int(e, outcome.of.labour_cost_fen)
            FROM @events(Reversed) AS e
            WHERE @text(e, outcome.of_kind) = 'ProgressCertified'
            """
        ),
        Statement(
            """
            INSERT INTO {settlement} (tenant, project, position, on_date, source, amount_fen)
            SELECT e.tenant, @text(e, fields.project), e.position, e.on_date, e.kind,
                @int(e, fields.amount_fen)
            FROM @events(LabourCostTransferred, DeveloperAdvancePaid, ProjectFundsPaid) AS e
            UNION ALL
            SELECT e.tenant, @text(e, outcome.of.project), e.position, e.on_date,
                @text(e, outcome.of_kind), -@int(e, outcome.of.amount_fen)
            FROM @events(Reversed) AS e
            WHERE @text(e, outcome.of_kind) IN
                ('LabourCostTransferred', 'DeveloperAdvancePaid', 'ProjectFundsPaid')
            """
        ),
    ),
)
