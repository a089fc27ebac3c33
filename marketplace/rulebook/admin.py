from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from django.utils import timezone

from marketplace.accounts.admin import acting
from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import DomainError, Faults

from .models import Rule
from .services import rule_confirm, rule_propose

CONTENT = ("id", "key", "jurisdiction", "valid_from", "valid_to", "source", "citation",
           "parameters", "says")  # fmt: skip


class ProposalForm(ModelForm):
    """Saves by the service, so that the admin and the service refuse the same."""

    viewer: Viewer

    class Meta:
        model = Rule
        fields = CONTENT

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.instance = rule_propose(
                    viewer=self.viewer, **{name: found[name] for name in CONTENT}
                )
            except Faults as faults:
                raise ValidationError(
                    [f"{'.'.join(one.field)}: {one.message}" for one in faults.errors]
                ) from faults
            except DomainError as error:
                raise ValidationError(error.message) from error
        return found

    def _post_clean(self) -> None:
        """The service has checked and saved."""


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):
    """One operator adds a row, another confirms it; a row never changes afterwards."""

    form = ProposalForm
    list_display = ("id", "key", "jurisdiction", "valid_from", "valid_to", "status", "checked_on")
    list_filter = ("status", "jurisdiction", "origin")
    search_fields = ("id", "key", "citation", "source")
    actions = ("confirm",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, form=ModelForm, **options)
        form = super().get_form(request, obj, change, **options)
        return type(form.__name__, (form,), {"viewer": acting(request)})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in Rule._meta.fields] if obj else []

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        """Saved by the service."""

    @admin.action(description="Confirm what another operator proposed")
    def confirm(self, request: HttpRequest, rules: QuerySet[Rule]) -> None:
        for rule in rules:
            try:
                rule_confirm(viewer=acting(request), rule_id=rule.pk, today=timezone.localdate())
                self.log_change(request, rule, [{"changed": {"fields": ["status"]}}])
            except (DomainError, Faults) as error:
                self.message_user(request, f"{rule}: {error}", messages.ERROR)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
