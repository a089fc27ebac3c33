from __future__ import annotations

from datetime import date
from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id
from api.scalars import ReviewState
from marketplace.accounts.models import Organisation
from marketplace.accounts.policies import sees_inside
from marketplace.accounts.selectors import organisations_visible_to
from marketplace.fees import price_list
from marketplace.programmes import models, selectors
from marketplace.programmes.services import Effects, effects
from marketplace.rulebook.engine import Answer

from .types import GrantedEffects, Price, Programme, ProgrammeApplication, SupplierCertificate

SupplierCertificateConnection = connection_of(SupplierCertificate)
ProgrammeApplicationConnection = connection_of(ProgrammeApplication)
ON = graphene.Date(description="Today where it is left out.")


class ProgrammeQueries(graphene.ObjectType):
    programmes = graphene.List(
        graphene.NonNull(Programme), required=True, on=ON, description="Open to all."
    )
    programme_applications = graphene.Field(
        ProgrammeApplicationConnection,
        required=True,
        state=ReviewState(),
        **PAGE_ARGUMENTS,
        description="Those of your organisations, to operators all; newest first.",
    )
    supplier_certificates = graphene.Field(
        SupplierCertificateConnection,
        required=True,
        state=ReviewState(),
        **PAGE_ARGUMENTS,
        description="Those of your organisations, to operators all; newest first.",
    )
    programme_effects = graphene.Field(
        GrantedEffects,
        organisation=graphene.ID(required=True),
        on=ON,
        description="For its members and the operators.",
    )
    price = graphene.Field(
        Price,
        organisation=graphene.ID(required=True),
        on=ON,
        description="By rules that two operators confirmed: no other is charged. For its members "
        "and the operators.",
    )

    @staticmethod
    def resolve_programmes(
        root: None, info: graphene.ResolveInfo, on: date | None = None
    ) -> list[Answer]:
        return selectors.programmes(on=on or timezone.localdate())

    @staticmethod
    def resolve_programme_applications(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = selectors.programme_applications_visible_to(viewer(info))
        rows = rows.select_related("organisation")
        return page(rows.filter(state=state) if state else rows, first=first, after=after)

    @staticmethod
    def resolve_supplier_certificates(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = selectors.supplier_certificates_visible_to(viewer(info))
        rows = rows.select_related("organisation")
        return page(rows.filter(state=state) if state else rows, first=first, after=after)

    @staticmethod
    def resolve_programme_effects(
        root: None, info: graphene.ResolveInfo, organisation: str, on: date | None = None
    ) -> Effects | None:
        found = seen_inside(info, organisation)
        return effects(found, on=on or timezone.localdate()) if found else None

    @staticmethod
    def resolve_price(
        root: None, info: graphene.ResolveInfo, organisation: str, on: date | None = None
    ) -> price_list.Price | None:
        found = seen_inside(info, organisation)
        return price_list.price(found, on=on or timezone.localdate()) if found else None


def seen_inside(info: graphene.ResolveInfo, id: str) -> Organisation | None:
    pk = parse_id(id, "Organisation", field=("organisation",))
    found = organisations_visible_to(viewer(info)).filter(pk=pk).first()
    return found if found is not None and sees_inside(viewer(info), found) else None


def application_node(info: graphene.ResolveInfo, pk: UUID) -> models.ProgrammeApplication | None:
    return selectors.programme_applications_visible_to(viewer(info)).filter(pk=pk).first()


def certificate_node(info: graphene.ResolveInfo, pk: UUID) -> models.SupplierCertificate | None:
    return selectors.supplier_certificates_visible_to(viewer(info)).filter(pk=pk).first()
