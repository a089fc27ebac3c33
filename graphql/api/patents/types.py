from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone
from graphene.relay import Node

from api.scalars import LegalEventKind, LegalStatus
from marketplace.patents import models
from marketplace.patents.status import relatives, status_of


class LegalEvent(graphene.ObjectType):
    """Something that happened to a patent in one territory."""

    territory = graphene.String(required=True)
    kind = graphene.Field(LegalEventKind, required=True)
    on = graphene.Date(required=True)
    source = graphene.String(required=True)


class TerritoryStatus(graphene.ObjectType):
    """What the events say of a patent in one territory today."""

    territory = graphene.String(required=True)
    status = graphene.Field(LegalStatus, required=True)


class Patent(graphene.ObjectType):
    """One application, from filing to grant."""

    class Meta:
        interfaces = (Node,)

    office = graphene.String(required=True, description="WIPO ST.3.")
    docdb = graphene.String(required=True, description="Such as US.8000000.B2.")
    application_number = graphene.String(required=True)
    publication_numbers = graphene.List(graphene.NonNull(graphene.String), required=True)
    title_en = graphene.String(required=True)
    title_hans = graphene.String(required=True)
    title_hant = graphene.String(required=True)
    title_other = graphene.String(required=True)
    abstract_en = graphene.String(required=True)
    abstract_hans = graphene.String(required=True)
    abstract_hant = graphene.String(required=True)
    applicants = graphene.List(graphene.NonNull(graphene.String), required=True)
    inventors = graphene.List(graphene.NonNull(graphene.String), required=True)
    ipc = graphene.List(graphene.NonNull(graphene.String), required=True)
    cpc = graphene.List(graphene.NonNull(graphene.String), required=True)
    priority_date = graphene.Date()
    filing_date = graphene.Date()
    publication_date = graphene.Date()
    grant_date = graphene.Date()
    events = graphene.List(graphene.NonNull(LegalEvent), required=True)
    status = graphene.List(graphene.NonNull(TerritoryStatus), required=True)
    simple_family = graphene.List(
        graphene.NonNull(lambda: Patent),
        required=True,
        description="Those of the same priorities, this one among them.",
    )
    extended_family = graphene.List(
        graphene.NonNull(lambda: Patent),
        required=True,
        description="Those that share any priority (INPADOC), this one among them.",
    )

    @staticmethod
    def resolve_events(root: models.Patent, info: graphene.ResolveInfo) -> Any:
        return root.events.all()

    @staticmethod
    def resolve_status(root: models.Patent, info: graphene.ResolveInfo) -> list[TerritoryStatus]:
        found = status_of(root, on=timezone.localdate())
        return [TerritoryStatus(territory=t, status=s) for t, s in sorted(found.items())]

    @staticmethod
    def resolve_simple_family(root: models.Patent, info: graphene.ResolveInfo) -> Any:
        return relatives(root, models.Family.Kind.SIMPLE)

    @staticmethod
    def resolve_extended_family(root: models.Patent, info: graphene.ResolveInfo) -> Any:
        return relatives(root, models.Family.Kind.EXTENDED)
