from __future__ import annotations

from typing import Any

import graphene

from api.auth import viewer
from api.ids import parse_id
from marketplace.accounts import models
from marketplace.accounts.selectors import organisations_visible_to
from marketplace.accounts.viewer import Viewer as DomainViewer

from .types import Organisation, Viewer


class AccountQueries(graphene.ObjectType):
    viewer = graphene.Field(Viewer, description="You; null for who has not logged in.")
    organisation = graphene.Field(Organisation, id=graphene.ID(required=True))

    @staticmethod
    def resolve_viewer(root: None, info: graphene.ResolveInfo) -> DomainViewer | None:
        found = viewer(info)
        return found if found.user else None

    @staticmethod
    def resolve_organisation(
        root: None, info: graphene.ResolveInfo, id: str
    ) -> models.Organisation | None:
        pk = parse_id(id, "Organisation")
        return organisations_visible_to(viewer(info)).filter(pk=pk).first()


def organisation_node(info: graphene.ResolveInfo, pk: Any) -> models.Organisation | None:
    return organisations_visible_to(viewer(info)).filter(pk=pk).first()
