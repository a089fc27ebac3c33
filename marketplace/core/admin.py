from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from .models import OutboxMessage
from .outbox import publish


class ReadOnly:
    """What operators read here, and change only through the API."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class TellingAdmin(admin.ModelAdmin):
    """What is changed here has another revision and is told as `topic`, as what the API changes."""

    topic: ClassVar[str]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        row = form.instance
        type(row).objects.filter(pk=row.pk).update(revision=F("revision") + 1)
        publish(self.topic, row.pk)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(admin.ModelAdmin):
    """What the worker could not do stands here, parked, with the reason."""

    list_display = ("topic", "subject", "created_at", "due_at", "attempts", "done_at", "parked_at")
    list_filter = (("parked_at", admin.EmptyFieldListFilter), "topic")
    search_fields = ("subject",)
    readonly_fields = ("topic", "subject", "due_at", "leased_until", "attempts", "done_at",
                       "parked_at", "error")  # fmt: skip
    actions = ("try_again",)

    @admin.action(description="Try again")
    def try_again(self, request: HttpRequest, messages: QuerySet[OutboxMessage]) -> None:
        messages.filter(done_at=None).update(
            parked_at=None, attempts=0, due_at=timezone.now(), leased_until=None
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
