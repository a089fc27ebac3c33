"""Two paths that mean one field of use are joined, so that they conflict."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Invalid

from . import scope
from .models import FieldName
from .selectors import field_names, standing
from .services import keep_names


@transaction.atomic
def field_join(*, viewer: Viewer, path: str, to: str, now: datetime) -> FieldName:
    """From now on `path` means `to`, and what stands in the ledger under it and below it is
    renamed. Conflict where the two were granted to different parties: then they cannot be one."""
    viewer.require_operator("join fields of use")
    name, field = scope.path(path, field=("path",)), scope.path(to, field=("to",))
    if not name:
        raise Invalid("Every field is no name, write one such as battery.", field=("path",))
    keep_names(change=True)
    names = {**field_names(), name: field}
    if any(scope.joined_part(scope.renamed(one, names), names) for one in names):
        raise Invalid(f"{field} is or means {name} already.", field=("to",))
    made, _ = FieldName.objects.update_or_create(
        path=name, defaults={"joined_to": field, "joined_by": viewer.require_user()}
    )
    try:
        with transaction.atomic():
            for one in standing(now):
                new = scope.widest(scope.renamed(f, names) for f in one.fields)
                if new != one.fields:
                    one.fields = new
                    one.save(update_fields=["fields", "updated_at"])
    except IntegrityError:
        raise Conflict(
            f"{name} and {field} are granted apart from each other.", field=("path",)
        ) from None
    return made
