from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.deals.evidence import verify
from marketplace.deals.models import DealEvent
from tests.factories import make_deal, make_nda, make_parties

pytestmark = pytest.mark.django_db


def unguarded(sql: str, *parameters: object) -> None:
    """As somebody with the database's own powers would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_what_happened_is_kept_in_order_and_verifies() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_nda(parties, deal)
    deal.refresh_from_db()
    assert [event.kind for event in deal.events.all()] == [
        "enquiry.send",
        "deal.accept",
        "nda.propose",
        "nda.sign",
        "nda.sign",
        "nda.in_force",
    ]
    assert verify(deal) == []


def test_postgresql_lets_nobody_change_or_delete_an_event() -> None:
    make_deal(make_parties())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DealEvent.objects.update(kind="other")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DealEvent.objects.all().delete()


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE deals_dealevent SET facts = '{}' WHERE number = 1", "event 1 was altered"),
        ("UPDATE deals_dealevent SET at = at + interval '1 s' WHERE number = 2", "event 2 was"),
        ("UPDATE deals_dealevent SET user_id = NULL WHERE number = 2", "event 2 was altered"),
        ("DELETE FROM deals_dealevent WHERE number = 1", "event 1 is missing"),
        ("DELETE FROM deals_dealevent WHERE number = 2", "the last event is not the 2th"),
    ],
)
def test_any_alteration_shows(sql: str, fault: str) -> None:
    deal = make_deal(make_parties())
    unguarded(sql)
    assert fault in "; ".join(verify(deal))
