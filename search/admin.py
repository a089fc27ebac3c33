from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import CharField, ModelForm, Textarea, ValidationError
from django.http import HttpRequest

from marketplace.accounts.admin import acting
from marketplace.accounts.viewer import Viewer
from marketplace.core.admin import ReadOnly
from marketplace.core.errors import DomainError, Faults

from .models import SynonymChange, SynonymGroup
from .synonyms import synonyms_remove, synonyms_set


class Lines(CharField):
    """One word a line: 1,2-dichloroethane has a comma."""

    widget = Textarea

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else "\n".join(value or ())

    def to_python(self, value: Any) -> Any:
        return [line for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(list(initial or ()) != self.to_python(data))


class GroupForm(ModelForm):
    """Saves by the service, so that the admin and the API refuse the same."""

    viewer: Viewer
    words = Lines(help_text="One a line.")

    class Meta:
        model = SynonymGroup
        fields = ("words",)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors:
            known = None if self.instance._state.adding else self.instance.pk
            try:
                self.instance = synonyms_set(
                    viewer=self.viewer, words=found["words"], group_id=known
                )
            except Faults as faults:
                raise ValidationError([one.message for one in faults.errors]) from faults
            except DomainError as error:
                raise ValidationError(error.message) from error
        return found

    def _post_clean(self) -> None:
        """The service has checked and saved."""


@admin.register(SynonymGroup)
class SynonymGroupAdmin(admin.ModelAdmin):
    """Words that mean the same to search, from the next search on."""

    form = GroupForm
    list_display = ("__str__", "updated_at")
    search_fields = ("words",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **options)
        return type(form.__name__, (form,), {"viewer": acting(request)})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and acting(request).is_operator

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return super().has_change_permission(request, obj) and acting(request).is_operator

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return super().has_delete_permission(request, obj) and acting(request).is_operator

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saved by the service."""

    def delete_model(self, request: HttpRequest, obj: SynonymGroup) -> None:
        try:
            synonyms_remove(viewer=acting(request), group_id=obj.pk)
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)

    def delete_queryset(self, request: HttpRequest, groups: QuerySet[SynonymGroup]) -> None:
        for group in groups:
            self.delete_model(request, group)


@admin.register(SynonymChange)
class SynonymChangeAdmin(ReadOnly, admin.ModelAdmin):
    """Who changed which synonyms, and when."""

    list_display = ("created_at", "by", "before", "after")
    list_select_related = ("by",)
