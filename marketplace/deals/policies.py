"""What a viewer may see of a deal, and for whom they may act in it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.calendar import day_of
from marketplace.core.errors import Forbidden
from marketplace.listings.models import Listing

from .evidence import Act
from .models import Deal, Mandate

EDITORS = (Role.ADMIN, Role.DEALMAKER)


def in_force(now: datetime) -> Q:
    today = day_of(now)
    return Q(state=Mandate.State.ACCEPTED, starts_on__lte=today, ends_on__gte=today)


def mandates_over(listing: object, principal: object, now: datetime) -> Q:
    return in_force(now) & Q(principal=principal) & (Q(listings=None) | Q(listings=listing))


def visible_deals(viewer: Viewer, now: datetime) -> Q:
    """Both parties' people, whoever holds a mandate of a party over it, and the operators."""
    if viewer.is_operator:
        return Q()
    mine = list(viewer.roles)
    held = Mandate.objects.filter(centre__in=mine)
    brokered = [
        Exists(held.filter(mandates_over(OuterRef("listing"), OuterRef(party), now)))
        for party in ("licensor", "buyer")
    ]
    return Q(licensor__in=mine) | Q(buyer__in=mine) | brokered[0] | brokered[1]


def held_mandates(viewer: Viewer, now: datetime) -> list[Mandate]:
    """Those in force under which the viewer may act; asked once a viewer and day."""
    centres = [one for one in viewer.roles if viewer.has_role(one, *EDITORS)]
    if not centres:
        return []
    key = f"mandates of {day_of(now)}"
    if key not in viewer.memo:
        held = Mandate.objects.filter(in_force(now), centre__in=centres)
        viewer.memo[key] = list(held.order_by("created_at").prefetch_related("listings"))
    found: list[Mandate] = viewer.memo[key]
    return found


def visible_mandates(viewer: Viewer) -> Q:
    if viewer.is_operator:
        return Q()
    return Q(principal__in=list(viewer.roles)) | Q(centre__in=list(viewer.roles))


def acting(
    viewer: Viewer,
    organisation: Organisation,
    act: str | None,
    *,
    listing: Listing,
    now: datetime,
) -> Act:
    """How the viewer may do `act` for the organisation over the listing: as its admin or
    dealmaker, or as those of a transfer centre with a mandate in force that names the act.
    Forbidden says what is wanted. With `act` None, only as its own."""
    user = viewer.require_user()
    if viewer.has_role(organisation.pk, *EDITORS):
        return Act(user.pk, organisation.pk)
    for mandate in held_mandates(viewer, now) if act is not None else ():
        scope = {one.pk for one in mandate.listings.all()}
        inside = not scope or listing.pk in scope
        if mandate.principal_id == organisation.pk and act in mandate.acts and inside:
            return Act(user.pk, organisation.pk, mandate.pk)
    raise Forbidden(
        f"Only an admin or dealmaker of {organisation.name} may do this"
        + (f", or a transfer centre whose mandate in force says {act}." if act else ".")
    )


def sides(viewer: Viewer, deal: Deal, now: datetime, act: str | None = None) -> dict[str, Act]:
    """What the viewer is to the deal, in the words of the workflow's table, and in whose name."""
    found = {}
    for side, organisation in deal.parties.items():
        try:
            found[side] = acting(viewer, organisation, act, listing=deal.listing, now=now)
        except Forbidden:
            continue
    if viewer.is_operator and not found:
        found["operator"] = Act(viewer.require_user().pk)
    return found


def party(viewer: Viewer, deal: Deal, now: datetime, act: str | None) -> tuple[str, Act]:
    """The side for which the viewer acts, and in whose name. Forbidden where for neither."""
    found = sides(viewer, deal, now, act)
    for side in deal.parties:
        if side in found:
            return side, found[side]
    raise Forbidden("Only the deal's parties, and who holds their mandate, may do this.")


def sees_licensor(viewer: Viewer, deal: Deal) -> bool:
    """The buyer's side of an anonymous listing learns who it is once the enquiry is accepted."""
    if viewer.is_operator or viewer.has_role(deal.licensor_id) or not deal.listing.anonymous:
        return True
    return deal.state in {Deal.State.OPEN, Deal.State.AGREED, Deal.State.ENDED}
