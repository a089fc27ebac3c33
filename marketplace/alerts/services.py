"""Saved searches, and the alerts of what they found: everything that changes one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection, transaction
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import Check, checked, choice, text, words
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, refuse
from marketplace.core.outbox import publish_all
from marketplace.core.webhooks import address
from marketplace.listings.models import Listing
from marketplace.needs.models import Need
from marketplace.needs.policies import sees_inside
from marketplace.needs.selectors import need_for

from .models import Alert, SavedSearch
from .selectors import awake_for_needs
from .timing import due_at

MOST_SAVED = 200  # a person; more is a program, which has the API
SALT = "alerts.unsubscribe"
DUE = "alerts.due"

CHECKS: Mapping[str, Check] = {
    "name": words(120),
    "text": text(300),
    "filters": lambda value, field: dict(value or {}),
    "frequency": choice(SavedSearch.Frequency),
    "channel": choice(SavedSearch.Channel),
    "webhook_url": address,
}


def contradictions(saved: SavedSearch) -> Iterable[DomainError]:
    if saved.need_id is None and not (saved.text or saved.filters):
        yield Invalid("Say what to look for: words, a filter or a need.", field=("text",))
    if saved.need_id is not None and (saved.text or saved.filters):
        yield Invalid("A need says it all; leave words and filters out.", field=("need",))
    by_webhook = saved.channel == SavedSearch.Channel.WEBHOOK
    if by_webhook != bool(saved.webhook_url):
        yield Invalid(
            "A webhook, and only a webhook, has an address, such as https://example.com/alerts.",
            field=("webhook_url",),
        )


@transaction.atomic
def saved_search_create(
    *, viewer: Viewer, need_id: UUID | None = None, **content: Any
) -> SavedSearch:
    """Hear from now on of new and changed listings. `filters` are in the form that
    `search.percolation.checked_filters` gives. Faults name every field that is wrong."""
    user = viewer.require_user()
    User.objects.select_for_update().get(pk=user.pk)  # so that two at once cannot pass the most
    if SavedSearch.objects.filter(user=user).count() >= MOST_SAVED:
        raise Conflict(f"You have {MOST_SAVED} saved searches; delete one first.")
    need = None
    if need_id is not None:
        need = need_for(viewer, need_id)
        if not sees_inside(viewer, need):
            raise NotFound("No such need of yours.", field=("need",))
        if SavedSearch.objects.filter(user=user, need=need).exists():
            raise Conflict("You are told of this need already.", field=("need",))
    saved = SavedSearch(user=user, need=need, **checked(content, CHECKS))
    refuse(contradictions(saved))
    saved.save()
    return saved


@transaction.atomic
def saved_search_update(
    *, viewer: Viewer, saved_search_id: UUID, now: datetime, **content: Any
) -> SavedSearch:
    """Change a saved search; what is not given stays. `active` False silences it, True wakes it.
    What waits goes out when it is due now."""
    saved = saved_search_for(viewer, saved_search_id)
    if "active" in content:
        saved.paused_at = None if content.pop("active") else saved.paused_at or now
    for name, value in checked(content, CHECKS).items():
        setattr(saved, name, value)
    if saved.channel == SavedSearch.Channel.EMAIL and "webhook_url" not in content:
        saved.webhook_url = ""
    refuse(contradictions(saved))
    saved.keys_version, saved.next_at = "", None
    saved.save()
    schedule([str(saved.pk)], now)
    saved.refresh_from_db(fields=["next_at"])
    return saved


@transaction.atomic
def saved_search_delete(*, viewer: Viewer, saved_search_id: UUID) -> UUID:
    saved_search_for(viewer, saved_search_id).delete()
    return saved_search_id


def saved_search_for(viewer: Viewer, saved_search_id: UUID) -> SavedSearch:
    """The saved search, locked, if it is the viewer's own: nobody else sees what somebody looks
    for. NotFound otherwise."""
    own = SavedSearch.objects.filter(user=viewer.require_user()).select_for_update()
    saved = own.filter(pk=saved_search_id).first()
    if saved is None:
        raise NotFound("No such saved search.", field=("id",))
    return saved


def unsubscribe_token(saved: SavedSearch) -> str:
    return signing.dumps(str(saved.pk), salt=SALT)


def saved_search_of(token: str) -> SavedSearch | None:
    """The saved search of an unsubscribe link; None where the link is not one of ours."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return SavedSearch.objects.filter(pk=pk).first()


