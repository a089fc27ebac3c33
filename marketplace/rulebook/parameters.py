"""The form of a rule's parameters, by its key. A key that ends in `.*` stands for all below it.

Rates are in basis points: 600 is 6 %. Nothing here has a default that would be a rule in disguise.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

BasisPoints = Annotated[int, Field(ge=0, le=4000)]
Texts = dict[Literal["en", "zh-Hans", "zh-Hant"], str]


class Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Statement(Parameters):
    """A rule that has nothing to count with."""


class Rate(Parameters):
    rate_bp: BasisPoints


class TreatyRate(Rate):
    residence: str


class TreatyConditions(Parameters):
    needs: list[Literal["residence", "certificate", "beneficial_owner"]]


class VatScope(Parameters):
    overseas_to_domestic: bool


class WithheldBy(Parameters):
    by: Literal["payer"]


class Exemption(Parameters):
    exempts: bool | None


class IncomeBase(Parameters):
    excludes_vat: bool


class Stamp(Parameters):
    excludes_vat: bool
    rates_bp: dict[str, BasisPoints]


class TransferConcession(Parameters):
    transferor: str
    least_years: int


class Applies(Parameters):
    applies: bool


class PatentBox(Rate):
    normal_rate_bp: BasisPoints


class PatentBoxFiling(Parameters):
    needs_hk_application: bool


class PartyTest(Parameters):
    """Where an invested party has to be registered: in one of the cities, or of the zones."""

    cities: list[str] = []
    zones: list[str] = []


class Institution(Parameters):
    name: Texts
    rules: str
    seats: list[str]


class Area(Parameters):
    cities: list[str]
    jurisdictions: list[str]


class Volume(Parameters):
    """Persons a year."""

    exempt_below: int
    contract_to: int
    sensitive_contract_below: int


class NegativeList(Parameters):
    published: bool
    items: list[str] | None


class Register(Parameters):
    """When and by whom a register is to be told; `days` or `months` after an event, or undated."""

    days: int | None = None
    months: int | None = None
    after: Literal["effect"] | None = None
    after_for_royalty: Literal["first_royalty"] | None = None
    filed_by: Literal["mainland", "either"]
    compulsory: bool
    only_with_patents: str | None = None
    documents: list[str]


class WorkingDays(Parameters):
    working_days: int


class Bundle(Parameters):
    documents: list[str]
    patents_only: list[str]


class AboveAmount(Parameters):
    """`above` in minor units of `currency`."""

    above: int
    currency: str
    document: str


class Reminders(Parameters):
    days_before: list[int]


class Catalogue(Parameters):
    edition: str
    complete: bool


class CatalogueItem(Parameters):
    """`code` as the catalogue prints it, empty where it was not seen; `points` of control."""

    code: str
    class_: Annotated[Literal["prohibited", "restricted"], Field(alias="class")]
    name: Texts
    points: list[str] = []


class Match(Parameters):
    threshold: Annotated[int, Field(ge=50, le=100)]


class Months(Parameters):
    months: int
    offices: list[str]


class Years(Parameters):
    years: int


class Annuity(Parameters):
    first_year: int
    counted_from: Literal["filing"]
    years: int
    grace_months: int


class AnnuityReduction(Parameters):
    annuity_reduction_bp: BasisPoints


class Clause(Parameters):
    severity: Literal["refuse", "warn", "note"]
    wording: Texts


class ServiceSupplier(Parameters):
    years_of_operation: int


class Test(Parameters):
    """One test of eligibility on one fact of an organisation."""

    fact: Literal[
        "jurisdiction", "city", "zone", "hk_macao_invested", "hkss_certificate", "founder_age",
        "years_since_founding",
    ]  # fmt: skip
    is_: bool | None = Field(default=None, alias="is")
    among: list[str] | None = None
    at_least: int | None = None
    at_most: int | None = None


class Effects(Parameters):
    """What remains of the usual fee and commission: 10000 is all of it."""

    listing_fee_bp: Annotated[int, Field(ge=0, le=10_000)]
    commission_bp: Annotated[int, Field(ge=0, le=10_000)]
    priority_review: bool


class Fee(Parameters):
    """`amount` in minor units of `currency`."""

    amount: Annotated[int, Field(ge=0, le=10**12)]
    currency: str


class Programme(Parameters):
    name: Texts
    months: int
    all: list[Test]
    effects: Effects


FORMS: dict[str, type[Parameters]] = {
    "tax.withholding.domestic": Rate,
    "tax.withholding.treaty": TreatyRate,
    "tax.withholding.treaty_conditions": TreatyConditions,
    "tax.vat": Rate,
    "tax.vat_scope": VatScope,
    "tax.vat_withholding": WithheldBy,
    "tax.vat_exemption": Exemption,
    "tax.income_base": IncomeBase,
    "tax.stamp": Stamp,
    "tax.stamp_abroad": Statement,
    "tax.stamp_hk": Statement,
    "tax.transfer_concession": TransferConcession,
    "tax.transfer_concession_inbound": Applies,
    "tax.patent_box": PatentBox,
    "tax.patent_box_filing": PatentBoxFiling,
    "governing_law.law": PartyTest,
    "governing_law.seat": PartyTest,
    "governing_law.foreign_related": Statement,
    "governing_law.mandatory": Statement,
    "cepa.choice_of_law": Statement,
    "arbitration.law": Statement,
    "arbitration.interim_measures": Statement,
    "arbitration.institution.*": Institution,
    "data.no_personal": Statement,
    "data.volume": Volume,
    "data.important": Statement,
    "data.negative_lists": Statement,
    "data.negative_list.*": NegativeList,
    "data.gba_contract": Area,
    "data.out_of_hk": Statement,
    "data.unknown_class": Statement,
    "data.inside": Statement,
    "data.elsewhere": Statement,
    "import_export.*": Statement,
    "register.mofcom": Register,
    "register.cnipa": Register,
    "register.recognition": Register,
    "register.mofcom_effect": Statement,
    "register.mofcom_certificate": WorkingDays,
    "register.reminders": Reminders,
    "remittance.bundle": Bundle,
    "remittance.tax_record": AboveAmount,
    "catalogue.code": Statement,
    "catalogue.*": Catalogue,
    "catalogue_item.cn_export.*": CatalogueItem,
    "catalogue_item.cn_import.*": CatalogueItem,
    "catalogue_item.hk_strategic.*": CatalogueItem,
    "screening.match": Match,
    "deadline.hk_standard_r_stage1": Months,
    "deadline.hk_standard_r_stage2": Months,
    "deadline.hk_standard_term": Years,
    "deadline.hk_short_term": Years,
    "deadline.annuity": Annuity,
    "open_licence.reduction": AnnuityReduction,
    "clause.*": Clause,
    "cepa.hkss": ServiceSupplier,
    "programme.*": Programme,
    "fee.commission": Rate,
    "fee.listing": Fee,
}


def form_of(key: str) -> type[Parameters] | None:
    """None where no rule may have this key."""
    return FORMS.get(key) or FORMS.get(key.rpartition(".")[0] + ".*")
