"""What was found is told once, when it is due, to who still wants it."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from marketplace.accounts.models import Membership
from marketplace.accounts.viewer import Viewer, viewer_of
from marketplace.alerts import letters
from marketplace.alerts.models import Alert, SavedSearch
from marketplace.alerts.services import alerts_record, saved_search_update
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.core.webhooks import secret_for
from marketplace.listings.models import Listing
from marketplace.listings.services import listing_move
from marketplace.needs.services import need_move
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_organisation,
    make_patent,
    make_saved_search,
    member_of,
    open_need,
    publish,
)

pytestmark = pytest.mark.django_db


def offered(**content: Any) -> tuple[Viewer, Listing]:
    owner = member_of(make_organisation("licensor", name="Owner Ltd"))
    listing = publish(make_listing(owner, **content), owner)
    OutboxMessage.objects.all().delete()  # told here by hand
    return owner, listing


def test_an_alert_is_told_once() -> None:
    _, listing = offered()
    saved = make_saved_search(name="Batteries")
    for _ in range(3):
        alerts_record([(saved.pk, listing.pk)], now=NOW)
        drain(NOW)
    (letter,) = mail.outbox
    assert letter.to == [saved.user.email]
    assert letter.subject == "1 new for “Batteries”"
    assert letter.body.startswith(
        "New or changed listings for “Batteries”:\n\n"
        "* Solid electrolyte for lithium batteries\nA ceramic separator that stops dendrites.\n"
        f"Owner Ltd\n{listing.pk}\n\n"
    )
    (alert,) = Alert.objects.all()
    assert alert.sent_at is not None


def test_a_mail_speaks_the_language_of_its_reader_and_hides_an_anonymous_owner() -> None:
    _, listing = offered(anonymous=True, texts=[{**TEXT, "language": "zh-Hans", "title": "电池"}])
    saved = make_saved_search()
    type(saved.user).objects.filter(pk=saved.user.pk).update(language="zh-Hant")
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    drain(NOW)
    (letter,) = mail.outbox
    assert letter.subject == "“Batteries”有1項新技術"
    assert "* 電池\n" in letter.body
    assert "Owner Ltd" not in letter.body


def test_a_digest_gathers_until_the_subscribers_morning() -> None:
    found = [offered()[1] for _ in range(2)]
    saved = make_saved_search(frequency="daily")
    morning = datetime.fromisoformat("2026-11-24T08:00+08:00")
    for listing in found:
        alerts_record([(saved.pk, listing.pk)], now=NOW)
        drain(NOW)
    saved.refresh_from_db()
    assert (mail.outbox, saved.next_at) == ([], morning)
    drain(morning)
    (letter,) = mail.outbox
    assert letter.subject == "2 new for “Batteries”"
    saved.refresh_from_db()
    assert saved.next_at is None


def test_one_bad_time_zone_holds_up_nobody() -> None:
    _, listing = offered()
    good, bad = (make_saved_search(frequency="daily") for _ in range(2))
    type(bad.user).objects.filter(pk=bad.user.pk).update(time_zone="Hong Kong")
    alerts_record([(good.pk, listing.pk), (bad.pk, listing.pk)], now=NOW)
    due = dict(SavedSearch.objects.values_list("pk", "next_at"))
    assert due == {  # NOW is noon in Hong Kong, four in the morning in UTC
        good.pk: NOW + timedelta(hours=20),
        bad.pk: NOW + timedelta(hours=4),
    }


def test_quiet_when_what_was_found_is_gone() -> None:
    owner, listing = offered()
    saved = make_saved_search(frequency="daily")
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    listing_move(viewer=owner, listing_id=listing.pk, move="withdraw", now=NOW)
    drain(NOW + timedelta(days=2))
    assert mail.outbox == []


def test_the_link_in_a_mail_silences_without_log_in() -> None:
    _, listing = offered()
    saved = make_saved_search(name="Batteries <b>")
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    drain(NOW)
    header = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    assert header in mail.outbox[0].body
    path = header.removeprefix("http://127.0.0.1:8000")
    client = Client(enforce_csrf_checks=True)
    opened = client.get(path)
    saved.refresh_from_db()
    assert (opened.status_code, saved.paused_at) == (200, None)  # a scanner opened it
    assert "Batteries &lt;b&gt;" in opened.content.decode()
    done = client.post(path, {"List-Unsubscribe": "One-Click"})
    saved.refresh_from_db()
    assert done.status_code == 200
    assert saved.paused_at is not None
    assert client.post("/alerts/unsubscribe/nonsense/").status_code == 404


def test_what_is_silent_is_not_told() -> None:
    _, listing = offered()
    saved = make_saved_search(frequency="daily")
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    SavedSearch.objects.update(paused_at=NOW)
    drain(NOW + timedelta(days=2))
    assert mail.outbox == []
    assert list(Alert.objects.values_list("sent_at", flat=True)) == [None]


@pytest.mark.parametrize("end", ["closed", "left"])
def test_quiet_when_the_need_is_closed_or_its_buyer_was_left(end: str) -> None:
    _, listing = offered()
    buyer = member_of(make_organisation("buyer", jurisdiction="CN"))
    need = open_need(buyer)
    saved = make_saved_search(buyer, need_id=need.pk, frequency="daily")
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    if end == "closed":
        need_move(viewer=buyer, need_id=need.pk, move="close", now=NOW)
    else:
        Membership.objects.filter(user=buyer.user).delete()
    drain(NOW + timedelta(days=2))
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        ("weekly", "immediate", "2026-11-23T12:00+08:00"),
        ("weekly", "daily", "2026-11-24T08:00+08:00"),
        ("daily", "weekly", "2026-11-30T08:00+08:00"),
    ],
)
def test_what_waits_goes_out_as_often_as_it_is_wanted_now(
    before: str, after: str, due: str
) -> None:
    first, second = offered()[1], offered()[1]
    saved = make_saved_search(frequency=before)
    by = viewer_of(saved.user)
    alerts_record([(saved.pk, first.pk)], now=NOW)
    saved_search_update(viewer=by, saved_search_id=saved.pk, now=NOW, frequency=after)
    alerts_record([(saved.pk, second.pk)], now=NOW)
    when = datetime.fromisoformat(due)
    saved.refresh_from_db()
    assert saved.next_at == when
    drain(when - timedelta(seconds=1))
    assert mail.outbox == []
    drain(when)
    drain(NOW + timedelta(days=20))
    assert [letter.subject for letter in mail.outbox] == ["2 new for “Batteries”"]


def test_what_waited_while_it_was_silent_goes_out_once_it_is_woken() -> None:
    _, listing = offered()
    saved = make_saved_search(frequency="daily")
    by = viewer_of(saved.user)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    saved_search_update(viewer=by, saved_search_id=saved.pk, now=NOW, active=False)
    later = NOW + timedelta(days=2)
    drain(later)
    assert mail.outbox == []
    saved_search_update(viewer=by, saved_search_id=saved.pk, now=later, active=True)
    drain(datetime.fromisoformat("2026-11-26T08:00+08:00"))
    assert [letter.subject for letter in mail.outbox] == ["1 new for “Batteries”"]


class Receiver(HTTPServer):
    """A subscriber's server: answers with `status`, and keeps what it was told."""

    status = 200

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/alerts?of=us"


class Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console."""


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_webhook_is_signed(receiver: Receiver) -> None:
    _, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url=receiver.url)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    drain(NOW)
    ((headers, body),) = receiver.told
    time, signature = (
        part.partition("=")[2] for part in headers["Marketplace-Signature"].split(",")
    )
    secret = secret_for(str(saved.pk)).encode()
    assert signature == hmac.new(secret, f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert [(one["id"], one["title"]) for one in told["listings"]] == [
        (str(listing.pk), "Solid electrolyte for lithium batteries")
    ]
    assert told["delivery"] == headers["Marketplace-Delivery"]


@pytest.mark.parametrize("status", [302, 500])
def test_a_webhook_that_fails_is_tried_again_as_the_same_delivery(
    receiver: Receiver, status: int
) -> None:
    first, second = offered()[1], offered()[1]
    saved = make_saved_search(channel="webhook", webhook_url=receiver.url)
    alerts_record([(saved.pk, first.pk)], now=NOW)
    receiver.status = status
    drain(NOW)
    alerts_record([(saved.pk, second.pk)], now=NOW)  # comes meanwhile, and waits for its own
    receiver.status = 200
    OutboxMessage.objects.filter(done_at=None).update(due_at=NOW)
    drain(NOW)
    told = [json.loads(body) for _, body in receiver.told]
    assert [[one["id"] for one in each["listings"]] for each in told] == [
        [str(first.pk)],
        [str(first.pk)],
        [str(second.pk)],
    ]
    assert told[0]["delivery"] == told[1]["delivery"] != told[2]["delivery"]
    assert Alert.objects.filter(sent_at=None).count() == 0


def test_a_webhook_that_is_gone_is_told_no_more(receiver: Receiver) -> None:
    _, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url=receiver.url)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    receiver.status = 410
    drain(NOW)
    saved.refresh_from_db()
    assert saved.paused_at is not None
    assert OutboxMessage.objects.filter(done_at=None).count() == 0


def test_a_name_that_leads_inside_is_refused_for_good(
    receiver: Receiver, settings: Settings
) -> None:
    _, listing = offered()
    saved = make_saved_search(
        channel="webhook", webhook_url=f"https://localhost:{receiver.server_port}/"
    )
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    drain(NOW)
    (message,) = OutboxMessage.objects.filter(done_at=None)
    assert message.error == "Terminal: localhost leads to a private address"
    assert message.parked_at is not None
    assert receiver.told == []


def answers(monkeypatch: pytest.MonkeyPatch, name: str, *each: list[str]) -> list[str]:
    """What the name server says of `name`, one answer after the other; each question is kept."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def told(host: Any, port: Any, *args: Any, **named: Any) -> Any:
        if host != name:
            return real(host, port, *args, **named)
        asked.append(host)
        ips = each[min(len(asked), len(each)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", told)
    return asked


def test_a_name_is_looked_up_once_and_what_was_checked_is_told(
    receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere a moment later leads us nowhere else."""
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.1/32"]
    asked = answers(monkeypatch, "subscriber.test", ["127.0.0.1"], ["169.254.169.254"])
    _, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url="https://subscriber.test/")
    url = f"http://subscriber.test:{receiver.server_port}/"
    SavedSearch.objects.update(webhook_url=url)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    drain(NOW)
    ((headers, _),) = receiver.told
    assert headers["Host"] == f"subscriber.test:{receiver.server_port}"
    assert asked == ["subscriber.test"]
    alerts_record([(saved.pk, offered()[1].pk)], now=NOW)
    drain(NOW)  # the second answer, which is looked at anew
    assert len(receiver.told) == 1
    (message,) = OutboxMessage.objects.filter(done_at=None)
    assert message.error == "Terminal: subscriber.test leads to a private address"


def test_a_name_that_leads_inside_as_well_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "subscriber.test", ["93.184.216.34", "10.0.0.1"])
    _, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url="https://subscriber.test/")
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    drain(NOW)
    (message,) = OutboxMessage.objects.filter(done_at=None)
    assert message.error == "Terminal: subscriber.test leads to a private address"
    assert Alert.objects.filter(sent_at=None).count() == 1


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    _, listing = offered()
    saved = make_saved_search(channel="webhook", webhook_url=receiver.url)
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    receiver.status = 302  # back to itself
    drain(NOW)
    assert len(receiver.told) == 1
    (message,) = OutboxMessage.objects.filter(done_at=None)
    assert message.error == "Refused: status 302"


def test_a_letter_of_an_anonymous_listing_says_nothing_of_its_owner_or_patents() -> None:
    owner = member_of(make_organisation("licensor", name="Secret Owner Ltd"))
    patent = make_patent("US.8147410.B2", title_en="Hidden title", applicants=["Secret Applicant"])
    listing = publish(make_listing(owner, anonymous=True, patents=[patent]), owner)
    OutboxMessage.objects.all().delete()
    saved = make_saved_search()
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    (alert,) = Alert.objects.all()
    letter = letters.mail(saved, [alert])
    sent = [letter.subject, letter.body, str(letter.extra_headers)]
    sent.append(letters.body(saved, [alert], 1).decode())
    for text in sent:
        for secret in ("Secret", "8147410", "Hidden", str(owner.user.email), str(patent.pk)):
            assert secret not in text
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
