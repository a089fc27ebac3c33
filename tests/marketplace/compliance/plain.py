"""A dossier without a deal, from plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.compliance.assessment import assess, assessment_sign
from marketplace.compliance.classification import classification_decide
from marketplace.compliance.dossiers import dossier_create
from marketplace.compliance.models import Assessment, Classification, Dossier
from tests.factories import NOW, make_organisation, member_of

TERMS: dict[str, Any] = {
    "kind": "know_how",
    "territories": ["CN"],
    "starts_on": "2027-01-01",
    "ends_on": "2031-12-31",
    "know_how": True,
    "gross_up": True,
}
PATENT = {"number": "CN.101.B", "territory": "CN", "expires_on": "2035-06-30"}


@dataclass(frozen=True)
class Pair:
    licensor: Viewer
    licensee: Viewer
    dossier: Dossier


def make_dossier(
    licensor: Organisation | None = None, licensee: Organisation | None = None, **content: Any
) -> Pair:
    """From Hong Kong to Shenzhen where nothing else is said."""
    licensor = licensor or make_organisation("licensor")
    licensee = licensee or make_organisation("buyer", jurisdiction="CN", city="深圳")
    viewers = member_of(licensor), member_of(licensee)
    terms = {**TERMS, **content.pop("terms", {})}
    dossier = dossier_create(
        viewer=viewers[0],
        licensor_id=licensor.pk,
        licensee_id=licensee.pk,
        **{
            "title": "Solid electrolyte",
            "technology": "A garnet ceramic that conducts lithium.",
            "amount": 106_000_000,
            "currency": "CNY",
            "terms": terms,
            **content,
        },
    )
    return Pair(*viewers, dossier)


def decide(pair: Pair, row: Classification, move: str, **more: Any) -> Classification:
    return classification_decide(
        viewer=more.pop("viewer", pair.licensor),
        classification_id=row.pk,
        move=move,
        **{"note": "As the catalogue says.", "now": NOW, **more},
    )


def way(pair: Pair, direction: str, cause: str = "licence") -> Classification:
    return Classification.objects.get(dossier=pair.dossier, direction=direction, cause=cause)


def free_all(pair: Pair) -> None:
    for row in pair.dossier.classifications.filter(state="open"):
        decide(pair, row, "free")


def signed(pair: Pair) -> Assessment:
    found = assess(viewer=pair.licensor, dossier_id=pair.dossier.pk, now=NOW)
    for viewer in (pair.licensor, pair.licensee):
        assessment_sign(viewer=viewer, assessment_id=found.pk, now=NOW)
    return found
