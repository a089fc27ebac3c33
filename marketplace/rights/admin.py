from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import ReadOnly

from .models import Asset, FieldName, Occupation


@admin.register(Occupation)
class OccupationAdmin(ReadOnly, admin.ModelAdmin):
    """The ledger: what is taken, by whom, since when and until when."""

    list_display = ("subject", "kind", "exclusivity", "asset", "owner", "holder", "period", "live")
    list_filter = ("kind", "exclusivity")
    list_select_related = ("asset", "owner", "holder")
    search_fields = ("subject", "owner__name", "holder__name", "asset__patent__docdb")


@admin.register(Asset)
class AssetAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("kind", "patent", "listing")
    list_filter = ("kind",)
    list_select_related = ("patent", "listing")
    search_fields = ("patent__docdb",)


@admin.register(FieldName)
class FieldNameAdmin(ReadOnly, admin.ModelAdmin):
    """Fields of use that operators joined, by fieldJoin of the API."""

    list_display = ("path", "joined_to", "joined_by", "created_at")
    list_select_related = ("joined_by",)
    search_fields = ("path", "joined_to")
