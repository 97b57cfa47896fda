"""The demo school is the same for the same moment, and in the middle of a term on any date."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from audit.models import Event
from notes.models import AgreementVersion
from oneonones.demo import people, seed
from oneonones.demo.notes import AGREED, NOTES
from oneonones.demo.times import DAYS, GRID, ONCE, STORY, TODAYS, Around
from people.cadence import SEATS
from people.demo import entrant
from people.models import Group, Membership, OutgoingMail, Pairing, Person, Role, School, User
from scheduling.availability import openings
from scheduling.models import Attendance, Booking, Meeting, OverdueFlag, SchoolDay, Seat, Term

TUESDAY = datetime(2026, 10, 13, 14, 12, tzinfo=UTC)  # 10:12 in New York
MOMENTS = [
    TUESDAY,
    datetime(2026, 7, 15, 4, 5, tzinfo=UTC),  # early on a Wednesday in the holidays
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2028, 3, 12, 18, 0, tzinfo=UTC),  # a Sunday on which clocks change
    datetime(2026, 11, 6, 21, 0, tzinfo=UTC),  # a Friday after school
]


def test_people_are_invented_once_and_for_all():
    students = people.students()

    names = [name for name, _ in students]
    assert len(names) == len(set(names)) == 160
    assert Counter(group for _, group in students).most_common()[-1][1] >= 26
    assert people.roster(2026) == people.roster(2026)
    assert not {one.name for one in people.STAFF} & set(names)


def test_around_any_date_is_a_term_with_today_in_it():
    for number in range(800):
        today = date(2026, 1, 1) + timedelta(days=number)
        around = Around.of(today)
        assert around.starts_on.weekday() == 0
        assert 5 <= (around.monday - around.starts_on).days // 7 <= 8
        assert around.starts_on < today < around.ends_on
        assert len(around.open_weeks) == 5
        assert 1 <= len(around.holidays) <= 7
        for holiday in around.holidays:
            assert around.starts_on < holiday.starts_on <= around.ends_on
            friday = around.monday + timedelta(days=4)
            assert holiday.ends_on < around.monday or holiday.starts_on > friday
            assert holiday.starts_on > around.monday or holiday.starts_on.weekday() == 0
        assert sorted(around.column(day) for day in DAYS) == list("12345")
        assert around.column(DAYS[TODAYS]) == str(around.day.isoweekday())


THANKSGIVING, WINTER = ("Thanksgiving break", "1123", "1127"), ("Winter break", "1221", "0101")


@pytest.mark.parametrize(
    ("today", "holidays"),
    [
        (date(2026, 10, 13), [THANKSGIVING]),
        (date(2026, 11, 30), [THANKSGIVING, WINTER]),
        # On Thanksgiving Day itself, and in the second week of the winter break
        (date(2026, 11, 26), [("Thanksgiving break", "1130", "1204"), WINTER]),
        (
            date(2026, 12, 31),
            [THANKSGIVING, ("Winter break", "1214", "1225"), ("Midwinter break", "0215", "0219")],
        ),
        (date(2026, 7, 15), [("Independence Day week", "0629", "0703")]),
        (
            date(2026, 9, 20),
            [("Indigenous Peoples' Day", "1012", "1012"), ("Veterans Day", "1111", "1111")],
        ),
    ],
    ids=str,
)
def test_holidays_are_those_of_the_season(today, holidays):
    found = Around.of(today).holidays

    assert [(name, f"{first:%m%d}", f"{last:%m%d}") for name, first, last in found] == holidays


def test_grid_has_a_story_for_everybody_in_it():
    placed = {key for cell in [*GRID, *ONCE] for key in cell.keys if key}

    assert placed == {one.key for one in people.STAFF} - {"LH", "NP"}
    assert placed <= set(STORY)
    for cell in [*GRID, *ONCE]:
        assert len(cell.keys) <= len(SEATS[cell.cadence])


def everything(school):
    """The school in words: the same moment has to give the same."""
    return [
        sorted(Person.objects.values_list("external_id", "given_name", "started_on", "is_active")),
        sorted(Role.objects.values_list("person__external_id", "kind", "starts_on")),
        sorted(
            Meeting.objects.values_list(
                "pairing__attendee__external_id", "starts_at", "status", "moved_count"
            )
        ),
        sorted(Pairing.objects.values_list("attendee__external_id", "cadence", "starts_on")),
    ]


def check_people(school, on):
    assert school.can_counsel
    assert Group.objects.filter(kind="advisory").count() == 6
    assert Membership.objects.filter(is_adult=False).count() == 160
    assert Membership.objects.filter(is_adult=True).count() == 6
    assert Role.objects.filter(kind="counselor").count() == 2
    assert User.objects.filter(is_active=True).count() == len(people.STAFF) + len(people.OFFICE)
    assert not any(user.has_usable_password() for user in User.objects.all())

    who = {name: entrant(name, on=on).name for name in ("principal", "teacher")}
    assert who == {"principal": "Elena Marsh", "teacher": "Leila Haddad"}
    assert entrant("counselor", on=on).name == "Joyce Abara"
    assert entrant("administrator", on=on).name == "Ruth Calder"


def check_places(school, on):
    mine = Pairing.objects.filter(host__external_id="EM")
    booked = Booking.objects.live().filter(pairing__in=mine)
    to_place = mine.exclude(bookings__in=booked).values_list("attendee__external_id", flat=True)
    assert mine.count() == 18
    assert set(to_place) == {"LH", "NP", "KA", "LO", "NQ"}
    unasked = mine.filter(invitations=None)
    assert list(unasked.values_list("attendee__external_id", flat=True)) == ["NP"]
    weekdays = on.weekday() < 5
    due = OverdueFlag.objects.filter(cleared_at=None, pairing__in=mine)
    late = set(due.values_list("pairing__attendee__external_id", flat=True))
    assert late == ({"OP", "LO"} if weekdays else {"OP"})


def check_history(school, at):
    ended = Meeting.objects.filter(ends_at__lt=at)
    assert not ended.filter(status=Meeting.Status.PLANNED).exists()
    assert set(ended.values_list("status", flat=True)) == {"held", "skipped", "missed"}
    assert ended.filter(moved_count=1).count() >= 2
    days = set(SchoolDay.objects.values_list("date", flat=True))
    assert {school.today(meeting.starts_at) for meeting in Meeting.objects.all()} <= days
    on = school.today(at)
    if on.weekday() < 5:
        today = Attendance.objects.filter(person__external_id="EM", blocks=True)
        held_today = [one for one in today if school.today(one.starts_at) == on]
        assert len(held_today) == 4
    assert not OutgoingMail.objects.open().exists()


def check_notes():
    agreed = AgreementVersion.objects.in_force().values_list("pairing__attendee__external_id")
    assert {key for (key,) in agreed} == {*AGREED, "HW"}  # whom Sam coaches
    written = Event.objects.filter(act=Event.Act.PART_FINISH)
    assert written.count() == len(NOTES)


def check_sign_up(term, at):
    leila = Pairing.objects.get(attendee__external_id="LH")
    cadences = ("weekly", "biweekly", "monthly")
    fitting = openings(leila.host, leila.attendee, term, cadences=cadences, now=at)
    assert {opening.seat.slot.cadence for opening in fitting} >= {"weekly", "biweekly"}
    assert len(fitting) < Seat.objects.filter(slot__host__external_id="EM").count()


@pytest.mark.django_db
@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: f"{at:%a-%d-%b}")
def test_demo_is_whole_at_any_moment(at):
    school = seed(at=at)

    on, term = school.today(at), Term.objects.get()
    assert term.starts_on < on < term.ends_on
    check_people(school, on)
    check_places(school, on)
    check_history(school, at)
    check_notes()
    check_sign_up(term, at)


@pytest.mark.django_db
def test_demo_is_the_same_for_the_same_moment():
    told = []
    for _ in range(2):
        with transaction.atomic():
            told.append(everything(seed(at=TUESDAY)))
            transaction.set_rollback(True)

    assert told[0] == told[1]


@pytest.mark.django_db
def test_seed_demo_makes_one_school(now, django_assert_max_num_queries):
    School.objects.create(name="Harbor View", slug="harbor-view")
    out = StringIO()

    with django_assert_max_num_queries(3500):
        call_command("seed_demo", stdout=out)
    call_command("seed_demo", stdout=out)

    assert out.getvalue().splitlines() == [
        "Made Alder Creek School.",
        "There is a demo school already. Nothing was changed.",
    ]
    assert School.objects.filter(is_demo=True).count() == 1
