"""The readable half of a bundle: a PDF, a workbook and a page of instructions."""

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from cli.evidence.packing import Asked
from cli.evidence.paper import Paper
from cli.evidence.receipts import EFFECTS
from cli.headings import heading
from cli.messages import _
from cli.names import account_name, kind_name, rule_name
from cli.tables import cell
from cli.workbook import Sheet, write_sheets
from ledger.kernel.money import format_yuan
from ledger.proof.verifying.page import fingerprint
from projections.queries.lines import stored_json

if TYPE_CHECKING:
    from cli.evidence.source import Source
    from ledger.proof.checkpoint import Checkpoint

PDF: Final = "evidence.pdf"
XLSX: Final = "evidence.xlsx"
README: Final = "README.txt"

MOST_ROWS: Final = 400
"""Rows of one table of the PDF; the workbook has all."""

_FOLDED: Final = 4
"""So many neighbours are told as one."""

_FIGURE_LINES: Final = (
    "as_of", "component", "position", "on", "kind", "book", "account", "project",
    "counterparty", "due_on", "amount_fen", "rule",
)  # fmt: skip
_TIMELINE: Final = ("position", "on", "recorded_at", "kind", "project", "summary", "amount_fen",
                    "by")  # fmt: skip
_LINES: Final = ("position", "line", "claim", "worker", "effect", "amount_fen")
_DOCUMENTS: Final = ("position", "on", "kind", "document_type", "document_number", "sha256")
_POLICIES: Final = ("position", "on", "kind", "parameter", "region", "value", "valid_from",
                    "source")  # fmt: skip

Told = Mapping[str, Any]


def bundle_pdf(asked: Asked, told: Told, head: "Checkpoint", keys: Sequence[str]) -> bytes:
    """The PDF."""
    title = _("Evidence on {name}", name=told["name"])
    paper = Paper(title, f"{head.origin}  {head.size}  {head.root.hex()[:16]}")
    paper.facts(_facts(asked, told, head, keys))
    paper.heading(_("What the party owes"))
    paper.text(_("Yuan, at the end of the day. Each figure is the sum of postings listed below."))
    days = list(dict.fromkeys(figure["as_of"] for figure in told["figures"]))
    amounts = {(one["component"], one["as_of"]): one["figure_fen"] for one in told["figures"]}
    names = list(dict.fromkeys(figure["component"] for figure in told["figures"]))
    rows = [(heading(name), *(format_yuan(amounts[name, day]) for day in days)) for name in names]
    right = range(1, len(days) + 1)
    paper.table((_("Kind of debt"), *days), rows, (40, *(20 for _day in days)), right, 9)
    _figure_lines(paper, told, days[-1])
    _timeline(paper, told, asked)
    _documents(paper, told)
    _policies(paper, told)
    _proof(paper, told, head)
    return paper.output()


def _facts(
    asked: Asked, told: Told, head: "Checkpoint", keys: Sequence[str]
) -> Iterator[tuple[str, str]]:  # fmt: skip
    yield heading("party"), f"{told['name']}  {asked.party}"
    since = asked.since or _("the beginning")
    yield _("Documents dated"), _("{since} to {until}", since=since, until=asked.until)
    if asked.case:
        yield heading("case"), asked.case
    yield _("Log"), _("{origin}, postings 1 to {size}", origin=head.origin, size=head.size)
    yield _("Root of the log"), head.root.hex()
    for key in keys:
        yield _("Key of the log"), key
        yield _("Its fingerprint"), fingerprint(key)
    shown = len(told["positions"])
    yield (
        _("Postings shown"),
        _("{shown} of {size}; the others do not belong to the party and are withheld",
          shown=shown, size=head.size),
    )  # fmt: skip
    yield _("Names of workers"), _("not shown: the log holds references only")


def _figure_lines(paper: Paper, told: Told, day: str) -> None:
    for figure in told["figures"]:
        lines = figure["lines"]
        if figure["as_of"] != day or not lines or figure["component"] == "hard_debt_fen":
            continue
        paper.heading(
            f"{heading(figure['component'])}  {day}  {format_yuan(figure['figure_fen'])}", 10
        )
        rows = [
            (
                str(line["position"]), line["on"], kind_name(line["kind"] or ""),
                _party(told, line["book"]), account_name(line["account"]), line["project"],
                line["due_on"], format_yuan(line["amount_fen"]),
            )
            for line in lines[:MOST_ROWS]
        ]  # fmt: skip
        heads = ("position", "on", "kind", "book", "account", "project", "due_on", "amount_fen")
        paper.table(tuple(map(heading, heads)), rows, (9, 16, 22, 40, 22, 18, 16, 20), (7,))
        paper.text(rule_name(lines[0]["rule"]), pale=True, size=7.5)
        _rest(paper, len(lines))


