from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin

from .models import Membership, Organisation, User, VerificationEvidence


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    ordering = ("email",)
    list_display = ("email", "name", "language", "is_active", "is_staff")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "language", "time_zone")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


class EvidenceInline(admin.TabularInline):
    model = VerificationEvidence
    extra = 0
    can_delete = False
    readonly_fields = ("kind", "reference", "note", "submitted_by", "decided_by", "decided_at",
                       "decision_note")  # fmt: skip

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """Verification is decided by verificationDecide, which keeps the evidence and the history."""

    list_display = ("name", "kinds", "jurisdiction", "city", "verification", "verified_until")
    list_filter = ("verification", "jurisdiction", "is_sample")
    search_fields = ("name", "name_zh", "registration_number")
    readonly_fields = ("verification", "verified_until", "revision")
    inlines = (MembershipInline, EvidenceInline)
