from __future__ import annotations

import graphene

from api.auth import viewer
from api.ids import global_id, parse_id, parse_optional_id
from api.mutation import Mutation
from search.synonyms import synonyms_remove, synonyms_set

from .types import SynonymGroup


class SynonymsSet(Mutation):
    """Say which words are the same to search, from the next search on; for operators."""

    synonyms = graphene.Field(SynonymGroup)

    class Arguments:
        id = graphene.ID(description="A group to change; else there is a new one.")
        words = graphene.List(
            graphene.NonNull(graphene.String),
            required=True,
            description="2 to 20, in any language.",
        )

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, words: list[str], id: str | None = None
    ) -> SynonymsSet:
        known = parse_optional_id(id, "SynonymGroup", field=("id",))
        return cls(synonyms=synonyms_set(viewer=viewer(info), words=words, group_id=known))


class SynonymsRemove(Mutation):
    """The words of the group are no longer the same; for operators."""

    id = graphene.ID()

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> SynonymsRemove:
        gone = synonyms_remove(viewer=viewer(info), group_id=parse_id(id, "SynonymGroup"))
        return cls(id=global_id("SynonymGroup", gone))


class SearchMutations(graphene.ObjectType):
    synonyms_set = SynonymsSet.Field(required=True)
    synonyms_remove = SynonymsRemove.Field(required=True)
