from __future__ import annotations

from typing import Any

import pytest

from marketplace.accounts.viewer import ANONYMOUS
from marketplace.alerts import services
from marketplace.alerts.models import SavedSearch
from marketplace.core.errors import Conflict, Faults, Forbidden, NotFound
from marketplace.core.outbox import drain
from marketplace.needs.services import need_move
from tests.factories import (
    NOW,
    make_need,
    make_operator,
    make_organisation,
    make_saved_search,
    member_of,
    staff,
)

pytestmark = pytest.mark.django_db


def test_saved_search_create() -> None:
    buyer = member_of(make_organisation("buyer"))
    saved = make_saved_search(buyer, text=" solid electrolyte ", filters={"trl": ["6"]})
    saved.refresh_from_db()
    assert (saved.user, saved.text, saved.filters) == (
        buyer.user, "solid electrolyte", {"trl": ["6"]}
    )  # fmt: skip
    assert (saved.frequency, saved.channel, saved.paused_at) == ("immediate", "email", None)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": ""}, ("text",)),
        ({"name": " "}, ("name",)),
        ({"frequency": "hourly"}, ("frequency",)),
        ({"channel": "webhook"}, ("webhook_url",)),
        ({"webhook_url": "https://example.com/alerts"}, ("webhook_url",)),
        ({"channel": "webhook", "webhook_url": "http://example.com/"}, ("webhook_url",)),
        ({"channel": "webhook", "webhook_url": "https://10.0.0.1/"}, ("webhook_url",)),
        ({"channel": "webhook", "webhook_url": "https://[::1]/"}, ("webhook_url",)),
        ({"channel": "webhook", "webhook_url": "https://a:b@example.com/"}, ("webhook_url",)),
    ],
)
def test_what_a_saved_search_cannot_be(content: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(Faults) as refused:
        make_saved_search(**content)
    assert [error.field for error in refused.value.errors] == [field]
    assert SavedSearch.objects.count() == 0


def test_saved_search_needs_a_log_in() -> None:
    with pytest.raises(Forbidden):
        make_saved_search(ANONYMOUS)
    assert SavedSearch.objects.count() == 0


def test_saved_searches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_SAVED", 1)
    buyer = member_of(make_organisation("buyer"))
    make_saved_search(buyer)
    with pytest.raises(Conflict):
        make_saved_search(buyer)
    assert SavedSearch.objects.count() == 1


def test_saved_search_update_of_another_is_not_found() -> None:
    saved = make_saved_search()
    other = member_of(make_organisation("buyer"))
    with pytest.raises(NotFound):
        services.saved_search_update(viewer=other, saved_search_id=saved.pk, now=NOW, text="wheat")
    with pytest.raises(NotFound):
        services.saved_search_delete(viewer=other, saved_search_id=saved.pk)
    saved.refresh_from_db()
    assert saved.text == "lithium batteries"


def test_saved_search_update_pauses_and_wakes() -> None:
    buyer = member_of(make_organisation("buyer"))
    saved = make_saved_search(buyer)
    for active, paused_at in ((False, NOW), (True, None)):
        saved = services.saved_search_update(
            viewer=buyer, saved_search_id=saved.pk, now=NOW, active=active
        )
        assert saved.paused_at == paused_at


def test_only_the_buyer_hears_of_what_answers_a_need() -> None:
    buyer = member_of(make_organisation("buyer"))
    need = make_need(buyer)
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    with pytest.raises(NotFound):
        make_saved_search(need_id=need.pk)
    saved = make_saved_search(buyer, need_id=need.pk)
    with pytest.raises(Conflict):
        make_saved_search(buyer, need_id=need.pk)
    with pytest.raises(Faults):
        services.saved_search_update(
            viewer=buyer, saved_search_id=saved.pk, now=NOW, text="batteries"
        )
    assert [(one.need, one.text) for one in SavedSearch.objects.all()] == [(need, "")]


def test_need_watch_at_the_first_opening_only() -> None:
    buyer = member_of(make_organisation("buyer"))
    need = make_need(buyer, title="Solid electrolyte wanted")
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    drain()
    (saved,) = SavedSearch.objects.all()
    assert (saved.user, saved.need, saved.name, saved.frequency) == (
        buyer.user, need, "Solid electrolyte wanted", "daily"
    )  # fmt: skip
    services.saved_search_delete(viewer=buyer, saved_search_id=saved.pk)
    for move in ("revise", "open"):
        need_move(viewer=buyer, need_id=need.pk, move=move, now=NOW)
    drain()
    assert SavedSearch.objects.count() == 0


def test_unsubscribe_takes_no_token_but_ours() -> None:
    saved = make_saved_search()
    token = services.unsubscribe_token(saved)
    assert services.unsubscribe(token[:-1], now=NOW) is None
    assert services.unsubscribe("", now=NOW) is None
    saved.refresh_from_db()
    assert saved.paused_at is None
    assert services.unsubscribe(token, now=NOW) == saved
    saved.refresh_from_db()
    assert saved.paused_at == NOW


def test_the_admin_does_not_say_what_somebody_looks_for() -> None:
    saved = make_saved_search(name="What we plan")
    client = staff(make_operator())
    for page in ("change", "history", "delete"):
        shown = client.get(f"/admin/alerts/savedsearch/{saved.pk}/{page}/")
        assert shown.status_code == 200
        assert "What we plan" not in shown.content.decode()
