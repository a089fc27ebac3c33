"""A document as PDF: both languages beside one another, and under them who signed."""

from __future__ import annotations

from itertools import zip_longest

from marketplace.core.pdf import document as pdf

from .models import Document

HEAD = ["English", "中文"]
SIGNED = ["For 代表", "Signed 签署", "At 时间", "From 地址", "SHA-256"]


def document_pdf(document: Document) -> bytes:
    """The bytes of the PDF; the same document and signatures give the same bytes."""
    paragraphs = zip_longest(
        document.text_en.split("\n\n"), document.text_zh.split("\n\n"), fillvalue=""
    )
    signatures = [
        [
            one.organisation.name,
            one.typed_name,
            one.signed_at.isoformat(timespec="seconds"),
            one.address,
            one.sha256,
        ]
        for one in document.signatures.select_related("organisation")
    ]
    return pdf(
        f"{document.title_en} {document.title_zh}",
        [
            f"Version 版本 {document.number} · SHA-256 {document.sha256}",
            [HEAD, *[list(pair) for pair in paragraphs]],
            [SIGNED, *signatures] if signatures else "Not signed by anybody yet. 尚无人签署。",
        ],
    )
