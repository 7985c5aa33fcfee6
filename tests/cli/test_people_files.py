"""A clerk's month from files: roster, attendance, wage sheets, with mistakes and corrections."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from python_calamine import CalamineWorkbook

from ledger.claims import identities
from ledger.vault import rows as rows_of_vault
from tests.cli.conftest import CONTRACTOR, DEVELOPER, SUBCONTRACTOR, Run
from tests.drills.town import resident_id
from tests.ledger.intake.books import HEADINGS, card_number, person, text, workbook

MONTH: Final = ("--project", "P-1", "--employer", SUBCONTRACTOR, "--period", "2026-03")
ROSTER: Final = (
    "序号", "姓名", "身份证号码", "联系电话", "银行卡号", "开户行", "进场时间", "离场时间",
)  # fmt: skip
NAMES: Final = {number: f"示例{'甲乙丙丁戊'[number]}工" for number in range(5)}


def member(number: int, **changed: str) -> list[str]:
    """A row of the roster."""
    cells = (
        str(number), NAMES[number], resident_id(number), f"1380000{number:04}",
        card_number(number), "示例银行", "2026-02-01", "",
    )  # fmt: skip
    return list((dict(zip(ROSTER, cells, strict=True)) | changed).values())


def paid(number: int, net: str, **changed: str) -> list[Any]:
    """A row of the wage sheet."""
    cells = person(number, net, name=NAMES[number])
    return list((dict(zip(HEADINGS, cells, strict=True)) | changed).values())


def written(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    path.write_bytes(workbook(rows))
    return path


@pytest.fixture
def site(run: Run, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A site without workers, on either database; commands on it, in JSON."""
    monkeypatch.setenv("WAGELEDGER_URL", ledger_url)
    monkeypatch.chdir(tmp_path)

    def asked(*words: object) -> Any:  # noqa: ANN401 - what running gives
        return run(*words, "--format", "json")

    run("init")
    for party, name in ((DEVELOPER, "开发"), (CONTRACTOR, "总包"), (SUBCONTRACTOR, "劳务")):
        assert asked("party", "add", party, f"示例{name}有限公司", "--on", "2026-01-05").status == 0
    assert asked(
        "project", "open", "P-1", "示例项目", "--region", "220200", "--industry", "building",
        "--developer", DEVELOPER, "--general-contractor", CONTRACTOR, "--contract-price",
        "8000000", "--starts-on", "2026-02-01", "--planned-end-on", "2026-12-31", "--on",
        "2026-01-10",
    ).status == 0  # fmt: skip
    assert asked("subcontract", "add", "P-1", SUBCONTRACTOR, "--on", "2026-01-11").status == 0
    return asked


ENROL: Final = (
    "worker", "import", "roster.xlsx", "--project", "P-1", "--employer", SUBCONTRACTOR, "--on",
    "2026-02-03",
)  # fmt: skip


@pytest.fixture
def crew(site: Run) -> Run:
    """The site with five workers from a roster."""
    written(Path("roster.xlsx"), [["花名册"], [], ROSTER, *map(member, range(5))])
    ran = site(*ENROL)
    assert (ran.status, ran.json["registered"], ran.json["assigned"]) == (0, 5, 5)
    return site


def counts(answer: dict[str, Any]) -> list[int]:
    return [
        answer[name]
        for name in ("registered", "updated", "cards", "assigned", "exited", "unchanged")
    ]


def codes(answer: dict[str, Any]) -> list[tuple[int | None, str]]:
    return [(problem["row"], problem["code"]) for problem in answer["problems"]]


# -- rosters ------------------------------------------------------------------


def test_a_roster_imported_twice_changes_nothing(crew: Run) -> None:
    before = crew("init").json["position"]
    again = crew(*ENROL)
    assert (again.status, counts(again.json)) == (0, [0, 0, 0, 0, 0, 5])
    assert crew("init").json["position"] == before


def test_a_roster_brings_known_workers_up_to_date_and_registers_the_new_ones(crew: Run) -> None:
    rows = [
        member(0, 离场时间="2026-03-31"), member(1, 姓名="示例新名", 银行卡号=card_number(11)),
        member(2), ["6", "示例己工", resident_id(20), "", "", "", "", ""],
    ]  # fmt: skip
    written(Path("roster.xlsx"), [ROSTER, *rows])
    ran = crew(*ENROL[:-1], "2026-04-02")
    assert (ran.status, counts(ran.json)) == (0, [1, 1, 1, 1, 1, 1])
    assert [row["state"] for row in ran.json["workers"]] == ["exited", "updated", "registered"]
    again = crew(*ENROL[:-1], "2026-04-02")
    assert (again.status, counts(again.json)) == (0, [0, 0, 0, 0, 0, 4])


