from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Assessment, Classification, Dossier, RegisterTask


class LookOnlyAdmin(admin.ModelAdmin):
    """Changed through the API, which asks who and why."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Dossier)
class DossierAdmin(LookOnlyAdmin):
    list_display = ("title", "licensor", "licensee", "state", "effective_on")
    list_filter = ("state",)
    list_select_related = ("licensor", "licensee")


@admin.register(Classification)
class ClassificationAdmin(LookOnlyAdmin):
    list_display = ("dossier", "direction", "cause", "state", "code", "licence_expires_on")
    list_filter = ("state", "direction")
    list_select_related = ("dossier",)


@admin.register(RegisterTask)
class RegisterTaskAdmin(LookOnlyAdmin):
    list_display = ("dossier", "register", "responsible", "due_on", "state")
    list_filter = ("state", "register")
    list_select_related = ("dossier", "responsible")


@admin.register(Assessment)
class AssessmentAdmin(LookOnlyAdmin):
    list_display = ("dossier", "on", "digest")
    list_select_related = ("dossier",)
