"""The plain model: every posting of the contract judged and booked the slow and obvious way.

It imports nothing of the product and was written from the contract of postings, so that it can
tell the product wrong.  The poster is the owner of an embedded ledger, who may post as anyone.

Not everything in it is independent any more.  Names and units of policy parameters are the
product's, and the readings marked * were taken over from the product after a first comparison
had shown a difference that the contract does not decide; 39 was rewritten after reading the
product's code.  That both agree there shows that they are alike, not that they are right.

Readings
--------
Where the contract leaves a choice, this is the one made here.  Quoted is the sentence read.

Form
 1.* "missing and unknown fields" come first and are `bad_field`; "a field with a code of its own
    answers with it whatever is wrong with it" is about what a field holds.  Of several problems
    the first in the printed order of codes answers (`bad_field`, `bad_id`, `bad_date` ...).
 2. `account` of statements, `position`, `reverses`, `count`, enumerations: no code of their own,
    `bad_field`.  A statement line's `on` outside from..to, or from after to: `bad_date`.
 3. "gross - deductions = net where either is given": a missing one counts as 0, so deductions
    without gross are `line_arithmetic`.
 4. "a worker twice on a sheet" is about sheets; attendance does not answer `duplicate_worker`.
 5. `days` "(0.5 steps, to 31)" may be 0.  `workers` of PoliceTransferred is a count.
 6. StatementLineMatched and StatementLineUnmatched share one row: both need rule and score.
 7. Strings hold at most 500 characters and no control, bidi or zero-width ones (`bad_field`).

Dates and references
 8. "`period` may not" lie in the future: of today, not of `on`.
 9.* `period_closed`: postings with a journal line on the bank account itself (wage_account;
    deposit_cash, deposit_interest; the fund's cash), and the bank's answers to a batch, since the
    bank's balance includes what is in transit.
10. An account `wage:P` names P where `project` stands in the order, `fund:R` the fund at `region`.
    Positions and claims in `matched` are looked up after `claims`.  An unknown statement or line
    has no code: nothing there to match (`over_match`, `not_matched`, `not_a_break`).

Standing
11. "account_not_open ... `on` before the opening's": of the latest opening, so a reopened account
    takes nothing dated before it was opened again.
12. "case | opening" is CaseOpened, also after CaseReopened.
13. LiabilityAttributed: approval, last attribution and the last change all bind.
14.* A posting without `project` does not belong to the one of TransferReturned: `other_project`.
15. "Claims named": those of statements (`matched`) are not judged for standing.

Balances
16. "Several employers in one posting: in order of first appearance": one discharge per employer
    over the sum of its lines; the same for Undo discharge.
17. Lines that come to 0 are left out of the journal.

Kinds
18. "registered under another name": another than its present name, also after PartyRenamed.
19. `holder_mismatch` compares with the worker's present name; `worker_exists` with the present ID
    numbers of the others; the present card is the one bound last in the log.
20. Every WorkerAssigned opens a span of its own; WorkerExited ends all that are open and began up
    to its `on`, and is `not_assigned` when there is none.  It judges `not_on_project` first.
21. "sheet exists" for NoWorkReported: neither returned nor reversed.
22. `not_on_project`: the subcontract is in the log, whatever its `on`.
23. `not_completed`: completed on or before `on` (it is not in the list of *now*).
24. "bank_ref seen on this deposit": by DepositLodged or the two interest postings; "per wage
    account": by the six postings that carry one on that project's account.
25. The contract price of "unsettled price": the latest `on`, then position, of the whole log.
26. `suspense_open`: suspense not 0 on any day from `on` onwards.
27. DepositReleased `open_claims`: as for its confirmation, open claims or an open case.
28. A guarantee is valid to the day before its release; GuaranteeCalled looks only at the notice's
    `on`, so a guarantee released later may still be called on it.  GuaranteeReleased `insufficient_
    funds`: undrawn notices above lowest deposit_cash from `on` + the other guarantees valid on it.
29.* Periods of notice and the 12 months of a guarantee follow the policy book (defaults 30, 12).
30.* PoliceTransferred: at least crime.group_workers workers and crime.group_amount, or an amount
    with which one worker surely has crime.single_amount (that much for each); and an order or a
    decision of the case has its deadline before `on`.  Only what the posting says counts.
31. "Claims of a case ... named in its notices and advances": withdrawn and rejected ones too.
32. Cap: government requests count in the sum; only bureau requests are judged by it.
33. "what the debtor now owes this fund": the balance of the whole log, whatever `on`.
34. "undrawn notices would exceed deposit_cash + guarantees left": for a reversed DepositLodged;
    guarantees valid on the reversal's `on`.
35. "a balance that may not go negative would": also the free amount of each claim of the sheet on
    every day from `on`, wage_account less suspense, and available.
36. `policy_overlap`: published ranges of one region and parameter that share a day; without
    valid_to a range has no end; shipped defaults overlap nothing.
37.* "overlaps an imported one and differs": on the days that both cover the lines differ; the same
    line on two statements counts once.
38. A match gives what its postings move on the account to its lines in order; above what is left
    of the lines, of a posting, of the other sign, or not on the account: `over_match`.  Unmatching
    names the same lines and items.  A posting partly matched is still a break.
    * One that was resolved is none for a second BreakResolved.
39.* DepositAssessed without required_fen: see `computed_deposit`.  The contractor's record is what
    the ledger knew of it up to contract_on; a clean record must be shown by an earlier project.
40. "*now* ... open or closed account": where a return goes after a closing, and whether the GC's
    own workers may be cleared, follow the log, whatever `on`.
"""

