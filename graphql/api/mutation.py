"""One base for every mutation: call a service, or return the reasons why not."""

from __future__ import annotations

from typing import Any

import graphene
from django.db import transaction

from marketplace.core.errors import DomainError, Faults

from .errors import UserError, user_errors


class Mutation(graphene.Mutation):
    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        cls.errors = graphene.List(graphene.NonNull(UserError), required=True, default_value=())
        super().__init_subclass_with_meta__(**options)

    @classmethod
    def mutate(cls, root: None, info: graphene.ResolveInfo, **arguments: Any) -> Mutation:
        try:
            with transaction.atomic():
                payload: Mutation = cls.perform(info, **arguments)
                return payload
        except (DomainError, Faults) as error:
            return cls(errors=user_errors(error))
