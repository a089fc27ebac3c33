"""Who is looking, in the form that policies and services understand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marketplace.core.errors import Forbidden

from .models import Membership, Organisation, User

Role = Membership.Role


@dataclass(frozen=True)
class Viewer:
    """`roles` are those in each organisation the user belongs to; an operator is a member of an
    organisation of that kind. The anonymous viewer has no user."""

    user: User | None = None
    roles: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    is_operator: bool = False
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What policies looked up for this viewer; a viewer lives as long as one request."""

    def has_role(self, organisation_id: UUID, *wanted: str) -> bool:
        """Whether the viewer holds one of `wanted` there; with none wanted, whether a member."""
        held = self.roles.get(organisation_id, frozenset())
        return bool(held & set(wanted)) if wanted else bool(held)

    def require_user(self) -> User:
        if self.user is None:
            raise Forbidden("Log in first.")
        return self.user

    def require_operator(self, what: str = "may do this") -> None:
        """Forbidden says that only operators do `what`."""
        if not self.is_operator:
            raise Forbidden(f"Only operators {what}.")


ANONYMOUS = Viewer()


def viewer_of(user: User | None) -> Viewer:
    """The viewer behind a user; one SQL statement."""
    if user is None or not user.is_active:
        return ANONYMOUS
    memberships = list(
        Membership.objects.filter(user=user).values_list(
            "organisation_id", "roles", "organisation__kinds"
        )
    )
    return Viewer(
        user=user,
        roles={organisation: frozenset(roles) for organisation, roles, _ in memberships},
        is_operator=any(Organisation.Kind.OPERATOR in kinds for _, _, kinds in memberships),
    )
