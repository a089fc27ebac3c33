from __future__ import annotations

from uuid import UUID

import graphene

from api.auth import viewer
from api.ids import parse_id
from marketplace.core.errors import Invalid
from marketplace.listings.selectors import patents_visible_to
from marketplace.patents import models
from marketplace.patents.numbers import parse_number

from .types import Patent


class PatentQueries(graphene.ObjectType):
    patent = graphene.Field(
        Patent,
        id=graphene.ID(),
        number=graphene.String(description="In any usual form, such as US 8,000,000 B2."),
        description="By its id or by any of its numbers.",
    )

    @staticmethod
    def resolve_patent(
        root: None, info: graphene.ResolveInfo, id: str | None = None, number: str | None = None
    ) -> models.Patent | None:
        if (id is None) == (number is None):
            raise Invalid("Send either an id or a number.", field=("id",))
        patents = patents_visible_to(viewer(info))
        if id is not None:
            return patents.filter(pk=parse_id(id, "Patent")).first()
        wanted = parse_number(number or "")
        found = patents.filter(number_keys__contains=[wanted.key]).order_by("docdb")
        exact = [p for p in found if wanted.kind and wanted.docdb in p.publication_numbers]
        return next(iter([*exact, *found]), None)


def patent_node(info: graphene.ResolveInfo, pk: UUID) -> models.Patent | None:
    return patents_visible_to(viewer(info)).filter(pk=pk).first()
