"""A PDF document that takes any text: fonts, headings, paragraphs, tables, drawings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from practicum.errors import MissingExtraError
from practicum.report.plots import Box, Drawing, Role, Stroke, Trace, Words
from practicum.report.visible import one_line, visible

if TYPE_CHECKING:
    from fpdf import FPDF

_COLOURS: dict[Role, tuple[int, int, int]] = {
    "good": (26, 127, 75),
    "bad": (179, 38, 30),
    "warn": (154, 103, 0),
    "plain": (102, 107, 111),
    "ink": (29, 32, 33),
    "soft": (102, 107, 111),
    "line": (227, 224, 218),
    "second": (59, 110, 168),
}

_FOLDERS = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/TTF",
    "/usr/local/share/fonts",
    "/opt/homebrew/share/fonts",
    "/Library/Fonts",
)
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}

_WORDS: dict[str, Role] = {"passed": "good", "failed": "bad", "error": "bad", "weak": "warn"}
_WORDS |= dict.fromkeys(("inconclusive", "limit", "infrastructure", "cancelled"), "warn")

Align = Literal["LEFT", "RIGHT"]


class Sheet:
    """A4, upright. Lengths in millimetres, sizes of letters in points."""

    def __init__(self, title: str, footer: str) -> None:
        """Begin the first page.

        Raises:
            MissingExtraError: fpdf2 is not installed.
        """
        self._document = _open(footer)
        self._body, self._mono = _fonts(self._document)
        self._document.set_title(self._fit(one_line(title, 200)))
        self._document.set_font(self._body, size=10)
        self._document.add_page()

    def heading(self, text: str, size: float = 13, role: Role = "ink", before: Drawing | None = None) -> None:
        """A line that stays with what follows it: some lines, or a plot."""
        if self._document.will_page_break(size + (14 if before is None else self._scale(before) * before.height)):
            self._document.add_page()
        else:
            self._document.ln(3)
        self._write(text, size, role, bold=True)
        self._document.ln(1)

    def paragraph(self, text: str, size: float = 10, role: Role = "ink") -> None:
        """Words, as long as they are."""
        self._write(text, size, role)

    def block(self, text: str, most: int = 3000) -> None:
        """Output: its lines stay, the middle of a long one is left out."""
        document = self._document
        document.set_font(self._mono, size=8)
        document.set_text_color(*_COLOURS["ink"])
        document.set_fill_color(246, 245, 242)
        words = self._fit(visible(text.rstrip("\n"), most).expandtabs(4))
        document.multi_cell(0, 3.8, words, fill=True, align="L", new_x="LMARGIN", new_y="NEXT")
        document.ln(1.5)

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        right: Sequence[int] = (),
    ) -> None:
        """A table whose head stands on each of its pages.

        `widths` are shares, `right` the columns of numbers. Outcomes have their colours.
        """
        from fpdf.fonts import FontFace

        document = self._document
        document.set_font(self._body, size=8.5)
        document.set_text_color(*_COLOURS["ink"])
        document.set_draw_color(*_COLOURS["line"])
        document.set_fill_color(255, 255, 255)
        aligned: tuple[Align, ...] = tuple("RIGHT" if place in right else "LEFT" for place in range(len(heads)))
        with document.table(
            col_widths=tuple(widths),
            text_align=aligned,
            headings_style=FontFace(emphasis="BOLD", color=_COLOURS["soft"]),
            borders_layout="HORIZONTAL_LINES",
            line_height=4.6,
            padding=(0.8, 1.2),
            v_align="TOP",
        ) as table:
            head = table.row()
            for text in heads:
                head.cell(text)
            for cells in rows:
                row = table.row()
                for text in cells:
                    style = FontFace(color=_COLOURS[_WORDS[text]]) if text in _WORDS else None
                    row.cell(self._fit(one_line(text, 400)), style=style)
        document.ln(2)

    def drawing(self, drawing: Drawing) -> None:
        """A plot over the width of the page; one that is too high for a page is made smaller."""
        document, scale = self._document, self._scale(drawing)
        height = drawing.height * scale
        if document.will_page_break(height):
            document.add_page()
        left, top = document.l_margin, document.get_y()
        for shape in drawing.shapes:
            self._shape(shape, left, top, scale)
        document.set_y(top + height + 1)

    def _scale(self, drawing: Drawing) -> float:
        document = self._document
        return min(document.epw / drawing.width, (document.eph - 30) / drawing.height)

    def _shape(self, shape: Box | Stroke | Trace | Words, left: float, top: float, scale: float) -> None:
        document = self._document
        match shape:
            case Box():
                document.set_fill_color(*_COLOURS[shape.role])
                place = (left + shape.x * scale, top + shape.y * scale)
                document.rect(*place, shape.width * scale, shape.height * scale, style="F")
            case Stroke():
                document.set_draw_color(*_COLOURS[shape.role])
                document.set_line_width(shape.width * scale)
                begin = (left + shape.x1 * scale, top + shape.y1 * scale)
                document.line(*begin, left + shape.x2 * scale, top + shape.y2 * scale)
            case Trace():
                document.set_draw_color(*_COLOURS[shape.role])
                document.set_line_width(shape.width * scale)
                document.polyline([(left + x * scale, top + y * scale) for x, y in shape.points])
            case Words():
                self._words(shape, left, top, scale)

    def _words(self, shape: Words, left: float, top: float, scale: float) -> None:
        document = self._document
        document.set_font(self._body, "B" if shape.bold else "", size=shape.size * scale * 72 / 25.4)
        document.set_text_color(*_COLOURS[shape.role])
        text = self._fit(one_line(shape.text, 200))
        width = document.get_string_width(text)
        shift = {"start": 0.0, "middle": width / 2, "end": width}[shape.anchor]
        document.text(left + shape.x * scale - shift, top + shape.y * scale, text)

    def _write(self, text: str, size: float, role: Role, bold: bool = False) -> None:
        document = self._document
        document.set_font(self._body, "B" if bold else "", size=size)
        document.set_text_color(*_COLOURS[role])
        document.multi_cell(0, size * 0.5, self._fit(one_line(text, 2000)), align="L", new_x="LMARGIN", new_y="NEXT")

    def _fit(self, text: str) -> str:
        """Text in letters that the font has; others are named."""
        font = self._document.fonts.get(self._body.lower())
        known = getattr(font, "cmap", None)
        return "".join(
            letter if letter == "\n" or (ord(letter) in known if known else _is_latin(letter)) else _named(letter)
            for letter in text
        )

    def output(self) -> bytes:
        """The document as bytes."""
        return bytes(self._document.output())


def _open(footer: str) -> FPDF:
    try:
        from fpdf import FPDF
    except ImportError as error:
        raise MissingExtraError("a report as PDF", "pdf") from error

    class Paper(FPDF):
        """With a line at the foot of each page."""

        def footer(self) -> None:
            self.set_y(-12)
            self.set_text_color(*_COLOURS["soft"])
            self.set_font("body" if "body" in self.fonts else "helvetica", size=8)
            self.cell(0, 5, f"{footer}, page {self.page_no()}", align="C")

    document = Paper(format="A4")
    document.alias_nb_pages("")  # it would be looked for in every text
    document.set_margins(14, 14)
    document.set_auto_page_break(True, 16)
    document.set_lang("en")
    return document


def _fonts(document: FPDF) -> tuple[str, str]:
    """DejaVu where the machine has it, since it has the most letters; else the fonts that every reader has."""
    for folder in map(Path, _FOLDERS):
        if all((folder / name).is_file() for name in _FILES.values()):
            document.add_font("body", "", folder / _FILES[""])
            document.add_font("body", "B", folder / _FILES["B"])
            document.add_font("mono", "", folder / _FILES["mono"])
            return "body", "mono"
    return "helvetica", "courier"


def _is_latin(letter: str) -> bool:
    return ord(letter) < 0x100


def _named(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
