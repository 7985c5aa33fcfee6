"""Schemas that a user brings: found by namespace, said beside our own checks, deciding nothing."""

from pathlib import Path

import pytest

from ledger.banking.inspecting import inspect
from ledger.banking.problems import BankFileError
from tests.ledger.banking.files import NAMESPACE, camt, entry, statement, written

XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}"
 xmlns="{NAMESPACE}" elementFormDefault="qualified">
 <xs:element name="Document"><xs:complexType><xs:sequence>
  <xs:element name="BkToCstmrStmt"><xs:complexType><xs:sequence>
   <xs:any maxOccurs="unbounded" processContents="skip"/>
  </xs:sequence></xs:complexType></xs:element>
 </xs:sequence></xs:complexType></xs:element></xs:schema>"""
STRICT = XSD.replace("xs:any", "xs:element").replace(
    ' maxOccurs="unbounded" processContents="skip"', ' name="Owner"'
)


def codes(path: Path, folder: Path) -> list[str]:
    return [remark.problem.code for remark in inspect(path, schemas=folder).remarks]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "schemas"
    made.mkdir()
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, camt(statement([entry()], closing="1100.00")))


def test_a_file_that_keeps_the_schema_has_nothing_to_look_at(path: Path, folder: Path) -> None:
    (folder / "any-name.XSD").write_text(XSD, "utf-8")
    (folder / "other.xsd").write_text(XSD.replace("053.001.08", "053.001.09"), "utf-8")
    assert codes(path, folder) == []


def test_a_file_that_breaks_the_schema_is_still_read_and_names_element_and_rule(
    path: Path, folder: Path
) -> None:
    (folder / "a.xsd").write_text(STRICT, "utf-8")
    found = inspect(path, schemas=folder)
    (remark,) = found.remarks
    assert found.figures["statements"][0]["balances_tie"] is True
    assert remark.problem.facts == {"line": 2, "field": "GrpHdr", "rule": "ELEMENT_CONTENT"}


def test_a_folder_without_the_right_schema_is_said(path: Path, folder: Path) -> None:
    (folder / "broken.xsd").write_text(f"<xs:schema {NAMESPACE}", "utf-8")
    (folder / "mine.txt").write_text(XSD, "utf-8")
    assert codes(path, folder) == ["bank_no_schema"]


@pytest.mark.parametrize(
    "schema",
    [
        XSD.replace("<xs:element", '<xs:include schemaLocation="/etc/passwd"/><xs:element', 1),
        XSD.replace('type="x"', "").replace('name="Document"', 'name="Document" type="none"', 1),
    ],
)
def test_a_schema_that_loads_others_or_is_none_is_refused(
    path: Path, folder: Path, schema: str
) -> None:
    (folder / "a.xsd").write_text(schema, "utf-8")
    with pytest.raises(BankFileError) as caught:
        inspect(path, schemas=folder)
    assert caught.value.code == "bank_schema_unreadable"


def test_a_schema_with_a_document_type_is_passed_over(path: Path, folder: Path) -> None:
    (folder / "a.xsd").write_text(f"<!DOCTYPE schema>{XSD}", "utf-8")
    assert codes(path, folder) == ["bank_no_schema"]


def test_real_schemas_find_what_the_public_files_are_known_to_break(shared_dir: Path) -> None:
    data = shared_dir / "data" / "fetched"
    schemas = data / "xsd" / "genkgo__camt"
    good = data / "iso20022" / "genkgo__camt" / "camt053.v4.xml"
    bad = data / "iso20022" / "Query-farm__vgi-iso20022" / "camt053__statement1.xml"
    assert "bank_no_schema" not in codes(good, schemas)
    found = [
        remark.problem for remark in inspect(bad, schemas=schemas).remarks
        if remark.problem.code == "bank_schema"
    ]  # fmt: skip
    assert found[0].facts["field"] == "FrToDt"
