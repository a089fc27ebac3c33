"""Invoices, what was paid on them, and to whom it is passed on. Amounts are minor units."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record
from marketplace.payments.models import BankAccount

from .workflow import LIVE, AllocationState, InvoiceState, PaymentState


class Invoice(Record):
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices_issued")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices_received")
    agreement = models.CharField(
        max_length=80, blank=True, db_index=True, help_text="Reference of the contract."
    )
    number = models.PositiveIntegerField(null=True, blank=True, help_text="Given when issued.")
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    state = models.CharField(
        max_length=16, choices=InvoiceState.choices, default=InvoiceState.DRAFT
    )
    holds = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="Why nothing may be released, such as bank:dp_1 or in_app:late delivery.",
    )
    review = models.CharField(max_length=300, blank=True, help_text="What a person must look at.")
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    wire_reference = models.CharField(max_length=20, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "number"], name="one_invoice_a_number"),
            models.CheckConstraint(condition=Q(total__gt=0), name="an_invoice_asks_for_money"),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(state="void")
                | Q(number__isnull=False, issued_on__isnull=False, due_on__isnull=False),
                name="an_issued_invoice_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wire_reference} {self.currency} {self.total}"


class InvoiceNumber(models.Model):
    """The last number of an issuer; locked while the next is given, so that none is left out."""

    issuer = models.OneToOneField(Organisation, models.PROTECT, primary_key=True)
    last = models.PositiveIntegerField(default=0)


class InvoiceLine(models.Model):
    class Kind(models.TextChoices):
        UPFRONT = "upfront"
        MILESTONE = "milestone"
        ROYALTY = "royalty"
        MINIMUM = "minimum"
        INTEREST = "interest"
        CORRECTION = "correction"
        LISTING = "listing"

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.CharField(max_length=300)
    text_zh = models.CharField(max_length=300, blank=True)
    amount = models.BigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_line_a_position")
        ]


class Share(models.Model):
    """Who gets how much of each payment; the one without a rate gets the remainder."""

    class Role(models.TextChoices):
        PLATFORM = "platform"
        BROKER = "broker"
        LICENSOR = "licensor"

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="shares")
    party = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)
    basis_points = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "party", "role"], name="one_share_a_party_and_role"
            ),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(basis_points=None),
                name="one_party_gets_the_remainder",
            ),
        ]


class Payment(Record):
    """One attempt to pay an instalment, by Stripe, by wire, or by a tax certificate."""

    class Method(models.TextChoices):
        STRIPE = "stripe"
        WIRE = "wire"
        TAX_CERTIFICATE = "tax_certificate"

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=16, choices=Method.choices)
    instalment = models.PositiveSmallIntegerField(default=0, help_text="0 for a wire.")
    hold = models.BooleanField(default=False, help_text="Authorise now, capture later.")
    state = models.CharField(
        max_length=16, choices=PaymentState.choices, default=PaymentState.CREATED
    )
    amount = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    excess = models.BigIntegerField(default=0, help_text="Of what was received: too much.")
    returned = models.BigIntegerField(default=0, help_text="By refunds and lost disputes.")
    gateway_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    wallet = models.CharField(max_length=20, blank=True, help_text="card, alipay, wechat_pay")
    charge = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=120, blank=True)
    capture_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "instalment"],
                condition=Q(state__in=[*LIVE, PaymentState.CAPTURED], method="stripe"),
                name="one_live_payment_an_instalment",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_above_nought"),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("received")),
                name="no_more_returned_than_received",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount} {self.state}"


class Allocation(Record):
    """A party's share of one payment, on its way to the party."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    share = models.ForeignKey(Share, models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)
    sent_amount = models.BigIntegerField(default=0, help_text="Fixed before the first call.")
    reversed = models.BigIntegerField(default=0, help_text="Fetched back from a transfer.")
    resent = models.BigIntegerField(default=0, help_text="Sent again, as a refund failed.")
    state = models.CharField(
        max_length=12, choices=AllocationState.choices, default=AllocationState.PLANNED
    )
    released_on = models.DateField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    first_called_at = models.DateTimeField(null=True, blank=True)
    transfer = models.CharField(max_length=120, null=True, blank=True, unique=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="+", null=True, blank=True
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "share"], name="one_allocation_a_share"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="no_negative_allocation"),
        ]


class Refund(Record):
    class State(models.TextChoices):
        REQUESTED = "requested"
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    by_wire = models.BooleanField(default=False)
    bank_reference = models.CharField(max_length=80, blank=True)
    gateway_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_above_nought"),
            models.CheckConstraint(
                condition=Q(by_wire=False)
                | ~Q(state="succeeded")
                | Q(requested_by__isnull=False, confirmed_by__isnull=False)
                & ~Q(requested_by=F("confirmed_by")),
                name="a_refund_by_wire_needs_two_persons",
            ),
        ]


class Review(Record):
    """What made a person look at an invoice, and what came of it."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reviews")
    found = models.CharField(max_length=300)
    outcome = models.CharField(max_length=1000)
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.found


class Dispute(Record):
    """A payer's bank takes a payment back."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    gateway_id = models.CharField(max_length=120, unique=True)
    amount = models.BigIntegerField()
    status = models.CharField(max_length=40)


class BankLine(Record):
    """A line of a bank statement; booked once two persons say which invoice it pays."""

    class State(models.TextChoices):
        UNMATCHED = "unmatched", "nobody has said what it pays"
        PROPOSED = "proposed", "waits for a second person"
        BOOKED = "booked"

    bank_reference = models.CharField(max_length=80, unique=True)
    booked_on = models.DateField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="bank_lines", null=True, blank=True
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="a_bank_line_needs_two_persons",
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank_reference} {self.currency} {self.amount}"

    @property
    def state(self) -> str:
        if self.payment_id is not None:
            return self.State.BOOKED
        return self.State.UNMATCHED if self.invoice_id is None else self.State.PROPOSED


class InvoicePaper(Record):
    """What a party shows for an invoice: that it has paid, or what the tax office kept."""

    class Kind(models.TextChoices):
        REMITTANCE_ADVICE = "remittance_advice"
        TAX_CERTIFICATE = "tax_certificate"

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(help_text="At most a megabyte.")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "sha256"], name="one_copy_of_an_invoice_paper"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


class TaxCertificate(Record):
    """What the tax office confirms to have kept of an invoice's money."""

    class State(models.TextChoices):
        OPEN = "open", "waits for an operator"
        APPROVED = "approved"
        REFUSED = "refused"

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="tax_certificates")
    number = models.CharField(max_length=80)
    amount = models.BigIntegerField()
    issued_on = models.DateField()
    paper = models.OneToOneField(InvoicePaper, models.PROTECT, related_name="certificate")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True)
    refused = models.CharField(max_length=300, blank=True, help_text="Why it does not count.")

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(refused=""), name="a_certificate_counts_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | ~Q(approved_by=F("submitted_by")) & Q(payment__isnull=False, refused=""),
                name="a_certificate_needs_two_persons",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_certificate_is_of_money"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.invoice}"

    @property
    def state(self) -> str:
        if self.refused:
            return self.State.REFUSED
        return self.State.OPEN if self.payment_id is None else self.State.APPROVED
