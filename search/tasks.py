"""What the outbox brings: the indexes follow the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles, handles_together, publish, publish_all
from marketplace.listings.models import Listing
from marketplace.needs.models import Need

from .document import Document
from .engine import live
from .indexing import embed_rows, index_rows, mend
from .percolation import due, hold_anew, percolate

AGAIN = "alerts.again"
HOLD = "alerts.hold"
SOON = timedelta(seconds=5)


@handles_together("listing.changed")
def index_and_alert(messages: Sequence[OutboxMessage]) -> None:
    """What comes with many others finds itself told of already. Vectors come last, after it is
    found by words: where their endpoint does not answer, the outbox tries again."""
    ids = [message.subject for message in messages]
    written = index_rows("listing", ids)
    if due().filter(pk__in=ids).exists():
        alert(written)
    embed_rows("listing", ids)


def alert(made: Mapping[str, Document]) -> None:
    """Where another worker is at it, soon again, since it may be past these; a worker that waited
    would be missing for payments."""
    if percolate(now=timezone.now(), made=made) is None:
        with transaction.atomic():
            publish(AGAIN, "", not_before=timezone.now() + SOON)


@handles_together(AGAIN)
def alert_of_the_rest(messages: Sequence[OutboxMessage]) -> None:
    if due().exists():
        alert({})


@handles("need.changed")
def index_need(message: OutboxMessage) -> None:
    index_rows("need", [message.subject])
    embed_rows("need", [message.subject])


@handles("organisation.changed")
def index_what_it_owns(message: OutboxMessage) -> None:
    """A listing shows its owner's name and jurisdiction."""
    needs = Need.objects.filter(organisation__in=[message.subject], state=Need.State.OPEN)
    index_rows("need", needs.values_list("pk", flat=True))
    index_and_hold(Listing.objects.filter(owner__in=[message.subject]))


@handles("patent.changed")
def index_what_it_protects(message: OutboxMessage) -> None:
    index_and_hold(Listing.objects.filter(patents__in=[message.subject]))


def index_and_hold(listings: QuerySet[Listing]) -> None:
    """What has changed without a revision of its own. Vectors come last: their endpoint may not
    answer."""
    ids = list(listings.filter(state=Listing.State.PUBLISHED).values_list("pk", flat=True))
    index_rows("listing", ids)
    hold_soon(ids, timezone.now())
    embed_rows("listing", ids)


def hold_soon(ids: Iterable[UUID | str], when: datetime) -> None:
    with transaction.atomic():
        publish_all(HOLD, ids, not_before=when)


@handles_together(HOLD)
def hold(messages: Sequence[OutboxMessage]) -> None:
    ids = [message.subject for message in messages]
    if hold_anew(ids):
        alert({})
    else:
        hold_soon(ids, timezone.now() + SOON)


@handles("listings.imported")
def index_what_was_imported(message: OutboxMessage) -> None:
    """Some thousand at once: cheaper found by comparing than told one by one."""
    generation = live("listing")
    if generation is not None:
        mend("listing", generation)


@handles("listings.imported")
def alert_subscribers(message: OutboxMessage) -> None:
    alert({})
