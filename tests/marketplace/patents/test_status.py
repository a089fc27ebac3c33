from datetime import date

import pytest
from django.db import IntegrityError, transaction

from marketplace.patents.models import Family, LegalEvent, Patent
from marketplace.patents.status import Status, coverage, relatives, status_of
from marketplace.patents.terms import term_ends
from tests.factories import make_patent

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def told(patent: Patent, *events: tuple[str, str, date]) -> Patent:
    LegalEvent.objects.bulk_create(
        LegalEvent(patent=patent, territory=where, kind=kind, on=on) for where, kind, on in events
    )
    return patent


def test_a_lapse_on_the_mainland_leaves_hong_kong_in_force() -> None:
    cn = told(make_patent("CN.101357592.B"), ("CN", "granted", date(2012, 1, 4)),
              ("CN", "lapsed", date(2020, 5, 1)))  # fmt: skip
    hk = told(make_patent("HK.1234567.A1"), ("HK", "granted", date(2013, 3, 8)))

    found = coverage([cn, hk], ["CN", "HK", "MO", "TW"], on=TODAY)

    assert found == {"CN": Status.ENDED, "HK": Status.IN_FORCE, "MO": None, "TW": None}
    assert coverage([cn], ["CN"], on=date(2020, 4, 30)) == {"CN": Status.IN_FORCE}


def test_a_hong_kong_patent_does_not_cover_the_mainland() -> None:
    hk = told(make_patent("HK.1234567.A1"), ("HK", "granted", date(2013, 3, 8)))
    assert coverage([hk], ["CN", "HK"], on=TODAY) == {"CN": None, "HK": Status.IN_FORCE}


def test_a_european_patent_says_nothing_of_hong_kong() -> None:
    ep = told(make_patent("EP.2626258.B1"), ("EP", "granted", date(2015, 1, 7)),
              ("DE", "granted", date(2015, 1, 7)), ("FR", "lapsed", date(2018, 1, 31)))  # fmt: skip

    found = coverage([ep], ["DE", "FR", "ES", "HK", "CN"], on=TODAY)

    assert found == {
        "DE": Status.IN_FORCE, "FR": Status.ENDED, "ES": Status.UNKNOWN, "HK": None, "CN": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], Status.UNKNOWN),
        ([("filed", 1)], Status.PENDING),
        ([("published", 5), ("granted", 5)], Status.IN_FORCE),
        ([("granted", 5), ("published", 6)], Status.IN_FORCE),
        ([("granted", 5), ("lapsed", 7)], Status.ENDED),
        ([("granted", 5), ("lapsed", 7), ("restored", 7)], Status.IN_FORCE),
        ([("filed", 1), ("withdrawn", 2), ("restored", 3)], Status.PENDING),
        ([("granted", 5), ("lapsed", 7), ("expired", 8), ("restored", 9)], Status.IN_FORCE),
        ([("granted", 5), ("assigned", 6)], Status.IN_FORCE),
        ([("filed", 1), ("granted", 28)], Status.PENDING),
    ],
)
def test_status_of(events: list[tuple[str, int]], status: Status) -> None:
    patent = told(
        make_patent("CN.101357592.B"),
        *(("CN", kind, date(2026, 11, day)) for kind, day in reversed(events)),
    )
    assert status_of(patent, on=TODAY) == {"CN": status}


def test_simple_and_extended_families_are_kept_apart() -> None:
    simple = Family.objects.create(kind="simple", number="39183031")
    extended = Family.objects.create(kind="extended", number="39183031")
    first = make_patent("CN.1.A", simple_family=simple, extended_family=extended)
    second = make_patent("HK.2.A", simple_family=simple)
    third = make_patent("US.3.A", extended_family=extended)

    assert relatives(first) == [first, second]
    assert relatives(first, Family.Kind.EXTENDED) == [first, third]
    assert relatives(third) == [third]


def test_an_office_is_no_territory_in_force() -> None:
    patent = make_patent("EP.2626258.B1")
    with pytest.raises(IntegrityError, match="an_office_is_no_territory"), transaction.atomic():
        told(patent, ("EP", "lapsed", TODAY))
    assert not patent.events.exists()


@pytest.mark.parametrize(
    ("docdb", "filed", "ends"),
    [
        ("CN.101357592.B", date(2008, 2, 29), date(2028, 2, 29)),
        ("CN.201234567.U", date(2016, 2, 29), date(2026, 2, 28)),
        ("CN.300111222.S", date(2021, 6, 1), date(2036, 6, 1)),
        ("CN.300111222.S", date(2021, 5, 31), date(2031, 5, 31)),
        ("HK.30012345.A", date(2020, 1, 2), date(2028, 1, 2)),
        ("HK.1234567.A1", date(2020, 1, 2), date(2040, 1, 2)),
        ("US.D900001.S1", date(2020, 1, 2), None),
        ("DE.202020000001.U1", date(2020, 1, 2), date(2030, 1, 2)),
        ("US.8000000.B2", date(2006, 11, 23), date(2026, 11, 23)),
    ],
)
def test_a_term_ends(docdb: str, filed: date, ends: date | None) -> None:
    assert term_ends(make_patent(docdb, filing_date=filed)) == ends


def test_after_its_term_a_patent_has_ended_though_no_event_says_so() -> None:
    old = told(make_patent("CN.1000001.C", filing_date=date(2006, 11, 23)),
               ("CN", "granted", date(2010, 1, 6)))  # fmt: skip
    assert status_of(old, on=date(2026, 11, 22)) == {"CN": Status.IN_FORCE}
    assert status_of(old, on=TODAY) == {"CN": Status.ENDED}
    unknown = make_patent("US.5000000.A", publication_date=date(1991, 3, 19))
    assert status_of(unknown, on=TODAY) == {"US": Status.ENDED}
    assert term_ends(make_patent("US.5000001.A")) is None
