"""A plain page of headings, text and tables as PDF, in English and Chinese.

Chinese is set in the CID fonts that every PDF reader supplies itself (ReportLab's STSong-Light and
MSung-Light), so that no font of several megabytes is shipped or embedded.
"""

from __future__ import annotations

import io
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

FONTS = {Language.EN: "STSong-Light", Language.HANS: "STSong-Light", Language.HANT: "MSung-Light"}
Block = str | Sequence[Sequence[str]]


def document(title: str, blocks: Sequence[Block], *, language: str = Language.EN) -> bytes:
    """A PDF of `title` and `blocks` in order: a string is a paragraph, rows are a table whose
    first row is its head. The same content gives the same bytes."""
    font = FONTS[Language(language)]
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    body = ParagraphStyle("body", fontName=font, fontSize=9, leading=13, wordWrap="CJK")
    head = ParagraphStyle("head", parent=body, fontSize=15, leading=22)
    story: list[Flowable] = [Paragraph(escape(title), head)]
    for block in blocks:
        if isinstance(block, str):
            story.append(Paragraph(escape(block), body))
            continue
        cells = [[Paragraph(escape(cell), body) for cell in row] for row in block]
        table = Table(cells, repeatRows=1, hAlign="LEFT")
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
    SimpleDocTemplate(out, pagesize=A4, title=title, invariant=1).build(story)
    return out.getvalue()
