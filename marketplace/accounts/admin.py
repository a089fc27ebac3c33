from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from marketplace.core.admin import TellingAdmin
from marketplace.core.errors import DomainError, Faults

from .models import Membership, Organisation, User, VerificationEvidence
from .viewer import Viewer, viewer_of


def acting(request: HttpRequest) -> Viewer:
    """Whoever acts in the admin, as the services know them."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return viewer_of(request.user)


def by_service(
    page: admin.ModelAdmin, request: HttpRequest, rows: Iterable[Any], act: Callable[[Any], object]
) -> None:
    """Do `act` with each row, and say of each that is refused why."""
    for row in rows:
        try:
            act(row)
            page.log_change(request, row, act.__name__)
        except (DomainError, Faults) as error:
            page.message_user(request, f"{row}: {error}", messages.ERROR)


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
class OrganisationAdmin(TellingAdmin):
    """Verification is decided by verificationDecide, which keeps the evidence and the history."""

    topic = "organisation.changed"
    list_display = ("name", "kinds", "jurisdiction", "city", "verification", "verified_until")
    list_filter = ("verification", "jurisdiction", "is_sample")
    search_fields = ("name", "name_zh", "registration_number")
    readonly_fields = ("verification", "verified_until", "revision")
    inlines = (MembershipInline, EvidenceInline)
