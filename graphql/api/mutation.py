"""One base for every mutation: call a service, or return the reasons why not."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import graphene
from django.db import transaction

from marketplace.core.errors import DomainError, Faults

from .auth import Unauthenticated
from .errors import UserError, user_errors


class Mutation(graphene.Mutation):
    class Meta:
        abstract = True

    atomic = True  # one transaction around the whole; False where the service has its own

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        cls.errors = graphene.List(graphene.NonNull(UserError), required=True, default_value=())
        super().__init_subclass_with_meta__(**options)

    @classmethod
    def mutate(cls, root: None, info: graphene.ResolveInfo, **arguments: Any) -> Mutation:
        try:
            with transaction.atomic() if cls.atomic else nullcontext():
                payload: Mutation = cls.perform(info, **arguments)
                return payload
        except Unauthenticated:
            raise
        except (DomainError, Faults) as error:
            return cls(errors=user_errors(error))
