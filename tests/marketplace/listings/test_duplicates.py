"""What a reviewer is shown of listings that look the same."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Forbidden
from marketplace.core.language import Language, to_traditional
from marketplace.listings import duplicates
from marketplace.listings.duplicates import duplicates_of, reasons, sign_what_changed
from marketplace.listings.likeness import bands, likeness, signature
from marketplace.listings.models import Listing, ListingText, TextSignature
from marketplace.listings.services import listing_move
from marketplace.patents.models import Family
from tests.factories import (
    NOW,
    make_listing,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    publish,
    staff,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LONG = (
    "本发明公开了一种固态电解质锂电池，包括石榴石陶瓷隔膜、聚合物表层和锂金属负极。"
    "聚合物表层覆盖在陶瓷隔膜的两侧，厚度为五微米，能够抑制枝晶的生长。"
    "该电池在四毫安每平方厘米的电流密度下循环一千次后容量保持率仍为百分之九十。"
    "其制备方法是先烧结陶瓷片，再以旋涂的方式形成表层，最后在手套箱中装配。"
)
OTHER = (
    "本发明公开了一种小麦联合收割机的割台，包括机架、拨禾轮和往复式切割器。"
    "拨禾轮由液压马达驱动，其转速随前进速度自动调节，从而减少落粒损失。"
    "切割器的刀片表面经过激光熔覆处理，耐磨性显著提高，维修间隔得以延长。"
)


def chinese(title: str, description: str, language: str = "zh-Hans") -> dict[str, Any]:
    return {
        "language": language,
        "title": title,
        "summary": "一种设备",
        "description": description,
        "problem": "枝晶",
    }


def submitted(**content: Any) -> Listing:
    owner = member_of(make_organisation("licensor"))
    return publish(make_listing(owner, **content), owner)


def shown(listing: Listing) -> list[tuple[Listing, list[str]]]:
    found = duplicates_of(make_operator(), listing)
    return [(one.listing, reasons(one, Language.EN)) for one in found]


def test_near_same_text_in_the_other_script_is_shown_and_another_is_not() -> None:
    first = submitted(texts=[chinese("固态电池", LONG)])
    submitted(texts=[chinese("小麦收割机", OTHER)])
    parts = LONG.split("。")
    altered = to_traditional("。".join([parts[1], parts[0], parts[2], parts[3]]))
    second = submitted(texts=[chinese("固態電池", altered, "zh-Hant")])
    ((found, why),) = shown(second)
    assert found == first
    assert why[0].startswith("Its text is ")
    (one,) = duplicates_of(make_operator(), second)
    assert 0.8 < one.likeness < 1
    assert reasons(one, Language.HANT) == [f"文字有 {round(one.likeness * 100)} % 相同。"]


@pytest.mark.parametrize("title", ["电池", "一种用于纯电动汽车的固态电池及其制备方法"])
@pytest.mark.parametrize(("said", "other"), [(LONG, OTHER), ("陶瓷隔膜", "往复式切割器")])
def test_an_equal_title_alone_is_not_the_same(title: str, said: str, other: str) -> None:
    first = submitted(texts=[chinese(title, said)])
    submitted(texts=[chinese(title, other)])
    assert shown(first) == []


def test_the_same_patent_and_its_family_are_shown_the_surest_first() -> None:
    family = Family.objects.create(kind="simple", number="77")
    patent = make_patent("US.7777771.B2", simple_family=family)
    kin = make_patent("US.7777772.B2", simple_family=family)
    mine = submitted(texts=[chinese("固态电池", LONG)], patents=[patent])
    of_kin = submitted(texts=[chinese("小麦收割机", OTHER)], patents=[kin])
    same = submitted(patents=[patent, kin])
    assert shown(mine) == [
        (
            same,
            [
                "It offers the same patent: US.7777771.B2.",
                "It offers a patent of the same family: US.7777772.B2.",
            ],
        ),
        (of_kin, ["It offers a patent of the same family: US.7777772.B2."]),
    ]


def test_only_operators_are_told_and_drafts_never_shown() -> None:
    owner = member_of(make_organisation("licensor"))
    draft = make_listing(owner, texts=[chinese("固态电池", LONG)])
    first = submitted(texts=[chinese("固态电池", LONG)])
    assert shown(first) == []
    for viewer in (Viewer(), owner, member_of(first.owner), member_of(make_organisation("buyer"))):
        with pytest.raises(Forbidden):
            duplicates_of(viewer, first)
    publish(draft, owner)
    assert [one for one, _ in shown(first)] == [draft]
    Listing.objects.filter(pk=draft.pk).update(state="withdrawn")
    assert [one for one, _ in shown(first)] == [draft]


def test_what_changed_otherwise_is_signed_by_the_job() -> None:
    first = submitted(texts=[chinese("固态电池", LONG)])
    other = submitted(texts=[chinese("小麦收割机", OTHER)])
    assert sign_what_changed() == 0
    text = ListingText.objects.get(listing=other)
    text.description = LONG
    text.save()
    assert sign_what_changed() == 1
    assert [one for one, _ in shown(first)] == [other]
    TextSignature.objects.all().delete()
    make_listing()
    assert sign_what_changed() == 2


@pytest.mark.parametrize("others", [1, 6])
def test_it_costs_the_same_however_many_there_are(others: int, django_assert_num_queries) -> None:
    patent = make_patent("US.7777771.B2")
    first = submitted(texts=[chinese("固态电池", LONG)], patents=[patent])
    for _ in range(others):
        submitted(texts=[chinese("固态电池", LONG)], patents=[patent])
    operator = make_operator()
    listing = Listing.objects.get(pk=first.pk)
    # patents, texts, candidates, links, rows, their texts
    with django_assert_num_queries(6):
        assert len(duplicates_of(operator, listing)) == others


def test_of_very_many_alike_the_nearest_are_held_against_it(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    """However many share a part of it, what is the same to the end is not lost."""
    monkeypatch.setattr(duplicates, "NEAREST", 3)
    monkeypatch.setattr(duplicates, "OF_A_BAND", 4)  # the two that are, the one asked of, and one
    parts = LONG.split("。")
    for number in range(6):
        most = "。".join([*parts[:3], str(number)])
        submitted(texts=[chinese("固态电池", most)])
    twins = {submitted(texts=[chinese("固态电池", LONG)]).pk for _ in range(2)}
    asked = submitted(texts=[chinese("固态电池", LONG)])
    operator, listing = make_operator(), Listing.objects.get(pk=asked.pk)
    with django_assert_num_queries(5):  # patents, texts, candidates, rows, their texts
        found = duplicates_of(operator, listing)
    assert [(one.listing.pk in twins, one.likeness == 1.0) for one in found[:2]] == [
        (True, True),
        (True, True),
    ]
    assert len(found) <= 3
    monkeypatch.undo()
    assert len(duplicates_of(operator, listing)) == 8


@given(st.lists(st.sampled_from("电池陶瓷隔膜锂聚合物枝晶abc xyz 12"), min_size=1, max_size=200))
def test_neither_script_width_nor_case_counts(letters: list[str]) -> None:
    text = "".join(letters)
    first = signature(text)
    assert signature(to_traditional(text).upper() + "。") == first
    if first:
        assert likeness(first, first) == 1.0
        assert len(bands(first)) == len(set(bands(first)))
        assert all(0 <= one < 2**31 for one in first)


def test_the_admin_shows_it_to_the_reviewer() -> None:
    first = submitted(texts=[chinese("固态电池", LONG)])
    second = submitted(texts=[chinese("<b>固态电池", LONG)])
    page = (
        staff(make_operator()).get(f"/admin/listings/listing/{first.pk}/change/").content.decode()
    )
    assert f"/admin/listings/listing/{second.pk}/change/" in page
    assert "&lt;b&gt;固态电池" in page
    assert "Its text is " in page


@pytest.mark.django_db(transaction=True)
def test_two_that_are_submitted_at_once_are_both_shown() -> None:
    owners = [member_of(make_organisation("licensor")) for _ in range(2)]
    drafts = [make_listing(owner, texts=[chinese("固态电池", LONG)]) for owner in owners]
    at_once(
        *(
            partial(listing_move, viewer=owner, listing_id=draft.pk, move="submit", now=NOW)
            for owner, draft in zip(owners, drafts, strict=True)
        )
    )
    assert [[one for one, _ in shown(draft)] for draft in drafts] == [[drafts[1]], [drafts[0]]]
