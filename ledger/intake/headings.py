"""The headings of real wage sheets, rosters and attendance lists, and what they mean.

A heading counts without blanks, without the unit behind it and whatever the width of its
characters: ``实发工资（元）`` is ``实发工资``. Amounts are in yuan, unless a heading ends in
``_fen`` or says (分). A contractor adds names of his own in a file of aliases (``with_aliases``).

Sources: wage sheets and rosters of sites, and the objects PayRollDetail and ProjectWorker of the
national platform for construction workers.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ledger.intake.problems import BadFileError, Problem

NAMES: Final[Mapping[str, str]] = {
    "worker": "工人编号 工号 人员编号 工人编码 worker worker_ref workerno",
    "name": "姓名 工人姓名 员工姓名 农民工姓名 人员姓名 职工姓名 名字 workername name",
    "id_number": "身份证号 身份证 身份证号码 身份证件号码 居民身份证号 居民身份证号码 公民身份号码"
    " 证件号码 证件号 idcardnumber id_number idnumber idno",
    "phone": "电话 联系电话 电话号码 手机 手机号 手机号码 联系方式 phone mobile",
    "trade": "工种 岗位 工种名称 workertype worktype trade",
    "team": "班组 班组名称 所属班组 所在班组 teamname team",
    "days": "出勤天数 出勤 出勤日数 出勤工日 考勤天数 工作天数 实际出勤天数 本月出勤天数 工日 days",
    "gross": "应发工资 应发金额 应发 本月应发工资 应发合计 应发工资合计 应付工资 应发额"
    " totalpayamount gross gross_fen grosspay",
    "deductions": "扣款 扣款合计 扣款金额 扣除 扣除合计 应扣 应扣金额 应扣合计 代扣款 扣款小计"
    " deductions deductions_fen",
    "net": "实发工资 实发金额 实发 本月实发工资 实发合计 实发工资合计 实付工资 实付金额 实发额"
    " actualamount net net_fen netpay",
    "card_number": "银行卡号 工资卡号 卡号 银行账号 银行帐号 银行卡账号 工资银行卡号 收款账号 账号"
    " 帐号 payrollbankcardnumber card_number cardnumber",
    "bank_name": "开户行 开户银行 开户行名称 银行名称 工资银行名称 所属银行 开户网点"
    " payrollbankname bank_name bank",
    "holder_name": "户名 开户名 开户姓名 持卡人 持卡人姓名 收款人 收款户名 收款人姓名 holder_name",
    "from_on": "进场时间 进场日期 入场时间 入场日期 入职时间 入职日期 from_on",
    "to_on": "离场时间 离场日期 退场时间 退场日期 离职日期 to_on",
    "amount": "金额 交易金额 付款金额 转账金额 发放金额 amount amount_fen",
    "paid_on": "交易日期 付款日期 发放日期 银行发放日期 入账日期 balancedate paid_on",
    "bank_ref": "流水号 交易流水号 银行流水号 回单号 bank_ref",
    "result": "状态 结果 处理结果 交易状态 发放状态 paystatus result status",
    "reason": "失败原因 退票原因 原因 reason",
}
"""Names of each field, as the sheets of others call it."""

_WEAK: Final[Mapping[str, str]] = {"days": "合计 出勤合计 合计天数 总计 总天数"}
"""Names that mean the field only where no better one stands: a daily list has its sum last."""

_PARTS: Final = frozenset({
    "社保", "社会保险", "社保个人", "个人社保", "社保费", "代扣社保", "代扣社保费", "五险",
    "五险一金", "养老保险", "医疗保险", "失业保险", "保险费", "公积金", "住房公积金", "个税",
    "个人所得税", "代扣个税", "代扣税", "税金", "借支", "借支款", "已借支", "借款", "预支",
    "预支款", "预支工资", "预借", "罚款", "扣罚", "考勤扣款", "请假扣款", "水电费", "水费", "电费",
    "伙食费", "餐费", "生活费", "住宿费", "房租", "其他扣款", "其它扣款",
})  # fmt: skip
"""Names of columns that are each a part of the deductions, where no column has their sum."""

_GROUP_SUMS: Final = frozenset({"小计", "合计", "总额"})
"""What stands under a heading over several columns where their sum is."""

FEN: Final = frozenset({"gross", "deductions", "net", "amount"})
"""Fields that are amounts."""


@dataclass(frozen=True)
class Layout:
    """What a kind of file holds.

    Attributes:
        fields: What is read of it; other columns are passed over.
        needed: Groups of fields, of each of which at least one must be there.
        weak: Whether weak names count.
    """

    fields: frozenset[str]
    needed: tuple[tuple[str, ...], ...]
    weak: bool = False


_PERSON: Final = ("worker", "name", "id_number", "card_number", "bank_name", "holder_name", "phone")
PAYROLL: Final = Layout(
    frozenset({*_PERSON, "trade", "team", "days", "gross", "deductions", "net"}),
    (("id_number", "worker"), ("net",)),
)
ATTENDANCE: Final = Layout(
    frozenset({"worker", "name", "id_number", "trade", "team", "days"}),
    (("id_number", "worker"), ("days",)),
    weak=True,
)
ROSTER: Final = Layout(
    frozenset({*_PERSON, "trade", "team", "from_on", "to_on"}), (("name",), ("id_number",))
)
RECEIPTS: Final = Layout(
    frozenset({"worker", "name", "id_number", "card_number", "holder_name", "amount", "net",
               "paid_on", "bank_ref", "result", "reason"}),
    (("card_number",), ("amount", "net")),
)  # fmt: skip

Aliases = Mapping[str, Sequence[str]]

_UNIT: Final = re.compile(r"^(.*?)[(\[【]([^()\[\]【】]*)[)\]】]$", re.DOTALL)
_MARKS: Final = re.compile(r"[\s*:：]+")
_PLAIN_UNITS: Final = frozenset(
    {"", "元", "人民币", "人民币元", "rmb", "cny", "yuan", "¥", "必填", "选填"}
)
_CENTS: Final = "分"
_LOOKED_AT: Final = 40
_FEWEST: Final = 2


@dataclass(frozen=True)
class Column:
    """One column that is read.

    Attributes:
        at: Its place, from 0.
        heading: As the file has it.
        in_fen: Whether its amounts are whole fen.
    """

    at: int
    heading: str
    in_fen: bool = False


@dataclass(frozen=True)
class Headings:
    """Where a table begins and what its columns mean.

    Attributes:
        row: Place of the row of headings, from 0.
        width: How many columns have a heading, up to the last.
        columns: The columns that are read, by field; parts of the deductions as ``deductions/1``
            and so on, where they have no sum.
        unread: Headings of columns that are passed over.
    """

    row: int
    width: int
    columns: dict[str, Column]
    unread: tuple[str, ...]


def plain(text: object) -> tuple[str, str]:
    """A heading without blanks, marks and unit, in small letters; and the unit."""
    if not isinstance(text, str):
        return "", ""
    made = _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()
    match = _UNIT.match(made)
    return (match[1], match[2]) if match else (made, "")


@cache
def _fields(*, weak: bool) -> dict[str, str]:
    named = {name: field for field, names in NAMES.items() for name in names.split()}
    if weak:
        named |= {name: field for field, names in _WEAK.items() for name in names.split()}
    return named


def _known(layout: Layout, aliases: Aliases, *, weak: bool) -> dict[str, str]:
    known = {name: of for name, of in _fields(weak=weak).items() if of in layout.fields}
    known |= {
        plain(name)[0]: of for of, names in aliases.items() if of in layout.fields for name in names
    }
    return known


def _meant(cell: object, known: Mapping[str, str]) -> tuple[str, bool]:
    """The field that a heading means, or empty; and whether it is in fen."""
    name, unit = plain(cell)
    of = known.get(name, "")
    if of in FEN:
        in_fen = unit == _CENTS or name.endswith("_fen")
        return (of, in_fen) if in_fen or unit in _PLAIN_UNITS else ("", False)
    return of, False


_ALL: Final = Layout(frozenset(NAMES), ())


def looks_like_a_table(rows: Iterable[Sequence[Any]]) -> bool:
    """Whether one of the rows holds headings of ours."""
    known = _known(_ALL, {}, weak=False)
    return any(len({_meant(cell, known)[0] for cell in row} - {""}) >= _FEWEST for row in rows)


def find_headings(
    rows: Sequence[Sequence[Any]], layout: Layout, aliases: Aliases
) -> tuple[Headings, list[Problem]]:
    """Find the row of headings under the title rows.

    Returns:
        The headings, and what is wrong with them: ``missing_column``, ``duplicate_column``.

    Raises:
        BadFileError: ``no_headings``.
    """
    known = _known(layout, aliases, weak=False)
    best, most = -1, _FEWEST - 1
    for at, row in enumerate(rows[:_LOOKED_AT]):
        count = len({_meant(cell, known)[0] for cell in row} - {""})
        if count > most:
            best, most = at, count
    if best < 0:
        raise BadFileError("no_headings", columns=[first_name(group[0]) for group in layout.needed])
    under = rows[best + 1] if best + 1 < len(rows) else ()
    if _is_second_row(rows[best], under):
        row, deducted = _merged(rows[best], under, known)
        return _read_headings(row, best + 1, layout, aliases, deducted)
    return _read_headings(rows[best], best, layout, aliases)


def _is_second_row(row: Sequence[Any], under: Sequence[Any]) -> bool:
    """Whether a row divides headings over several columns: 扣款 above 社保 and 个税.

    It has words in two columns or more, and only under a heading that has no other beside it; under
    all others, which stand over both rows, it is empty.
    """
    places = [at for at, cell in enumerate(under) if cell != ""]
    if len(places) < _FEWEST or not all(
        isinstance(under[at], str) and not any(map(str.isdigit, under[at])) for at in places
    ):
        return False
    filled = [*row, *[""] * (len(under) - len(row) + 1)]
    first = [at for at in places if filled[at] != ""]
    return bool(first) and all(at + 1 in places and filled[at + 1] == "" for at in first)


def _merged(
    row: Sequence[Any], under: Sequence[Any], known: Mapping[str, str]
) -> tuple[list[Any], frozenset[int]]:
    """Two rows of headings as one, and which columns stand under deductions."""
    made: list[Any] = []
    deducted = set()
    group: Any = ""
    for at in range(max(len(row), len(under))):
        over = row[at] if at < len(row) else ""
        below = under[at] if at < len(under) else ""
        group = over if over != "" else group
        if below == "":
            made.append(over)
        elif plain(below)[0] in _GROUP_SUMS:
            made.append(f"{str(group).strip()}{below.strip()}")
        else:
            made.append(below)
            if _meant(group, known)[0] == "deductions":
                deducted.add(at)
    return made, frozenset(deducted)


def _read_headings(
    row: Sequence[Any],
    at: int,
    layout: Layout,
    aliases: Aliases,
    deducted: frozenset[int] = frozenset(),
) -> tuple[Headings, list[Problem]]:
    known = _known(layout, aliases, weak=False)
    columns: dict[str, Column] = {}
    problems: list[Problem] = []
    unread: dict[int, str] = {}
    for place, cell in enumerate(row):
        of, in_fen = _meant(cell, known)
        heading = str(cell).strip()
        if place in deducted or not of:
            if heading:
                unread[place] = heading
        elif of in columns:
            facts = {"column": heading, "other": columns[of].heading}
            problems.append(Problem(at + 1, heading, "duplicate_column", facts))
        else:
            columns[of] = Column(place, heading, in_fen)
    if layout.weak and "days" not in columns:
        weak = _known(layout, aliases, weak=True)
        for place in reversed(unread):
            of, in_fen = _meant(unread[place], weak)
            if of and of not in columns:
                columns[of] = Column(place, unread.pop(place), in_fen)
                break
    if "deductions" in layout.fields:
        _take_parts(columns, unread, deducted)
    problems += _missing(columns, layout, at + 1)
    width = max([*unread, *(column.at for column in columns.values())], default=-1) + 1
    return Headings(at, width, columns, tuple(unread.values())), problems


def _missing(columns: Mapping[str, Column], layout: Layout, number: int) -> list[Problem]:
    """What must be in a file and is not."""
    names = [
        first_name(group[0]) for group in layout.needed if not any(of in columns for of in group)
    ]
    return [Problem(number, name, "missing_column", {"column": name}) for name in names]


def _take_parts(
    columns: dict[str, Column], unread: dict[int, str], deducted: frozenset[int]
) -> None:
    """Read the parts of the deductions, where gross pay is there that they are taken from."""
    if "gross" not in columns or "deductions" in columns:
        return
    for place, heading in list(unread.items()):
        name, unit = plain(heading)
        if (place in deducted or name in _PARTS) and unit in {*_PLAIN_UNITS, _CENTS}:
            del unread[place]
            columns[f"deductions/{place}"] = Column(place, heading, unit == _CENTS)


def first_name(of: str) -> str:
    """The usual heading of a field."""
    return NAMES[of].split()[0]


def with_aliases(read: Mapping[str, Any]) -> Aliases:
    """Check a file of aliases: names of columns by field.

    Raises:
        BadFileError: ``bad_aliases``.
    """
    table = read.get("headings", read)
    if not isinstance(table, dict):
        raise BadFileError("bad_aliases", problem="form")
    made: dict[str, Sequence[str]] = {}
    for of, names in table.items():
        listed = [names] if isinstance(names, str) else names
        if of not in NAMES:
            raise BadFileError("bad_aliases", value=str(of), problem="unknown_field")
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise BadFileError("bad_aliases", value=str(of), problem="form")
        made[of] = listed
    return made
