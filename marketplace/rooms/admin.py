"""Data rooms for operators to read: what is there, who may read it, who did. No contents: those
open by a link, which leaves its mark on the file and in the log."""

from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import ReadOnly

from .models import Grant, Opening, RoomFile


class GrantInline(ReadOnly, admin.TabularInline):
    model = Grant
    fields = ("organisation", "granted_by", "expires_at", "revoked_at")


class OpeningInline(ReadOnly, admin.TabularInline):
    model = Opening
    fields = ("at", "user", "organisation", "address")


@admin.register(RoomFile)
class RoomFileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "folder", "deal", "owner", "classification", "state", "scan")
    list_filter = ("state", "classification", "scan")
    list_select_related = ("deal__licensor", "deal__buyer", "owner")
    search_fields = ("name", "owner__name")
    exclude = ("content",)
    inlines = (GrantInline, OpeningInline)
