"""What the plain model remembers: the recorded postings, and what a scan of them tells.

Nothing here is decided, only counted.
"""

from collections.abc import Iterable
from typing import Any

from tests.model.balances import FOREVER, Claim, Event, Record, balance, lowest, negated


class Log:
    """The recorded postings in order, and the claims and balances that they add up to."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.claims: dict[str, Claim] = {}
        self.cells: dict[tuple[str, str, str, str], list[Event]] = {}

    # -- growing ---------------------------------------------------------------

    def append(self, record: Record) -> None:
        """Record one posting."""
        self.records.append(record)
        self._let_claims_exist(record)
        for book, account, project, counterparty, _, amount in record.lines:
            cell = (book, account, project, counterparty)
            self.cells.setdefault(cell, []).append((record.on, amount))
        for name, net, paid, transit in record.moves:
            self.claims[name].changes.append((record.on, net, paid, transit))
        f = record.f
        if record.kind == "ClaimReduced":
            self.claims[f["claim"]].reduced = True
        if record.kind == "LiabilityAttributed":
            for name in f["claims"]:
                self.claims[name].attributions.append((record.on, f["debtor"]))
        if record.kind == "Reversed":
            self._undo(self.records[f["reverses"] - 1], record)

    def _let_claims_exist(self, record: Record) -> None:
        f = record.f
        if record.kind == "PayrollApproved":
            sheet = self.one("PayrollSubmitted", sheet=f["sheet"])
            for number, line in enumerate(sheet.f["lines"], 1):
                name = f"{f['sheet']}/{number}"
                self.claims[name] = Claim(
                    name, sheet.f["project"], line["worker"], sheet.f["employer"],
                    sheet.f["period"], sheet.f["due_on"], asserted=False, born_on=record.on,
                    sheet=f["sheet"],
                )  # fmt: skip
        if record.kind == "ClaimAsserted":
            self.claims[f["claim"]] = Claim(
                f["claim"], f["project"], f["worker"], f["employer"], f["period"], f["due_on"],
                asserted=True, born_on=record.on,
            )  # fmt: skip

    def _undo(self, earlier: Record, reversal: Record) -> None:
        earlier.reversed_by = reversal.position
        if earlier.kind == "PayrollApproved":
            for claim in self.claims.values():
                claim.gone |= claim.sheet == earlier.f["sheet"]

    # -- records ---------------------------------------------------------------

    def ever(self, *kinds: str, **fields: object) -> list[Record]:
        """The postings of these kinds with these field values, reversed or not."""
        return [
            record
            for record in self.records
            if record.kind in kinds
            and all(record.f.get(name) == value for name, value in fields.items())
        ]

    def of(self, *kinds: str, **fields: object) -> list[Record]:
        """The same without those that were reversed."""
        return [record for record in self.ever(*kinds, **fields) if not record.reversed_by]

    def has(self, *kinds: str, **fields: object) -> bool:
        return bool(self.of(*kinds, **fields))

    def one(self, *kinds: str, **fields: object) -> Record:
        """The posting that founded what the fields name; the caller knows that it is there."""
        return self.ever(*kinds, **fields)[0]

    def claim(self, name: str) -> Claim | None:
        """The claim, if it exists now."""
        claim = self.claims.get(name)
        return None if claim is None or claim.gone else claim

    def named(self, names: Iterable[str]) -> list[Claim]:
        return [self.claims[name] for name in names]

    # -- balances --------------------------------------------------------------

    def cell(self, book: str, account: str, project: str = "", other: str = "") -> list[Event]:
        """The changes of one account, per project and counterparty."""
        return list(self.cells.get((book, account, project, other), []))

    def account(self, book: str, account: str, project: str | None = None) -> list[Event]:
        """The changes of one account over all counterparties, of one or all projects."""
        return [
            event
            for (of_book, of_account, of_project, _), events in self.cells.items()
            if (of_book, of_account) == (book, account) and project in {None, of_project}
            for event in events
        ]

    # -- projects --------------------------------------------------------------

    def project(self, project: str) -> dict[str, Any]:
        return self.one("ProjectRegistered", project=project).f

    def gc(self, project: str) -> str:
        return str(self.project(project)["general_contractor"])

    def on_project(self, project: str, party: str) -> bool:
        """Whether the party is the project's general contractor or has a subcontract on it."""
        return party == self.gc(project) or self.has(
            "SubcontractRegistered", project=project, subcontractor=party
        )

    def wage_account_since(self, project: str) -> str | None:
        """The day the wage account was opened, None when it is not open now."""
        since = None
        for record in self.of("WageAccountOpened", "WageAccountClosed", project=project):
            since = record.on if record.kind == "WageAccountOpened" else None
        return since

    def price(self, project: str) -> int:
        """The contract price: the latest `on`, then position, counts."""
        changes = self.of("ContractPriceChanged", project=project)
        if not changes:
            return int(self.project(project)["contract_price_fen"])
        return int(max(changes, key=lambda r: (r.on, r.position)).f["contract_price_fen"])

    def settled_price(self, project: str) -> int:
        """All transferred, advanced and paid, reversals aside, of any date."""
        kinds = ("LabourCostTransferred", "DeveloperAdvancePaid", "ProjectFundsPaid")
        return sum(record.f["amount_fen"] for record in self.of(*kinds, project=project))

    def completed(self, project: str, on: str) -> bool:
        return any(record.on <= on for record in self.of("ProjectCompleted", project=project))

    def open_claims(self, project: str) -> bool:
        """Whether a claim of the project is open or in transit, or a case of it open, now."""
        return any(
            claim.project == project and not claim.gone and (claim.open() or claim.transit())
            for claim in self.claims.values()
        ) or any(self.case_open(case.f["case"]) for case in self.of("CaseOpened", project=project))

    def assigned(self, project: str, employer: str, worker: str) -> list[tuple[str, str]]:
        """The assignments: first day and last day (FOREVER while open)."""
        spans: list[tuple[str, str]] = []
        for record in self.of(
            "WorkerAssigned", "WorkerExited", project=project, employer=employer, worker=worker
        ):
            if record.kind == "WorkerAssigned":
                spans.append((record.on, FOREVER))
            else:
                spans = [
                    (start, record.on if end == FOREVER and start <= record.on else end)
                    for start, end in spans
                ]
        return spans

    def assigned_in(self, f: dict[str, Any], worker: str) -> bool:
        """Whether the worker was assigned on at least one day of the posting's period."""
        spans = self.assigned(f["project"], f["employer"], worker)
        period = f["period"]
        return any(start[:7] <= period <= end[:7] for start, end in spans)

    # -- sheets and batches ----------------------------------------------------

    def sheet_state(self, sheet: str) -> str:
        """submitted, approved, returned or reversed."""
        if self.has("PayrollReturned", sheet=sheet):
            return "returned"
        approvals = self.ever("PayrollApproved", sheet=sheet)
        if not approvals:
            return "submitted"
        return "reversed" if approvals[0].reversed_by else "approved"

    def batch_lines(self, batch: str) -> dict[str, tuple[str, int, str]]:
        """Per claim of a batch: pending, settled or returned; the amount; the settlement day."""
        found: dict[str, tuple[str, int, str]] = {}
        for record in self.records:
            if record.f.get("batch") != batch:
                continue
            if record.kind == "PayoutInstructed":
                for line in record.f["lines"]:
                    found[line["claim"]] = ("pending", line["amount_fen"], "")
            elif record.kind == "PayoutSettled":
                for claim in record.extra["claims"]:
                    found[claim] = ("settled", found[claim][1], record.on)
            elif record.kind == "PayoutReturned":
                for line in record.f["lines"]:
                    found[line["claim"]] = ("returned", found[line["claim"]][1], "")
        return found

    # -- notices and guarantees ------------------------------------------------

    def bounced(self, position: int) -> dict[str, str]:
        """The lines of a posting that its TransferReturned postings brought back, with the day."""
        return {
            line["claim"]: record.on
            for record in self.of("TransferReturned", position=position)
            for line in record.f["lines"]
        }

    def left_on_notice(self, notice: str, claim: str) -> list[Event]:
        """What is left on a notice for a claim, day by day; nothing once it is withdrawn."""
        if self.has("NoticeWithdrawn", notice=notice):
            return []
        issued = self.one("PaymentNoticeIssued", notice=notice)
        events = [(issued.on, line["amount_fen"]) for line in _lines_of(issued, claim)]
        for draw in self.of("DepositPaidOut", "GuaranteeCalled", notice=notice):
            back = self.bounced(draw.position)
            for line in _lines_of(draw, claim):
                events.append((draw.on, -line["amount_fen"]))
                if claim in back:
                    events.append((back[claim], line["amount_fen"]))
        return events

    def undrawn(self, project: str) -> int:
        """The undrawn lines of the project's notices now, not withdrawn, whatever their `on`."""
        return sum(
            balance(self.left_on_notice(notice.f["notice"], line["claim"]))
            for notice in self.of("PaymentNoticeIssued", project=project)
            for line in notice.f["lines"]
        )

    def validity(self, guarantee: str) -> tuple[str, str]:
        """First day, and the day from which a guarantee counts no more (exclusive end)."""
        accepted = self.one("GuaranteeAccepted", guarantee=guarantee)
        last = accepted.f["valid_to"]
        for extension in self.of("GuaranteeExtended", guarantee=guarantee):
            last = extension.f["valid_to"]
        releases = [r.on for r in self.of("GuaranteeReleased", guarantee=guarantee)]
        end = min([last + "+", *releases])  # "2026-03-31+" sorts after that day, before the next
        return max(accepted.on, accepted.f["valid_from"]), end

    def valid_on(self, guarantee: str, on: str) -> bool:
        start, end = self.validity(guarantee)
        return start <= on < end

    def face_left(self, guarantee: str) -> list[Event]:
        """The face of a guarantee less what was called and did not bounce, day by day."""
        accepted = self.one("GuaranteeAccepted", guarantee=guarantee)
        events = [(accepted.on, accepted.f["face_fen"])]
        for call in self.of("GuaranteeCalled", guarantee=guarantee):
            back = self.bounced(call.position)
            for line in call.f["lines"]:
                events.append((call.on, -line["amount_fen"]))
                if line["claim"] in back:
                    events.append((back[line["claim"]], line["amount_fen"]))
        return events

    def cover(self, project: str, on: str, without: str = "") -> int:
        """Lowest deposit cash from `on`, and the face left of the guarantees valid on `on`."""
        cash = lowest(self.cell(self.gc(project), "deposit_cash", project), on)
        return cash + sum(
            lowest(self.face_left(accepted.f["guarantee"]), on)
            for accepted in self.of("GuaranteeAccepted", project=project)
            if accepted.f["guarantee"] != without and self.valid_on(accepted.f["guarantee"], on)
        )

    # -- cases -----------------------------------------------------------------

    def case_open(self, case: str) -> bool:
        """Whether the case is open in the log now."""
        latest = self.of("CaseOpened", "CaseReopened", "CaseClosed", case=case)
        return bool(latest) and latest[-1].kind != "CaseClosed"

    def claims_of_case(self, case: str) -> set[str]:
        """Asserted in it, linked to it, or named in its notices and advances."""
        found: set[str] = set()
        for record in self.of("ClaimAsserted", case=case):
            found.add(record.f["claim"])
        for record in self.of("CaseClaimsLinked", case=case):
            found.update(record.f["claims"])
        for record in self.of("PaymentNoticeIssued", "AdvanceRequested", case=case):
            found.update(line["claim"] for line in record.f["lines"])
        return found

    # -- advances --------------------------------------------------------------

    def advance(self, kind: str, advance: str) -> Record | None:
        """The latest posting of that kind for the advance."""
        found = self.of(kind, advance=advance)
        return found[-1] if found else None

    def paid_in(self, advance: str) -> dict[str, int]:
        """The lines of an advance that were paid and not returned."""
        payment = self.advance("AdvancePaid", advance)
        if payment is None:
            return {}
        back = {c for r in self.of("AdvanceReturned", advance=advance) for c in r.f["claims"]}
        return {c: a for c, a in payment.extra["lines"].items() if c not in back}

    def committed(self, region: str) -> list[Event]:
        """What approvals commit and payments or rejections end, day by day."""
        events: list[Event] = []
        for request in self.of("AdvanceRequested", region=region):
            name = request.f["advance"]
            total = sum(line["amount_fen"] for line in request.f["lines"])
            approval = self.advance("AdvanceApproved", name)
            if approval is None:
                continue
            events.append((approval.on, total))
            end = self.advance("AdvancePaid", name) or self.advance("AdvanceRejected", name)
            if end is not None:
                events.append((end.on, -total))
        return events

    def available(self, region: str) -> list[Event]:
        """Cash less refunds owed less what is committed, day by day."""
        fund = f"fund:{region}"
        return [
            *self.cell(fund, "cash"),
            *self.account(fund, "refund_payable"),
            *negated(self.committed(region)),
        ]


def _lines_of(record: Record, claim: str) -> list[dict[str, Any]]:
    return [line for line in record.f["lines"] if line["claim"] == claim]
