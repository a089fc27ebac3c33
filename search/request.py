"""What is asked of search and what it answers, whichever engine serves."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from marketplace.core.errors import DomainError, Faults, Invalid
from marketplace.core.territory import territory
from marketplace.core.vocabulary import Exclusivity, ListingKind
from marketplace.patents.ipc import parse_symbol

if TYPE_CHECKING:
    from .models import Generation
    from .plan import Plan, Scores

MAX_PAGE = 100
MAX_TEXT = 20_000  # characters; a page of a need has some 3,000
FACETS = (
    "kind",
    "ipc_section",
    "ipc_subclass",
    "trl",
    "territory",
    "exclusivity",
    "jurisdiction",
    "industry",
    "sdg",
    "year",
)
FILTERS = (*FACETS, "ipc")
FACET_SIZE = 20  # values of a facet, the commonest
FUSED = "fused"  # kind of a cursor: the list by words and the one by meaning as one
ID = re.compile(r"[^\x00\ud800-\udfff]{1,200}")
INDUSTRY = re.compile(r"[A-Za-z0-9. -]{1,40}")
MOST_MONEY = 10**15  # minor units; what an index can hold, and more than anybody asks
Match = Literal["best", "all", "fuzzy"]
MATCHES: Sequence[str] = get_args(Match)
# Name of the sort to the field it sorts by and whether downwards; ties are broken by id.
SORTS: Mapping[str, tuple[str, bool]] = {
    "relevance": ("score", True),
    "newest": ("published", True),
    "price_up": ("price", False),
    "price_down": ("price", True),
    "trl": ("trl", True),
}


@dataclass(frozen=True)
class Price:
    """Bounds in minor units of one currency; None leaves a side open."""

    currency: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class SearchRequest:
    """`filters` narrows by any of the values of a facet; `ids` to those documents, or with
    `families` to those of either; `exclude` and `exclude_families` to all others. `ipc` are
    symbols of what is asked for: they lift what is classified there. With `classes`, hits say what
    they are classified in; without `cards` they show nothing, which costs much less; with
    `collapse`, of each family only the first shows, and facets still count all of them. A `private`
    text is not published: no service but the platform's own may read it."""

    text: str = ""
    match: Match = "best"
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    price: Price | None = None
    facets: Sequence[str] = ()
    sort: str = "relevance"
    first: int = 24
    after: str | None = None
    count: bool = True
    ids: Sequence[str] | None = None
    families: Sequence[str] = ()
    exclude: Sequence[str] = ()
    exclude_families: Sequence[str] = ()
    ipc: Sequence[str] = ()
    classes: bool = False
    cards: bool = True
    collapse: bool = False
    private: bool = False


@dataclass(frozen=True)
class Hit:
    """`card` is what the index may show to anybody; `cursor` stands for this place in the list;
    `classes` are tokens; `family_size` is how many of its family are found, itself among them;
    `nearest` its place by meaning, 0 where that was not asked or is far; `checksum`, which comes
    with the card, that of the document it is the card of."""

    id: str
    score: float
    card: Mapping[str, Any]
    cursor: str
    classes: Sequence[str] = ()
    family_size: int = 1
    family: str = ""
    nearest: int = 0
    checksum: str = ""


@dataclass(frozen=True)
class Bucket:
    value: str
    count: int


@dataclass(frozen=True)
class SearchResult:
    """`degraded`: the engine that should have answered did not, and the embedded one did. `plan` is
    what was asked, for explanations; none where there is no index. `scores` come with `classes`
    from the embedded engine."""

    hits: Sequence[Hit]
    total: int
    facets: Mapping[str, Sequence[Bucket]] = field(default_factory=dict)
    more: bool = False
    degraded: bool = False
    did_you_mean: str | None = None
    plan: Plan | None = None
    scores: Scores | None = None


def one_of(values: Sequence[str]) -> Any:
    def check(value: str, path: tuple[str, ...]) -> str:
        if value not in values:
            raise Invalid(f"{value[:40]!r}: one of {', '.join(values)} is wanted.", field=path)
        return value

    return check


def number(low: int, high: int) -> Any:
    def check(value: str, path: tuple[str, ...]) -> str:
        if not (value.isascii() and value.isdigit() and low <= int(value[:9]) <= high):
            raise Invalid(f"A number from {low} to {high} is wanted, such as {high}.", field=path)
        return str(int(value))

    return check


def industry(value: str, path: tuple[str, ...]) -> str:
    if not INDUSTRY.fullmatch(value.strip()):
        raise Invalid("A class of GB/T 4754 is wanted, such as C38.", field=path)
    return value.strip().upper()


def symbol(value: str, path: tuple[str, ...]) -> str:
    return parse_symbol(value, field=path).text


