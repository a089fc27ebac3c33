"""A delivery that was tried, did not go out and is not tried again: what it had waits."""

from __future__ import annotations

import json

import pytest

from marketplace.accounts.viewer import viewer_of
from marketplace.alerts.models import Alert
from marketplace.alerts.services import alerts_record, alerts_return, saved_search_update
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.listings.services import listing_move
from tests.factories import NOW, make_saved_search, publish

from .test_delivery import Receiver, offered, receiver

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def tried_again() -> None:
    OutboxMessage.objects.filter(done_at=None).update(due_at=NOW)
    drain(NOW)


def told(receiver: Receiver) -> list[list[str]]:
    return [[one["id"] for one in json.loads(body)["listings"]] for _, body in receiver.told]


@pytest.mark.parametrize("status", [500, 410])
def test_what_failed_before_it_was_silenced_goes_out_once_it_is_woken(
    receiver: Receiver, status: int
) -> None:
    _, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url=receiver.url)
    by = viewer_of(saved.user)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    receiver.status = status
    drain(NOW)
    saved_search_update(viewer=by, saved_search_id=saved.pk, now=NOW, active=False)
    tried_again()
    receiver.status = 200
    saved_search_update(viewer=by, saved_search_id=saved.pk, now=NOW, active=True)
    drain(NOW)
    assert told(receiver) == [[str(listing.pk)]] * 2
    assert Alert.objects.filter(sent_at=None).count() == 0


def test_what_was_withdrawn_before_it_was_tried_again_goes_out_once_it_is_back(
    receiver: Receiver,
) -> None:
    owner, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url=receiver.url)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    receiver.status = 500
    drain(NOW)
    listing_move(viewer=owner, listing_id=listing.pk, move="revise", now=NOW)
    receiver.status = 200
    tried_again()
    assert told(receiver) == [[str(listing.pk)]]
    publish(listing, owner)
    alerts_return([listing.pk], now=NOW)
    drain(NOW)
    assert told(receiver) == [[str(listing.pk)]] * 2