def unsubscribe(token: str, *, now: datetime) -> SavedSearch | None:
    """Silence the saved search of a link, without log-in."""
    saved = saved_search_of(token)
    if saved is not None and saved.paused_at is None:
        saved.paused_at = now
        saved.save(update_fields=["paused_at", "updated_at"])
    return saved


@transaction.atomic
def need_watch(need_id: UUID) -> None:
    """Tell whoever opened a need of what answers it, unless they said how themselves. Only at its
    first opening: who deletes that saved search meant it."""
    need = Need.objects.select_related("created_by").filter(pk=need_id).first()
    if need is None or need.created_by is None or need.state != Need.State.OPEN:
        return
    openings = list(need.events.filter(target=Need.State.OPEN))
    if len(openings) == 1:
        saved, made = SavedSearch.objects.get_or_create(
            user=need.created_by,
            need=need,
            defaults={"name": need.title[:120], "frequency": SavedSearch.Frequency.DAILY},
        )
        if made:  # what was published before the worker came to this is news as well
            watching = SavedSearch.objects.filter(pk=saved.pk)
            watching.update(created_at=openings[0].created_at)


# A burst gives some hundred thousand rows at once: written by one statement, in order, so that two
# workers cannot wait for each other. What was deleted since it was read is told no more.
RECORD = """
    INSERT INTO alerts_alert (id, created_at, updated_at, saved_search_id, listing_id)
    SELECT gen_random_uuid(), %(now)s, %(now)s, s.id, listing
    FROM unnest(%(searches)s::uuid[], %(listings)s::uuid[]) AS found(search, listing)
    JOIN alerts_savedsearch s ON s.id = search
    ORDER BY s.id, listing
    ON CONFLICT (saved_search_id, listing_id) DO NOTHING
"""
# Those of which something waits and that are not due already, locked in the same order.
WAITING = """
    SELECT s.id, s.frequency, u.time_zone
    FROM alerts_savedsearch s JOIN accounts_user u ON u.id = s.user_id
    WHERE s.id = ANY(%s::uuid[]) AND s.next_at IS NULL AND s.paused_at IS NULL
    AND EXISTS (
        SELECT 1 FROM alerts_alert a JOIN listings_listing l ON l.id = a.listing_id
        WHERE a.saved_search_id = s.id AND a.delivery IS NULL AND l.state = 'published'
    )
    ORDER BY s.id FOR NO KEY UPDATE OF s
"""


@transaction.atomic
def alerts_record(found: Sequence[tuple[UUID, UUID]], *, now: datetime) -> None:
    """Write down which saved search found which listing, and have it told when it is due. A pair
    that was written down before is left alone."""
    if not found:
        return
    searches = {saved: str(saved) for saved in {saved for saved, _ in found}}
    listings = {listing: str(listing) for listing in {listing for _, listing in found}}
    rows: dict[str, Any] = {
        "now": now,
        "searches": array(searches[saved] for saved, _ in found),
        "listings": array(listings[listing] for _, listing in found),
    }
    with connection.cursor() as cursor:
        cursor.execute(RECORD, rows)
    schedule(searches.values(), now)


