"""The books for operators to read; they are written by what happens, never here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from django.utils import timezone

from marketplace.accounts.admin import acting
from marketplace.accounts.viewer import Viewer
from marketplace.core.admin import ReadOnly
from marketplace.core.calendar import day_of
from marketplace.core.errors import DomainError, Faults

from .exchange import fx_rate_enter
from .models import Entry, FxRate, Posting


class EntryInline(ReadOnly, admin.TabularInline):
    model = Entry
    fields = ("account", "party", "subject", "currency", "amount")


@admin.register(Posting)
class PostingAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("ref", "booked_on", "memo", "balance_transaction")
    list_filter = ("entries__account", "entries__currency")
    search_fields = ("ref", "memo", "balance_transaction")
    date_hierarchy = "booked_on"
    inlines = (EntryInline,)


class RateForm(ModelForm):
    """Saves by the service, so that the admin and the API refuse the same."""

    viewer: Viewer

    class Meta:
        model = FxRate
        fields = ("base", "quote", "on", "rate", "source")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors:
            today = day_of(timezone.now())
            try:
                self.instance = fx_rate_enter(viewer=self.viewer, today=today, **found)
            except (DomainError, Faults) as error:
                raise ValidationError(str(error)) from error
        return found

    def _post_clean(self) -> None:
        """The service has checked and saved."""


@admin.register(FxRate)
class FxRateAdmin(admin.ModelAdmin):
    """A rate of a day stays as it was entered, since books may rest on it."""

    form = RateForm
    list_display = ("base", "quote", "on", "rate", "source")
    list_filter = ("base", "quote")
    date_hierarchy = "on"

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **options)
        return type(form.__name__, (form,), {"viewer": acting(request)})

    def save_model(self, request: HttpRequest, obj: FxRate, form: Any, change: bool) -> None:
        """Saved by the service."""

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
