from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Hit, RestrictedParty


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RestrictedParty)
class RestrictedPartyAdmin(ReadOnlyAdmin):
    """Lists come from files: manage.py screening load."""

    list_display = ("reference", "names", "list_name", "country", "listed")
    list_filter = ("list_name", "listed")
    search_fields = ("reference", "names")


@admin.register(Hit)
class HitAdmin(ReadOnlyAdmin):
    """Decided by screeningHitDecide, which asks why."""

    list_display = ("own_name", "listed_name", "score", "reason", "state", "organisation")
    list_filter = ("state", "reason", "party__list_name")
    list_select_related = ("organisation",)
