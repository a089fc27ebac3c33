from __future__ import annotations

from django.contrib import admin

from marketplace.core.admin import ReadOnly

from .models import Assessment, Classification, Dossier, RegisterTask


@admin.register(Dossier)
class DossierAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "licensor", "licensee", "state", "effective_on")
    list_filter = ("state",)
    list_select_related = ("licensor", "licensee")


@admin.register(Classification)
class ClassificationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("dossier", "direction", "cause", "state", "code", "licence_expires_on")
    list_filter = ("state", "direction")
    list_select_related = ("dossier",)


@admin.register(RegisterTask)
class RegisterTaskAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("dossier", "register", "responsible", "due_on", "state")
    list_filter = ("state", "register")
    list_select_related = ("dossier", "responsible")


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("dossier", "on", "digest")
    list_select_related = ("dossier",)
