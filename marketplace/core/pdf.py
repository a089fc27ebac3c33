"""A plain page of headings, text and tables as PDF, in English and Chinese.

Chinese is set in the CID fonts that every PDF reader supplies itself (ReportLab's STSong-Light and
MSung-Light), so that no font of several megabytes is shipped or embedded.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from html import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .language import Language

SONG, MING, LATIN = "STSong-Light", "MSung-Light", "Helvetica"
FONTS = {Language.EN: SONG, Language.HANS: SONG, Language.HANT: MING}
WIDTH = A4[0] - 36 * mm
NARROWEST, WIDEST = 6, 40  # of a column, in characters: longer texts are wrapped
Block = str | Sequence[Sequence[str]]


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def paragraph(text: str, style: ParagraphStyle, chinese: str) -> Paragraph:
    """English breaks between words and is set in Helvetica, as far as that has the letters;
    Chinese breaks between any two characters."""
    wide = sum(map(is_wide, text))
    try:
        text.encode("cp1252")
        font = LATIN
    except UnicodeEncodeError:
        font = chinese
    wrap = "CJK" if 2 * wide > len(text) else None
    return Paragraph(
        escape(text), ParagraphStyle("block", parent=style, fontName=font, wordWrap=wrap)
    )


def widths(rows: Sequence[Sequence[str]]) -> list[float]:
    """Each column gets its share of the page by the mean width of what stands in it."""
    shares = []
    for column in zip(*rows, strict=True):
        mean = sum(len(text) + sum(map(is_wide, text)) for text in column) / len(column)
        shares.append(min(max(mean, NARROWEST), WIDEST))
    return [WIDTH * share / sum(shares) for share in shares]


def document(title: str, blocks: Sequence[Block], *, language: str = Language.EN) -> bytes:
    """A PDF of `title` and `blocks` in order: a string is a paragraph, rows are a table whose
    first row is its head. The same content gives the same bytes."""
    chinese = FONTS[Language(language)]
    pdfmetrics.registerFont(UnicodeCIDFont(chinese))
    body = ParagraphStyle("body", fontSize=9, leading=13)
    head = ParagraphStyle("head", fontSize=15, leading=22, spaceAfter=3 * mm)
    story: list[Flowable] = [paragraph(title, head, chinese)]
    for block in blocks:
        if isinstance(block, str):
            story.append(paragraph(block, body, chinese))
            continue
        cells = [[paragraph(cell, body, chinese) for cell in row] for row in block]
        table = Table(cells, widths(block), repeatRows=1, splitInRow=1, hAlign="LEFT")
        table.setStyle(
            TableStyle(
                [
                    ("GRID", (0, 0), (-1, -1), 0.25, colors.grey),
                    ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            )
        )
        story += [Spacer(1, 4 * mm), table, Spacer(1, 4 * mm)]
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, title=title, invariant=1
    ).build(story)
    return out.getvalue()
