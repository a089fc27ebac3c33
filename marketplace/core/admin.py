from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from .models import OutboxMessage


class ReadOnly:
    """What operators read here, and change only through the API."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


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
