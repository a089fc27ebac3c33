from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.admin import ReadOnly
from marketplace.core.charts import Chart

from .charts import charts
from .models import ListingDay
from .selectors import MOST_WEEKS, figures


class WhoseForm(forms.Form):
    organisation = forms.ModelChoiceField(
        Organisation.objects.exclude(listings=None).order_by("name").distinct()
    )
    weeks = forms.IntegerField(min_value=1, max_value=MOST_WEEKS, initial=12)


@admin.register(ListingDay)
class ListingDayAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("listing", "day", "impressions", "opens")
    list_select_related = ("listing",)
    date_hierarchy = "day"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.charts)
        return [path("charts/", page, name="analytics_charts"), *super().get_urls()]

    def charts(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = WhoseForm(request.GET or None)
        found: list[Chart] = []
        if form.is_valid():
            found = charts_of(form.cleaned_data["organisation"].pk, form.cleaned_data["weeks"])
        context = {
            **self.admin_site.each_context(request),
            "heading": "Analytics for owners",
            "form": form,
            "charts": found,
        }
        return TemplateResponse(request, "analytics/charts.html", context)


def charts_of(organisation_id: UUID, weeks: int) -> list[Chart]:
    """As an operator sees them: who may open this page may see them all."""
    operator = Viewer(is_operator=True)
    return charts(figures(operator, organisation_id, weeks=weeks, now=timezone.now()))
