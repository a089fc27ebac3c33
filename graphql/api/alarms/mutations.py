from __future__ import annotations

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from marketplace.payments import alarms

from .types import Alarm


class AlarmClose(Mutation):
    """Say what was done about an alarm; for operators. If it goes on, it is raised again."""

    alarm = graphene.Field(Alarm)

    class Arguments:
        id = graphene.ID(required=True)
        outcome = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, outcome: str) -> AlarmClose:
        return cls(
            alarm=alarms.alarm_close(
                viewer=viewer(info),
                alarm_id=parse_id(id, "Alarm"),
                outcome=outcome,
                now=timezone.now(),
            )
        )


class AlarmMutations(graphene.ObjectType):
    alarm_close = AlarmClose.Field(required=True)
