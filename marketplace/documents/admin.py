from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from marketplace.accounts.models import User
from marketplace.core.admin import ReadOnly
from marketplace.core.errors import DomainError

from .models import Document, Signature, Template
from .services import template_add


class TemplateForm(forms.ModelForm):
    author: User | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                self.instance = template_add(author=self.author, **given)
            except DomainError as error:
                raise ValidationError(error.message) from None
        return given

    class Meta:
        model = Template
        fields = ("name", "title_en", "title_zh", "text_en", "text_zh", "asks_again")


@admin.register(Template)
class TemplateAdmin(admin.ModelAdmin):
    """Operators add versions; nobody changes one that is there."""

    form = TemplateForm
    list_display = ("name", "version", "title_en", "title_zh", "asks_again", "created_at")
    list_filter = ("name",)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.author = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: bool) -> None:
        """The form has saved it by the service."""

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class SignatureInline(ReadOnly, admin.TabularInline):
    model = Signature
    fields = ("organisation", "user", "typed_name", "signed_at", "address", "sha256")


@admin.register(Document)
class DocumentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title_en", "subject", "number", "created_at")
    search_fields = ("subject", "sha256")
    inlines = (SignatureInline,)
