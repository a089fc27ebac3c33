"""What Stripe told us, and where a party can be paid."""

from __future__ import annotations

from django.db import models

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record


class StripeEvent(Record):
    """An event of Stripe's as it came in: a hint that its object should be read again."""

    event_id = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255)
    api_version = models.CharField(max_length=40, blank=True)
    account = models.CharField(max_length=80, blank=True, help_text="Connected account, if any.")
    occurred_at = models.DateTimeField()
    found_by = models.CharField(max_length=12, default="webhook", help_text="webhook or paging")
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind}"


class PayoutAccount(Record):
    """A party's account at Stripe, or only its country where it has none."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="payout_account")
    country = models.CharField(max_length=2)
    stripe_account = models.CharField(max_length=80, null=True, blank=True, unique=True)
    transfers_enabled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.organisation} in {self.country}"


class BankAccount(Record):
    """Where an organisation takes wires in one currency; an operator's: where payers send them.

    Nobody changes a row: new details are a new row, and the newest that a second person approved
    is the one that counts.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="bank_accounts")
    currency = models.CharField(max_length=3)
    holder = models.CharField(max_length=140)
    bank = models.CharField(max_length=140)
    number = models.CharField(max_length=34, help_text="IBAN or account number.")
    swift = models.CharField(max_length=11, help_text="BIC.")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    refused = models.CharField(max_length=300, blank=True, help_text="Why it never counts.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | ~models.Q(approved_by=models.F("entered_by"))
                & models.Q(approved_at__isnull=False, refused=""),
                name="bank_details_need_two_persons",
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.currency} …{self.number[-4:]}"


class Alarm(Record):
    """Something that does not agree and that only a person may put right."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    message = models.TextField()
    outcome = models.CharField(max_length=1000, blank=True, help_text="What was done about it.")
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(closed_at=None),
                name="one_open_alarm_a_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
