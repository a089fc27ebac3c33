from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.language import Language
from marketplace.matching.reasons import SENTENCES, sentence
from marketplace.matching.scoring import POINTS, Offer, Wish, match

OFFER = Offer(
    kind="know_how",
    trl=6,
    ipr_status="patent_granted",
    ipc=["H01M", "H01M 10/00", "H01M 10/0562"],
    territories=["CN", "HK"],
    exclusivity=["sole"],
    price=100,
    currency="HKD",
    tokens=frozenset({"lithium"}),
)
WISH = Wish(
    kinds=["know_how"],
    ipr_statuses=["patent_granted"],
    trl_min=5,
    trl_max=7,
    territories=["CN"],
    exclusivity="non_exclusive",
    budget=100,
    currency="HKD",
    ipc=["H01M 10/00"],
    must_haves=frozenset(
        {"trl", "territory", "exclusivity", "budget", "kind", "ipr_status", "ipc"}
    ),
    tokens={"lithium": 2.0},
)


@pytest.mark.parametrize(
    ("free", "taken", "said"),
    [
        (["HK"], ["CN"], ["CN"]),
        (["CN"], ["HK"], []),
        (["HK"], ["MO"], []),
        ([], ["HK", "MO"], ["HK, MO"]),
        ([], [], []),
    ],
)
def test_what_has_nothing_free_where_it_is_wanted_is_out(
    free: list[str], taken: list[str], said: list[str]
) -> None:
    offer = replace(OFFER, territories=free, taken=taken)
    found = match(replace(WISH, must_haves=frozenset()), offer, relevance=1.0, words=[])
    assert [(one.key, one.values["territories"]) for one in found.exclusions] == [
        ("taken", territories) for territories in said
    ]


def test_a_perfect_fit_has_all_the_points() -> None:
    found = match(WISH, OFFER, relevance=1.0, words=["lithium"])
    assert found.score == 100
    assert found.components == POINTS
    assert found.exclusions == []


def test_the_score_of_a_known_pair() -> None:
    wish = replace(WISH, trl_min=8, trl_max=9, territories=["CN", "US"], must_haves=frozenset())
    found = match(wish, OFFER, relevance=0.5, words=["lithium"])
    assert found.components == {
        "words": 25,
        "classification": 15,
        "maturity": 2,
        "territory": 5,
        "exclusivity": 5,
        "price": 10,
        "feedback": 0,
    }


@pytest.mark.parametrize(
    ("offer", "key"),
    [
        ({"trl": 4}, "must_trl"),
        ({"trl": None}, "must_trl"),
        ({"territories": ["HK"]}, "must_territory"),
        ({"price": 101}, "must_budget"),
        ({"currency": "CNY"}, "must_budget"),
        ({"kind": "software"}, "must_kind"),
        ({"ipr_status": "none"}, "must_ipr_status"),
        ({"ipc": ["A61K"]}, "must_ipc"),
    ],
)
def test_a_must_have_that_fails_excludes(offer: dict[str, object], key: str) -> None:
    found = match(WISH, replace(OFFER, **offer), relevance=1.0, words=[])
    assert [reason.key for reason in found.exclusions] == [key]


def test_who_wants_it_exclusive_is_not_content_with_less() -> None:
    found = match(replace(WISH, exclusivity="exclusive"), OFFER, relevance=1.0, words=[])
    assert [reason.key for reason in found.exclusions] == ["must_exclusivity"]


numbers = st.none() | st.integers(1, 9)
territories = st.lists(st.sampled_from(["CN", "HK", "US"]), unique=True)
wishes = st.builds(
    Wish,
    kinds=st.just([]),
    ipr_statuses=st.just([]),
    trl_min=numbers,
    trl_max=numbers,
    territories=territories,
    exclusivity=st.sampled_from(["", "exclusive", "sole", "non_exclusive"]),
    budget=st.none() | st.integers(0, 10**15),
    currency=st.sampled_from(["", "HKD"]),
    ipc=st.lists(st.sampled_from(["H01M", "A61K 31/00", "A"])),
    must_haves=st.frozensets(st.sampled_from(sorted(WISH.must_haves))),
    tokens=st.just({}),
)
offers = st.builds(
    Offer,
    kind=st.just("know_how"),
    trl=numbers,
    ipr_status=st.just(""),
    ipc=st.lists(st.sampled_from(["H01M", "H01M 10/05", "A61K 31/19"])),
    territories=territories,
    exclusivity=st.lists(st.sampled_from(["exclusive", "sole", "non_exclusive"])),
    price=st.none() | st.integers(0, 10**15),
    currency=st.sampled_from(["", "HKD"]),
    tokens=st.just(frozenset()),
)


@given(wishes, offers, st.floats(0, 1), st.sampled_from(list(Language.values)))
def test_components_sum_to_a_score_within_bounds_and_there_is_a_reason(
    wish: Wish, offer: Offer, relevance: float, language: str
) -> None:
    found = match(wish, offer, relevance=relevance, words=["lithium"] if relevance else [])
    assert found.score == sum(found.components.values())
    assert 0 <= found.score <= 100
    assert all(0 <= points <= POINTS[name] for name, points in found.components.items())
    assert found.reasons
    assert all(sentence(r, language) for r in (*found.reasons, *found.exclusions))
    assert found == match(wish, offer, relevance=relevance, words=["lithium"] if relevance else [])


def test_every_sentence_is_in_both_languages() -> None:
    assert all(english and chinese for english, chinese in SENTENCES.values())
