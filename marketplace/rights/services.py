"""Taking and giving back rights. What the ledger holds, no second party can take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.db.models import Q
from psycopg.errors import ExclusionViolation

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.vocabulary import Exclusivity, ListingKind
from marketplace.listings.models import Listing

from . import scope
from .conflict import obstacles
from .models import Asset, Occupation
from .selectors import field_names, standing

Kind = Occupation.Kind
LAPSING = {Kind.OPTION, Kind.LOCK}


@transaction.atomic
def assets_of(listing: Listing) -> list[Asset]:
    """What a licence of the listing gives: its patents, the members of their simple families, and
    its own know-how or software. Those not yet known to the ledger are entered."""
    patents = set(listing.patents.values_list("pk", "simple_family_id"))
    families = {family for _, family in patents if family}
    wanted = {patent for patent, _ in patents} | set(
        listing.patents.model.objects.filter(simple_family__in=families).values_list(
            "pk", flat=True
        )
    )
    own = Asset.Kind.SOFTWARE if listing.kind == ListingKind.SOFTWARE else Asset.Kind.KNOW_HOW
    Asset.objects.bulk_create(
        [
            *(Asset(kind=Asset.Kind.PATENT, patent_id=patent) for patent in sorted(wanted)),
            Asset(kind=own, listing_id=listing.pk),
        ],
        ignore_conflicts=True,
    )
    return list(Asset.objects.filter(Q(patent__in=wanted) | Q(listing=listing)).order_by("pk"))


@transaction.atomic
def occupy(
    *,
    owner: Organisation,
    holder: Organisation,
    assets: Sequence[Asset],
    territories: Sequence[str],
    fields: Sequence[str],
    acts: Sequence[str],
    exclusivity: str,
    kind: str,
    start: date,
    end: date | None,
    subject: str,
    now: datetime,
    expires_at: datetime | None = None,
    instead_of: str | None = None,
) -> list[Occupation]:
    """Take the rights of every asset for `holder`, one occupation an asset, all or none.

    `territories` may name regions (scope.REGIONS), no `fields` means every one, the day `end` is
    excluded and None is for good. An OPTION or LOCK lapses by itself at `expires_at`. What the
    subject `instead_of` holds gives way in the same transaction; an amendment names its own. A
    subject that holds just these rights already gets them back.

    A RESERVATION is the owner's own: EXCLUSIVE keeps all others out, NON_EXCLUSIVE only says that
    the owner uses it, which an EXCLUSIVE grant shuts out and a SOLE one does not. Raises Invalid,
    or Conflict that says what stands in the way, not whose."""
    keep_names()
    first, last = scope.period(start, end)
    wanted = {
        "owner": owner,
        "holder": holder,
        "kind": Kind(kind),
        "exclusivity": Exclusivity(exclusivity),
        "territories": scope.territories(territories),
        "fields": scope.fields(fields, field_names()),
        "acts": scope.acts(acts),
        "period": DateRange(first, last),
        "live": DateTimeTZRange(now, lapse(Kind(kind), now, expires_at)),
        "subject": subject,
    }
    if Kind(kind) == Kind.RESERVATION:
        check_reservation(owner, holder, Exclusivity(exclusivity))
    if not assets:
        raise Invalid("Say at least one asset.", field=("assets",))
    lock(assets, [subject, *([instead_of] if instead_of else [])])
    new = [Occupation(asset=asset, **wanted) for asset in assets]
    held = list(standing(now).filter(subject=subject).order_by("asset"))
    if {what(one) for one in held} == {what(one) for one in new}:
        return held
    if held and instead_of != subject:
        raise Conflict("It holds other rights already; say that these come instead of them.")
    if instead_of:
        end_live(instead_of, now)
    try:
        with transaction.atomic():
            return Occupation.objects.bulk_create(new)
    except IntegrityError as error:
        if not isinstance(error.__cause__, ExclusionViolation):
            raise
        others = Occupation.objects.filter(asset__in=assets, live__overlap=wanted["live"])
        raise Conflict(obstacles(new[0], others), field=("exclusivity",)) from None


@transaction.atomic
def release(*, subject: str, now: datetime) -> int:
    """Free what the subject holds, from `now` on; the number of occupations that it ended."""
    lock([], [subject])
    return end_live(subject, now)


def lapse(kind: Occupation.Kind, now: datetime, expires_at: datetime | None) -> datetime | None:
    if (expires_at is not None) != (kind in LAPSING):
        raise Invalid(
            "An option and a lock say when they lapse, a grant and a reservation do not.",
            field=("expires_at",),
        )
    if expires_at is not None and expires_at <= now:
        raise Invalid(f"{expires_at:%Y-%m-%d %H:%M} is over.", field=("expires_at",))
    return expires_at


def check_reservation(owner: Organisation, holder: Organisation, exclusivity: Exclusivity) -> None:
    if holder.pk != owner.pk:
        raise Invalid("Only the owner can reserve.", field=("holder",))
    if exclusivity == Exclusivity.SOLE:
        raise Invalid(
            "A reservation is EXCLUSIVE, for nobody else, or NON_EXCLUSIVE, for your own use.",
            field=("exclusivity",),
        )


def what(one: Occupation) -> tuple[object, ...]:
    """All that is occupied and how, without since when."""
    scopes = (tuple(one.territories), tuple(one.fields), tuple(one.acts), one.period)
    return one.asset_id, one.owner_id, one.holder_id, one.kind, one.exclusivity, *scopes


def keep_names(*, change: bool = False) -> None:
    """Until the end of the transaction no field is renamed, or with `change` nobody else reads the
    names to occupy by them."""
    function = "pg_advisory_xact_lock" if change else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext('rights field names'))")


def lock(assets: Iterable[Asset], subjects: Sequence[str]) -> None:
    """Queue for the assets, always in the same order. The constraint alone would refuse too, but
    two that wait for each other end in a deadlock, which PostgreSQL notices only after a second."""
    wanted = Q(pk__in=[asset.pk for asset in assets]) | Q(occupations__subject__in=subjects)
    pks = Asset.objects.filter(wanted).values("pk")
    list(Asset.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))


def end_live(subject: str, now: datetime) -> int:
    ended = 0
    for one in standing(now).filter(subject=subject):
        one.live = DateTimeTZRange(min(one.live.lower, now), now)
        one.save(update_fields=["live"])
        ended += 1
    return ended
