from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import TellingAdmin

from .models import Need


@admin.register(Need)
class NeedAdmin(TellingAdmin):
    topic = "need.changed"
    list_display = ("title", "organisation", "language", "state", "deadline")
    list_filter = ("state", "language", "is_sample")
    search_fields = ("title", "organisation__name")
    list_select_related = ("organisation",)
    readonly_fields = ("state", "revision")
    autocomplete_fields = ("organisation",)
    exclude = ("created_by",)
