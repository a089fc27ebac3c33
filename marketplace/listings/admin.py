from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from marketplace.accounts.models import User
from marketplace.accounts.viewer import Viewer, viewer_of
from marketplace.core.admin import TellingAdmin
from marketplace.core.errors import DomainError, Faults
from marketplace.core.language import Language
from marketplace.programmes.selectors import priority_owners

from .duplicates import duplicates_of, reasons
from .models import Advantage, Listing, ListingEvent, ListingText
from .services import listing_move


class TextInline(admin.StackedInline):
    model = ListingText
    extra = 0


class AdvantageInline(admin.TabularInline):
    model = Advantage
    extra = 0


class EventInline(admin.TabularInline):
    model = ListingEvent
    extra = 0
    can_delete = False
    readonly_fields = ("created_at", "move", "source", "target", "actor", "reason")

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Listing)
class ListingAdmin(TellingAdmin):
    """Operators look here and make the moves of the review; owners edit through the API."""

    topic = "listing.changed"
    list_display = ("title", "owner", "kind", "state", "priority", "published_at", "expires_at")
    list_filter = ("state", "kind", "is_sample")
    search_fields = ("texts__title", "owner__name")
    list_select_related = ("owner",)
    readonly_fields = ("state", "published_at", "expires_at", "revision", "looks_the_same")
    autocomplete_fields = ("owner",)
    raw_id_fields = ("patents",)
    exclude = ("created_by",)
    inlines = (TextInline, AdvantageInline, EventInline)
    actions = ("start_review", "publish", "withdraw")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        """Whose programme gives priority in review comes first."""
        first = priority_owners(on=timezone.localdate())
        listings: QuerySet[Listing] = super().get_queryset(request).prefetch_related("texts")
        waiting = Q(owner__in=first, state__in=[Listing.State.SUBMITTED, Listing.State.IN_REVIEW])
        listings = listings.annotate(has_priority=waiting)
        return listings.order_by("-has_priority", "-created_at")

    @admin.display(boolean=True)
    def priority(self, listing: Any) -> bool:
        return bool(listing.has_priority)

    def title(self, listing: Listing) -> str:
        return next((text.title for text in listing.texts.all()), "")

    def looks_the_same(self, listing: Listing) -> str:
        """The others that a reviewer has to look at first, each with why."""
        found = duplicates_of(Viewer(is_operator=True), listing)
        rows = [
            (
                reverse("admin:listings_listing_change", args=[one.listing.pk]),
                self.title(one.listing),
                one.listing.owner,
                one.listing.get_state_display(),
                " ".join(reasons(one, Language.EN)),
            )
            for one in found
        ]
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a> ({}, {}): {}', rows) or "—"

    def move(self, request: HttpRequest, listings: QuerySet[Listing], move: str) -> None:
        if not isinstance(request.user, User):
            return
        viewer = viewer_of(request.user)
        for listing in listings:
            try:
                listing_move(
                    viewer=viewer,
                    listing_id=listing.pk,
                    move=move,
                    now=timezone.now(),
                    reason="by an operator, in the admin" if move == "withdraw" else "",
                )
                self.log_change(request, listing, [{"changed": {"fields": [move]}}])
            except (DomainError, Faults) as error:
                self.message_user(request, f"{listing}: {error}", messages.ERROR)

    @admin.action(description="Start review")
    def start_review(self, request: HttpRequest, listings: QuerySet[Listing]) -> None:
        self.move(request, listings, "start_review")

    @admin.action(description="Publish")
    def publish(self, request: HttpRequest, listings: QuerySet[Listing]) -> None:
        self.move(request, listings, "publish")

    @admin.action(description="Withdraw")
    def withdraw(self, request: HttpRequest, listings: QuerySet[Listing]) -> None:
        self.move(request, listings, "withdraw")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
