"""Which other listings look the same: for the reviewer alone, before a listing is published.

The same patent, a patent of the same family, or near-same text. `make bench-duplicates` gives the
figures from which `ALIKE` and `ALIKE_IF_SHORT` are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from marketplace.accounts.viewer import Viewer
from marketplace.core.language import Language, to_traditional
from marketplace.patents.models import Patent

from .likeness import bands, likeness, runs, signature
from .models import Listing, ListingText, TextSignature
from .selectors import WORDS, listings_visible_to

ALIKE = 0.4
SHORT, ALIKE_IF_SHORT = 40, 0.8  # runs; of a title alone, much is the same by chance
MOST = 50
NEAREST = 200  # texts held against a listing's; it has three at most, and so has each other
OF_A_BAND = 400  # texts looked at of those that share a band
BATCH = 500


@dataclass(frozen=True)
class Duplicate:
    """Another listing that looks the same: patents in common, patents of the same families as its
    own, and the likeness of the texts, from 0 to 1, 0 for what is not alike enough."""

    listing: Listing
    same_owner: bool
    numbers: Sequence[str] = ()
    family: Sequence[str] = ()
    likeness: float = 0.0


def words_of(text: ListingText) -> str:
    return "\n".join(getattr(text, name) for name in WORDS)


def signed(text: ListingText) -> TextSignature:
    words = words_of(text)
    least = signature(words)
    return TextSignature(
        text=text,
        signed_at=text.updated_at,
        runs=len(runs(words)),
        least=least,
        bands=bands(least),
    )


def sign(texts: Iterable[ListingText]) -> int:
    """Write the signatures of these texts, so many at a time; how many there are."""
    waiting, count = iter(texts), 0
    while rows := [signed(text) for text in islice(waiting, BATCH)]:
        TextSignature.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["text"],
            update_fields=["signed_at", "runs", "least", "bands"],
        )
        count += len(rows)
    return count


def sign_what_changed() -> int:
    """Sign what came another way than by being submitted, such as an import; how many texts."""
    stale = Q(signature=None) | ~Q(signature__signed_at=F("updated_at"))
    texts = ListingText.objects.filter(stale).exclude(listing__state=Listing.State.DRAFT)
    return sign(texts.iterator(chunk_size=BATCH))


def duplicates_of(viewer: Viewer, listing: Listing) -> list[Duplicate]:
    """Those of all owners that are not drafts, the surest first. Forbidden to all but operators:
    it tells of what is not published. Costs the same however many there are."""
    viewer.require_operator("see what looks the same")
    alike = alike_to(listing)
    patents = list(listing.patents.all())
    shared = sharing(listing, patents)
    found = listings_visible_to(viewer).exclude(pk=listing.pk).exclude(state=Listing.State.DRAFT)
    rows = found.filter(pk__in={*alike, *shared}).select_related("owner").prefetch_related("texts")
    one_by_one = (
        replace(
            shared.get(row.pk, Duplicate(row, same_owner=False)),
            listing=row,
            same_owner=row.owner_id == listing.owner_id,
            likeness=alike.get(row.pk, 0.0),
        )
        for row in rows
    )
    ordered = sorted(
        one_by_one,
        key=lambda d: (not d.numbers, not d.family, -d.likeness, str(d.listing.pk)),
    )
    return ordered[:MOST]


# Texts by how many bands they share, so that of texts alike to the end, however many, `NEAREST` are
# held against it. Nor are thousands of the same boilerplate counted: they share the same bands, of
# each of which some will do, and what is nearer than they shares a band that they have not. Asked
# band by band, PostgreSQL looks into the index, where it would else guess that most texts match.
NEAR = """
    WITH found AS MATERIALIZED (
        SELECT DISTINCT one.text_id
        FROM unnest(%(bands)s::bigint[]) AS wanted(band)
        CROSS JOIN LATERAL (
            SELECT text_id FROM listings_textsignature
            WHERE bands @> ARRAY[wanted.band] LIMIT %(of_a_band)s
        ) one
    )
    SELECT text.listing_id, near.runs, near.least
    FROM found
    JOIN listings_textsignature near ON near.text_id = found.text_id
    JOIN listings_listingtext text ON text.id = found.text_id
    JOIN listings_listing listing ON listing.id = text.listing_id
    WHERE listing.id <> %(listing)s AND listing.state <> %(draft)s
    ORDER BY (
        SELECT count(*) FROM unnest(near.bands) band WHERE band = ANY(%(bands)s::bigint[])
    ) DESC, text.id LIMIT %(most)s
"""


def alike_to(listing: Listing) -> dict[UUID, float]:
    """The likeness of what is alike enough, by listing: that of the two texts most alike."""
    own = [one for text in listing.texts.all() if (one := signed(text)).least]
    if not own:
        return {}
    wanted = sorted({band for one in own for band in one.bands})
    asked: dict[str, Any] = {
        "bands": wanted,
        "of_a_band": OF_A_BAND,
        "listing": listing.pk,
        "draft": Listing.State.DRAFT.value,
        "most": NEAREST,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEAR, asked)
        candidates = cursor.fetchall()
    found: dict[UUID, float] = {}
    for pk, length, least in candidates:
        for one in own:
            much = likeness(one.least, least)
            enough = ALIKE if min(one.runs, length) >= SHORT else ALIKE_IF_SHORT
            if much >= enough:
                found[pk] = max(much, found.get(pk, 0.0))
    return found


def sharing(listing: Listing, patents: Sequence[Patent]) -> Mapping[UUID, Duplicate]:
    """By listing, the patents it has in common with this one, and those of the same families."""
    own = {patent.pk for patent in patents}
    simple = {p.simple_family_id for p in patents if p.simple_family_id}
    extended = {p.extended_family_id for p in patents if p.extended_family_id}
    kin = Q(pk__in=own) | Q(simple_family__in=simple) | Q(extended_family__in=extended)
    links = Listing.patents.through.objects.filter(
        patent__in=Patent.objects.filter(kin).values("pk")
    ).exclude(listing=listing.pk)
    numbers: dict[UUID, list[str]] = defaultdict(list)
    family: dict[UUID, list[str]] = defaultdict(list)
    for pk, patent, docdb in links.values_list("listing", "patent", "patent__docdb"):
        (numbers if patent in own else family)[pk].append(docdb)
    return {
        pk: Duplicate(listing, False, sorted(numbers[pk]), sorted(family[pk]))
        for pk in {*numbers, *family}
    }


SENTENCES: Mapping[str, tuple[str, str]] = {
    "numbers": ("It offers the same patent: {}.", "涉及同一专利：{}。"),
    "family": ("It offers a patent of the same family: {}.", "涉及同族专利：{}。"),
    "likeness": ("Its text is {} % the same.", "文字有 {} % 相同。"),
    "same_owner": ("It is of the same owner.", "属于同一权利人。"),
}


def reasons(duplicate: Duplicate, language: str) -> list[str]:
    """Why it looks the same, in words."""
    chinese = language != Language.EN
    between = "、" if chinese else ", "
    said = {
        "numbers": between.join(duplicate.numbers),
        "family": between.join(duplicate.family),
        "likeness": str(round(duplicate.likeness * 100)) if duplicate.likeness else "",
        "same_owner": "yes" if duplicate.same_owner else "",
    }
    found = [SENTENCES[key][chinese].format(value) for key, value in said.items() if value]
    return [to_traditional(one) for one in found] if language == Language.HANT else found
