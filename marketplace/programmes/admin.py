from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from .models import ProgrammeApplication, SupplierCertificate


class LookOnlyAdmin(admin.ModelAdmin):
    """Decided by programmeDecide and supplierCertificateDecide, which ask who."""

    list_filter = ("state",)
    list_select_related = ("organisation",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(ProgrammeApplication)
class ProgrammeApplicationAdmin(LookOnlyAdmin):
    list_display = ("organisation", "programme", "state", "starts_on", "ends_on")


@admin.register(SupplierCertificate)
class SupplierCertificateAdmin(LookOnlyAdmin):
    list_display = ("organisation", "sector", "number", "expires_on", "state")
