"""The build step: compiles the message catalogues, so that a checkout holds only their sources.

Runs for wheels and for editable installs alike.  The compiled `.mo` files lie beside their
`.po` files, where the standard library's gettext looks for them.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface[Any]):
    """Turns every `cli/locale/*/LC_MESSAGES/wageledger.po` into the `.mo` beside it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile before the files of the distribution are collected."""
        for source in sorted(Path(self.root).glob("cli/locale/*/LC_MESSAGES/wageledger.po")):
            with source.open("rb") as text:
                catalogue = read_po(text, abort_invalid=True)
            compiled = source.with_suffix(".mo")
            aside = compiled.with_suffix(".mo.part")
            with aside.open("wb") as binary:
                write_mo(binary, catalogue)
            aside.replace(compiled)  # a running program never sees half a catalogue
