"""What the verifier says, in English and Chinese.

The verifier runs without a catalogue beside it, so its Chinese stands here. A text that is missing
is said in English; a test sees that none is.
"""

from collections.abc import Mapping
from typing import Final

PROBLEMS_OF_CODES: Final[Mapping[str, str]] = {
    "bad_key": "it is no key of a log or witness (name+id+key)",
    "bad_note": "the checkpoint is no signed note",
    "bad_checkpoint": "the checkpoint cannot be read",
    "bad_proof": "the proof cannot be read",
    "bad_signature": "a signature is not by the key that it names",
    "checkpoint_unsigned": "no key of the log that is trusted has signed the checkpoint",
    "too_few_witnesses": "too few of the witnesses that are trusted have signed",
    "proof_fails": "the event is not the one in the log",
}
"""The same problems, where a format of ``ledger.proof`` found them, by its codes."""

CHINESE: Final[Mapping[str, str]] = {
    # what is wrong
    "a file is missing": "缺少文件",
    "there is no such file or folder": "没有这个文件或文件夹",
    "it is too large": "过大",
    "it cannot be read": "无法读取",
    "links and devices do not belong into a bundle": "证据包内不得有链接或设备文件",
    "it is no whole zip file": "不是完整的 zip 文件",
    "the zip file holds a name twice": "zip 文件内有重名文件",
    "the file is damaged": "文件已损坏",
    "it is packed in a way that is not read here": "压缩或加密方式不受支持",
    "its name leads out of the bundle": "文件名指向证据包之外",
    "it unpacks to too much": "解压后过大",
    "it is neither a bundle nor a receipt": "既不是证据包，也不是工资凭据",
    "something follows the receipt": "凭据之后还有其他内容",
    "it is no JSON": "不是 JSON",
    "the event has not the shape of an event": "事件的结构不对",
    "the event says another position": "事件自述的序号不同",
    "the event is not spelled canonically": "事件不是规范写法",
    "the event states no such lines": "事件没有声明这些明细",
    "the algorithm is not known": "算法未知",
    "a row cannot be read": "有一行无法读取",
    "the event states another number of lines": "事件声明的明细行数不同",
    "a withheld run is no part of the tree": "未出示的行段不是哈希树的子树",
    "the lines do not give the root in the event": "明细算出的根与事件所载不符",
    "it is no journal line": "不是分录行",
    "the line says another number": "明细行自述的行号不同",
    "journal lines are withheld": "有分录行未出示",
    "a book does not sum to zero": "有账簿借贷不平",
    "it is no key of a log or witness (name+id+key)": "不是日志或见证人的公钥（名称+编号+公钥）",
    "it is no witness's key: it signs no cosignatures": "不是见证人的公钥：它不签见证",
    "the checkpoint is no signed note": "检查点不是签名文本",
    "the checkpoint cannot be read": "检查点无法读取",
    "the proof cannot be read": "证明无法读取",
    "a signature is not by the key that it names": "签名与所称公钥不符",
    "no key of the log that is trusted has signed the checkpoint":
        "没有受信任的日志公钥签署该检查点",
    "too few of the witnesses that are trusted have signed": "受信任的见证人签名不足",
    "the event is not the one in the log": "事件与日志所载不符",
    "the figures cannot be read": "数字文件无法读取",
    "a figure is not the sum of its parts": "合计数不等于各项之和",
    "a figure is not the sum of its lines": "数字不等于所列分录之和",
    "a figure rests on an event that is not here": "数字所依据的事件不在此",
    "the figure is not known": "数字项目未知",
    "a line of a figure is not in its event": "数字所列的分录不在该事件中",
    "the events here give another figure": "此处的事件算出的数字不同",
    "the keys cannot be read": "公钥文件无法读取",
    "manifest and checkpoint are not of the same log": "清单与检查点不属于同一日志",
    "the manifest cannot be read": "清单无法读取",
    "the manifest does not name this file": "清单未列此文件",
    "the file is not the one that the manifest names": "文件与清单所列不符",
    "a row cannot be read or is out of order": "有一行无法读取或次序不对",
    "the proof of the event is missing": "缺少该事件的证明",
    "the event is of another ledger": "事件属于另一账本",
    "the event was not recorded after the one before": "事件的记录时间不在前一事件之后",
    "an event is missing": "缺少事件",
    "the manifest does not name this event": "清单未列此事件",
    "it is no file of lines": "不是明细文件",
    "its event is not here": "其所属事件不在此",
    "the lines of the event are missing": "缺少该事件的明细",
    "the claim's own posting is not here": "形成该债权的记录不在此",
    "the file cannot be read": "文件无法读取",
    "it tells of an event that is not here": "所述事件不在此",
    "it tells of an event what the event does not say": "所述内容与事件不符",
    "the receipt cannot be read": "凭据无法读取",
    "the proof is of another checkpoint": "证明属于另一检查点",
    "the line is of another worker": "明细行属于另一工人",
    "the lines give another amount": "明细行算出的金额不同",
    "the approval of the sheet is not here": "工资表的审核记录不在此",
    # notes
    "The log's key was taken from the bundle itself: compare its fingerprint with the one that"
    " the supervising authority publishes, or give the key with --log-key":
        "日志公钥取自证据包本身：请与监管部门公布的公钥指纹核对，或用 --log-key 给出公钥",
    "No witness was asked for (--witness): only the log itself vouches that it shows everybody"
    " the same history":
        "未要求见证人签名（--witness）：是否向所有人出示同一份历史，只有日志自身担保",
    "Withheld positions are not in this bundle: their number is proven, not what they say. Any of"
    " them can be asked for by its position and be checked against the same checkpoint":
        "未出示的序号不在本证据包内：其数目已证明，内容未证明。可按序号索取任何一条，"
        "并用同一检查点核对",
    "Texts, PDF and workbook are made from the events for reading; they are not in the log. What"
    " counts is what this program printed":
        "说明、PDF 和表格由事件生成，仅供阅读，本身不在日志中；以本程序打印的结果为准",
    "What the ledger recorded about this claim after the checkpoint, or left out of this receipt,"
    " is not in it: ask for a new one":
        "检查点之后账本就该债权所记、或本凭据未列入的内容，不在其中：请索取新的凭据",
    # the page
    "integrity": "真实性",
    "completeness": "完整性",
    "intact: what is here is as it was recorded": "属实：此处内容与记录时一致",
    "BROKEN: something here is not as it was recorded": "不实：此处有内容与记录时不一致",
    "whole: all that it names and rests on is here": "齐全：所列及所依据的内容都在此",
    "GAPS: something that it names or rests on is missing": "有缺：所列或所依据的内容有缺失",
    "Bundle": "证据包",
    "Receipt": "工资凭据",
    "Log": "日志",
    "Postings in the log": "日志记录总数",
    "Root": "根哈希",
    "Signed by the log": "日志签名",
    "yes": "有",
    "NO": "无",
    "Key of the log": "日志公钥",
    "fingerprint": "指纹",
    "Witnesses": "见证人",
    "none": "无",
    "Party": "单位",
    "From": "自",
    "Until": "至",
    "Case": "案号",
    "Postings shown": "已出示记录",
    "Postings withheld": "未出示记录",
    "Lines shown": "已出示明细行",
    "Figures, computed anew": "重新计算的数字（元）",
    "Claim": "债权",
    "Worker": "工人",
    "Employer": "用人单位",
    "Project": "项目",
    "Period": "工资月份",
    "Due on": "应付日",
    "Net wage": "应发净额",
    "Paid": "已付",
    "In transit": "付款途中",
    "Open": "未付",
    "Steps": "经过",
    "Findings": "发现的问题",
    "and {n} more": "另有 {n} 项",
    "Note": "注意",
    "position": "序号",
    "line": "行",
    "accrue": "计入工资表", "assert": "主张债权", "reduce": "核减", "instruct": "发出付款指令",
    "settle": "银行付讫", "return": "银行退回", "late_return": "付讫后退回",
    "discharge": "清偿", "undo": "撤销清偿",
    "accrued_not_due_fen": "未到期工资",
    "own_arrears_fen": "本单位欠薪",
    "joint_arrears_fen": "所负连带清偿的欠薪",
    "due_to_fund_fen": "应还周转金",
    "deposit_shortfall_fen": "保证金缺口",
    "recourse_payable_fen": "应付追偿款",
    "recourse_receivable_fen": "应收追偿款",
    "compensation_payable_fen": "应付加付赔偿金",
    "hard_debt_fen": "本单位确定债务合计",
}  # fmt: skip

ENGLISH: Final[Mapping[str, str]] = {
    "accrued_not_due_fen": "Wages not yet due",
    "own_arrears_fen": "Own wages in arrears",
    "joint_arrears_fen": "Arrears of others, jointly liable",
    "due_to_fund_fen": "Due to the fund",
    "deposit_shortfall_fen": "Shortfall of the deposit",
    "recourse_payable_fen": "Recourse payable",
    "recourse_receivable_fen": "Recourse receivable",
    "compensation_payable_fen": "Compensation payable",
    "hard_debt_fen": "Certain debt, together",
    "accrue": "on the wage sheet", "assert": "claim asserted", "reduce": "reduced",
    "instruct": "payout instructed", "settle": "paid by the bank", "return": "returned by the bank",
    "late_return": "returned after payment", "discharge": "cleared", "undo": "clearing undone",
}  # fmt: skip
"""Names of what stands in files under a key."""


def say(text: str, language: str, **facts: object) -> str:
    """Return a text in a language, with facts in its places."""
    said = CHINESE.get(text, text) if language == "zh" else ENGLISH.get(text, text)
    return said.format(**facts) if facts else said
