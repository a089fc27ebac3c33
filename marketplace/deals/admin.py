"""Deals for operators to read; what happens to one goes through the API and its record."""

from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import ReadOnly

from .evidence import verify
from .models import Deal, DealEvent, Mandate, Nda


class EventInline(ReadOnly, admin.TabularInline):
    model = DealEvent
    fields = ("number", "kind", "at", "user", "organisation", "mandate", "facts", "sha256")


class NdaInline(ReadOnly, admin.TabularInline):
    model = Nda
    fields = ("document", "template_version", "purpose", "term_months", "signed_at", "ends_at")


@admin.register(Deal)
class DealAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("listing", "licensor", "buyer", "state", "enquired_at", "due_at")
    list_filter = ("state", "decline_reason")
    list_select_related = ("listing", "licensor", "buyer")
    search_fields = ("licensor__name", "buyer__name")
    readonly_fields = ("record",)
    inlines = (NdaInline, EventInline)

    def record(self, deal: Deal) -> str:
        return "; ".join(verify(deal)) or "Verified: nothing was altered."


@admin.register(Mandate)
class MandateAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("principal", "centre", "state", "acts", "starts_on", "ends_on", "commission_bp")
    list_filter = ("state",)
    list_select_related = ("principal", "centre")
