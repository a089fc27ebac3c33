"""Words that operators hold to be the same. They count from the next search on, in both engines,
and nothing is indexed anew: a query that has one of a group also asks for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import DomainError, Invalid, NotFound, refuse

from .models import SynonymChange, SynonymGroup
from .text import normal, tokens

MOST_WORDS, LONGEST = 20, 80  # words of a group, characters of a word
MOST_SHOWN = 500
SAY = "say which words are the same"
Synonyms = Callable[[Sequence[str]], Sequence[Sequence[str]]]  # tokens to groups that have any


@transaction.atomic
def synonyms_set(
    *, viewer: Viewer, words: Sequence[str], group_id: UUID | None = None
) -> SynonymGroup:
    """Make or change a group. Faults name every word that is wrong."""
    viewer.require_operator(SAY)
    group = group_for(group_id) if group_id else SynonymGroup()
    given = [" ".join(word.split()) for word in words]
    refuse(faults(given))
    before = [] if group_id is None else list(group.words)
    group.words = given
    group.tokens = sorted({token for word in given for token in tokens(word)})
    group.save()
    record(viewer, group, before, given)
    return group


@transaction.atomic
def synonyms_remove(*, viewer: Viewer, group_id: UUID) -> UUID:
    viewer.require_operator(SAY)
    group = group_for(group_id)
    record(viewer, group, list(group.words), [])
    group.delete()
    return group_id


def group_for(group_id: UUID) -> SynonymGroup:
    """The group, locked."""
    group = SynonymGroup.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise NotFound("No such synonyms.", field=("id",))
    return group


def synonyms_for(viewer: Viewer, text: str | None) -> QuerySet[SynonymGroup]:
    """At most so many groups, the latest first; with a text, those with a token of it. None for
    who is no operator."""
    if not viewer.is_operator:
        return SynonymGroup.objects.none()
    groups = SynonymGroup.objects.order_by("-updated_at", "pk")
    return (groups.filter(tokens__overlap=tokens(text)) if text else groups)[:MOST_SHOWN]


def faults(words: Sequence[str]) -> list[DomainError]:
    found: list[DomainError] = []
    if not 2 <= len(words) <= MOST_WORDS:
        found.append(
            Invalid(
                f"2 to {MOST_WORDS} words are wanted, such as lidar and 激光雷达.", field=("words",)
            )
        )
    seen: dict[tuple[str, ...], str] = {}
    for place, word in enumerate(words):
        field = ("words", str(place))
        said = tuple(tokens(word))
        if not said or len(word) > LONGEST:
            found.append(
                Invalid(f"A word of at most {LONGEST} characters, such as lidar.", field=field)
            )
        elif said in seen:
            found.append(Invalid(f"To search, this is {seen[said]!r} already.", field=field))
        seen.setdefault(said, word)
    return found


def record(viewer: Viewer, group: SynonymGroup, before: list[str], after: list[str]) -> None:
    SynonymChange.objects.create(
        group=group.pk, before=before, after=after, by=viewer.require_user()
    )


def among(tokens: Sequence[str]) -> Sequence[Sequence[str]]:
    """The groups that have any of the tokens, by one statement."""
    if not tokens:
        return []
    rows = SynonymGroup.objects.filter(tokens__overlap=list(tokens)).order_by("pk")
    return list(rows.values_list("words", flat=True))


def loaded() -> Synonyms:
    """The same for very many questions: all groups, read once."""
    groups = list(SynonymGroup.objects.order_by("pk").values_list("words", "tokens"))
    by_token: dict[str, list[int]] = {}
    for number, (_, own) in enumerate(groups):
        for token in own:
            by_token.setdefault(token, []).append(number)

    def found(tokens: Sequence[str]) -> Sequence[Sequence[str]]:
        numbers = {number for token in tokens for number in by_token.get(token, ())}
        return [groups[number][0] for number in sorted(numbers)]

    return found


def version() -> int:
    """Rises with every change."""
    return SynonymChange.objects.count()


def others(text: str, groups: Sequence[Sequence[str]]) -> list[tuple[str, list[str], list[str]]]:
    """For each word of a group that the text says, in one stretch: the word, its tokens, and the
    other words of the group, all normalised."""
    said = f" {' '.join(tokens(text))} "
    return [
        (normal(word), own, [normal(other) for other in words if other != word])
        for words in groups
        for word in words
        if f" {' '.join(own := tokens(word))} " in said
    ]
