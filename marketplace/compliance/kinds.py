"""The papers that registers and banks ask for, or give, and those that open a way for data."""

from __future__ import annotations

from django.db.models import TextChoices


class PaperKind(TextChoices):
    CONTRACT = "contract"
    DATA_SHEET = "data_sheet"
    TECHNICAL_ANNEX = "technical_annex"
    BUSINESS_LICENCE = "business_licence"
    IDENTITY = "identity"
    POWER_OF_ATTORNEY = "power_of_attorney"
    PATENT_REGISTER = "patent_register"
    INVOICE = "invoice"
    MOFCOM_CERTIFICATE = "mofcom_certificate"
    CNIPA_CERTIFICATE = "cnipa_certificate"
    RECOGNITION_CERTIFICATE = "recognition_certificate"
    TAX_PROOF = "tax_proof"
    TAX_RECORD = "tax_record"
    GBA_CONTRACT = "gba_contract", "filed standard contract of the Greater Bay Area"
    STANDARD_CONTRACT = "standard_contract", "filed standard contract for personal information"
    SECURITY_ASSESSMENT = "security_assessment", "passed security assessment"


# What a register gives once it was told.
CERTIFICATES = {
    "mofcom": PaperKind.MOFCOM_CERTIFICATE,
    "cnipa": PaperKind.CNIPA_CERTIFICATE,
    "recognition": PaperKind.RECOGNITION_CERTIFICATE,
}
