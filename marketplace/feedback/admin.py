from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import ReadOnly

from .models import MatchDecline


@admin.register(MatchDecline)
class MatchDeclineAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("listing", "need", "reasons", "declined_by", "declined_at", "vouched")
    list_select_related = ("listing", "need", "declined_by")
    date_hierarchy = "declined_at"
