"""Hold an XML file against schemas that the user brings; none comes with the program.

What a schema finds is said beside our own checks and decides nothing: most public bank files break
their own schema. A schema is found by the namespace that it describes. Its findings name elements
and rules, never values, since these may be a person's.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from ledger.banking.problems import BankFileError, Problems
from ledger.banking.xml_stream import OPTIONS, Root, broken, local_name, require_harmless
from ledger.kernel.codes.definition import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

MOST_BYTES: Final = 64 * 1024**2
"""Largest file that is held against a schema: it has to be in memory whole."""

MOST_SCHEMAS: Final = 500
_LARGEST_SCHEMA: Final = 16 * 1024**2
_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_ELEMENT: Final = re.compile(r"Element '(?:\{[^}']*\})?([A-Za-z0-9_.-]{1,80})'")


def check_schema(path: Path, root: Root, folder: Path, problems: Problems) -> None:
    """Note what the schema of the message's namespace finds.

    Raises:
        BankFileError: ``bank_schema_unreadable``; ``bank_xml_broken`` and the like for the file.
        OSError: for a folder that is not there or may not be read.
    """
    from lxml import etree  # noqa: PLC0415 - not for --help

    described = _schema_for(root.namespace, folder)
    if described is None:
        problems.add("bank_no_schema", value=root.shown)
        return
    name, tree = described
    if path.stat().st_size > MOST_BYTES:
        problems.add("bank_no_schema", value=root.shown, problem=N_("it is too large"))
        return
    try:
        schema = etree.XMLSchema(tree)
    except etree.XMLSchemaParseError:
        raise BankFileError("bank_schema_unreadable", file=str(name), problem="") from None
    try:
        document = etree.parse(str(path), etree.XMLParser(**OPTIONS))
    except etree.XMLSyntaxError as error:
        raise broken(error) from None
    message = next((each for each in document.iter() if local_name(each.tag) == root.message), None)
    whole = None if message is None else message.getparent()
    if whole is None or schema.validate(etree.ElementTree(whole)):
        return
    for finding in cast("Iterable[Any]", schema.error_log):
        found = _ELEMENT.match(finding.message)
        problems.add(
            "bank_schema",
            line=finding.line,
            field=found[1] if found is not None else "",
            rule=finding.type_name.removeprefix("SCHEMAV_"),
        )


def _schema_for(namespace: str, folder: Path) -> "tuple[Path, _Element] | None":
    """The schema in a folder that describes a namespace.

    Raises:
        BankFileError: ``bank_schema_unreadable`` for one that would load others.
    """
    from lxml import etree  # noqa: PLC0415 - not for --help

    for at, path in enumerate(sorted(folder.iterdir())):
        if at >= MOST_SCHEMAS or path.suffix.lower() != ".xsd":
            continue
        raw = path.read_bytes()[:_LARGEST_SCHEMA]
        if namespace.encode() not in raw:
            continue
        try:
            require_harmless(raw)
            tree = etree.fromstring(raw, etree.XMLParser(**OPTIONS))
        except (etree.XMLSyntaxError, BankFileError):
            continue
        if tree.get("targetNamespace") != namespace:
            continue
        for child in tree:
            if child.tag in {f"{_XSD}include", f"{_XSD}import", f"{_XSD}redefine"}:
                problem = N_("it loads other files")
                raise BankFileError("bank_schema_unreadable", file=str(path), problem=problem)
        return path, tree
    return None
