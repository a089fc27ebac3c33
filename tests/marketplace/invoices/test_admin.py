"""What operators see of money in the admin, and the little they may do there."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from marketplace.core.calendar import day_of
from marketplace.core.models import OutboxMessage
from marketplace.core.money import Money
from marketplace.invoices.charts import charts
from marketplace.invoices.models import BankLine, Invoice, TaxCertificate
from marketplace.invoices.wire import tax_certificate_submit
from marketplace.ledger.models import FxRate, Posting
from marketplace.payments.inbox import raise_alarm
from marketplace.payments.models import BankAccount, StripeEvent
from tests.factories import staff
from tests.stripe_double.world import DAY, World

PAGES = (
    "invoices/invoice",
    "invoices/bankline",
    "invoices/taxcertificate",
    "invoices/refund",
    "invoices/allocation",
    "payments/stripeevent",
    "payments/alarm",
    "payments/payoutaccount",
    "payments/bankaccount",
    "ledger/posting",
)
HEAD = "reference,date,amount,currency,payer,text\n"


def act(client: Client, page: str, row: object) -> str:
    """Approve `row` on `page`; what the admin says then."""
    data = {"action": "approve", "_selected_action": [str(row)]}
    return client.post(f"/admin/{page}/", data, follow=True).content.decode()


def test_money_is_read_and_not_written(world: World):
    invoice = world.invoice()
    payment = world.paid(invoice)
    world.release(invoice)
    world.refund(payment, 100)
    world.accounts()
    world.bank_account(world.licensor)
    raise_alarm("balance", "HKD", "Books 1, Stripe 2 HKD.")
    client = staff(world.operator)
    for page in PAGES:
        assert client.get(f"/admin/{page}/").status_code == 200, page
        assert client.get(f"/admin/{page}/add/").status_code == 403, page
    assert client.get(f"/admin/invoices/invoice/{invoice.pk}/change/").status_code == 200
    posting = Posting.objects.filter(ref__startswith="charge:").get()
    assert client.get(f"/admin/ledger/posting/{posting.pk}/change/").status_code == 200
    deleted = client.post(f"/admin/invoices/invoice/{invoice.pk}/delete/", {"post": "yes"})
    assert deleted.status_code == 403
    assert Invoice.objects.get().state == "paid"


def test_a_statement_is_imported_and_booked_by_another(world: World):
    invoice = world.invoice()
    one, two = staff(world.operator), staff(world.second)
    page = "/admin/invoices/bankline/import/"
    assert Client().get(page).status_code == 302
    assert "CAMT.053" in one.get(page).content.decode()
    bad = SimpleUploadedFile("a.csv", b"a,b\n")
    refused = one.post(page, {"format": "csv", "statement": bad})
    assert f"The first row is {HEAD.strip()}" in refused.content.decode()
    assert not BankLine.objects.exists()

    text = f"{HEAD}FT1,2026-11-23,100.00,HKD,Buyer,{invoice.wire_reference}\n"
    good = SimpleUploadedFile("a.csv", text.encode())
    assert (
        "1 lines read."
        in one.post(page, {"format": "csv", "statement": good}, follow=True).content.decode()
    )

    line = BankLine.objects.get()
    assert "A second person approves." in act(one, "invoices/bankline", line.pk)
    assert world.books() == {}
    act(two, "invoices/bankline", line.pk)
    line.refresh_from_db()
    assert (line.state, line.approved_by) == ("booked", world.second.user)


def test_certificates_and_bank_details_are_approved_by_a_second_person(world: World):
    invoice = world.invoice()
    shown = tax_certificate_submit(
        viewer=world.operator,
        invoice_id=invoice.pk,
        number="T1",
        amount=700,
        issued_on=DAY,
        name="t1.pdf",
        content=b"%PDF-1.7",
    )
    account = world.bank_account(world.licensor, approved=False)
    one, two = staff(world.operator), staff(world.second)
    for page, row in (("invoices/taxcertificate", shown), ("payments/bankaccount", account)):
        assert "A second person approves." in act(one, page, row.pk)
        assert "A second person approves." not in act(two, page, row.pk)
    assert TaxCertificate.objects.get().state == "approved"
    assert BankAccount.objects.get().approved_by == world.second.user


def test_parked_events_are_found_with_their_error(world: World):
    world.paid(world.invoice())
    event = StripeEvent.objects.order_by("pk").first()
    StripeEvent.objects.filter(pk=event.pk).update(done_at=None, outcome="")
    OutboxMessage.objects.filter(topic="stripe.event", subject=str(event.pk)).update(
        done_at=None, parked_at=event.created_at, error="Later: poisoned"
    )
    client = staff(world.operator)
    page = "/admin/payments/stripeevent/?progress="
    for progress, shown in (("parked", True), ("waiting", False), ("done", False)):
        found = client.get(page + progress).content.decode()
        assert (f">{event.event_id}</a>" in found) is shown
        assert ("Later: poisoned" in found) is shown


def test_a_rate_is_entered_once_and_stays(world: World):
    client = staff(world.operator)
    page = "/admin/ledger/fxrate/add/"
    rate = {"base": "USD", "quote": "HKD", "on": "2026-11-20", "rate": "7.8", "source": "HKMA"}
    assert client.post(page, rate).status_code == 302
    refused = client.post(page, {**rate, "on": "2099-01-01"})
    assert "A rate is of a day up to" in refused.content.decode()
    row = FxRate.objects.get()
    changed = client.post(f"/admin/ledger/fxrate/{row.pk}/change/", {**rate, "rate": "9"})
    assert changed.status_code == 403
    assert FxRate.objects.get().rate == row.rate


def test_charts_show_volume_fees_and_what_is_overdue(world: World):
    today = day_of(timezone.now())
    paid = world.invoice(100_00)
    world.paid(paid)
    world.release(paid)
    late = world.invoice(30_00)
    Invoice.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=45))
    young = world.invoice(15_00)
    Invoice.objects.filter(pk=young.pk).update(due_on=today)

    drawn = {chart.title: {one.label: one for one in chart.bars} for chart in charts(today)}

    booked_on = Posting.objects.get(ref__startswith="charge:").booked_on
    month = f"{booked_on:%Y-%m}"
    volume = drawn["Volume paid in, HKD"]
    assert len(volume) == 12
    assert (volume[month].amount, volume[month].width) == (Money(100_00, "HKD"), 100)
    assert sum(one.amount.amount for one in volume.values()) == 100_00
    fees = drawn["Platform fees, HKD"]
    assert sum(one.amount.amount for one in fees.values()) == 5_00
    ages = {label: (one.amount.amount, one.width) for label, one in drawn[
        "Open invoices by age, HKD"
    ].items()}  # fmt: skip
    assert ages == {
        "not due": (15_00, 50),
        "1-30 days": (0, 0),
        "31-60 days": (30_00, 100),
        "61-90 days": (0, 0),
        "over 90 days": (0, 0),
    }
    page = staff(world.operator).get("/admin/invoices/invoice/charts/").content.decode()
    assert "Open invoices by age, HKD" in page
    assert '<rect width="50%"' in page
    assert "HKD 30.00" in page
    assert Client().get("/admin/invoices/invoice/charts/").status_code == 302
