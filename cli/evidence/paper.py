"""Pages for people (PDF): Chinese with an embedded font, the same bytes for the same content.

fpdf2 sets the pages; the font is Noto Sans SC (SIL Open Font License), of which each file holds
only the signs that it shows.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cli.messages import _
from cli.tables import plain as one_line

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.enums import WrapMode

_FONT: Final = "noto"
_MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A constant: the same content gives the same bytes."""
_INK: Final = (20, 20, 20)
_PALE: Final = (110, 110, 110)
_HEAD: Final = (232, 238, 244)
_TEXT: Final = 9
_MARGIN: Final = 15
_LINE: Final = 5


class Paper:
    """An A4 document that grows from top to bottom."""

    def __init__(self, title: str, foot: str) -> None:
        self.pdf = _new(title, foot)
        self.pdf.add_page()
        self.heading(title, size=17)

    def heading(self, text: str, size: int = 12) -> None:
        """Write a heading, with room above it; it does not stand alone at the end of a page."""
        pdf = self.pdf
        if pdf.will_page_break(4 * _LINE):
            pdf.add_page()
        pdf.ln(2)
        pdf.set_font(_FONT, size=size)
        pdf.set_text_color(*_INK)
        pdf.multi_cell(0, size * 0.6, plain(text), new_x="LMARGIN", new_y="NEXT", wrapmode=_wrap())
        pdf.ln(1)

    def text(self, text: str, *, pale: bool = False, size: float = _TEXT) -> None:
        """Write a paragraph."""
        pdf = self.pdf
        pdf.set_font(_FONT, size=size)
        pdf.set_text_color(*(_PALE if pale else _INK))
        pdf.multi_cell(0, size * 0.5, plain(text), new_x="LMARGIN", new_y="NEXT", wrapmode=_wrap())
        pdf.ln(1)

    def facts(self, rows: Iterable[tuple[str, str]], width: float = 38) -> None:
        """Write labels and values beneath each other."""
        pdf = self.pdf
        for label, value in rows:
            pdf.set_font(_FONT, size=_TEXT)
            pdf.set_text_color(*_PALE)
            pdf.cell(width, _LINE, plain(label))
            pdf.set_text_color(*_INK)
            pdf.multi_cell(
                0, _LINE, plain(value) or "-", new_x="LMARGIN", new_y="NEXT", wrapmode=_wrap()
            )
        pdf.ln(1)

    def table(
        self, heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int],
        right: Sequence[int] = (), size: float = 7.5,
    ) -> None:  # fmt: skip
        """Write a table; its headings are repeated on every page.

        Args:
            heads: Headings.
            rows: Cells as texts.
            widths: Shares of the width.
            right: Columns that stand to the right, from 0.
            size: Points of the text.
        """
        from fpdf.fonts import FontFace  # noqa: PLC0415 - not for commands that write none

        pdf = self.pdf
        pdf.set_font(_FONT, size=size)
        pdf.set_text_color(*_INK)
        align = tuple("RIGHT" if at in right else "LEFT" for at in range(len(heads)))
        head = FontFace(fill_color=_HEAD, emphasis="")
        with pdf.table(
            col_widths=tuple(widths), text_align=align, line_height=size * 0.5, padding=0.7,
            borders_layout="HORIZONTAL_LINES", headings_style=head, wrapmode=_wrap(),
            first_row_as_headings=True,
        ) as table:  # fmt: skip
            for cells in (heads, *rows):
                table.row([plain(text) for text in cells])
        pdf.ln(1)

    def code(self, text: str, size: float, x: float, y: float) -> None:
        """Draw a QR code.

        Args:
            text: What it says.
            size: Its width on the page, millimetres, with the quiet zone.
            x: Left edge.
            y: Upper edge.
        """
        import segno  # noqa: PLC0415 - not for commands that draw none

        quiet = 4
        matrix = list(segno.make_qr(text, error="m", boost_error=False).matrix)
        module = size / (len(matrix) + 2 * quiet)
        self.pdf.set_fill_color(0, 0, 0)
        for row, modules in enumerate(matrix):
            run = 0
            for column in range(len(modules) + 1):
                if column < len(modules) and modules[column]:
                    run += 1
                elif run:
                    self.pdf.rect(
                        x + (column - run + quiet) * module, y + (row + quiet) * module,
                        run * module, module, style="F",
                    )  # fmt: skip
                    run = 0

    def attach(self, name: str, raw: bytes) -> None:
        """Put a file into the document as it is, neither packed nor changed."""
        self.pdf.embed_file(
            bytes=raw, basename=name, compress=False, creation_date=_MADE_AT,
            modification_date=_MADE_AT,
        )  # fmt: skip

    def output(self) -> bytes:
        """The document."""
        return bytes(self.pdf.output())


def _wrap() -> "WrapMode":
    """Chinese has no blanks to break at: lines break between any signs."""
    from fpdf.enums import WrapMode  # noqa: PLC0415 - not for commands that write none

    return WrapMode.CHAR


def plain(text: str) -> str:
    """Text as it may be shown; its lines stay lines."""
    return "\n".join(map(one_line, text.split("\n")))


def _new(title: str, foot: str) -> "FPDF":
    from fpdf import FPDF  # noqa: PLC0415 - not for commands that write none
    from pylopdf_fonts_zh_cn import sans_path  # noqa: PLC0415 - as above

    class Pages(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(_FONT, size=7)
            self.set_text_color(*_PALE)
            self.cell(0, 5, plain(foot))
            number = _("Page {n}", n=self.page_no())
            self.set_x(self.l_margin)
            self.cell(0, 5, number, align="R")

    pdf: Any = Pages(format="A4")
    pdf.set_margins(_MARGIN, _MARGIN, _MARGIN)
    pdf.set_auto_page_break(auto=True, margin=18)
    pdf.set_creation_date(_MADE_AT)
    pdf.set_title(title)
    pdf.set_creator("wageledger")
    pdf.set_producer("wageledger")
    pdf.add_font(_FONT, fname=str(sans_path()))
    made: FPDF = pdf
    return made
