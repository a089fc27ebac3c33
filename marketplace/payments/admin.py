"""Events, alarms and accounts for operators; what the worker parked is under core's messages."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from marketplace.accounts.admin import acting, by_service
from marketplace.core.admin import ReadOnly
from marketplace.core.models import OutboxMessage

from .bank_accounts import bank_account_approve
from .inbox import TOPIC
from .models import Alarm, BankAccount, PayoutAccount, StripeEvent


class Progress(admin.SimpleListFilter):
    title = "progress"
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, page: object) -> list[tuple[str, str]]:
        return [("parked", "parked"), ("waiting", "waiting"), ("done", "done")]

    def queryset(
        self, request: HttpRequest, rows: QuerySet[StripeEvent]
    ) -> QuerySet[StripeEvent] | None:
        messages = OutboxMessage.objects.filter(topic=TOPIC, parked_at__isnull=False, done_at=None)
        parked = [str(one) for one in messages.values_list("subject", flat=True)]
        match self.value():
            case "parked":
                return rows.filter(done_at=None, pk__in=parked)
            case "waiting":
                return rows.filter(done_at=None).exclude(pk__in=parked)
            case "done":
                return rows.filter(done_at__isnull=False)
        return rows


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly, admin.ModelAdmin):
    """What Stripe told us. A parked one is tried again with the messages of the worker."""

    list_display = ("event_id", "kind", "object_id", "occurred_at", "found_by", "outcome", "error")
    list_filter = (Progress, "kind", "found_by")
    search_fields = ("event_id", "object_id")
    date_hierarchy = "occurred_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StripeEvent]:
        messages = OutboxMessage.objects.filter(topic=TOPIC, done_at=None).exclude(error="")
        self.errors = dict(messages.values_list("subject", "error"))
        return super().get_queryset(request)

    @admin.display(description="Last error")
    def error(self, event: StripeEvent) -> str:
        return self.errors.get(str(event.pk), "")


@admin.register(Alarm)
class AlarmAdmin(ReadOnly, admin.ModelAdmin):
    """Closed by alarmClose, which asks what was done."""

    list_display = ("kind", "subject", "message", "created_at", "closed_at", "outcome")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "kind")
    search_fields = ("subject", "message")


@admin.register(PayoutAccount)
class PayoutAccountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("organisation", "country", "stripe_account", "transfers_enabled")
    list_filter = ("country", "transfers_enabled")
    list_select_related = ("organisation",)


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnly, admin.ModelAdmin):
    """Entered and refused through the API; approved here or there, by a second person."""

    list_display = ("organisation", "currency", "holder", "bank", "number", "swift", "entered_by",
                    "approved_by", "approved_at", "refused")  # fmt: skip
    list_filter = (("approved_at", admin.EmptyFieldListFilter), "currency")
    list_select_related = ("organisation", "entered_by", "approved_by")
    search_fields = ("holder", "number", "organisation__name")
    actions = ("approve",)

    @admin.action(description="Approve, as a second person")
    def approve(self, request: HttpRequest, rows: QuerySet[BankAccount]) -> None:
        viewer, now = acting(request), timezone.now()

        def approve(row: BankAccount) -> None:
            bank_account_approve(viewer=viewer, bank_account_id=row.pk, now=now)

        by_service(self, request, rows, approve)
