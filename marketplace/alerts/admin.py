from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from .models import SavedSearch


@admin.register(SavedSearch)
class SavedSearchAdmin(admin.ModelAdmin):
    """How much is asked for and how it goes out; what somebody looks for is theirs alone."""

    list_display = ("user", "frequency", "channel", "next_at", "paused_at", "created_at")
    list_filter = ("frequency", "channel", ("paused_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    fields = ("user", "frequency", "channel", "next_at", "paused_at", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
