"""Verification: is the log still what was written, in order, byte for byte?

Everything is read once, in one unchanging view, in bounded memory. What is hashed is what is
stored; a body is serialised again only to see whether it was canonical. Whether the postings were
right to be recorded is another question (``check``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, text

from ledger.eventlog.appending import MAX_BODY_BYTES
from ledger.eventlog.engine import begin_reading
from ledger.eventlog.findings import Report
from ledger.eventlog.tables import DOCUMENT_LINE, JOURNAL_LINE
from ledger.eventlog.topics import TOPICS, Body, Topics, UnknownTopicError, parse_body
from ledger.eventlog.verify_lines import DocumentCheck, JournalCheck, LineCheck, Run, line_runs
from ledger.eventlog.verify_tree import SignedHead, TreeCheck
from ledger.kernel.canonical import NotCanonicalError, canonical_bytes
from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import parse_instant
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash

_EVENTS_AT_ONCE: Final = 200

_EVENTS: Final = text(
    "SELECT position, topic, kind, on_date, recorded_at, body, leaf_hash FROM event"
    " WHERE tenant = :tenant AND position >= :first ORDER BY position"
)
_LEAVES: Final = text(
    "SELECT leaf_hash FROM event WHERE tenant = :tenant AND position < :first ORDER BY position"
)
_BEFORE: Final = text(
    "SELECT recorded_at FROM event WHERE tenant = :tenant AND position = :first - 1"
)
_HEAD: Final = text("SELECT last_position, recorded_at FROM ledger_head WHERE tenant = :tenant")
_STREAMS: Final = text(
    "SELECT position, version, before, at FROM ("
    " SELECT position, version, lag(version) OVER course AS before,"
    "  lag(position) OVER course AS at"
    " FROM event WHERE tenant = :tenant"
    " WINDOW course AS (PARTITION BY stream ORDER BY version)) AS walked"
    " WHERE position >= :first AND (version <> coalesce(before, 0) + 1 OR at > position)"
    " ORDER BY position"
)
_ORIGIN: Final = text("SELECT body FROM event WHERE tenant = :tenant AND position = :position")

_REPEATED: Final = ("tenant", "position", "kind", "on", "recorded_at")
"""What body and columns both say."""

Progress = Callable[[int], None]


def verify(
    engine: Engine,
    tenant: str,
    from_position: int = 1,
    *,
    topics: Topics = TOPICS,
    heads: Iterable[SignedHead] = (),
    leaves: Sequence[bytes] = (),
    progress: Progress | None = None,
) -> Report:
    """Verify a tenant's log from a position to its end.

    Args:
        engine: The open store.
        tenant: Whose log.
        from_position: Where to begin; what lies before is believed.
        topics: The allow-list to read with.
        heads: Roots that were signed, to be found again. A verification that begins later
            makes the hashes before it from those that are kept.
        leaves: Leaf hashes of an export of this log, to be found again.
        progress: Called now and then with the position reached.
    """
    report = Report(tenant, from_position)
    with begin_reading(engine) as connection:
        tree = TreeCheck(report, connection, heads, leaves)
        _Verification(connection, report, topics, tree).run(progress)
    report.findings.sort(key=lambda finding: finding.position)
    return report


class _Verification:
    def __init__(
        self, connection: Connection, report: Report, topics: Topics, tree: TreeCheck
    ) -> None:
        self._connection = connection
        self._tree = tree
        self._report = report
        self._topics = topics
        self._scope = {"tenant": report.tenant, "first": report.from_position}
        self._origins: dict[int, str] = {}
        self._recorded_at = ""

    def run(self, progress: Progress | None) -> None:
        report = self._report
        report.last_position = report.from_position - 1
        if report.from_position > 1:
            before = self._connection.execute(_BEFORE, self._scope).scalar_one_or_none()
            self._recorded_at = before or ""
            for position, leaf in enumerate(self._kept_leaves(), 1):
                self._tree.add(position, leaf)
        lines = _Lines(line_runs(self._connection, report.tenant, report.from_position))
        for events in self._events():
            for event in events:
                self._event(event, lines)
            if progress is not None:
                progress(report.last_position)
        for run in lines.up_to(None):
            self._orphan(run)
        self._head()
        for row in self._connection.execute(_STREAMS, self._scope):
            report.add(row.position, "stream", N_("its version does not follow the one before"))
        self._tree.finish()

    def _events(self) -> Iterator[Sequence[Any]]:
        streaming = self._connection.execution_options(
            stream_results=True, max_row_buffer=_EVENTS_AT_ONCE
        )
        yield from streaming.execute(_EVENTS, self._scope).partitions(_EVENTS_AT_ONCE)

    def _kept_leaves(self) -> Iterator[bytes]:
        """Leaf hashes of the events before the beginning, as they are kept."""
        streaming = self._connection.execution_options(
            stream_results=True, max_row_buffer=_EVENTS_AT_ONCE
        )
        for leaf in streaming.execute(_LEAVES, self._scope).scalars():
            yield _stored_bytes(leaf)

    def _event(self, event: Any, lines: "_Lines") -> None:  # noqa: ANN401 - a row of _EVENTS
        report, position = self._report, event.position
        if position != report.last_position + 1:
            report.add(position, "contiguity", N_("the position before it is missing"))
        report.last_position = position
        report.events += 1
        self._time(position, event.recorded_at)
        raw = _stored_bytes(event.body)
        leaf = leaf_hash(raw)
        if leaf != _stored_bytes(event.leaf_hash):
            report.add(position, "leaf_hash", N_("the body gives another hash"))
        self._tree.add(report.from_position - 1 + report.events, leaf)
        body = self._body(event, raw)
        checks = self._line_checks(position, body)
        for run in lines.up_to(position):
            if run.position < position:
                self._orphan(run)
                continue
            report.lines += len(run.rows)
            check = checks.get(run.part)
            if check is not None:
                check.add(run)
            elif body is not None:
                report.add(position, "lines", N_("the event states no such lines"))
        for check in checks.values():
            check.finish()
        if body is not None:
            self._balance(position, body, checks)

    def _time(self, position: int, recorded_at: str) -> None:
        if parse_instant(recorded_at) is None:
            self._report.add(position, "recorded_at", N_("the recorded time is no instant"))
        elif recorded_at <= self._recorded_at:
            self._report.add(position, "recorded_at", N_("it is not after the event before"))
        self._recorded_at = recorded_at

    def _body(self, event: Any, raw: bytes) -> Body | None:  # noqa: ANN401 - a row of _EVENTS
        """Check and return the body as stored; None where nothing more can be said about it."""
        report, position = self._report, event.position
        if len(raw) >= MAX_BODY_BYTES:
            report.add(position, "canonical", N_("the body is too large"))
        try:
            body = parse_body(raw)
        except LedgerError as error:
            report.add(position, "canonical", str(error.facts["problem"]))
            return None
        if not _is_canonical(body, raw):
            report.add(position, "canonical", N_("the body is not spelled canonically"))
        try:
            known = self._topics.read(event.topic)
            if known.kind != event.kind:
                report.add(position, "topic", N_("kind and topic disagree"))
            lifted = self._topics.lift(event.topic, body)
        except UnknownTopicError:
            report.add(position, "topic", N_("the topic is not known"))
            return None
        except LedgerError as error:
            report.add(position, "body", str(error.facts["problem"]))
            return None
        wanted = (report.tenant, position, event.kind, event.on_date, event.recorded_at)
        if tuple(map(body.get, _REPEATED)) != wanted:
            report.add(position, "columns", N_("body and columns disagree"))
        self._remember_origin(position, lifted)
        return lifted

    # -- lines ----------------------------------------------------------------

    def _line_checks(self, position: int, body: Body | None) -> dict[int, LineCheck]:
        checks: dict[int, LineCheck] = {}
        if body is not None and "lines" in body:
            checks[DOCUMENT_LINE] = DocumentCheck(
                self._report, position, body["lines"], self._origin
            )
        if body is not None and "journal_lines" in body:
            checks[JOURNAL_LINE] = JournalCheck(self._report, position, body["journal_lines"])
        return checks

    def _orphan(self, run: Run) -> None:
        self._report.lines += len(run.rows)
        if run.first:
            self._report.add(run.position, "lines", N_("lines without an event"))

    def _balance(self, position: int, body: Body, checks: Mapping[int, LineCheck]) -> None:
        beside = checks.get(JOURNAL_LINE)
        sums = dict(beside.sums) if isinstance(beside, JournalCheck) else {}
        if sums and body.get("journal"):
            self._report.add(position, "body", N_("journal lines inside and beside the event"))
        for book, *_, amount_fen in body.get("journal", ()):
            sums[book] = sums.get(book, 0) + amount_fen
        if any(sums.values()):
            self._report.add(position, "balance", N_("a book does not sum to zero"))

    # -- what lines are claims of ---------------------------------------------

    def _remember_origin(self, position: int, body: Body) -> None:
        name = _origin_name(body)
        if name is not None:
            self._origins[position] = name

    def _origin(self, position: int) -> str | None:
        """Return how claims that began at a position are named, asking once for older ones."""
        if position not in self._origins and position < self._report.from_position:
            where = {"tenant": self._report.tenant, "position": position}
            raw = self._connection.execute(_ORIGIN, where).scalar_one_or_none()
            if raw is not None:
                self._remember_origin(position, parse_body(bytes(raw)))
        return self._origins.get(position)

    def _head(self) -> None:
        report = self._report
        head = self._connection.execute(_HEAD, self._scope).one_or_none()
        if head is None:
            if report.events:
                report.add(report.last_position, "head", N_("there is no head"))
        elif head.last_position != report.last_position:
            report.add(
                max(head.last_position, report.last_position),
                "head",
                N_("the head is not at the last event"),
            )
        elif head.recorded_at != self._recorded_at:
            report.add(report.last_position, "head", N_("the head has another time"))


class _Lines:
    """Runs of lines, taken in step with the events that they belong to."""

    def __init__(self, runs: Iterator[Run]) -> None:
        self._runs = runs
        self._next = next(runs, None)

    def up_to(self, position: int | None) -> Iterator[Run]:
        """Give the runs that are left up to a position, or all."""
        while self._next is not None and (position is None or self._next.position <= position):
            run = self._next
            self._next = next(self._runs, None)
            yield run


class _Named(NamedTuple):
    kind: str
    field: str
    ending: str


_ORIGINS: Final = (_Named("PayrollSubmitted", "sheet", "/"), _Named("ClaimAsserted", "claim", ""))


def _origin_name(body: Body) -> str | None:
    """Return what the claims of an event are called: ``<sheet>/`` before the line, or the id."""
    for named in _ORIGINS:
        if body.get("kind") == named.kind:
            return f"{body['fields'].get(named.field)}{named.ending}"
    return None


def _is_canonical(body: Body, raw: bytes) -> bool:
    try:
        return canonical_bytes(body) == raw
    except NotCanonicalError:
        return False


def _stored_bytes(value: object) -> bytes:
    """What a column of bytes holds; SQLite keeps text there when somebody writes text."""
    return value.encode() if isinstance(value, str) else bytes(value)  # type: ignore[call-overload]
