"""Dossiers: opened, changed, put into effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import Check, checked, currency, text, whole
from marketplace.core.errors import Conflict, Invalid, NotFound, refuse
from marketplace.deals.evidence import record
from marketplace.deals.models import Deal
from marketplace.deals.selectors import deal_for

from .assessment import blocks
from .classification import classify_ways
from .facts import FILES, OF_TAX, PARTY, TERMS, stored
from .from_deals import contents, follow, technology
from .models import Dossier
from .policies import SIDES, act_of, actors, dossier_for, require
from .registers import tasks_create, tasks_date

OPEN_DEALS = {Deal.State.OPEN, Deal.State.AGREED}
OF_THE_DEAL = {"amount", "currency", "terms", "files"}  # which follow it
CHECKS: Mapping[str, Check] = {
    "title": text(200),
    "technology": text(20_000),
    "amount": whole(1, 10**15, "An amount in minor units"),
    "currency": currency,
    "terms": lambda value, field: stored(TERMS, value, "terms"),
    "licensor_tax": lambda value, field: of_tax(value),
    "files": lambda value, field: stored(FILES, value, "files"),
}


def of_tax(value: Mapping[str, Any]) -> dict[str, Any]:
    said = stored(PARTY, {"jurisdiction": "", **value}, "licensor_tax")
    return {name: said[name] for name in OF_TAX}


def missing(dossier: Dossier) -> list[Invalid]:
    return [
        Invalid(f"Give the {name}.", field=(name,))
        for name in ("title", "technology")
        if not getattr(dossier, name)
    ]


@transaction.atomic
def dossier_open(*, viewer: Viewer, deal_id: UUID, now: datetime) -> Dossier:
    """The dossier of a deal whose sides know each other; opened again it is brought in step."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, field="deal")
    dossier = Dossier.objects.filter(deal=deal).first()
    if dossier is not None:
        require(viewer, dossier, *SIDES, "operator")
        return follow(dossier, now)
    if deal.state not in OPEN_DEALS:
        raise Conflict(f"The deal is {deal.state}; its dossier opens with it.", field=("deal",))
    text = deal.listing.texts.filter(language=deal.listing.original_language).first()
    dossier = Dossier(
        deal=deal,
        licensor=deal.licensor,
        licensee=deal.buyer,
        title=text.title if text else str(deal.listing.pk),
        technology=technology(deal.listing),
        **contents(deal, now),
    )
    require(viewer, dossier, *SIDES, "operator")
    dossier.save()
    classify_ways(dossier)
    record(deal, "dossier.open", by=act_of(viewer, dossier), now=now, dossier=str(dossier.pk))
    return dossier


@transaction.atomic
def dossier_create(
    *, viewer: Viewer, licensor_id: UUID, licensee_id: UUID, **content: Any
) -> Dossier:
    """A dossier without a deal, for two organisations of which one is the viewer's. Faults name
    wrong fields."""
    parties = {
        row.pk: row for row in Organisation.objects.filter(pk__in=[licensor_id, licensee_id])
    }
    if len(parties) != 2:
        raise NotFound("Two different organisations are wanted.", field=("licensor",))
    dossier = Dossier(licensor=parties[licensor_id], licensee=parties[licensee_id])
    if not actors(viewer, dossier):
        raise NotFound("One of the organisations is to be yours.", field=("licensor",))
    for name, value in checked(content, CHECKS).items():
        setattr(dossier, name, value)
    refuse(missing(dossier))
    dossier.save()
    classify_ways(dossier)
    return dossier


@transaction.atomic
def dossier_update(*, viewer: Viewer, dossier_id: UUID, revision: int, **content: Any) -> Dossier:
    """Change an open dossier; what was signed off has to be signed again. What the taxes of the
    licensor rest on is for the licensor to say."""
    dossier = dossier_for(viewer, dossier_id, lock=True)
    require(viewer, dossier, *(SIDES if "licensor_tax" not in content else SIDES[:1]))
    if dossier.state != Dossier.State.OPEN:
        raise Conflict(f"It is {dossier.state}; only an open one changes.", field=("dossier",))
    if dossier.revision != revision:
        raise Conflict(
            f"Somebody changed it meanwhile: it is at revision {dossier.revision}.",
            field=("revision",),
        )
    if dossier.deal_id is not None and (follows := OF_THE_DEAL & content.keys()):
        raise Invalid("This follows the deal; change it there.", field=(min(follows),))
    for name, value in checked(content, CHECKS).items():
        setattr(dossier, name, value)
    refuse(missing(dossier))
    dossier.revision += 1
    dossier.save()
    classify_ways(dossier)
    return dossier


@transaction.atomic
def dossier_activate(
    *, viewer: Viewer, dossier_id: UUID, effective_on: date, now: datetime
) -> Dossier:
    """The agreement of a dossier without a deal is in effect: refused while anything stops it, with
    every reason; creates the register tasks. That of a deal takes effect with its agreement."""
    dossier = dossier_for(viewer, dossier_id, lock=True)
    require(viewer, dossier, *SIDES)
    if dossier.deal_id is not None:
        raise Conflict("It takes effect with the agreement; activate that.", field=("dossier",))
    if dossier.state != Dossier.State.OPEN:
        raise Conflict(f"It is {dossier.state} already.", field=("dossier",))
    refuse(Conflict(why, field=("dossier",)) for why in blocks(dossier, now=now))
    return take_effect(dossier, effective_on)


def take_effect(dossier: Dossier, effective_on: date) -> Dossier:
    dossier.state, dossier.effective_on = Dossier.State.ACTIVE, effective_on
    dossier.revision += 1
    dossier.save()
    tasks_create(dossier)
    return dossier


@transaction.atomic
def dossier_first_royalty(*, viewer: Viewer, dossier_id: UUID, on: date) -> Dossier:
    """The first royalty base was reached: the clock of the contract registration starts."""
    dossier = dossier_for(viewer, dossier_id, lock=True)
    require(viewer, dossier, *SIDES)
    if dossier.state != Dossier.State.ACTIVE or not dossier.terms["royalty"]:
        raise Conflict("Only an active royalty contract has a first royalty.", field=("dossier",))
    if dossier.first_royalty_on is not None:
        raise Conflict(f"It was reached on {dossier.first_royalty_on}.", field=("on",))
    if dossier.effective_on is not None and on < dossier.effective_on:
        raise Invalid(f"Not before its effect on {dossier.effective_on}.", field=("on",))
    return first_royalty(dossier, on)


def first_royalty(dossier: Dossier, on: date) -> Dossier:
    """`dossier` is locked by the caller."""
    dossier.first_royalty_on = on
    dossier.save()
    tasks_date(dossier)
    return dossier
