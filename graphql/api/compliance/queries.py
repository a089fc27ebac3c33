from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import graphene
from django.db.models import Model, QuerySet
from django.utils import timezone

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id
from api.prefetch import prefetch
from api.scalars import CatalogueDirection, DossierState
from marketplace.compliance import models
from marketplace.compliance.assessment import against
from marketplace.compliance.catalogue import Direction, Suggestion, items, suggestions
from marketplace.compliance.papers import bundle, bundle_zip
from marketplace.compliance.policies import dossiers_visible_to
from marketplace.core.money import Money
from marketplace.rulebook.engine import Reason

from .types import CatalogueSuggestion, Dossier, Obstacle, RemittanceBundle, WantedPaper, lookups

DossierConnection = connection_of(Dossier)
MOST_TEXT = 20_000


class ComplianceQueries(graphene.ObjectType):
    dossier = graphene.Field(Dossier, id=graphene.ID(required=True))
    dossiers = graphene.Field(
        DossierConnection,
        required=True,
        state=DossierState(),
        **PAGE_ARGUMENTS,
        description="Those of your organisations, newest first.",
    )
    dossier_obstacles = graphene.List(
        graphene.NonNull(Obstacle),
        dossier=graphene.ID(required=True),
        description="All that keeps the agreement from taking effect today; none: nothing does.",
    )
    remittance_bundle = graphene.Field(
        RemittanceBundle,
        dossier=graphene.ID(required=True),
        amount=graphene.BigInt(required=True, description="In minor units."),
        currency=graphene.String(required=True),
        on=graphene.Date(description="Today where it is left out."),
    )
    catalogue_suggestions = graphene.List(
        graphene.NonNull(CatalogueSuggestion),
        required=True,
        text=graphene.String(required=True, description="What the technology is."),
        direction=CatalogueDirection(required=True),
        on=graphene.Date(description="Today where it is left out."),
        description="Open to all.",
    )

    @staticmethod
    def resolve_dossier(root: None, info: graphene.ResolveInfo, id: str) -> models.Dossier | None:
        return dossier_node(info, parse_id(id, "Dossier"))

    @staticmethod
    def resolve_dossiers(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = visible(info)
        return page(rows.filter(state=state) if state else rows, first=first, after=after)

    @staticmethod
    def resolve_dossier_obstacles(
        root: None, info: graphene.ResolveInfo, dossier: str
    ) -> list[Reason] | None:
        found = dossier_node(info, parse_id(dossier, "Dossier", field=("dossier",)))
        return None if found is None else against(found, on=timezone.localdate())

    @staticmethod
    def resolve_remittance_bundle(
        root: None,
        info: graphene.ResolveInfo,
        dossier: str,
        amount: int,
        currency: str,
        on: date | None = None,
    ) -> RemittanceBundle | None:
        row = dossier_node(info, parse_id(dossier, "Dossier", field=("dossier",)))
        if row is None:
            return None
        found = bundle(
            row,
            Money(amount, currency.strip().upper()),
            on=on or timezone.localdate(),
        )
        return RemittanceBundle(
            papers=[WantedPaper(kind=kind, paper=paper) for kind, paper in found.papers],
            missing=found.missing,
            answer=found.answer,
            zip=base64.b64encode(bundle_zip(found)).decode(),
        )

    @staticmethod
    def resolve_catalogue_suggestions(
        root: None,
        info: graphene.ResolveInfo,
        text: str,
        direction: str,
        on: date | None = None,
    ) -> list[Suggestion]:
        return suggestions(
            text[:MOST_TEXT], items(Direction(direction), on=on or timezone.localdate())
        )


def visible(info: graphene.ResolveInfo) -> QuerySet[models.Dossier]:
    return prefetch(dossiers_visible_to(viewer(info)), info, lookups())


def dossier_node(info: graphene.ResolveInfo, pk: UUID) -> models.Dossier | None:
    return visible(info).filter(pk=pk).first()


def inside(model: type[Model], path: str) -> Callable[[graphene.ResolveInfo, UUID], Any]:
    """The door to what belongs to a dossier: by the same policy."""

    def door(info: graphene.ResolveInfo, pk: UUID) -> Any:
        rows = model._default_manager.filter(
            pk=pk, **{f"{path}__in": dossiers_visible_to(viewer(info))}
        )
        return rows.select_related(path).first()

    return door


classification_node = inside(models.Classification, "dossier")
task_node = inside(models.RegisterTask, "dossier")
paper_node = inside(models.Paper, "dossier")
assessment_node = inside(models.Assessment, "dossier")
override_node = inside(models.Override, "assessment__dossier")