def _party(told: Told, party: str) -> str:
    return str(told["names"].get(party, party))


def _rest(paper: Paper, count: int) -> None:
    if count > MOST_ROWS:
        paper.text(
            _("{n} more rows are in {file}.", n=count - MOST_ROWS, file=XLSX), pale=True, size=7.5
        )


def _timeline(paper: Paper, told: Told, asked: Asked) -> None:
    events = [row for row in told["events"] if row["on"] >= (asked.since or "")]
    paper.heading(_("What happened, in the order of recording"))
    rows = list(_folded(events))
    heads = ("position", "on", "recorded_at", "kind", "summary", "amount_fen")
    paper.table(tuple(map(heading, heads)), rows[:MOST_ROWS], (14, 16, 16, 24, 69, 22), (5,))
    _rest(paper, len(rows))


def _folded(events: Sequence[Told]) -> Iterator[tuple[str, ...]]:
    """Rows of the time line; neighbours of one kind and day without an amount are one row."""
    for (kind, on, _amount), run in groupby(
        events, lambda row: (row["kind"], row["on"], row["amount_fen"])
    ):
        rows = list(run)
        if len(rows) >= _FOLDED and rows[0]["amount_fen"] is None:
            span = f"{rows[0]['position']}-{rows[-1]['position']}"
            told = _("{n} postings of this kind; each is in {file}", n=len(rows), file=XLSX)
            yield span, on, rows[0]["recorded_at"][:10], kind_name(kind), told, ""
            continue
        for row in rows:
            amount = "" if row["amount_fen"] is None else format_yuan(row["amount_fen"])
            yield (
                str(row["position"]), on, row["recorded_at"][:10], kind_name(kind),
                cell("summary", row), amount,
            )  # fmt: skip


def _documents(paper: Paper, told: Told) -> None:
    rows = list(_document_rows(told))
    if not rows:
        return
    paper.heading(_("Documents, each with its SHA-256"))
    paper.table(
        tuple(map(heading, _DOCUMENTS)),
        [tuple(str(row[key]) for key in _DOCUMENTS) for row in rows[:MOST_ROWS]],
        (9, 16, 22, 22, 26, 70),
    )
    _rest(paper, len(rows))


def _policies(paper: Paper, told: Told) -> None:
    rows = list(dict.fromkeys(
        (row["parameter"], row["region"], str(row["value"]), row["valid_from"], row["source"])
        for row in _policy_rows(told)
    ))  # fmt: skip
    if not rows:
        return
    paper.heading(_("Rules that decisions used"))
    heads = ("parameter", "region", "value", "valid_from", "source")
    paper.table(tuple(map(heading, heads)), rows[:MOST_ROWS], (40, 14, 16, 18, 80))


def _proof(paper: Paper, told: Told, head: "Checkpoint") -> None:
    paper.heading(_("What is proven, and what is not"))
    shown = len(told["positions"])
    for text in (
        _("Proven: each of the {shown} postings shown stands in the log byte for byte at its"
          " position, and its lines are those that it was recorded with.", shown=shown),
        _("Proven: every figure above is the sum of its lines, and the balance of all postings"
          " shown."),
        _("Not proven: that none of the {n} withheld postings concerns the party. That rests on"
          " the ledger's own register; any of them can be asked for by its position and be"
          " checked against the same root.", n=head.size - shown),
        _("Not proven: that what was posted is true. The log proves who recorded what, and when."),
        _("This paper is for reading. What counts is the outcome of wageledger-verify."),
    ):  # fmt: skip
        paper.text(f"- {text}")


# -- the workbook ---------------------------------------------------------------


def bundle_workbook(asked: Asked, told: Told, head: "Checkpoint", lines: Sequence[Told]) -> bytes:
    """The workbook: figures, their lines, time line, lines of documents, documents, rules."""
    figures = [
        {"component": heading(one["component"]), "as_of": one["as_of"],
         "figure_fen": one["figure_fen"]}
        for one in told["figures"]
    ]  # fmt: skip
    parts = [
        {**line, "as_of": one["as_of"], "component": heading(one["component"])}
        for one in told["figures"] if one["component"] != "hard_debt_fen"
        for line in one["lines"]
    ]  # fmt: skip
    sheets = [
        Sheet(_("Figures"), figures, ("component", "as_of", "figure_fen")),
        Sheet(_("Lines of figures"), parts, _FIGURE_LINES),
        Sheet(_("What happened"), told["events"], _TIMELINE),
        Sheet(_("Lines of documents"), lines, _LINES),
        Sheet(_("Documents"), list(_document_rows(told)), _DOCUMENTS),
        Sheet(_("Rules"), list(_policy_rows(told)), _POLICIES),
    ]
    facts = [
        ("party", heading("party"), asked.party),
        ("name", heading("name"), told["name"]),
        ("from", heading("from"), asked.since),
        ("until_on", _("Until"), asked.until),
        ("case", heading("case"), asked.case),
        ("origin", _("Log"), head.origin),
        ("size", _("Postings in the log"), head.size),
        ("root", _("Root of the log"), head.root.hex()),
    ]
    stream = io.BytesIO()
    write_sheets(sheets, facts, stream, _("About this bundle"))
    return stream.getvalue()


