"""Taking a calendar over: again, moved, gone, by hand in between, and undone."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people.actions import undo
from people.models import OutgoingMail
from people.sheets import CannotRead
from people.tests.factories import PersonFactory
from people.undo import CannotUndo
from scheduling import actions, closure_files
from scheduling.actions import Choice
from scheduling.closure_files import What
from scheduling.models import CalendarEvent, Closure, Meeting
from scheduling.tests.factories import ClosureFactory, MeetingFactory, TermFactory

from .ics import BREAK, SNOW, calendar, day, event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LATER = (date(2026, 12, 2), date(2026, 12, 4))


def plan(school, *events, at=NOW, **more):
    return closure_files.plan(school, calendar(*events, **more), on=school.today(at))


def kinds(school, *events, **more):
    return [(row.what.value, row.name) for row in plan(school, *events, **more).rows]


def take(school, *events, by=None, at=NOW, yes=None, **more):
    """
    Take a calendar over by its guesses, with nothing decided of what is gone; or say yes to some by
    name, and no to all others.
    """
    rows = plan(school, *events).open
    if yes is None:
        choices = {row.key: Choice(row.is_ticked) for row in rows if row.what != What.GONE}
    else:
        choices = {row.key: Choice(row.name in yes) for row in rows}
    content = calendar(*events)
    return actions.apply_closures(school, by=by, at=at, content=content, choices=choices, **more)


def closed(school):
    return [
        (each.name, each.starts_on, each.ends_on)
        for each in school.closures.order_by("starts_on", "pk")
    ]


def test_what_sounds_like_days_off_closes_and_the_rest_is_offered(school):
    found = plan(
        school,
        day("Thanksgiving Break", *BREAK),
        day("Picture Day", SNOW),
        day("Sunday fair", date(2026, 10, 11)),
        event("DTSTART:20261013T080000", "DTEND:20261013T090000", name="Bake sale", uid="sale"),
    )

    assert [(row.what, row.name, row.is_ticked) for row in found.rows] == [
        (What.NEW, "Thanksgiving Break", True),
        (What.OTHER, "Picture Day", False),
    ]
    assert (found.outside, len(found.timed)) == (1, 1)


def test_the_same_calendar_twice_changes_nothing(school, administrator):
    events = [day("Thanksgiving Break", *BREAK), day("Picture Day", SNOW)]

    done = take(school, *events, by=administrator)
    entries = Event.objects.count()
    again = take(school, *events, by=administrator)

    assert closed(school) == [("Thanksgiving Break", *BREAK)]
    assert (done.made, again.made, again.changed, again.reopened) == (1, 0, 0, 0)
    assert not school.days.open().filter(date__range=BREAK).exists()
    assert Event.objects.count() == entries
    assert kinds(school, *events) == [("same", "Thanksgiving Break"), ("other", "Picture Day")]


def test_a_typed_closure_of_these_days_is_known_and_keeps_its_name(school):
    typed = ClosureFactory(school=school, name="Turkey days", starts_on=BREAK[0], ends_on=BREAK[1])

    take(school, day("Thanksgiving Break", *BREAK))

    assert closed(school) == [("Turkey days", *BREAK)]
    typed.refresh_from_db()
    assert typed.event is not None
    take(school, day("Thanksgiving Recess", *LATER, uid="Thanksgiving Break"))
    assert closed(school) == [("Turkey days", *LATER)]


def test_days_that_are_closed_already_are_not_closed_twice(school):
    ClosureFactory(school=school, name="Long break", starts_on=BREAK[0], ends_on=date(2026, 12, 1))

    [row] = plan(school, day("Thanksgiving holiday", *BREAK)).rows

    assert (row.what, row.is_ticked, row.note) == (
        What.OTHER,
        False,
        "These days are closed already.",
    )


def test_what_was_said_to_have_school_is_not_asked_again_until_it_says_something_new(school):
    take(school, day("PD day", SNOW), yes=[])

    assert closed(school) == []
    assert kinds(school, day("PD day", SNOW)) == [("other", "PD day")]
    assert kinds(school, day("PD day", *BREAK)) == [("new", "PD day")]


def test_a_moved_event_moves_its_closure_and_people_are_told_once(school, administrator):
    meeting = MeetingFactory(pairing__school=school)
    take(school, day("PD day", BREAK[0]), by=administrator)
    OutgoingMail.objects.all().delete()

    with pytest.raises(actions.NeedsConfirmation) as asked:
        take(school, day("PD day", SNOW), by=administrator, is_confirmed=False)
    assert asked.value.effect.meetings == 1
    meeting.refresh_from_db()
    assert meeting.is_planned

    closure = school.closures.get()
    done = take(school, day("PD day", SNOW), by=administrator)

    assert (done.made, done.changed) == (0, 1)
    assert closed(school) == [("PD day", SNOW, SNOW)]
    assert school.closures.get().uid == closure.uid
    assert school.days.open().filter(date=BREAK[0]).exists()
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.CLOSED
    mails = OutgoingMail.objects.filter(kind="calendar_changed")
    assert sorted(mails.values_list("person", flat=True)) == sorted(
        [meeting.pairing.host_id, meeting.pairing.attendee_id]
    )

    take(school, day("PD day", BREAK[0]), by=administrator)
    meeting.refresh_from_db()
    assert meeting.is_planned


def test_a_change_that_is_not_followed_is_not_asked_again(school):
    take(school, day("PD day", *BREAK))

    take(school, day("PD day", *LATER), yes=[])

    assert closed(school) == [("PD day", *BREAK)]
    assert kinds(school, day("PD day", *LATER)) == [("same", "PD day")]


def test_a_new_name_is_taken_over_unless_somebody_wrote_another(school):
    take(school, day("Break", *BREAK, uid="1"), day("Recess", *LATER, uid="2"))
    school.closures.filter(name="Recess").update(name="Our own name")

    take(school, day("Fall Break", *BREAK, uid="1"), day("Late Recess", *LATER, uid="2"))

    assert [name for name, *_ in closed(school)] == ["Fall Break", "Our own name"]


def test_what_was_changed_by_hand_stays_until_the_calendar_says_something_new(school):
    take(school, day("Break", *BREAK))
    school.closures.update(ends_on=BREAK[0])

    take(school, day("Break", *BREAK))
    assert closed(school) == [("Break", BREAK[0], BREAK[0])]

    take(school, day("Break", *LATER))
    assert closed(school) == [("Break", *LATER)]


def test_days_that_were_taken_back_by_hand_do_not_come_back(school):
    take(school, day("Break", *BREAK))
    actions.delete_closure(school.closures.get(), by=None, at=NOW)

    take(school, day("Break", *BREAK))

    assert closed(school) == []


def test_a_series_follows_date_by_date(school):
    def fridays(*more):
        rule = "RRULE:FREQ=WEEKLY;COUNT=3"
        return event("DTSTART;VALUE=DATE:20261016", rule, *more, name="Closed Friday")

    take(school, fridays())
    assert [on for _, on, _ in closed(school)] == [date(2026, 10, d) for d in (16, 23, 30)]
    kept = school.closures.get(starts_on=date(2026, 10, 30))

    done = take(school, fridays("EXDATE;VALUE=DATE:20261023", "RDATE;VALUE=DATE:20261106"))
    assert (done.made, done.changed) == (0, 1)
    assert [on.day for _, on, _ in closed(school)] == [16, 30, 6]
    assert school.closures.get(pk=kept.pk).starts_on == date(2026, 10, 30)

    take(school, fridays("EXDATE;VALUE=DATE:20261023"), day("Never mind", SNOW))
    assert [on.day for _, on, _ in closed(school)] == [16, 30]


def test_a_series_grows_with_what_its_days_stopped(school):
    one = event("DTSTART;VALUE=DATE:20261016", name="Exams", uid="x")
    take(school, one, yes=["Exams"])
    school.closures.update(stops_meetings=False)

    take(
        school,
        event("DTSTART;VALUE=DATE:20261016", "RDATE;VALUE=DATE:20261023", name="Exams", uid="x"),
    )

    assert list(school.closures.values_list("stops_meetings", flat=True)) == [False, False]


def test_what_is_gone_is_asked_and_never_reopened_by_itself(school):
    take(school, day("Break", *BREAK), day("Recess", *LATER))
    rest = day("Recess", *LATER)

    found = plan(school, rest)
    assert [(row.what, row.name, row.is_ticked) for row in found.rows] == [
        (What.GONE, "Break", False),
        (What.SAME, "Recess", False),
    ]
    take(school, rest)  # a command decides nothing
    assert kinds(school, rest)[0] == ("gone", "Break")

    take(school, rest, yes=[])
    assert [name for name, *_ in closed(school)] == ["Break", "Recess"]
    assert kinds(school, rest) == [("same", "Recess")]
    assert kinds(school, day("Recess", *LATER), day("Break", *BREAK))[0] == ("same", "Break")


def test_there_is_school_again_where_somebody_says_so(school, administrator):
    take(school, day("Snow day", SNOW), day("Recess", *LATER))
    meeting = MeetingFactory(pairing__school=school, closed=True, ended_at=None)

    done = take(school, day("Recess", *LATER), yes=["Snow day"], by=administrator)

    assert (done.reopened, done.effect.reopened) == (1, 1)
    assert [name for name, *_ in closed(school)] == ["Recess"]
    meeting.refresh_from_db()
    assert meeting.is_planned


@pytest.mark.parametrize(
    "content",
    [
        calendar(day("Recess", *LATER)).replace(b"END:VCALENDAR", b""),  # breaks off
        calendar(day("Recess", *LATER), head="X-WR-CALNAME:Another calendar"),
        calendar(
            day("Recess", *LATER), event("DTSTART;VALUE=DATE:broken", name="Break", uid="Break")
        ),
    ],
)
def test_what_may_be_there_after_all_is_not_gone(school, content):
    take(school, day("Break", *BREAK), day("Recess", *LATER))

    found = closure_files.plan(school, content, on=NOW.date())

    assert found.of(What.GONE) == []


def test_past_days_that_roll_out_of_a_calendar_are_not_gone(school):
    past = (date(2026, 9, 21), date(2026, 9, 22))
    take(school, day("Holiday", *past), day("Recess", *LATER))

    assert kinds(school, day("Recess", *LATER)) == [("same", "Recess")]


def test_new_uids_each_time_are_no_news(school):
    take(school, day("Break", *BREAK, uid="monday"), day("PD day", SNOW, uid="x"), yes=["Break"])

    again = [day("Break", *BREAK, uid="tuesday"), day("PD day", SNOW, uid="y")]

    assert kinds(school, *again) == [("same", "Break"), ("other", "PD day")]
    take(school, *again)
    assert CalendarEvent.objects.count() == 2
    assert kinds(school, day("Break", *LATER, uid="tuesday"))[0] == ("changed", "Break")


def test_only_days_to_come_are_news(school):
    found = plan(school, day("Old holiday", date(2026, 9, 21)), day("Break", *BREAK))

    assert found.news(school.today(NOW)) == {What.NEW: 1, What.CHANGED: 0, What.GONE: 0}


def test_the_terms_to_come_are_looked_at_too(school):
    TermFactory(
        school=school,
        name="Next",
        starts_on=date(2027, 8, 30),
        ends_on=date(2027, 12, 17),
        school_year=2028,
    )

    found = plan(school, day("Fall break", date(2027, 10, 11)), day("Summer", date(2027, 7, 1)))

    assert [row.name for row in found.rows] == ["Fall break"]
    assert found.outside == 1


def test_a_calendar_needs_a_term(school):
    school.terms.update(ends_on=NOW.date() - timedelta(days=1))

    with pytest.raises(CannotRead, match="no term to come"):
        plan(school, day("Break", *BREAK))


def test_what_was_seen_is_what_is_done(school):
    events = [day("Break", *BREAK)]
    seen = plan(school, *events).digest
    ClosureFactory(school=school, starts_on=BREAK[0], ends_on=BREAK[1])

    with pytest.raises(actions.CannotChangeCalendar, match="changed in the meantime"):
        take(school, *events, digest=seen)
    assert school.closures.count() == 1


def test_a_flood_of_days_is_refused_whole(school):
    wild = [
        event(
            "DTSTART;VALUE=DATE:20260907",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR",
            name=f"Holiday {n}",
            uid=str(n),
        )
        for n in range(12)
    ]

    with pytest.raises(actions.CannotChangeCalendar, match="more than 400"):
        take(school, *wild)
    assert not Closure.objects.exists()
    assert not CalendarEvent.objects.exists()


def test_only_administrators_take_a_calendar_over(school):
    with pytest.raises(PermissionDenied):
        take(school, day("Break", *BREAK), by=PersonFactory(leader=True, school=school))


def test_undo_lets_the_days_be_as_they_were(school, administrator):
    meeting = MeetingFactory(pairing__school=school)
    take(school, day("Break", *BREAK), day("Recess", *LATER), by=administrator)
    before = closed(school)
    events = [day("Break", BREAK[0], uid="Break"), day("Snow day", SNOW)]
    done = take(school, *events, by=administrator, yes=["Break", "Snow day", "Recess"])
    assert (done.made, done.changed, done.reopened) == (1, 1, 1)
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.CLOSED

    undo(done.effect.change, by=administrator, at=NOW)

    assert closed(school) == before
    meeting.refresh_from_db()
    assert meeting.is_planned
    assert kinds(school, *events) == [("new", "Snow day"), ("changed", "Break")]


def test_undo_is_refused_once_somebody_took_days_back(school, administrator):
    done = take(school, day("Break", *BREAK), by=administrator)
    actions.delete_closure(school.closures.get(), by=administrator, at=NOW)

    with pytest.raises(CannotUndo, match="changed since"):
        undo(done.effect.change, by=administrator, at=NOW)
