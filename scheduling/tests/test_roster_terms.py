"""Terms that a roster brings: added, moved where nobody has booked, and otherwise left."""

from datetime import date

import pytest

from conftest import NOW
from people.actions import CannotImport
from people.oneroster import TermSaid
from people.tests.factories import PersonFactory
from scheduling import roster_terms
from scheduling.models import SchoolWeek, Term

from .factories import BookingFactory, SlotFactory, school_with_calendar

FALL = TermSaid("Fall", date(2026, 9, 7), date(2026, 12, 18), 2027)
SPRING = TermSaid("Spring", date(2027, 1, 5), date(2027, 6, 18), 2027)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return school_with_calendar(at=NOW)  # with Fall 2026, the same days as FALL


def terms(school):
    return list(
        Term.objects.of(school).order_by("starts_on").values_list("name", "starts_on", "ends_on")
    )


def plan(school, *said):
    return roster_terms.plan(school, list(said), NOW)


def take(school, *said, by=None):
    roster_terms.take(school, list(said), by, NOW)


def test_new_term_is_added_with_its_weeks_and_the_same_twice_changes_nothing(school):
    assert plan(school, FALL, SPRING) == (["Spring, 5 January to 18 June 2027."], [])

    take(school, FALL, SPRING)

    assert terms(school)[1] == ("Spring", SPRING.starts_on, SPRING.ends_on)
    assert SchoolWeek.objects.filter(term__name="Spring").exists()
    assert plan(school, FALL, SPRING) == ([], [])


def test_term_gets_other_days_and_keeps_its_name(school):
    later = FALL._replace(ends_on=date(2026, 12, 22))

    changes, _ = plan(school, later)
    take(school, later)

    assert changes == [
        "Fall 2026: 7 September to 18 December 2026 becomes 7 September to 22 December 2026."
    ]
    assert terms(school) == [("Fall 2026", later.starts_on, later.ends_on)]


def test_term_in_which_people_have_booked_keeps_its_days(school):
    BookingFactory(seat=SlotFactory(term=school.terms.get()).seats.first())
    later = FALL._replace(ends_on=date(2026, 12, 22))

    changes, others = plan(school, later)
    take(school, later)

    assert changes == []
    assert others[0].startswith("Fall 2026 keeps its days, 7 September to 18 December 2026")
    assert terms(school)[0][2] == date(2026, 12, 18)


@pytest.mark.parametrize(
    "said",
    [
        FALL._replace(starts_on=date(2026, 12, 1), ends_on=date(2027, 3, 1)),
        FALL._replace(starts_on=date(2026, 12, 1), ends_on=date(2027, 6, 1)),
    ],
)
def test_term_that_overlaps_another_is_not_taken(school, said):
    take(school, SPRING)

    changes, [sentence] = plan(school, said)

    assert changes == []
    assert sentence.endswith("Not taken.")


def test_term_longer_than_a_year_is_not_taken(school):
    long = FALL._replace(ends_on=date(2028, 1, 1))

    assert plan(school, long) == (
        [],
        ["Fall (7 September 2026 to 1 January 2028) is longer than a year. Not taken."],
    )


def test_two_terms_within_a_year_have_two_names(school):
    again = SPRING._replace(name="fall 2026")

    take(school, again)

    assert [name for name, *_ in terms(school)] == ["Fall 2026", "fall 2026 2027"]


def test_terms_of_a_school_that_is_not_there_yet_are_all_new():
    assert len(plan(None, FALL, SPRING)[0]) == 2


def test_what_the_calendar_refuses_is_refused_in_words(school, monkeypatch):
    monkeypatch.setattr(roster_terms, "_free_name", lambda said, names: "Fall 2026")

    with pytest.raises(CannotImport, match="There is a term called Fall 2026"):
        take(school, SPRING)


def test_administrator_of_the_district_brings_terms_in(school):
    dora = PersonFactory()
    dora.roles.create(school=school, kind="district_admin", starts_on=NOW.date())

    take(school, SPRING, by=dora)

    assert len(terms(school)) == 2
