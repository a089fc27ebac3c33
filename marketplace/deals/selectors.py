from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, NotFound

from .evidence import since
from .models import Deal, Mandate
from .policies import visible_deals, visible_mandates

Row = TypeVar("Row", bound=Model)

ENOUGH = 3  # answers; a median of fewer would say too much of one
LOOK_BACK = timedelta(days=365)


def deals_visible_to(viewer: Viewer, now: datetime) -> QuerySet[Deal]:
    return Deal.objects.filter(visible_deals(viewer, now)).select_related(
        "listing", "licensor", "buyer"
    )


def deal_for(
    viewer: Viewer,
    deal_id: UUID,
    *,
    now: datetime,
    lock: bool = False,
    revision: int | None = None,
    field: str = "id",
) -> Deal:
    """The deal, if the viewer may know of it. NotFound names `field`; Conflict where something
    happened to it since `revision`, and says what."""
    deals = deals_visible_to(viewer, now)
    if lock:
        deals = deals.select_for_update(of=("self",))
    deal = deals.filter(pk=deal_id).first()
    if deal is None:
        raise NotFound("No such deal.", field=(field,))
    if revision is not None and revision != deal.revision:
        raise Conflict(
            f"It is at revision {deal.revision}. Since {revision}: {since(deal, revision)}.",
            field=("revision",),
        )
    return deal


def lock_with_deals(rows: QuerySet[Row]) -> list[Row]:
    """Those of `rows`, each locked after its deal, as all do who begin with the deal: two that
    lock in another order wait for each other."""
    deals_of = list(rows.values_list("deal_id", flat=True))
    list(Deal.objects.select_for_update().filter(pk__in=deals_of).order_by("pk"))
    held = rows.filter(deal__in=deals_of).select_related("deal").order_by("pk")
    return list(held.select_for_update(of=("self",)))


def mandates_visible_to(viewer: Viewer) -> QuerySet[Mandate]:
    return Mandate.objects.filter(visible_mandates(viewer))


def mandate_for(viewer: Viewer, mandate_id: UUID, *, lock: bool = False) -> Mandate:
    mandates = mandates_visible_to(viewer).select_related("principal", "centre")
    if lock:
        mandates = mandates.select_for_update(of=("self",))
    mandate = mandates.filter(pk=mandate_id).first()
    if mandate is None:
        raise NotFound("No such mandate.", field=("id",))
    return mandate


def median_answer_hours(now: datetime) -> dict[UUID, int]:
    """By licensor, the median time to answer an enquiry of the last year, in whole hours upwards,
    from `ENOUGH` enquiries on. One that nobody answered in time counts as long as it has waited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT licensor_id, ceil(percentile_cont(0.5) WITHIN GROUP (ORDER BY"
            "  extract(epoch FROM coalesce(answered_at, %(now)s) - enquired_at)) / 3600)"
            " FROM deals_deal WHERE enquired_at > %(from)s"
            " AND (answered_at IS NOT NULL OR due_at <= %(now)s) AND state <> 'withdrawn'"
            " GROUP BY licensor_id HAVING count(*) >= %(enough)s",
            {"now": now, "from": now - LOOK_BACK, "enough": ENOUGH},
        )
        return {licensor: int(hours) for licensor, hours in cursor.fetchall()}