def level(name: str, such_as: str) -> Any:
    def check(value: str, path: tuple[str, ...]) -> str:
        found = symbol(value, path)
        if len(found) != len(such_as):
            raise Invalid(f"{found} is no {name}; write one such as {such_as}.", field=path)
        return found

    return check


CHECKS: Mapping[str, Any] = {
    "kind": one_of(ListingKind.values),
    "ipc": symbol,
    "ipc_section": level("section", "A"),
    "ipc_subclass": level("subclass", "A61K"),
    "trl": number(1, 9),
    "territory": lambda value, path: territory(value, field=path),
    "exclusivity": one_of(Exclusivity.values),
    "jurisdiction": lambda value, path: territory(value, field=path),
    "industry": industry,
    "sdg": number(1, 17),
    "year": number(1800, 2200),
}


def checked(request: SearchRequest) -> SearchRequest:
    """The request in its normal form; Faults name every field that is wrong, with a right form."""
    faults = [*wrong(request)]
    filters: dict[str, Sequence[str]] = {}
    for name, values in request.filters.items():
        if name not in CHECKS:
            continue
        try:
            filters[name] = sorted(
                {CHECKS[name](v, ("filters", name, str(i))) for i, v in enumerate(values[:100])}
            )
        except Invalid as error:
            faults.append(error)
    faults += wrong_price(request.price) if request.price else []
    sort = request.sort
    if sort == "relevance" and not request.text.strip():
        sort = "newest"  # where nothing is asked for, nothing is more relevant
    if request.after and not faults:
        try:
            place_after(request.after, sort)
        except Invalid as error:
            if sort != "relevance" or not is_newest(request.after):
                faults.append(error)
    if faults:
        raise Faults(faults)
    return replace(request, sort=sort, filters={k: v for k, v in filters.items() if v})


def wrong(request: SearchRequest) -> Iterator[DomainError]:
    """What is too long or too much, and names that there are not."""
    if len(request.text) > MAX_TEXT:
        yield Invalid(
            f"At most {MAX_TEXT} characters, these are {len(request.text)}.", field=("text",)
        )
    if not 1 <= request.first <= MAX_PAGE:
        yield Invalid(f"A page has 1 to {MAX_PAGE} items, not {request.first}.", field=("first",))
    for name, given, known in (
        ("sort", (request.sort,), SORTS),
        ("match", (request.match,), MATCHES),
        ("facets", request.facets, FACETS),
        ("filters", request.filters, FILTERS),
    ):
        for unknown in [one for one in given if one not in known]:
            yield Invalid(f"{unknown[:40]!r}: one of {', '.join(known)} is wanted.", field=(name,))


def wrong_price(price: Price) -> Iterator[DomainError]:
    if len(price.currency) != 3 or not price.currency.isalpha():
        yield Invalid(
            "Three letters of ISO 4217 are wanted, such as HKD.", field=("price", "currency")
        )
    for side, bound in (("least", price.least), ("most", price.most)):
        if bound is not None and not 0 <= bound <= MOST_MONEY:
            yield Invalid(
                f"Minor units from 0 to {MOST_MONEY} are wanted, such as 100000.",
                field=("price", side),
            )
    if price.least is not None and price.most is not None and price.least > price.most:
        yield Invalid("The least is above the most.", field=("price", "least"))


def cursor_at(sort: str, value: float, id: str, index: str) -> str:
    """A place in a list: the sort, the value sorted by, the id that breaks a tie, and the index of
    which a score is."""
    return base64.urlsafe_b64encode(orjson.dumps([sort, value, id, index])).decode()


def scores_of(engine: str, generation: Generation) -> str:
    """What a cursor calls the index of an engine."""
    return f"{engine}-{generation.pk}"


def index_of(cursor: str) -> str:
    """The index that gave the score of a cursor that was checked; another's are not comparable."""
    found: str = json.loads(base64.urlsafe_b64decode(cursor))[3]
    return found


def is_newest(cursor: str) -> bool:
    """A text of which nothing scores is listed so; which texts do is known once it is planned."""
    try:
        place_after(cursor, "newest")
    except Invalid:
        return False
    return True


def place_after(cursor: str, sort: str) -> tuple[float, str]:
    """Value and id of a cursor. Invalid where it is none of ours or of another sort."""
    try:
        of, value, id, index = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if (
            of not in (sort, FUSED if sort == "relevance" else sort)
            or isinstance(value, bool)
            or not isinstance(value, int | float)
        ):
            raise ValueError(of)
        if not isinstance(id, str) or not ID.fullmatch(id) or not abs(value) <= 1e18:
            raise ValueError(id)
        if not isinstance(index, str):
            raise ValueError(index)
        if sort not in ("relevance", FUSED):
            if value != int(value):
                raise ValueError(value)
            value = int(value)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Invalid(
            "Not a cursor of this list; send the endCursor of the page before.", field=("after",)
        ) from None
    return value, id
