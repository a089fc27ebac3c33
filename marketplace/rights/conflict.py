"""When two occupations of one asset shut each other out, in Python: to say what stands in the way
and what is still free. That no two do is held by the constraint in models.py, not by this."""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.core.vocabulary import Exclusivity

from .models import Act, Occupation
from .scope import inside

OWN_USE = "own_use"  # a non-exclusive reservation: the owner goes on using it
SHUT_OUT: dict[str, frozenset[str]] = {
    Exclusivity.EXCLUSIVE: frozenset({*Exclusivity.values, OWN_USE}),
    Exclusivity.SOLE: frozenset(Exclusivity.values),
    Exclusivity.NON_EXCLUSIVE: frozenset({Exclusivity.EXCLUSIVE, Exclusivity.SOLE}),
    OWN_USE: frozenset({Exclusivity.EXCLUSIVE}),
}


def claim(one: Occupation) -> str:
    """Its exclusivity, or OWN_USE."""
    own_use = (Occupation.Kind.RESERVATION, Exclusivity.NON_EXCLUSIVE)
    return OWN_USE if (one.kind, one.exclusivity) == own_use else one.exclusivity


def common_fields(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """What two sets of fields share: of two that overlap, the narrower."""
    pairs = [(a, b) for a in one for b in other]
    return sorted({a if inside(a, b) else b for a, b in pairs if inside(a, b) or inside(b, a)})


def obstacle(wanted: Occupation, other: Occupation) -> str:
    """What of `other` stands in the way of `wanted`, without its holder; empty where nothing does.

    Both are of one asset and live at the same time."""
    territories = sorted(set(wanted.territories) & set(other.territories))
    fields = common_fields(wanted.fields, other.fields)
    acts = [act for act in Act.values if act in wanted.acts and act in other.acts]
    first = max(wanted.period.lower, other.period.lower)
    ends = [end for end in (wanted.period.upper, other.period.upper) if end is not None]
    last = min(ends, default=None)
    apart = last is not None and last <= first
    if (
        claim(other) not in SHUT_OUT[claim(wanted)]
        or not (territories and fields and acts)
        or apart
    ):
        return ""
    what = f"{Exclusivity(other.exclusivity).name} {Occupation.Kind(other.kind).name}"
    until = f"until {last}" if last else "for good"
    where = ", ".join(territories[:5]) + (" and others" if len(territories) > 5 else "")
    field = ", ".join(fields) or "every field"
    return f"{what} for {where}; {field}; to {', '.join(acts)}; from {first} {until}"


def obstacles(wanted: Occupation, others: Iterable[Occupation]) -> str:
    """The refusal of `wanted`: up to three of the occupations that stand in its way."""
    found = list(dict.fromkeys(filter(None, (obstacle(wanted, other) for other in others))))
    return "It is taken: " + ". ".join([*found[:3], *(["And more"] if found[3:] else [])]) + "."
