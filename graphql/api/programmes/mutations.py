from __future__ import annotations

from datetime import date

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from marketplace.programmes import services

from .types import ProgrammeApplication, SupplierCertificate


class SupplierCertificateSubmit(Mutation):
    """Show a certificate of Hong Kong service supplier, for an operator to review."""

    certificate = graphene.Field(SupplierCertificate)

    class Arguments:
        organisation = graphene.ID(required=True)
        sector = graphene.String(required=True)
        number = graphene.String(required=True)
        expires_on = graphene.Date(required=True)
        evidence = graphene.String(required=True, description="Where the document is.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        organisation: str,
        sector: str,
        number: str,
        expires_on: date,
        evidence: str,
    ) -> SupplierCertificateSubmit:
        return cls(
            certificate=services.supplier_certificate_submit(
                viewer=viewer(info),
                organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
                sector=sector,
                number=number,
                expires_on=expires_on,
                evidence=evidence,
                today=timezone.localdate(),
            )
        )


class SupplierCertificateDecide(Mutation):
    """Approve or reject a certificate; for operators."""

    certificate = graphene.Field(SupplierCertificate)

    class Arguments:
        id = graphene.ID(required=True)
        approve = graphene.Boolean(required=True)
        note = graphene.String()

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, approve: bool, note: str | None = None
    ) -> SupplierCertificateDecide:
        return cls(
            certificate=services.supplier_certificate_decide(
                viewer=viewer(info),
                certificate_id=parse_id(id, "SupplierCertificate"),
                approve=approve,
                note=note or "",
            )
        )


class ProgrammeFactsInput(graphene.InputObjectType):
    """What only the applicant can say."""

    founder_age = graphene.Int(description="In years.")
    years_since_founding = graphene.Int()


class ProgrammeApply(Mutation):
    """Apply for a programme; every test of eligibility that fails is told."""

    application = graphene.Field(ProgrammeApplication)

    class Arguments:
        organisation = graphene.ID(required=True)
        programme = graphene.String(required=True, description="Its key, such as hub_tenant.")
        facts = ProgrammeFactsInput()

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        organisation: str,
        programme: str,
        facts: dict[str, int] | None = None,
    ) -> ProgrammeApply:
        return cls(
            application=services.programme_apply(
                viewer=viewer(info),
                organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
                programme=programme,
                facts=facts or {},
                today=timezone.localdate(),
            )
        )


class ProgrammeDecide(Mutation):
    """Approve, reject or end: a move of the application's `availableActions`; for operators."""

    application = graphene.Field(ProgrammeApplication)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True)
        note = graphene.String(description="Wanted to reject and to end.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, note: str | None = None
    ) -> ProgrammeDecide:
        return cls(
            application=services.programme_decide(
                viewer=viewer(info),
                application_id=parse_id(id, "ProgrammeApplication"),
                move=move,
                note=note or "",
                today=timezone.localdate(),
            )
        )


class ProgrammeMutations(graphene.ObjectType):
    supplier_certificate_submit = SupplierCertificateSubmit.Field(required=True)
    supplier_certificate_decide = SupplierCertificateDecide.Field(required=True)
    programme_apply = ProgrammeApply.Field(required=True)
    programme_decide = ProgrammeDecide.Field(required=True)
