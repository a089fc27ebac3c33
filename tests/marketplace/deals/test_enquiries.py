from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.accounts.viewer import ANONYMOUS
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.deals import tasks
from marketplace.deals.models import Deal
from marketplace.deals.selectors import deal_for, median_answer_hours
from marketplace.deals.services import ANSWER_WITHIN, deal_move, enquiry_send
from marketplace.deals.workflow import WORKFLOW
from marketplace.listings.policies import Level, level
from tests.factories import (
    ANSWERS,
    NOW,
    make_deal,
    make_enquiry,
    make_organisation,
    make_parties,
    member_of,
)

pytestmark = pytest.mark.django_db
MOVES = sorted({name for _, name in WORKFLOW.moves})


def test_an_enquiry_tells_the_licensor_and_waits_for_an_answer() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    drain()
    assert deal.state == Deal.State.ENQUIRED
    assert deal.due_at == NOW + ANSWER_WITHIN
    assert parties.licensor.user is not None
    assert [letter.to for letter in mail.outbox] == [[parties.licensor.user.email]]
    assert level(parties.buyer, parties.listing) == Level.PUBLIC


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({**ANSWERS, "fit": ""}, {("fit",)}),
        ({**ANSWERS, "fit": "x" * 1001, "plan": "y" * 601}, {("fit",), ("plan",)}),
    ],
)
def test_answers_have_their_limits(answers: dict[str, str], fields: set[tuple[str, ...]]) -> None:
    parties = make_parties()
    with pytest.raises(Faults) as refused:
        make_enquiry(parties, **answers)
    assert {error.field for error in refused.value.errors} == fields
    assert not Deal.objects.exists()


def test_one_live_enquiry_a_listing_and_buyer() -> None:
    parties = make_parties()
    make_enquiry(parties)
    with pytest.raises(Conflict):
        make_enquiry(parties)
    assert Deal.objects.count() == 1


def test_who_may_enquire() -> None:
    parties = make_parties()
    stranger = member_of(make_organisation("buyer"))
    clerk = member_of(make_organisation("buyer"), "finance")
    for viewer, organisation, wanted in (
        (stranger, parties.buyer_id, Forbidden),
        (ANONYMOUS, parties.buyer_id, Forbidden),
        (clerk, next(iter(clerk.roles)), Forbidden),
        (parties.licensor, parties.licensor_id, Forbidden),
    ):
        with pytest.raises(wanted):
            enquiry_send(
                viewer=viewer,
                listing_id=parties.listing.pk,
                buyer_id=organisation,
                now=NOW,
                **ANSWERS,
            )
    assert not Deal.objects.exists()


def test_accepting_introduces_the_parties() -> None:
    parties = make_parties(anonymous=True)
    deal = make_deal(parties)
    assert deal.state == Deal.State.OPEN
    again = member_of(deal.buyer)
    assert level(again, parties.listing) == Level.ENQUIRY
    assert level(member_of(make_organisation("buyer")), parties.listing) == Level.PUBLIC
    ended = deal_move(viewer=again, deal_id=deal.pk, move="end", now=NOW)
    assert level(member_of(ended.buyer), parties.listing) == Level.PUBLIC


def test_declining_takes_a_reason_of_the_vocabulary() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    for reason in ("", "because"):
        with pytest.raises(Invalid):
            deal_move(
                viewer=parties.licensor, deal_id=deal.pk, move="decline", now=NOW, reason=reason
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(state="declined")
    declined = deal_move(
        viewer=parties.licensor, deal_id=deal.pk, move="decline", now=NOW, reason="no_capacity"
    )
    assert (declined.state, declined.decline_reason) == ("declined", "no_capacity")


def test_an_unanswered_enquiry_is_reminded_of_once_and_turns_stale() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    drain(NOW)
    mail.outbox.clear()
    drain(deal.due_at - timedelta(days=4))
    drain(deal.due_at)
    assert [letter.subject for letter in mail.outbox] == ["An enquiry still waits for your answer"]
    assert tasks.lapse_enquiries(deal.due_at - timedelta(seconds=1)) == 0
    assert tasks.lapse_enquiries(deal.due_at) == 1
    deal.refresh_from_db()
    assert deal.state == Deal.State.STALE
    accepted = deal_move(viewer=parties.licensor, deal_id=deal.pk, move="accept", now=deal.due_at)
    assert accepted.state == Deal.State.OPEN


def test_an_answered_enquiry_is_not_reminded_of() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    drain(NOW)
    mail.outbox.clear()
    drain(deal.due_at)
    assert mail.outbox == []


def test_how_fast_an_owner_answers_shows_from_three_enquiries_on() -> None:
    parties = make_parties()
    for hours in (2, 30):
        parties_ = type(parties)(
            parties.licensor,
            member_of(make_organisation("buyer")),
            parties.operator,
            parties.listing,
        )
        deal = make_enquiry(parties_)
        deal_move(
            viewer=parties.licensor,
            deal_id=deal.pk,
            move="accept",
            now=NOW + timedelta(hours=hours),
        )
    make_enquiry(parties)
    before = NOW + timedelta(days=3)
    assert median_answer_hours(before) == {}
    after = NOW + timedelta(days=20)  # the third has waited for twenty days
    assert median_answer_hours(after) == {parties.licensor_id: 30}


def test_a_second_change_is_refused_with_what_happened() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    seen = deal.revision
    deal_move(viewer=parties.licensor, deal_id=deal.pk, move="accept", now=NOW, revision=seen)
    with pytest.raises(Conflict, match=r"deal\.accept at 2026-11-23 04:00 UTC"):
        deal_move(viewer=parties.buyer, deal_id=deal.pk, move="withdraw", now=NOW, revision=seen)


def test_strangers_know_of_no_deal() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    for viewer in (ANONYMOUS, member_of(make_organisation("buyer"))):
        with pytest.raises(NotFound):
            deal_for(viewer, deal.pk, now=NOW)


@settings(deadline=None, max_examples=40)
@given(
    plays=st.lists(
        st.tuples(st.sampled_from(MOVES), st.sampled_from(["licensor", "buyer", "operator"])),
        max_size=12,
    )
)
def test_random_moves_by_random_actors_keep_to_the_table(plays: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        parties = make_parties()
        deal = make_enquiry(parties)
        for name, who in plays:
            before = deal.state
            try:
                deal = deal_move(
                    viewer=getattr(parties, who),
                    deal_id=deal.pk,
                    move=name,
                    now=NOW,
                    reason="price" if name == "decline" else "",
                )
            except DomainError:
                deal.refresh_from_db()
                assert deal.state == before
            else:
                made = WORKFLOW.moves[before, name]
                assert deal.state == made.target
                assert who in made.by
        assert deal.revision == deal.events.count()
        transaction.set_rollback(True)