@pytest.mark.parametrize("column", [True, False])
def test_a_roster_that_corrects_a_name_and_has_no_phone_keeps_the_registered_one(
    crew: Run,
    column: bool,  # noqa: FBT001 - whether the roster has it
) -> None:
    heads = [head for head in ROSTER if column or head != "联系电话"]
    row = dict(zip(ROSTER, member(1, 姓名="示例新名", 联系电话=""), strict=True))
    written(Path("roster.xlsx"), [heads, [row[head] for head in heads]])
    words = (*ENROL[:-1], "2026-04-02")

    tried = crew(*words, "--dry-run")
    before = crew("init").json["position"]
    ran = crew(*words)

    assert (tried.status, ran.status, counts(ran.json)) == (0, 0, [0, 1, 0, 0, 0, 0])
    assert codes(ran.json) == ([(2, "phone_kept")] if column else [])
    assert "13800000001" not in ran.out + ran.err
    events = crew("events", "--from", before + 1).json["events"]
    assert [event["kind"] for event in events] == ["IdentityRevealed", "WorkerUpdated"]
    (worker,) = [row["worker"] for row in ran.json["workers"]]
    shown = crew("worker", "show", worker).json
    assert "138****0001" in str(shown)
    again = crew(*words)
    assert counts(again.json) == [0, 0, 0, 0, 0, 1]


def test_a_roster_with_mistakes_lists_them_all_and_leaves_nothing_behind(site: Run) -> None:
    rows = [
        member(0), member(1, 身份证号码=resident_id(1)[:-1] + "A"), member(2, 姓名=""),
        member(3, 银行卡号=card_number(0)), member(4, 进场时间="2026-02-30"),
    ]  # fmt: skip
    written(Path("roster.xlsx"), [ROSTER, *rows])
    before = site("init").json["position"]
    ran = site(*ENROL)
    assert ran.status == 3
    assert set(codes(ran.json)) == {
        (3, "bad_id_number"), (4, "bad_field"), (5, "card_twice"), (6, "bad_date"),
    }  # fmt: skip
    written(Path("roster.xlsx"), [ROSTER, member(0), member(3, 银行卡号=card_number(0))])
    ran = site(*ENROL)
    assert (ran.status, codes(ran.json)) == (3, [(3, "card_twice"), (3, "card_shared")])
    assert site("init").json["position"] == before


def test_a_roster_tried_out_records_nothing(site: Run) -> None:
    written(Path("roster.xlsx"), [ROSTER, member(0)])
    before = site("init").json["position"]
    ran = site(*ENROL, "--dry-run")
    assert (ran.status, ran.json["registered"]) == (0, 1)
    assert site("init").json["position"] == before


# -- a month ------------------------------------------------------------------


