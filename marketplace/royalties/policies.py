"""Who may see sales and milestones, and who acts for a party: its own people, never a broker."""

from __future__ import annotations

from uuid import UUID

from marketplace.accounts.viewer import Role, Viewer
from marketplace.agreements.models import Agreement
from marketplace.core.errors import Forbidden
from marketplace.deals.evidence import Act

ACTING = (Role.ADMIN, Role.DEALMAKER, Role.FINANCE)


def parties(agreement: Agreement) -> dict[str, UUID]:
    return {"licensor": agreement.deal.licensor_id, "licensee": agreement.deal.buyer_id}


def may_read(viewer: Viewer, agreement: Agreement) -> bool:
    """Sales are no business of brokers, nor of members without a role that works with them."""
    ours = (viewer.has_role(one, *ACTING) for one in parties(agreement).values())
    return viewer.is_operator or any(ours)


def actors(
    viewer: Viewer, agreement: Agreement, submitted_by: UUID | None = None
) -> dict[str, Act]:
    """What the viewer is to it, in the words of the tables, and in whose name."""
    found = {}
    for side, organisation in parties(agreement).items():
        if viewer.has_role(organisation, *ACTING):
            act = Act(viewer.require_user().pk, organisation)
            found[side] = act
            if submitted_by is not None:
                found["submitter" if organisation == submitted_by else "other"] = act
    return found


def side(viewer: Viewer, agreement: Agreement) -> tuple[str, Act]:
    """The party for which the viewer acts. Forbidden where for neither."""
    for name, act in actors(viewer, agreement).items():
        return name, act
    raise Forbidden("Only admin, dealmaker and finance of a party may do this.", field=("id",))
