"""What people see when a timetable has changed, and what one press does."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.models import Booking, Meeting
from scheduling.tests.booking.series import slot_of
from scheduling.tests.clashing.test_clashes import lesson

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

CLASHES = reverse("scheduling:clash_list")
TODAY = reverse("scheduling:today")


def look(client, person, path):
    client.force_login(person.user)
    return client.get(path)


def test_both_see_it_on_their_pages_and_the_label_is_nowhere(client, booking):
    lesson(booking, label="Quantum basket weaving")
    pairing = booking.pairing
    pages = {
        pairing.host: ["today", "people"],
        pairing.attendee: ["today", "people", "booked"],
    }

    for person, names in pages.items():
        for name in names:
            path = {
                "today": reverse("scheduling:today"),
                "people": reverse("scheduling:person_page", args=[pairing.other(person).uid]),
                "booked": reverse("scheduling:booked", args=[booking.uid]),
            }[name]
            page = look(client, person, path)
            assert "See whether a time meets a lesson" in page.text, path
            assert CLASHES in page.text
        page = look(client, person, CLASHES)
        assert "Tuesdays, Period 4 meets a lesson" in page.text
        assert "from 13 October" in page.text
        assert "Quantum" not in page.text


def test_nobody_is_told_of_times_that_fit(client, booking):
    lesson(booking, column="5")

    for person in (booking.pairing.host, booking.pairing.attendee):
        assert "meets a lesson" not in look(client, person, reverse("scheduling:today")).text
        assert "No time meets a lesson" in look(client, person, CLASHES).text


def banner(client, person, name):
    page = look(client, person, reverse(f"scheduling:{name}"))
    found = BeautifulSoup(page.content, "html.parser").select_one("main .banner")
    return found and " ".join(found.text.split())


def test_the_schedule_and_ones_timetable_say_which_time_meets_a_lesson(client, booking):
    lesson(booking, label="Quantum basket weaving")
    host, attendee = booking.pairing.host, booking.pairing.attendee

    end = "from Tuesday 13 October on. See what fits instead"
    where = "Tuesdays, Period 4 with"
    on_schedule = banner(client, host, "schedule")
    assert on_schedule == f"{where} {attendee.name} meets a lesson {end}"
    on_timetable = banner(client, attendee, "timetable")
    assert on_timetable == f"{where} {host.name} meets a lesson of yours {end}"
    assert banner(client, host, "timetable") == on_schedule

    client.force_login(host.user)
    client.post(reverse("scheduling:clash_keep", args=[booking.uid]))
    for person, name in ((host, "schedule"), (attendee, "timetable")):
        assert banner(client, person, name) is None


def test_a_lesson_near_a_time_is_not_worth_a_word(client, booking):
    """The bells are near it, and no date of the talks meets it."""
    lesson(booking, starts_on=date(2026, 12, 19), ends_on=date(2026, 12, 31))
    assert Booking.objects.near_a_lesson().exists()

    assert banner(client, booking.pairing.host, "schedule") is None
    assert banner(client, booking.pairing.attendee, "timetable") is None


def test_a_persons_page_asks_about_times_with_them(client, host, booking):
    lesson(booking)
    other = PairingFactory(school=booking.pairing.school, host=host)

    page = look(
        client, host, reverse("scheduling:person_page", args=[booking.pairing.attendee.uid])
    )

    asked = BeautifulSoup(page.content, "html.parser").select_one(".clashes")["hx-get"]
    assert "Tuesdays, Period 4" in client.get(asked).text
    assert "Tuesdays" not in client.get(f"{CLASHES}?with={other.attendee.uid}").text


def test_one_press_moves_this_and_following(client, host, booking):
    lesson(booking)
    slot = slot_of(host, column="3")
    page = look(client, booking.pairing.attendee, CLASHES)
    [row] = page.context["rows"]

    client.post(
        reverse("scheduling:meeting_move_following", args=[row["clash"].first.uid]),
        {"seat": row["offers"][0]["seat"].uid},
    )

    assert Booking.objects.live().get().seat.slot == slot
    assert "No time meets a lesson" in client.get(CLASHES).text
    assert Meeting.objects.filter(booking=booking, status="planned").count() == 0


def test_keeping_it_is_one_press_and_can_be_undone(client, booking):
    lesson(booking)
    client.force_login(booking.pairing.host.user)

    kept = client.post(reverse("scheduling:clash_keep", args=[booking.uid]), follow=True)

    assert "No time meets a lesson" in kept.text
    assert "Tuesday, Period 4 stays as it is." in kept.text
    # A page that only knows that there may be a clash shows nothing of it once it has asked
    part = client.get(CLASHES, headers={"HX-Request": "true"})
    assert "No time meets a lesson" not in part.text
    assert "The timetable has changed</h2>" not in part.text
    again = client.post(reverse("scheduling:clash_keep", args=[booking.uid]), follow=True)
    assert "This time meets no lesson any more." in again.text


def test_others_see_nothing_of_it(client, booking, school):
    lesson(booking)
    for kind in ("administrator", "leader", "teacher"):
        other = PersonFactory(**{kind: True}, school=school)
        assert "No time meets a lesson" in look(client, other, CLASHES).text
        path = reverse("scheduling:clash_keep", args=[booking.uid])
        assert client.post(path).status_code == 404


def test_clashes_of_one_booking(client, host, booking):
    lesson(booking)

    page = look(client, host, f"{CLASHES}?booking={booking.uid}")
    assert len(page.context["rows"]) == 1
    for uid in (Pairing.objects.get().uid, "x"):
        assert look(client, host, f"{CLASHES}?booking={uid}").context["rows"] == []


def send(client, school, *rows):
    content = "day,period,teachers\n" + "".join(f"{row}\n" for row in rows)
    fields = {
        "term": school.terms.get().uid,
        "file": SimpleUploadedFile("week.csv", content.encode()),
    }
    return client.post(reverse("scheduling:lesson_import"), fields, follow=True)


def test_the_preview_counts_what_would_meet_a_lesson_without_names(
    client, school, booking, settings, tmp_path
):
    settings.VAR_DIR = tmp_path
    attendee = booking.pairing.attendee
    client.force_login(PersonFactory(administrator=True, school=school).user)

    page = send(client, school, f"2,Period 4,{attendee.email}")

    assert "1 one-on-one would meet a lesson." in page.text
    assert booking.pairing.host.family_name not in page.text
    assert "Yours with" not in page.text
    client.post(reverse("scheduling:lesson_preview"))
    assert Meeting.objects.filter(booking=booking, status="planned").count() == 10
    assert "would meet" not in send(client, school, f"2,Period 4,{attendee.email}").text


def test_the_preview_names_ones_own(client, school, booking, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    host, attendee = booking.pairing.host, booking.pairing.attendee
    host.roles.create(school=school, kind="school_admin", starts_on=NOW.date())
    client.force_login(host.user)

    page = send(client, school, f"2,Period 4,{attendee.email}")

    assert f"Yours with {attendee.name}." in " ".join(page.text.split())


def test_dates_that_clash_stand_on_the_day_of_both(client, booking):
    pairing = booking.pairing
    first, second = booking.meetings.upcoming(NOW).in_order()[:2]
    Meeting.objects.filter(pk__in=[first.pk, second.pk]).update(
        status=Meeting.Status.CANCELLED, status_reason="clash"
    )
    day = f"{first.original_starts_at:%A} {first.original_starts_at.day} October"

    for person in (pairing.host, pairing.attendee):
        page = look(client, person, TODAY)
        [section] = BeautifulSoup(page.content, "html.parser").select(
            "[aria-labelledby=undecided-title]"
        )
        [row] = section.select("a")
        path = reverse("scheduling:person_page", args=[pairing.other(person).uid])
        assert row["href"] == path
        assert f"{day} cannot be as planned" in row.text
        assert "Dates that clash" in client.get(path).text
    others = PersonFactory(leader=True, school=pairing.school)
    assert "Dates that clash" not in look(client, others, TODAY).text

    Meeting.objects.filter(status_reason="clash").update(ended_at=NOW)  # somebody has decided
    for person in (pairing.host, pairing.attendee):
        page = look(client, person, TODAY)
        assert "Dates that clash" not in page.text