def test_a_month_goes_from_files_into_the_books(crew: Run, run: Run) -> None:
    days = [["姓名", "身份证", "出勤（天）"],
            *([NAMES[at], resident_id(at), day] for at, day in enumerate(("21", "21.5", "20"))),
            [NAMES[4], resident_id(4), "26"]]  # fmt: skip
    Path("days.csv").write_bytes(text(days).encode("gb18030"))
    posted = crew("attendance", "import", "days.csv", *MONTH, "--on", "2026-04-01")
    assert (posted.status, posted.json["status"]) == (0, "recorded")
    again = crew("attendance", "import", "days.csv", *MONTH, "--on", "2026-04-01")
    assert (again.status, again.json["status"]) == (0, "duplicate")
    rows = [
        paid(0, "5000.1"), paid(1, "6000", 姓名="示例丑工"), paid(2, "800", 出勤天数="20"),
        paid(3, "4900", 银行卡号=card_number(1)), person(99, "4900", name="外人"),
    ]  # fmt: skip
    written(Path("sheet.xlsx"), [["三月工资表"], HEADINGS, *rows])
    checked = crew("payroll", "check", "sheet.xlsx", *MONTH, "-o", "checked.xlsx")
    assert checked.status == 3
    assert set(codes(checked.json)) == {
        (4, "name_differs"), (5, "below_minimum_wage"), (6, "card_twice"), (6, "card_differs"),
        (6, "no_attendance"), (7, "unknown_worker"), (None, "attended_not_paid"),
    }  # fmt: skip
    assert (checked.json["rows"], checked.json["net_sum_fen"]) == (5, 2_160_010)
    told = CalamineWorkbook.from_path("checked.xlsx").get_sheet_by_index(0).to_python()
    assert told[1][:10] == [*HEADINGS, "错误"]
    assert told[3][1:3] == ["示例丑工", resident_id(1)]
    assert told[3][9]
    assert not told[2][9]
    submit = ("payroll", "submit", "sheet.xlsx", *MONTH, "--sheet", "S-3", "--due-on",
              "2026-04-15", "--on", "2026-04-02")  # fmt: skip
    before = crew("init").json["position"]
    refused = crew(*submit)
    assert (refused.status, crew("init").json["position"]) == (3, before)
    assert "sheet.xlsx:4: name_differs: " in refused.err
    written(Path("sheet.xlsx"), [["三月工资表"], HEADINGS, paid(0, "5000.1"), paid(1, "6000"),
                                 paid(2, "1900", 出勤天数="20"), paid(4, "4900.55")])  # fmt: skip
    ran = crew(*submit)
    assert (ran.status, ran.json["status"]) == (0, "recorded")
    assert (crew(*submit).status, crew(*submit).json["status"]) == (0, "duplicate")
    shown = crew("payroll", "show", "S-3").json
    assert [line["amount_fen"] for line in shown["lines"]] == [500_010, 600_000, 190_000, 490_055]
    twice = crew("payroll", "check", "sheet.xlsx", *MONTH)
    assert [code for _row, code in codes(twice.json)].count("period_paid_twice") == 4
    assert run("check").status == 0


def test_a_reference_with_the_id_number_of_somebody_else_is_refused(crew: Run) -> None:
    words = ("payroll", "template", "--project", "P-1", "--employer", SUBCONTRACTOR)
    assert crew(*words, "--period", "2026-03", "-o", "refs.xlsx").status == 0
    page = CalamineWorkbook.from_path("refs.xlsx").get_sheet_by_index(0).to_python()
    someone = page[3][1]
    told = []
    for number in (*range(5), 99):
        row = [someone, resident_id(number), "2000"]
        written(Path("sheet.xlsx"), [["工人编号", "身份证号", "实发工资"], row])
        ran = crew("payroll", "check", "sheet.xlsx", *MONTH)
        told += codes(ran.json)[:-1]  # the last is about the month
        assert resident_id(number) not in ran.out + ran.err
    assert told == [(2, "id_differs")] * 5  # of six, one is the worker's own


def test_days_that_are_not_those_attended_are_worth_a_warning(crew: Run) -> None:
    days = [["姓名", "身份证号", "出勤天数"], [NAMES[0], resident_id(0), "20.5"]]
    written(Path("days.xlsx"), days)
    assert crew("attendance", "import", "days.xlsx", *MONTH, "--on", "2026-04-01").status == 0
    written(Path("sheet.xlsx"), [HEADINGS, paid(0, "2000", 出勤天数="21")])
    ran = crew("payroll", "check", "sheet.xlsx", *MONTH)
    (problem,) = ran.json["problems"]
    assert (ran.status, problem["row"], problem["code"]) == (0, 2, "days_differ")
    assert (problem["severity"], problem["column"]) == ("warning", "出勤天数")
    assert "20.5" in problem["message"]
    written(Path("sheet.xlsx"), [HEADINGS, paid(0, "2000", 出勤天数="20.5")])
    assert crew("payroll", "check", "sheet.xlsx", *MONTH).json["problems"] == []


