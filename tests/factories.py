"""One small function a noun: what a test needs, made through the services where there is one."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.test import Client

from marketplace.accounts.models import Membership, Organisation, User
from marketplace.accounts.viewer import Viewer, viewer_of
from marketplace.agreements import services as agreements
from marketplace.agreements.models import Agreement
from marketplace.alerts.models import SavedSearch
from marketplace.alerts.services import saved_search_create
from marketplace.compliance.assessment import assess, assessment_sign
from marketplace.compliance.classification import classification_decide
from marketplace.compliance.dossiers import dossier_open
from marketplace.compliance.models import Dossier
from marketplace.deals import nda
from marketplace.deals import services as deals
from marketplace.deals.models import Deal, Nda
from marketplace.listings import services as listings
from marketplace.listings.models import Listing
from marketplace.needs import services as needs
from marketplace.needs.models import Need
from marketplace.negotiation import services as negotiation
from marketplace.negotiation.models import Offer
from marketplace.patents.models import Patent
from marketplace.rooms import services as rooms
from marketplace.rooms.checking import check
from marketplace.rooms.models import Grant, RoomFile

NOW = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Hong_Kong"))
PASSWORD = "correct horse battery"
numbers = count(1)


def make_user(email: str = "", **fields: Any) -> User:
    return User.objects.create_user(email or f"user{next(numbers)}@example.com", PASSWORD, **fields)


def make_organisation(*kinds: str, verified: bool = True, **fields: Any) -> Organisation:
    return Organisation.objects.create(
        **{
            "name": f"Organisation {next(numbers)}",
            "kinds": list(kinds) or ["licensor"],
            "jurisdiction": "HK",
            "verification": "verified" if verified else "unverified",
            "verified_until": date(2099, 12, 31) if verified else None,
            **fields,
        }
    )


def member_of(organisation: Organisation, *roles: str) -> Viewer:
    user = make_user()
    Membership.objects.create(
        user=user, organisation=organisation, roles=list(roles) or ["admin", "dealmaker"]
    )
    return viewer_of(user)


def make_operator() -> Viewer:
    return member_of(make_organisation("operator"))


def staff(viewer: Viewer) -> Client:
    """A browser in the admin, of a superuser that the viewer becomes."""
    user = viewer.require_user()
    type(user).objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    user.refresh_from_db()
    client = Client()
    client.force_login(user)
    return client


CONTENT: dict[str, Any] = {
    "kind": "know_how",
    "trl": 6,
    "ipr_status": "patent_granted",
    "fields_of_use": ["batteries"],
    "industry": "C38",
    "exclusivity": ["non_exclusive"],
    "territories": ["CN"],
    "period_months": 60,
    "price_model": "negotiable",
}
TEXT = {
    "language": "en",
    "title": "Solid electrolyte for lithium batteries",
    "summary": "A ceramic separator that stops dendrites.",
    "description": "A garnet ceramic with a polymer skin conducts lithium ions.",
    "problem": "Dendrites short-circuit lithium metal cells.",
}
ADVANTAGE = {"metric": "cycle life", "value": "3", "unit": "times", "comparator": "liquid cells"}


def make_listing(by: Viewer | None = None, **content: Any) -> Listing:
    """A complete draft."""
    by = by or member_of(make_organisation("licensor"))
    return listings.listing_create(
        viewer=by,
        **{
            "owner_id": next(iter(by.roles)),
            "original_language": content.get("texts", [TEXT])[0]["language"],
            "texts": [TEXT],
            "advantages": [ADVANTAGE],
            **CONTENT,
            **content,
        },
    )


def publish(listing: Listing, by: Viewer, operator: Viewer | None = None) -> Listing:
    operator = operator or make_operator()
    for viewer, move in ((by, "submit"), (operator, "start_review"), (operator, "publish")):
        listing = listings.listing_move(viewer=viewer, listing_id=listing.pk, move=move, now=NOW)
    return listing


def make_need(by: Viewer | None = None, **content: Any) -> Need:
    """A draft of a need."""
    by = by or member_of(make_organisation("buyer", jurisdiction="CN"))
    return needs.need_create(
        viewer=by,
        **{
            "organisation_id": next(iter(by.roles)),
            "language": "en",
            "title": "Solid electrolyte wanted",
            **content,
        },
    )


def open_need(by: Viewer | None = None, **content: Any) -> Need:
    by = by or member_of(make_organisation("buyer", jurisdiction="CN"))
    need = make_need(by, **content)
    return needs.need_move(viewer=by, need_id=need.pk, move="open", now=NOW)


def make_patent(docdb: str = "", **fields: Any) -> Patent:
    number = docdb or f"US.{8_000_000 + next(numbers)}.B2"
    office, digits, *_ = number.split(".")
    return Patent.objects.create(
        **{
            "office": office,
            "docdb": number,
            "publication_numbers": [number],
            "number_keys": [office + digits],
            "title_en": "Method of making a solid electrolyte",
            **fields,
        }
    )


ANSWERS = {
    "application": "Cells for buses that charge in ten minutes.",
    "fit": "No dendrites at four milliamperes a square centimetre.",
    "plan": "Our board decides in March; a call would be next.",
}


@dataclass(frozen=True)
class Parties:
    """Both sides of a deal over a published listing, and an operator."""

    licensor: Viewer
    buyer: Viewer
    operator: Viewer
    listing: Listing

    @property
    def buyer_id(self) -> UUID:
        return next(iter(self.buyer.roles))

    @property
    def licensor_id(self) -> UUID:
        return self.listing.owner_id


def make_parties(**content: Any) -> Parties:
    licensor = member_of(make_organisation("licensor"))
    operator = make_operator()
    listing = publish(make_listing(licensor, **content), licensor, operator)
    buyer = member_of(make_organisation("buyer", jurisdiction="CN"))
    return Parties(licensor, buyer, operator, listing)


def make_enquiry(parties: Parties, **fields: Any) -> Deal:
    return deals.enquiry_send(
        viewer=parties.buyer,
        listing_id=parties.listing.pk,
        **{"buyer_id": parties.buyer_id, "now": NOW, **ANSWERS, **fields},
    )


def make_deal(parties: Parties) -> Deal:
    """An accepted enquiry."""
    deal = make_enquiry(parties)
    return deals.deal_move(viewer=parties.licensor, deal_id=deal.pk, move="accept", now=NOW)


def make_nda(
    parties: Parties,
    deal: Deal,
    *,
    term_months: int = 240,
    purpose: str = "To judge the technology for buses.",
    typed_name: str = "Chan Tai Man",
) -> Nda:
    """In force: signed by both."""
    proposed = nda.nda_propose(
        viewer=parties.licensor,
        deal_id=deal.pk,
        purpose=purpose,
        term_months=term_months,
        now=NOW,
    )
    for viewer, organisation in (
        (parties.licensor, parties.licensor_id),
        (parties.buyer, parties.buyer_id),
    ):
        proposed = nda.nda_sign(
            viewer=viewer,
            nda_id=proposed.pk,
            organisation_id=organisation,
            typed_name=typed_name,
            sha256=proposed.document.sha256,
            address="203.0.113.7",
            now=NOW,
        )
    return proposed


def make_saved_search(by: Viewer | None = None, **content: Any) -> SavedSearch:
    """Told at once by mail of listings with `text`."""
    by = by or member_of(make_organisation("buyer"))
    text = "" if "need_id" in content else "lithium batteries"
    return saved_search_create(viewer=by, **{"name": "Batteries", "text": text, **content})


TERMS: dict[str, Any] = {
    "exclusivity": "exclusive",
    "know_how": True,
    "territories": ["CN"],
    "fields_of_use": ["batteries"],
    "acts": ["make", "use", "sell"],
    "start": date(2027, 1, 1),
    "end": date(2032, 1, 1),
    "currency": "HKD",
    "upfront": 50_000_000,
    "royalty": {"base": "net_sales", "tiers": [{"above": 0, "rate": 300}]},
    "governing_law": "HK",
    "seat": "Hong Kong",
    "rules": "hkiac",
}


def make_offer(parties: Parties, deal: Deal, *, by: str = "licensor", **terms: Any) -> Offer:
    """The next offer of a side, answering the last."""
    return negotiation.offer_make(
        viewer=getattr(parties, by),
        deal_id=deal.pk,
        terms={**TERMS, **terms},
        answering=Offer.objects.filter(negotiation__deal=deal).count(),
        now=NOW,
    )


def make_agreement(parties: Parties, **terms: Any) -> Agreement:
    """Drawn up from an accepted offer of a new deal."""
    deal = make_deal(parties)
    make_offer(parties, deal, **terms)
    negotiation.offer_accept(viewer=parties.buyer, deal_id=deal.pk, number=1, now=NOW)
    return agreements.agreement_draw_up(viewer=parties.licensor, deal_id=deal.pk, now=NOW)


def sign_agreement(parties: Parties, agreement: Agreement) -> Agreement:
    """By both."""
    for viewer, organisation in (
        (parties.licensor, parties.licensor_id),
        (parties.buyer, parties.buyer_id),
    ):
        agreement = agreements.agreement_sign(
            viewer=viewer,
            agreement_id=agreement.pk,
            organisation_id=organisation,
            typed_name="Chan Tai Man",
            sha256=agreement.document.sha256,
            address="203.0.113.7",
            now=NOW,
        )
    return agreement


def clear_deal(parties: Parties, deal: Deal, *, now: datetime = NOW) -> Dossier:
    """Its technology is free on every way, and both sides sign off the assessment."""
    dossier = dossier_open(viewer=parties.licensor, deal_id=deal.pk, now=now)
    for row in dossier.classifications.filter(state="open"):
        classification_decide(
            viewer=parties.licensor,
            classification_id=row.pk,
            move="free",
            note="No item fits.",
            now=now,
        )
    found = assess(viewer=parties.licensor, dossier_id=dossier.pk, now=now)
    signed = set(found.sign_offs.values_list("side", flat=True))
    for side, viewer in (("licensor", parties.licensor), ("licensee", parties.buyer)):
        if side not in signed:
            assessment_sign(viewer=viewer, assessment_id=found.pk, now=now)
    return dossier


def activate_agreement(parties: Parties, agreement: Agreement) -> Agreement:
    """Cleared before."""
    if agreement.state == Agreement.State.SIGNED:
        clear_deal(parties, agreement.deal)
    return agreements.agreement_move(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        move="activate",
        revision=agreement.revision,
        now=NOW,
    )


def make_file(
    parties: Parties,
    deal: Deal,
    *,
    content: bytes = b"Sinter at 1,140 degrees.",
    name: str = "recipe.txt",
    by: str = "licensor",
    **fields: Any,
) -> RoomFile:
    """Uploaded and checked."""
    viewer = getattr(parties, by)
    file = rooms.file_begin(
        viewer=viewer,
        deal_id=deal.pk,
        now=NOW,
        **{
            "name": name,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "classification": "no_personal",
            **fields,
        },
    )
    for number in range(rooms.chunks_of(file)):
        piece = content[number * rooms.CHUNK_BYTES :][: rooms.CHUNK_BYTES]
        rooms.chunk_put(
            viewer=viewer,
            file_id=file.pk,
            number=number,
            content=base64.b64encode(piece).decode(),
            now=NOW,
        )
    rooms.file_complete(viewer=viewer, file_id=file.pk, now=NOW)
    check(file.pk)
    file.refresh_from_db()
    return file


def grant_file(parties: Parties, file: RoomFile, **fields: Any) -> Grant:
    """To the buyer, for many years."""
    return rooms.access_grant(
        viewer=parties.licensor,
        file_id=file.pk,
        **{
            "organisation_id": parties.buyer_id,
            "expires_at": NOW.replace(year=2099),
            "now": NOW,
            **fields,
        },
    )