from datetime import date
from typing import Any

from tests.model import arrears, corrections, deposit, figures, form, fund, payroll, site
from tests.model.balances import Line, Record, Refused, refuse_if
from tests.model.entry import RULES, Entry
from tests.model.fields import FIELDS
from tests.model.log import Log
from tests.model.standing import judge_dates, judge_references, judge_standing

Answer = tuple[str, str | None, int | None]
"""recorded, duplicate, refused or invalid; the code; the position."""

assert {*RULES} == {*FIELDS}, "every kind has a rule"
_CHAPTERS = (arrears, corrections, deposit, fund, payroll, site)


class PlainModel:
    """A whole ledger in a list of recorded postings."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.log = Log()
        self._keys: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}

    # -- posting ---------------------------------------------------------------

    def post(self, posting: dict[str, Any] | str) -> Answer:
        """Judge one posting in the order of the contract and record it if nothing refuses it."""
        try:
            given = form.read(posting) if isinstance(posting, str) else posting
            f = form.judge(given, self.today)
        except form.FormError as error:
            return "invalid", error.code, None
        by = f.pop("by", "")
        try:
            known = self._keys.get((by, f["key"]))
            if known is not None:
                return self._known_key(f, *known)
            judge_dates(self.log, f, self.today)
            judge_references(self.log, f)
            judge_standing(self.log, f)
            entry = Entry(self.log, f)
            RULES[f["kind"]](entry)
        except Refused as refusal:
            return "refused", refusal.code, None
        position = len(self.log.records) + 1
        self.log.append(
            Record(position, f["kind"], f["on"], f, entry.merged(), entry.moves, entry.extra)
        )
        self._keys[by, f["key"]] = (f, position)
        return "recorded", None, position

    @staticmethod
    def _known_key(f: dict[str, Any], first: dict[str, Any], position: int) -> Answer:
        refuse_if(f != first, "key_reused")
        return "duplicate", None, position

    # -- reading ---------------------------------------------------------------

    def keys(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The recorded postings in their normal form, by posting party (or "") and key."""
        return {key: f for key, (f, _) in self._keys.items()}

    def liability(self, as_of: date | str) -> dict[str, Any]:
        """The liability report: rows by party, and the system's arrears."""
        return figures.liability(self.log, str(as_of))

    def fund(self, region: str, as_of: date | str) -> dict[str, Any]:
        return figures.fund_figures(self.log, region, str(as_of))

    def project(self, project: str, as_of: date | str) -> dict[str, int]:
        return figures.project_figures(self.log, project, str(as_of))

    def claims(self, as_of: date | str | None = None) -> dict[str, dict[str, Any]]:
        """The claims that exist now, as of a day (today if left out)."""
        day = str(as_of or self.today)
        return {
            name: figures.claim_row(claim, day)
            for name, claim in self.log.claims.items()
            if not claim.gone
        }

    def journal(self, position: int) -> list[Line]:
        """The journal lines of a posting, merged and sorted."""
        return self.log.records[position - 1].lines

    def check_invariants(self) -> None:
        """Invariants 1 to 6 and 8 on every posting and day; 7 is a replay, see its test."""
        figures.check_all(self.log)