@transaction.atomic
def alerts_forget(listings: Collection[UUID], found: Collection[tuple[UUID, UUID]]) -> None:
    """Tell nothing that waits of these listings, which say something else now, but what is `found`:
    a search by the owner's name would else tell who that is of what became anonymous. Those that
    are not held against listings now are not known to have lost them. In a transaction of its own,
    since a delivery locks the saved search before its alerts."""
    heard = SavedSearch.objects.filter(Q(need=None, paused_at=None) | awake_for_needs())
    waiting = Alert.objects.filter(listing__in=listings, saved_search__in=heard, delivery=None)
    pairs = waiting.values_list("pk", "saved_search_id", "listing_id")
    gone = [pk for pk, saved, listing in pairs if (saved, listing) not in found]
    Alert.objects.filter(pk__in=gone, delivery=None).delete()


@transaction.atomic
def alerts_return(listings: Sequence[UUID], *, now: datetime) -> None:
    """Have told what waits of listings that are on offer again as they were: nothing new is found
    of them, and what was due meanwhile went out without them."""
    waiting = Alert.objects.filter(listing__in=listings, delivery=None)
    schedule({str(pk) for pk in waiting.values_list("saved_search_id", flat=True)}, now)


def array(ids: Iterable[str]) -> str:
    """As PostgreSQL reads it: that is made much faster than a list is adapted."""
    return "{" + ",".join(ids) + "}"


def schedule(ids: Iterable[str], now: datetime) -> None:
    """Have what waits of these saved searches go out when each is due. Within a transaction, to the
    end of which it locks them."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [array(ids)])
        for pk, frequency, time_zone in cursor.fetchall():
            groups[frequency, time_zone].append(str(pk))
        for (frequency, time_zone), pks in groups.items():
            due = due_at(frequency, time_zone, now)
            cursor.execute(
                "UPDATE alerts_savedsearch SET next_at = %s WHERE id = ANY(%s::uuid[])",
                [due, array(pks)],
            )
            publish_all(DUE, pks, not_before=due)


@transaction.atomic
def delivery_take(
    saved_search_id: UUID, *, delivery: int, due: datetime
) -> tuple[SavedSearch, list[Alert]] | None:
    """What goes out with this delivery: the same again if it is tried again. None: nothing, since
    it was deleted or silenced or is due at another time by now, the need is no longer open or no
    longer theirs, or what was found is no longer on offer."""
    saved = (
        SavedSearch.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=saved_search_id)
        .first()
    )
    if saved is None:
        return None
    again = Alert.objects.filter(saved_search=saved, delivery=delivery).exists()
    if not again:
        if saved.next_at is not None and due < saved.next_at:
            return None
        SavedSearch.objects.filter(pk=saved.pk).update(next_at=None)
    if saved.paused_at is not None or not saved.user.is_active:
        delivery_give_back(saved, delivery)
        return None
    if saved.need_id and not SavedSearch.objects.filter(awake_for_needs(), pk=saved.pk).exists():
        delivery_give_back(saved, delivery)
        return None
    on_offer = Q(listing__state=Listing.State.PUBLISHED)
    if again:  # what came since the first try waits for its own turn
        delivery_give_back(saved, delivery, ~on_offer)
    else:
        Alert.objects.filter(on_offer, saved_search=saved, delivery=None).update(delivery=delivery)
    alerts = (
        Alert.objects.filter(saved_search=saved, delivery=delivery, sent_at=None)
        .select_related("listing__owner")
        .prefetch_related("listing__texts")
        .order_by("created_at", "pk")
    )
    found = list(alerts)
    return (saved, found) if found else None


def delivery_give_back(saved: SavedSearch, delivery: int, *which: Q) -> None:
    """What was to go out with a delivery that was tried and did not waits again, or it would never
    be told: until its saved search wakes, or the listing is on offer again."""
    tried = Alert.objects.filter(*which, saved_search=saved, delivery=delivery, sent_at=None)
    tried.update(delivery=None)


def delivery_done(alerts: Sequence[Alert], *, now: datetime) -> None:
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(sent_at=now)