def test_people_who_may_not_stand_on_a_sheet_are_all_listed_when_it_is_submitted(crew: Run) -> None:
    written(Path("roster.xlsx"), [ROSTER, ["7", "示例庚工", resident_id(30), "", "", "", "", ""]])
    assert crew("worker", "import", "roster.xlsx", "--on", "2026-02-03").status == 0
    stranger = person(30, "2000", name="示例庚工")
    rows = [HEADINGS, paid(0, "2000"), stranger, paid(1, "2000")]
    written(Path("sheet.xlsx"), rows)
    month = ("--due-on", "2026-04-15", "--on", "2026-04-02")
    ran = crew("payroll", "submit", "sheet.xlsx", *MONTH, "--sheet", "S-1", *month)
    assert (ran.status, codes(ran.json)) == (3, [(3, "not_assigned")])
    written(Path("sheet.xlsx"), [HEADINGS, paid(0, "2000")])
    assert crew("payroll", "submit", "sheet.xlsx", *MONTH, "--sheet", "S-1", *month).status == 0
    written(Path("sheet.xlsx"), rows)
    ran = crew("payroll", "submit", "sheet.xlsx", *MONTH, "--sheet", "S-2", *month)
    assert (ran.status, codes(ran.json)) == (3, [(2, "period_paid_twice"), (3, "not_assigned")])
    ran = crew("payroll", "submit", "sheet.xlsx", *MONTH, "--sheet", "S-1", *month)
    assert ran.status == 6  # the whole sheet exists: no row is to blame


