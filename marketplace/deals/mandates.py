"""Mandates: what a transfer centre may do for an organisation, given and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import organisation_for, organisations_visible_to
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.checks import checked, choices, whole
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.listings.selectors import listings_visible_to

from .models import Mandate
from .selectors import mandate_for
from .workflow import MANDATES


@transaction.atomic
def mandate_offer(
    *,
    viewer: Viewer,
    principal_id: UUID,
    centre_id: UUID,
    acts: Sequence[str],
    starts_on: date,
    ends_on: date,
    commission_bp: int,
    listing_ids: Sequence[UUID] = (),
) -> Mandate:
    """Offer a mandate; it counts once the centre accepts. Only an admin of the principal may."""
    principal = organisation_for(viewer, principal_id, Role.ADMIN)
    centre = organisations_visible_to(viewer).filter(pk=centre_id).first()
    if centre is None or Organisation.Kind.TRANSFER_CENTRE not in centre.kinds:
        raise NotFound("No such transfer centre.", field=("centre",))
    if centre == principal:
        raise Invalid("A mandate is given to somebody else.", field=("centre",))
    given = checked(
        {"acts": acts, "commission_bp": commission_bp},
        {
            "acts": choices(Mandate.Act),
            "commission_bp": whole(0, 10_000, "a commission in basis points"),
        },
    )
    if not given["acts"]:
        raise Invalid("Name what the centre may do, such as ENQUIRE.", field=("acts",))
    if ends_on < starts_on:
        raise Invalid("It ends before it starts.", field=("ends_on",))
    found = list(listings_visible_to(viewer).filter(pk__in=listing_ids))
    if len(found) != len(set(listing_ids)):
        raise NotFound("No such listing.", field=("listings",))
    mandate = Mandate.objects.create(
        principal=principal,
        centre=centre,
        starts_on=starts_on,
        ends_on=ends_on,
        given_by=viewer.require_user(),
        **given,
    )
    mandate.listings.set(found)
    return mandate


@transaction.atomic
def mandate_move(*, viewer: Viewer, mandate_id: UUID, move: str, revision: int) -> Mandate:
    """Accept, refuse, revoke or give up. What was done under it stays done."""
    mandate = mandate_for(viewer, mandate_id, lock=True)
    if mandate.revision != revision:
        raise Conflict(
            f"Somebody changed it meanwhile: it is {mandate.state}, revision {mandate.revision}.",
            field=("revision",),
        )
    by = mandate_actors(viewer, mandate)
    if not by:
        raise Forbidden("Only an admin of the principal or of the centre may.", field=("id",))
    mandate.state = MANDATES.move(mandate.state, move, by=by)
    mandate.revision += 1
    mandate.save()
    return mandate


def mandate_actors(viewer: Viewer, mandate: Mandate) -> set[str]:
    parties = {"principal": mandate.principal_id, "centre": mandate.centre_id}
    return {name for name, pk in parties.items() if viewer.has_role(pk, Role.ADMIN)}