def shown_lines(source: "Source", told: Told) -> Iterator[dict[str, Any]]:
    """The lines that the bundle shows, as rows."""
    for position, shown in sorted(told["lines"].items()):
        bodies = source.lines(position) if shown else ()
        for number in sorted(shown):
            line = stored_json(bodies[number - 1])
            effect = _(EFFECTS.get(line.get("effect", ""), line.get("effect", "")))
            yield {**line, "effect": effect, "position": position}


def _document_rows(told: Told) -> Iterator[dict[str, Any]]:
    for position, body in sorted(told["bodies"].items()):
        document = body.get("document")
        if document:
            yield {
                "position": position, "on": body["on"], "kind": kind_name(body["kind"]),
                "document_type": document.get("type", ""),
                "document_number": document.get("number", ""),
                "sha256": document.get("sha256", ""),
            }  # fmt: skip


def _policy_rows(told: Told) -> Iterator[dict[str, Any]]:
    for position, body in sorted(told["bodies"].items()):
        for record in body.get("policies", ()):
            yield {**record, "position": position, "on": body["on"],
                   "kind": kind_name(body["kind"])}  # fmt: skip


# -- the instructions -----------------------------------------------------------


def readme(asked: Asked, told: Told, head: "Checkpoint", keys: Sequence[str]) -> bytes:
    """What is in the bundle and how to check it, in Chinese: for the court that gets it."""
    shown = len(told["positions"])
    text = _README.format(
        name=told["name"], party=asked.party, since=asked.since or "最早记录", until=asked.until,
        case=asked.case or "无", origin=head.origin, size=head.size, root=head.root.hex(),
        keys="\n".join(f"    {key}\n    指纹 {fingerprint(key)}" for key in keys), shown=shown,
        withheld=head.size - shown,
    )  # fmt: skip
    return text.encode()


_README: Final = """证据包：{name}（{party}）
单据日期：{since} 至 {until}　　案号：{case}

一、这是什么
    本证据包取自工资账本“{origin}”。账本只能追加，不能修改。
    截至第 {size} 条记录，整个账本的根哈希为
    {root}
    账本用下列公钥签署这一状态（文件 checkpoint）：
{keys}
    请用监管部门公布的公钥核对指纹，不要只相信本包自带的公钥。

二、怎样核验（无需联网，无需安装账本）
    电脑上有 Python 3.11 以上版本和 cryptography 50 以上版本即可：
        python3 wageledger-verify.pyz 本文件夹或zip文件 --lang zh --log-key 公钥
    有见证人公钥的，加上 --witness 公钥（可重复）。
    退出码 0 为真实且齐全，8 为发现不符（逐条列出序号和文件），3 为无法读取。
    对自带的核验程序有疑问的，请从监管部门另取一份 wageledger-verify.pyz，
    同一版本的文件逐字节相同；也可自行按公开标准（RFC 6962、C2SP）编写程序核验。

三、文件
    evidence.pdf    供阅读的说明：应付数额、逐笔依据、时间经过、单据、适用规则
    evidence.xlsx   同样内容的表格，全部行
    manifest.json   清单：本包的范围，每个文件的 SHA-256
    checkpoint      账本状态及其签名、见证人签名
    keys.json       账本公钥
    events.txt      与该单位有关的 {shown} 条记录原文（序号、内容，逐字节与账本一致）
    proofs.txt      每条记录到根哈希的证明（RFC 6962）
    lines/          工资表、发放批次等单据的明细；他人的明细只有哈希，无法还原
    figures.json    数额及其所依据的分录
    history.json    时间经过    documents.json  单据摘要    policies.json  适用规则
    people.json     仅在依案号批准实名时才有：工人身份信息，请妥善保管

四、证明了什么，没有证明什么
    1. 已证明：所出示的每条记录及其明细，与账本签署状态中的内容逐字节一致。
    2. 已证明：每个数额等于所列分录之和，也等于本包全部记录算出的余额。
    3. 未证明：其余 {withheld} 条未出示的记录与该单位无关。这一点以账本自身的登记为准；
       可按序号索取任何一条，并用同一根哈希核对。
    4. 未证明：记录所述事实本身属实。账本证明谁在何时记录了什么。
    5. 未经见证人签名的，不能排除账本向他人出示了另一份历史。
"""