def test_a_large_sheet_is_matched_as_a_small_one_is(
    crew: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many people everybody is read in order, of few each is found; after changes too."""
    rows = [member(1, 姓名="示例新名", 银行卡号=card_number(11)), member(2)]
    written(Path("roster.xlsx"), [ROSTER, *rows])
    assert crew(*ENROL[:-1], "2026-03-01").status == 0
    sheet = [paid(at, "5000") for at in range(4)]
    renamed = [paid(4, "5000", 银行卡号=card_number(1)), person(50, "9", name="外人")]
    written(Path("sheet.xlsx"), [HEADINGS, *sheet, *renamed])
    few = crew("payroll", "check", "sheet.xlsx", *MONTH)
    for module in (rows_of_vault, identities):
        monkeypatch.setattr(module, "_MANY", 1)
    many = crew("payroll", "check", "sheet.xlsx", *MONTH)
    assert few.json == many.json
    assert set(codes(few.json)) == {
        (3, "name_differs"), (3, "card_differs"), (6, "card_twice"), (6, "card_differs"),
        (7, "unknown_worker"), (None, "attendance_missing"),
    }  # fmt: skip


# -- templates ----------------------------------------------------------------


def test_a_template_holds_last_months_people_and_comes_back_filled_in(crew: Run) -> None:
    written(Path("sheet.xlsx"), [HEADINGS, paid(1, "6000"), paid(0, "5000.1")])
    month = ("--sheet", "S-3", "--due-on", "2026-04-15", "--on", "2026-04-02")
    assert crew("payroll", "submit", "sheet.xlsx", *MONTH, *month).status == 0
    where = ("--project", "P-1", "--employer", SUBCONTRACTOR)
    assert (
        crew("payroll", "template", "-o", "april.xlsx", *where, "--period", "2026-04").status == 0
    )
    rows = CalamineWorkbook.from_path("april.xlsx").get_sheet_by_index(0).to_python()
    assert rows[2][:4] == ["序号", "工人编号", "姓名", "身份证号"]
    people = [row for row in rows[3:] if row[1]]
    first = crew("payroll", "show", "S-3").json["lines"]
    assert [row[1] for row in people][:2] == [line["worker"] for line in first]
    assert len(people) == 5
    assert {row[2] for row in people} == {"示***"}
    filled = [rows[2], *([*row[:7], 2000.5, 0.25, 2000.25, *row[10:]] for row in people)]
    written(Path("april.xlsx"), filled)
    ran = crew("payroll", "check", "april.xlsx", *MONTH[:-1], "2026-04")
    assert (ran.status, ran.json["net_sum_fen"]) == (0, 1_000_125)
    assert crew("payroll", "copy-from", "S-3", "-o", "copy.xlsx").status == 0
    copied = crew("payroll", "check", "copy.xlsx", *MONTH[:-1], "2026-04")
    assert (copied.status, copied.json["net_sum_fen"]) == (0, 1_100_010)
    assert crew("payroll", "template", "-o", "x.csv").status == 2
    assert crew("payroll", "template").status == 2


def test_a_purpose_that_is_an_identity_never_reaches_the_log(crew: Run) -> None:
    where = ("--project", "P-1", "--employer", SUBCONTRACTOR, "-o", "whole.xlsx")
    for words in (("--unmasked", "--purpose", "22028219040923001X"), ("--purpose", "工资表")):
        ran = crew("payroll", "template", *where, *words)
        assert ran.status == 2
        assert ran.err.startswith("bad_option: ")
    assert "IdentityRevealed" not in crew("events", "--format", "jsonl").out


def test_an_unmasked_template_is_recorded_with_its_purpose_before_it_is_read(crew: Run) -> None:
    where = ("--project", "P-1", "--employer", SUBCONTRACTOR, "-o", "whole.xlsx", "--unmasked")
    before = crew("init").json["position"]
    assert crew("payroll", "template", *where).status == 2
    assert crew("payroll", "template", *where, "--purpose", "工资表").status == 0
    assert crew("init").json["position"] == before + 1
    rows = CalamineWorkbook.from_path("whole.xlsx").get_sheet_by_index(0).to_python()
    assert {row[3] for row in rows[3:] if row[1]} == {resident_id(at) for at in range(5)}


# -- identity -----------------------------------------------------------------


def test_nothing_of_a_file_reaches_screen_log_or_read_models(
    crew: Run, run: Run, ledger_url: str, tmp_path: Path
) -> None:
    canaries = [
        *NAMES.values(), *(resident_id(at) for at in range(5)),
        *(card_number(at) for at in range(12)), *(f"1380000{at:04}" for at in range(5)),
    ]  # fmt: skip
    rows = [
        paid(0, "5000"), paid(1, "60x", 姓名=NAMES[2]), paid(2, "1", 银行卡号=card_number(11)),
        paid(3, "示例丁工"), ["", NAMES[4], "", "", "", "", "", card_number(4), ""],
    ]  # fmt: skip
    written(Path("sheet.xlsx"), [HEADINGS, *rows])
    said = []
    for words in (
        ("payroll", "check", "sheet.xlsx"),
        ("payroll", "check", "sheet.xlsx", *MONTH),
        ("payroll", "submit", "sheet.xlsx", *MONTH, "--sheet", "S", "--due-on", "2026-04-15"),
        ("worker", "import", "roster.xlsx"),
        ("attendance", "import", "sheet.xlsx", *MONTH),
        ("events", "--from", "1"),
    ):
        for lang in ("zh", "en"):
            ran = run("--lang", lang, *words)
            said += [ran.out, ran.err]
            ran = crew(*words)
            said += [ran.out, ran.err]
    shown = "\n".join(said)
    assert len(shown) > 2_000
    assert [canary for canary in canaries if canary in shown] == []
    if ledger_url.startswith("sqlite"):
        stored = b"".join(
            path.read_bytes() for path in tmp_path.rglob("*.db*") if "vault" not in path.name
        )
        assert len(stored) > 10_000
        assert [canary for canary in canaries if canary.encode() in stored] == []


def test_aliases_come_from_a_file_that_is_named_or_lies_in_the_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"证件,姓名,到手\n{resident_id(1)},示例工,88\n", "utf-8")
    named = tmp_path / "own.toml"
    named.write_text('[headings]\nid_number = ["证件"]\nnet = "到手"\n', "utf-8")
    words = ("payroll", "check", sheet, "--format", "json")
    assert run(*words).status == 3
    assert run(*words, "--aliases", named).json["net_sum_fen"] == 8_800
    (tmp_path / "settings" / "wageledger").mkdir(parents=True)
    (tmp_path / "settings" / "wageledger" / "aliases.toml").write_bytes(named.read_bytes())
    assert run(*words).json["net_sum_fen"] == 8_800
    named.write_text("[headings\n", "utf-8")
    assert run(*words, "--aliases", named).status == 2
    assert run(*words, "--aliases", tmp_path / "none.toml").status == 5


def test_a_wrong_file_is_named_as_what_it_is(crew: Run) -> None:
    written(Path("roster.xlsx"), [ROSTER, member(0)])
    ran = crew("payroll", "submit", "roster.xlsx", *MONTH, "--sheet", "S", "--due-on", "2026-04-15")
    assert (ran.status, codes(ran.json)) == (3, [(1, "missing_column")])
    assert crew("attendance", "import", "roster.xlsx", *MONTH).status == 3
    Path("empty.csv").touch()
    for words in (("payroll", "check", "empty.csv"), ("worker", "import", "empty.csv")):
        ran = crew(*words)
        assert (ran.status, codes(ran.json)) == (3, [(None, "empty_table")])
    assert crew("payroll", "check", "none.xlsx").status == 5
