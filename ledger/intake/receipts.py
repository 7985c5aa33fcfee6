"""A bank's list of receipts (银行回单): what was paid to which card, as workbook or text."""

from collections.abc import Mapping
from typing import Final, Literal

from ledger.intake.grid import read_grid, require_size
from ledger.intake.headings import RECEIPTS, Aliases
from ledger.intake.problems import Problem
from ledger.intake.tables import Table, read_table


def read_receipts(content: bytes, aliases: Aliases) -> Table:
    """Read a list of receipts: cards, amounts in fen, and what else it says of each payment.

    The amount stands in the column ``amount``, under whichever of its names the list has it.

    Raises:
        BadFileError: What cannot be read as a table at all.
    """
    require_size(len(content))
    table = read_table(read_grid(content), RECEIPTS, aliases)
    if "amount" not in table.columns and "net" in table.columns:
        table.columns["amount"] = table.columns["net"]
    of = "amount" if "amount" in table.headings.columns else "net"
    told = {(problem.row, problem.column) for problem in table.problems}
    for at, amount in enumerate(table.columns.get("amount", ())):
        place = (table.numbers[at], table.heading(of))
        if not amount and place not in told:
            facts = {"field": place[1], "problem": "missing" if amount is None else "out_of_range"}
            table.problems.append(Problem(*place, "bad_amount", facts))
            table.broken.add(at)
    return table


Result = Literal["settled", "returned", "pending", "unknown"]

_SETTLED: Final = frozenset({
    "成功", "交易成功", "支付成功", "付款成功", "转账成功", "代发成功", "发放成功", "入账成功",
    "处理成功", "已入账", "已发放", "已支付", "已付款", "已到账", "success", "succeeded", "settled",
    "paid", "ok", "s",
})  # fmt: skip
_PENDING: Final = frozenset({
    "处理中", "待处理", "未处理", "银行处理中", "在途", "已受理", "已提交", "待发放", "pending",
    "processing", "accepted", "p",
})  # fmt: skip
_RETURNED: Final = frozenset({"failed", "failure", "rejected", "returned", "cancelled", "f"})
_RETURNED_WORDS: Final = ("失败", "退票", "退汇", "退回", "拒绝", "撤销")

_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "name_mismatch": ("户名", "姓名", "名称不符"),
    "account_closed": ("销户", "注销"),
    "account_frozen": ("冻结", "止付", "睡眠", "不动户", "挂失", "状态异常"),
    "account_not_found": ("不存在", "无此", "账号错误", "账号有误", "卡号错误", "卡号有误"),
    "limit": ("限额", "超限"),
    "insufficient_balance": ("余额不足",),
    "cancelled": ("撤销", "取消"),
    "bank_error": ("系统", "超时", "通讯"),
}
"""What a bank's words for a reason mean, the first that fits."""


def result_of(text: str | None, reason: str | None) -> Result:
    """What became of a payment, by the bank's word for it.

    A receipt without a word is the proof that money was paid, unless a reason says why it was not.
    """
    word = (text or "").strip().lower()
    if not word:
        return "returned" if reason else "settled"
    if word in _SETTLED:
        return "settled"
    if word in _PENDING:
        return "pending"
    came_back = word in _RETURNED or any(part in word for part in _RETURNED_WORDS)
    return "returned" if came_back else "unknown"


def return_code_of(reason: str | None) -> str | None:
    """The ledger's code for a bank's reason in words; None where none is known."""
    for code, words in _REASONS.items():
        if reason and any(word in reason for word in words):
            return code
    return None
