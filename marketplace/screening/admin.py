from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import ReadOnly

from .models import RestrictedParty, ScreeningHit


@admin.register(RestrictedParty)
class RestrictedPartyAdmin(ReadOnly, admin.ModelAdmin):
    """Lists come from files: manage.py screening load."""

    list_display = ("reference", "names", "list_name", "country", "listed")
    list_filter = ("list_name", "listed")
    search_fields = ("reference", "names")


@admin.register(ScreeningHit)
class HitAdmin(ReadOnly, admin.ModelAdmin):
    """Decided by screeningHitDecide, which asks why."""

    list_display = ("own_name", "listed_name", "score", "reason", "state", "organisation")
    list_filter = ("state", "reason", "party__list_name")
    list_select_related = ("organisation",)
