from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.scalars import AssetKind, Exclusivity, OccupationKind, PatentCover, RightAct, RightsLeft
from marketplace.rights import models
from marketplace.rights.availability import Free, Part
from marketplace.rights.policies import may_release
from marketplace.rights.scope import Names
from marketplace.rights.selectors import field_names


class FreeRight(graphene.ObjectType):
    """A right that may still be licensed, under any one of `exclusivities`."""

    field_of_use = graphene.String(
        required=True, description="Such as medical/imaging; empty: every field."
    )
    except_fields = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Fields below it that have answers of their own, or where nothing is left.",
    )
    acts = graphene.List(graphene.NonNull(RightAct), required=True)
    exclusivities = graphene.List(graphene.NonNull(Exclusivity), required=True)
    start = graphene.Date(required=True)
    until = graphene.Date(description="The day after the last; null: for good.")

    @staticmethod
    def resolve_field_of_use(root: Free, info: graphene.ResolveInfo) -> str:
        return root.field


class Availability(graphene.ObjectType):
    """What of a listing is still free, and what covers it, in territories with one answer."""

    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    cover = graphene.Field(PatentCover, required=True)
    cover_until = graphene.Date(
        description="When the last patent in force there ends, where that is known; null also "
        "where the owner stays anonymous."
    )
    left = graphene.Field(RightsLeft, required=True)
    free = graphene.List(graphene.NonNull(FreeRight), required=True)


def shown(part: Part, *, sees_owner: bool) -> Availability:
    """The end of a patent's term nearly names it."""
    return Availability(
        territories=part.territories,
        cover=part.cover,
        cover_until=part.cover_until if sees_owner else None,
        left=part.left,
        free=part.free,
    )


class FieldName(graphene.ObjectType):
    """A path that means the same field of use as another."""

    path = graphene.String(required=True)
    joined_to = graphene.String(required=True)


def names(info: graphene.ResolveInfo) -> Names:
    """Looked up once a request."""
    memo = viewer(info).memo
    if "field names" not in memo:
        memo["field names"] = field_names()
    found: Names = memo["field names"]
    return found


class Occupation(graphene.ObjectType):
    """A right that is taken, of one asset: by a grant, option, lock or reservation."""

    class Meta:
        interfaces = (Node,)

    kind = graphene.Field(OccupationKind, required=True)
    asset_kind = graphene.Field(AssetKind, required=True)
    patent_number = graphene.String(description="In DOCDB form; null: know-how or software.")
    owner = graphene.Field(Organisation, required=True)
    holder = graphene.Field(Organisation, required=True)
    exclusivity = graphene.Field(Exclusivity, required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    fields_of_use = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="An empty one: every field."
    )
    acts = graphene.List(graphene.NonNull(RightAct), required=True)
    start = graphene.Date(required=True)
    until = graphene.Date(description="The day after the last; null: for good.")
    stands_from = graphene.DateTime(description="Null where it was released at once.")
    stands_until = graphene.DateTime(description="When it lapses or was released.")
    subject = graphene.String(required=True, description="Its cause, such as agreement:1f0c….")
    created_at = graphene.DateTime(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="`release`, for reservationRelease, where you may.",
    )

    @staticmethod
    def resolve_asset_kind(root: models.Occupation, info: graphene.ResolveInfo) -> str:
        return root.asset.kind

    @staticmethod
    def resolve_patent_number(root: models.Occupation, info: graphene.ResolveInfo) -> str | None:
        return root.asset.patent.docdb if root.asset.patent else None

    @staticmethod
    def resolve_fields_of_use(root: models.Occupation, info: graphene.ResolveInfo) -> Any:
        return root.fields

    @staticmethod
    def resolve_start(root: models.Occupation, info: graphene.ResolveInfo) -> Any:
        return root.period.lower

    @staticmethod
    def resolve_until(root: models.Occupation, info: graphene.ResolveInfo) -> Any:
        return root.period.upper

    @staticmethod
    def resolve_stands_from(root: models.Occupation, info: graphene.ResolveInfo) -> Any:
        return root.live.lower

    @staticmethod
    def resolve_stands_until(root: models.Occupation, info: graphene.ResolveInfo) -> Any:
        return root.live.upper

    @staticmethod
    def resolve_available_actions(root: models.Occupation, info: graphene.ResolveInfo) -> list[str]:
        over = root.live.isempty or (root.live.upper is not None)
        return ["release"] if not over and may_release(viewer(info), root) else []


PREFETCH = {"owner": "owner", "holder": "holder"}
