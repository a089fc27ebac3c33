from __future__ import annotations

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.scalars import ScreeningHitState
from marketplace.screening import models


class RestrictedParty(graphene.ObjectType):
    """An entry of a list of restricted parties."""

    list_name = graphene.String(required=True)
    reference = graphene.String(required=True, description="Its number in the list.")
    names = graphene.List(graphene.NonNull(graphene.String), required=True)
    country = graphene.String(required=True)
    note = graphene.String(required=True)
    listed = graphene.Boolean(required=True, description="False once it left the list.")


class ScreeningHit(graphene.ObjectType):
    """A name of an organisation that is near a listed one, until a person says what it is."""

    class Meta:
        interfaces = (Node,)

    organisation = graphene.Field(Organisation, required=True)
    party = graphene.Field(RestrictedParty, required=True)
    own_name = graphene.String(required=True)
    listed_name = graphene.String(required=True)
    score = graphene.Int(required=True, description="Of 100.")
    reason = graphene.String(required=True, description="written or romanised.")
    state = graphene.Field(ScreeningHitState, required=True)
    note = graphene.String(required=True)
    decided_by = graphene.String()
    decided_at = graphene.DateTime()
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_decided_by(root: models.ScreeningHit, info: graphene.ResolveInfo) -> str | None:
        return (root.decided_by.name or root.decided_by.email) if root.decided_by else None
