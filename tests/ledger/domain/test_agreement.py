"""Checks between fields, and values that may be written in two ways."""

from typing import Any

import pytest

from ledger.domain.form import BadForm, parse_json, parse_posting

TODAY = "2026-11-23"
WORKER = {"kind": "WorkerRegistered", "on": "2026-03-01", "key": "k", "name": "示例工人"}


def codes(**fields: Any) -> list[str]:  # noqa: ANN401 -- any JSON
    try:
        parse_posting(fields, TODAY)
    except BadForm as error:
        return [problem.code for problem in error.problems]
    return []


@pytest.mark.parametrize("number", ["220202190211010001", "6228489039558431820"])
def test_an_identity_cannot_become_a_workers_reference(number: str) -> None:
    given = {**WORKER, "worker": number, "id_number": "220203190902100002"}
    with pytest.raises(BadForm) as caught:
        parse_posting(given, TODAY)
    assert caught.value.code == "bad_id"
    assert number not in repr(caught.value.problems)


def test_an_identity_as_a_fields_name_is_not_repeated() -> None:
    with pytest.raises(BadForm) as caught:
        parse_posting({**WORKER, "220202190211010001": 1}, TODAY)
    assert "220202190211010001" not in repr(caught.value.problems)


def test_a_sheet_whose_sum_no_database_could_keep_is_invalid() -> None:
    sheet = {
        "kind": "PayrollSubmitted", "on": "2026-03-01", "key": "k", "project": "P-1",
        "employer": "91220200900000225N", "sheet": "S-1", "period": "2026-02", "due_on": TODAY,
    }  # fmt: skip
    lines = [{"worker": f"W{number}", "net_fen": 10**15} for number in range(1_153)]
    assert codes(**sheet, lines=lines[:1_152]) == []
    assert codes(**sheet, lines=lines) == ["bad_amount"]


def test_a_policy_that_ends_before_it_begins_is_invalid() -> None:
    policy = {
        "kind": "PolicyPublished", "on": "2026-03-01", "key": "k", "region": "220200",
        "parameter": "fund.cap_p", "value": 30, "source": "示例文件", "valid_from": "2026-03-01",
    }  # fmt: skip
    assert codes(**policy, valid_to="2026-03-01") == []
    assert codes(**policy, valid_to="2026-02-28") == ["bad_date"]


def test_a_statements_line_is_named_by_a_reference_or_by_its_occurrence_number() -> None:
    statement = (
        '{"kind": "StatementImported", "on": "2026-03-02", "key": "k", "account": "wage:P-1",'
        ' "statement_id": "2026-03", "from": "2026-03-01", "to": "2026-03-02", "opening_fen": 0,'
        ' "closing_fen": 3, "lines": [{"line": 1, "on": "2026-03-01", "amount_fen": 1},'
        ' {"line": "B7", "on": "2026-03-01", "amount_fen": 2}]}'
    )
    posting: Any = parse_posting(parse_json(statement), TODAY)
    assert [line.line for line in posting.lines] == ["1", "B7"]
    twice = statement.replace('"B7"', '"1"')
    with pytest.raises(BadForm) as caught:
        parse_posting(parse_json(twice), TODAY)
    assert caught.value.code == "bad_field"
