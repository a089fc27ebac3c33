from __future__ import annotations

import graphene
from graphene.relay import Node

from api.wires.types import name_of
from marketplace.payments import models


class Alarm(graphene.ObjectType):
    """Something about money that does not agree, and that only a person may put right."""

    class Meta:
        interfaces = (Node,)

    kind = graphene.String(required=True, description="Such as balance or refund_failed.")
    subject = graphene.String(required=True)
    message = graphene.String(required=True)
    outcome = graphene.String(required=True, description="What was done about it.")
    closed_by = graphene.String()
    closed_at = graphene.DateTime()
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_closed_by(root: models.Alarm, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.closed_by)
