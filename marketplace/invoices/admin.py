"""Invoices and what was paid on them, for operators: read here, changed by services alone."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from marketplace.accounts.admin import acting, by_service
from marketplace.core.admin import ReadOnly
from marketplace.core.calendar import day_of
from marketplace.core.errors import DomainError, Faults
from marketplace.core.papers import MOST_BYTES

from .bank_statement import Format, read
from .charts import charts
from .models import (
    Allocation,
    BankLine,
    Invoice,
    InvoiceLine,
    Payment,
    Refund,
    Review,
    TaxCertificate,
)
from .wire import bank_line_approve, bank_lines_import, tax_certificate_approve


class LineInline(ReadOnly, admin.TabularInline):
    model = InvoiceLine
    fields = ("position", "kind", "text", "text_zh", "amount")


class PaymentInline(ReadOnly, admin.TabularInline):
    model = Payment
    fields = ("method", "instalment", "state", "amount", "received", "excess", "returned",
              "gateway_id", "failure")  # fmt: skip


class ReviewInline(ReadOnly, admin.TabularInline):
    model = Review
    fields = readonly_fields = ("found", "outcome", "reviewed_by", "created_at")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, admin.ModelAdmin):
    """Looked at and freed by invoiceReviewEnd, which asks what came of it."""

    list_display = ("wire_reference", "number", "issuer", "payer", "currency", "total", "state",
                    "due_on", "holds", "review")  # fmt: skip
    list_filter = ("state", "currency", ("review", admin.EmptyFieldListFilter))
    list_select_related = ("issuer", "payer")
    search_fields = ("wire_reference", "issuer__name", "payer__name", "agreement")
    inlines = (LineInline, PaymentInline, ReviewInline)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.charts)
        return [path("charts/", page, name="invoices_charts"), *super().get_urls()]

    def charts(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        drawn = charts(day_of(timezone.now()))
        context = {
            **self.admin_site.each_context(request),
            "heading": "Money",
            "charts": drawn,
        }
        return TemplateResponse(request, "core/charts.html", context)


class StatementForm(forms.Form):
    format = forms.ChoiceField(choices=Format.choices)
    statement = forms.FileField(help_text=f"At most {MOST_BYTES} bytes.")


@admin.register(BankLine)
class BankLineAdmin(ReadOnly, admin.ModelAdmin):
    """A line is proposed for another invoice by bankLinePropose."""

    list_display = ("bank_reference", "booked_on", "currency", "amount", "payer", "text",
                    "invoice", "proposed_by", "approved_by")  # fmt: skip
    list_filter = (
        ("invoice", admin.EmptyFieldListFilter),
        ("payment", admin.EmptyFieldListFilter),
        "currency",
    )
    list_select_related = ("invoice", "proposed_by", "approved_by")
    search_fields = ("bank_reference", "payer", "text")
    date_hierarchy = "booked_on"
    actions = ("approve",)

    @admin.action(description="Book as proposed, as a second person")
    def approve(self, request: HttpRequest, rows: QuerySet[BankLine]) -> None:
        viewer = acting(request)

        def approve(row: BankLine) -> None:
            bank_line_approve(viewer=viewer, bank_line_id=row.pk)

        by_service(self, request, rows, approve)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.upload)
        return [path("import/", page, name="invoices_bank_lines_import"), *super().get_urls()]

    def upload(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = StatementForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            sent: UploadedFile = form.cleaned_data["statement"]
            try:
                lines = read(form.cleaned_data["format"], sent.read(MOST_BYTES + 1))
                kept = bank_lines_import(viewer=acting(request), lines=lines)
            except (DomainError, Faults) as error:
                form.add_error("statement", str(error))
            else:
                self.message_user(request, f"{len(kept)} lines read.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:invoices_bankline_changelist"))
        context = {**self.admin_site.each_context(request), "form": form}
        return TemplateResponse(request, "invoices/import.html", context)


@admin.register(TaxCertificate)
class TaxCertificateAdmin(ReadOnly, admin.ModelAdmin):
    """Refused by taxCertificateRefuse, which asks why."""

    list_display = ("number", "invoice", "amount", "issued_on", "submitted_by", "approved_by",
                    "refused")  # fmt: skip
    list_filter = (
        ("payment", admin.EmptyFieldListFilter),
        ("refused", admin.EmptyFieldListFilter),
    )
    list_select_related = ("invoice", "submitted_by", "approved_by")
    search_fields = ("number",)
    actions = ("approve",)

    @admin.action(description="Count as payment, as a second person")
    def approve(self, request: HttpRequest, rows: QuerySet[TaxCertificate]) -> None:
        viewer = acting(request)

        def approve(row: TaxCertificate) -> None:
            tax_certificate_approve(viewer=viewer, certificate_id=row.pk)

        by_service(self, request, rows, approve)


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("payment", "amount", "state", "by_wire", "bank_reference", "requested_by",
                    "confirmed_by", "reason")  # fmt: skip
    list_filter = ("state", "by_wire")
    list_select_related = ("payment", "requested_by", "confirmed_by")


@admin.register(Allocation)
class AllocationAdmin(ReadOnly, admin.ModelAdmin):
    """What parties get. Wires are proposed and confirmed through the API."""

    list_display = ("party", "role", "amount", "returned", "state", "released_on", "transfer",
                    "bank_reference", "failure")  # fmt: skip
    list_filter = ("state", "share__role")
    list_select_related = ("share__party",)

    @admin.display(ordering="share__party__name")
    def party(self, row: Allocation) -> str:
        return row.share.party.name

    @admin.display(ordering="share__role")
    def role(self, row: Allocation) -> str:
        return row.share.role
