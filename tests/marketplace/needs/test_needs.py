from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marketplace.core.errors import Conflict, Faults, Forbidden, Invalid, NotFound
from marketplace.needs import services
from marketplace.needs.models import Need
from marketplace.needs.selectors import need_for
from tests.factories import NOW, make_need, make_organisation, member_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": ""}, ("title",)),
        ({"title": "x" * 201}, ("title",)),
        ({"trl_min": 7, "trl_max": 3}, ("trl_min",)),
        ({"trl_min": 0}, ("trl_min",)),
        ({"budget_amount": 5}, ("budget_amount",)),
        ({"must_haves": ["territory"]}, ("must_haves",)),
        ({"must_haves": ["beauty"]}, ("must_haves", "0")),
        ({"territories": ["Mars"]}, ("territories", "0")),
        ({"ipc": ["H01M", "?"]}, ("ipc", "1")),
    ],
)
def test_a_wrong_value_is_told_by_its_field(
    content: dict[str, object], field: tuple[str, ...]
) -> None:
    with pytest.raises(Faults) as refusal:
        make_need(**content)
    assert [error.field for error in refusal.value.errors] == [field]
    assert not Need.objects.exists()


def test_a_need_opens_and_closes_with_its_deadline() -> None:
    buyer = member_of(make_organisation("buyer"))
    need = make_need(buyer, deadline=date(2026, 12, 31))
    services.need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    assert services.needs_expire(today=date(2026, 12, 31)) == 0
    assert services.needs_expire(today=date(2027, 1, 1)) == 1
    need.refresh_from_db()
    assert need.state == "closed"
    with pytest.raises(Invalid):
        services.need_move(
            viewer=buyer,
            need_id=need.pk,
            move="reopen",
            now=datetime(2027, 1, 1, tzinfo=UTC),
        )


def test_another_buyer_neither_sees_a_draft_nor_closes_what_is_open() -> None:
    buyer, other = member_of(make_organisation("buyer")), member_of(make_organisation("buyer"))
    need = make_need(buyer)
    with pytest.raises(NotFound):
        need_for(other, need.pk)
    services.need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    with pytest.raises(Forbidden):
        services.need_move(viewer=other, need_id=need.pk, move="close", now=NOW)
    need.refresh_from_db()
    assert need.state == "open"


def test_only_a_draft_changes() -> None:
    buyer = member_of(make_organisation("buyer"))
    need = make_need(buyer)
    opened = services.need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    with pytest.raises(Conflict):
        services.need_update(
            viewer=buyer, need_id=need.pk, revision=opened.revision, title="Something else"
        )
    need.refresh_from_db()
    assert need.title == "Solid electrolyte wanted"
