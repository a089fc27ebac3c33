from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.rulebook.engine import Answer, ask_all

from .models import ProgrammeApplication, ReviewState, SupplierCertificate


def visible_rows(viewer: Viewer) -> Q:
    """The organisation's people and the operators."""
    return Q() if viewer.is_operator else Q(organisation__in=list(viewer.roles))


def supplier_certificates_visible_to(viewer: Viewer) -> QuerySet[SupplierCertificate]:
    return SupplierCertificate.objects.filter(visible_rows(viewer))


def programme_applications_visible_to(viewer: Viewer) -> QuerySet[ProgrammeApplication]:
    return ProgrammeApplication.objects.filter(visible_rows(viewer))


def programmes(*, on: date) -> list[Answer]:
    """Those of the rule book that are open that day."""
    return ask_all("programme", on=on)


def priority_owners(*, on: date) -> set[UUID]:
    """The organisations whose listings are reviewed first, by their programmes."""
    first = [
        one.key.rpartition(".")[2] for one in programmes(on=on) if one.value.effects.priority_review
    ]
    running = ProgrammeApplication.objects.filter(
        programme__in=first, state=ReviewState.APPROVED, starts_on__lte=on, ends_on__gte=on
    )
    return set(running.values_list("organisation_id", flat=True))
