"""Who reads a PDF, and when, written across each of its pages."""

from __future__ import annotations

import io
from typing import IO

from pypdf import PageObject, PdfReader, PdfWriter
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
PALE = Color(0.4, 0.4, 0.4, alpha=0.35)


def watermarked(content: IO[bytes], text: str) -> bytes:
    """The PDF with `text` over each page, at the top, in the middle aslant, and at the foot."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    writer = PdfWriter(clone_from=PdfReader(content))
    for page in writer.pages:
        box = page.cropbox  # what of the page is shown; it need not begin at 0, 0
        sheet = stamp(float(box.width), float(box.height), text)
        page.merge_translated_page(sheet, float(box.left), float(box.bottom))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def stamp(width: float, height: float, text: str) -> PageObject:
    sheet = io.BytesIO()
    canvas = Canvas(sheet, pagesize=(width, height))
    canvas.setFillColor(PALE)
    canvas.setFont(FONT, 9)
    canvas.drawCentredString(width / 2, height - 14, text)
    canvas.drawCentredString(width / 2, 8, text)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(35)
    canvas.setFont(FONT, max(10.0, min(22.0, width / max(len(text), 1) * 1.4)))
    canvas.drawCentredString(0, 0, text)
    canvas.save()
    return PdfReader(sheet).pages[0]
