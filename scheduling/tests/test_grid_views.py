"""The schedule as a host meets it, with and without JavaScript."""

from datetime import date, time, timedelta

import pytest
from allauth.mfa.models import Authenticator
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory, SchoolFactory
from scheduling import actions
from scheduling.models import Booking, OverdueFlag, Slot
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    SlotFactory,
    TermFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SCHEDULE = reverse("scheduling:schedule")
CELLS = reverse("scheduling:cells_paint")
UNDO = reverse("scheduling:paint_undo")
REDO = reverse("scheduling:paint_redo")
PLACE = reverse("scheduling:place_book")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def school():
    return school_with_calendar(is_demo=True)  # which asks for no second factor


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school, client):
    host = PersonFactory(leader=True, school=school)
    client.force_login(host.user)
    return host


def key(school, name="Lunch", column="2"):
    return f"{column}-{school.periods.get(name=name).uid}"


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def button(response, school, name="Lunch", column="2"):
    return soup(response).find(id=f"cell-{key(school, name, column)}")


def words(element):
    return " ".join(element.get_text(" ").split())


def post(client, term, *, headers=None, **fields):
    return client.post(CELLS, {"term": term.uid, **fields}, headers=headers)


# --- reading ---


def test_only_hosts_have_a_schedule(client, school):
    for person in (
        PersonFactory(teacher=True, school=school),
        PersonFactory(administrator=True, school=school),
        PersonFactory(without_login=False),
    ):
        client.force_login(person.user)
        assert client.get(SCHEDULE).status_code == 403
        assert client.post(CELLS).status_code == 403
        assert client.post(PLACE).status_code == 403


def test_a_former_host_has_no_schedule(client, host):
    host.is_active = False
    host.save()

    assert client.get(SCHEDULE).status_code == 403


def test_head_says_which_week_it_is(client, host):
    text = words(soup(client.get(SCHEDULE)).find(class_="page-head"))

    assert "Fall 2026, 7 September to 18 December" in text
    assert "now week B, week 2 of 4" in text


def test_a_new_host_meets_three_steps(client, host):
    page = soup(client.get(SCHEDULE))

    assert "Three steps to begin" in words(page.find(id="people"))
    assert page.find(class_="supply") is None


def test_a_cell_says_when_it_is_and_who_sits_there(client, host, school, term):
    booking = BookingFactory(slot=SlotFactory(host=host, term=term, biweekly=True))

    cell = button(client.get(SCHEDULE), school, "Period 4")
    name = booking.pairing.attendee.name
    assert "Tuesday, Period 4, 10:40 to 11:25" in words(cell)
    assert "Biweekly . 1 open" in words(cell)
    assert f"Week A: {name}. Week B: open." in words(cell)


def test_paper_has_no_names(client, host, school, term):
    booking = BookingFactory(slot=SlotFactory(host=host, term=term))

    page = soup(client.get(SCHEDULE))
    for screen_only in page.select(".screen-only"):
        screen_only.decompose()
    sheet = words(page.find("main"))
    assert booking.pairing.attendee.family_name not in sheet
    assert "taken" in words(page.find(id="term"))


def test_hidden_names_are_not_in_the_page(client, host, term):
    host.hides_names = True
    host.save()
    booking = BookingFactory(slot=SlotFactory(host=host, term=term))

    for query in ("", "?show=all"):
        assert booking.pairing.attendee.family_name not in client.get(SCHEDULE + query).text


def test_busy_cells_say_why(client, host, school, term):
    CommitmentFactory(person=host, term=term, label="Leadership team")
    CommitmentFactory(person=host, term=term, label="Duty", column="3", weeks=0b0101)
    CommitmentFactory(term=term, label="Somebody else's", column="4")

    response = client.get(SCHEDULE)
    assert "You have Leadership team . Not offered." in words(button(response, school, "Period 1"))
    assert "Duty, week A" in words(button(response, school, "Period 1", "3"))
    assert "Somebody else" not in response.text


def test_another_hosts_grid_is_not_mine(client, host, school, term):
    other = BookingFactory(slot=SlotFactory(term=term))

    response = client.get(f"{SCHEDULE}?show=all")
    assert other.pairing.attendee.name not in response.text
    assert "Not offered." in words(button(response, school, "Period 4"))


def test_places_against_people_in_words(client, host, school, term):
    BookingFactory(slot=SlotFactory(host=host, term=term))
    SlotFactory(host=host, term=term, monthly=True, column="3")
    PairingFactory(host=host, school=school, weekly=True)
    PairingFactory(host=host, school=school)
    PairingFactory(host=host, school=school, paused=True)

    panel = soup(client.get(SCHEDULE)).find(class_="supply")
    assert [words(each) for each in panel.find_all(role="listitem")] == [
        "Weekly 1 short",
        "Biweekly None offered",
        "Monthly 3 spare",
    ]
    assert len(panel.select(".c-m .pip")) == 4


def listed(client, show=""):
    page = soup(client.get(f"{SCHEDULE}?show={show}"))
    return [words(each) for each in page.select(".plist .person")]


def test_people_longest_wait_first(client, host, school, term):
    def person(family_name, **fields):
        attendee = PersonFactory(
            teacher=True, school=school, given_name="A", family_name=family_name
        )
        attendee.job = "Math"
        attendee.save()
        return PairingFactory(host=host, school=school, attendee=attendee, **fields)

    person("Unasked")
    person("Recent", invited_at=NOW - timedelta(days=1))
    person("Long", invited_at=NOW - timedelta(days=9))
    person("Nonefit", invited_at=NOW - timedelta(days=2), answer=Pairing.Answer.NONE_FIT)
    late = person("Late", invited_at=NOW)
    OverdueFlag.objects.create(
        pairing=late, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
    )
    placed = person("Placed")
    BookingFactory(slot=SlotFactory(host=host, term=term, monthly=True), pairing=placed)

    assert listed(client) == [
        "AL A Late Math , monthly 6 days past",
        "AL A Long Math , monthly Asked 9 days ago",
        "AN A Nonefit Math , monthly None of your times fit",
        "AR A Recent Math , monthly Asked yesterday",
        "AU A Unasked Math , monthly Not asked yet",
    ]
    assert listed(client, "past") == ["AL A Late Math , monthly 6 days past"]
    assert len(listed(client, "all")) == 6
    assert listed(client, "all")[-1] == "AP A Placed Math , monthly Tuesday, Period 4, week 1"
    assert listed(client, "nonsense") == listed(client)


def test_a_school_without_calendar_says_what_is_missing(client):
    school = SchoolFactory(demo=True)
    host = PersonFactory(leader=True, school=school)
    client.force_login(host.user)
    response = client.get(SCHEDULE)
    assert "Your school has no term yet." in response.text
    assert soup(response).find(id="term") is None
    assert client.post(CELLS, {}).status_code == 200

    TermFactory(school=school)
    assert "Your school has no bell times yet." in client.get(SCHEDULE).text


@pytest.mark.parametrize("query", ["?day=9", "?day=", "?brush=zz", "?about=zz", "?show=<b>"])
def test_nonsense_in_the_address_shows_the_schedule(client, host, query):
    assert client.get(SCHEDULE + query).status_code == 200


def test_a_phone_shows_the_day_that_is_asked_for(client, host):
    for query, day in (("", "1"), ("?day=4", "4")):
        page = soup(client.get(SCHEDULE + query))
        assert {cell["data-day"] for cell in page.select("td.day-on")} == {day}
        assert page.select_one(".daypick [aria-current]")["data-day"] == day


# --- painting ---


def test_painting_without_javascript(client, host, school, term):
    page = soup(client.get(SCHEDULE))
    form = page.find("form", id="grid")
    cell = page.find(id=f"cell-{key(school)}")
    sent = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}

    response = client.post(
        form["action"], {**sent, "brush": "b", cell["name"]: cell["value"]}, follow=True
    )

    assert response.redirect_chain == [(f"{SCHEDULE}?brush=b&day=1", 302)]
    assert "Biweekly . 2 open" in words(button(response, school))
    assert soup(response).find("input", {"name": "brush", "checked": True})["value"] == "b"


def test_a_whole_day_or_period_is_painted_by_its_name(client, host, school, term):
    page = soup(client.get(SCHEDULE))
    day, period = page.select_one("thead [name=line]"), page.select_one("tbody [name=line]")

    post(client, term, brush="w", line=day["value"])
    assert Slot.objects.filter(column="1").count() == 10
    post(client, term, brush="m", line=period["value"])
    assert Slot.objects.filter(period__name="Before", cadence="monthly").count() == 5
    post(client, term, brush="x", line="1")
    assert Slot.objects.count() == 4


def test_a_booked_cell_stays_and_the_page_says_why(client, host, school, term):
    booking = BookingFactory(slot=SlotFactory(host=host, term=term))

    response = post(client, term, brush="x", cell=key(school, "Period 4"))

    assert response.status_code == 200
    assert f"because {booking.pairing.attendee.name} is booked in it." in response.text
    assert booking.pairing.attendee.name not in str(dict(client.session))
    assert Slot.objects.standing().count() == 1


@pytest.mark.parametrize("brush", ["wbmx", "", "weekly", "x\0"])
def test_unknown_brushes_are_refused_in_words(client, host, school, term, brush):
    response = post(client, term, brush=brush, cell=key(school))

    assert "Choose weekly, biweekly, monthly or clear." in words(soup(response).find(id="undo"))
    assert not Slot.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"cell": "2-lunch"}, {"cell": "9"}, {"line": "nine"}, {"line": "6"}, {"cell": ["x"] * 900}],
)
def test_unknown_cells_are_refused_in_words(client, host, term, fields):
    response = post(client, term, brush="w", **fields)

    said = words(soup(response).find(id="undo"))
    assert "not on the timetable" in said or "Choose a period" in said
    assert not Slot.objects.exists()


def test_cells_of_another_school_are_refused(client, host, term):
    response = post(client, term, brush="w", cell=key(school_with_calendar()))

    assert "not on the timetable" in response.text
    assert not Slot.objects.exists()


def test_missing_fields_are_refused_in_words(client, host, school, term):
    assert "Choose a period to paint." in post(client, term, brush="w").text
    assert "Choose weekly" in client.post(CELLS, {"term": term.uid}).text
    assert "Open the schedule again" in client.post(CELLS, {"brush": "w"}).text
    assert client.post(CELLS, {"term": "x", "brush": "w", "cell": key(school)}).status_code == 200
    other = TermFactory()
    assert "no longer there" in post(client, other, brush="w", cell=key(school)).text
    assert not Slot.objects.exists()


def test_far_too_many_cells_are_no_server_error(client, host, school, term):
    assert post(client, term, brush="w", cell=[key(school)] * 1001).status_code == 400


def test_a_page_from_a_term_that_is_over_is_refused(client, host, school, term, time_machine):
    TermFactory(
        school=school, name="Spring", starts_on=date(2027, 1, 4), ends_on=date(2027, 6, 18)
    )
    time_machine.move_to(NOW + timedelta(days=90))
    client.force_login(host.user)

    response = post(client, term, brush="w", cell=key(school))

    assert "That term is over, so its grid stays as it is." in response.text
    assert "begins" not in response.text


def test_another_hosts_cells_cannot_be_touched(client, host, school, term):
    theirs = SlotFactory(term=term)

    post(client, term, brush="x", cell=key(school, "Period 4"))
    theirs.refresh_from_db()
    assert theirs.removed_at is None


# --- the fragment ---


def test_the_fragment_is_part_of_the_page(client, host, school, term):
    PairingFactory(host=host, school=school)
    CommitmentFactory(person=host, term=term, label="Assembly", column="3")

    cells = [key(school), key(school, "Period 4")]
    fragment = BeautifulSoup(
        post(client, term, brush="m", cell=cells, headers=HTMX).text, "html5lib"
    )
    page = soup(client.get(SCHEDULE))

    parts = fragment.body.find_all(recursive=False)
    assert {part["id"] for part in parts} >= {*(f"cell-{each}" for each in cells), "people"}
    for part in parts:
        assert part.attrs.pop("hx-swap-oob") == "true"
        same = page.find(id=part["id"])
        assert part.attrs == same.attrs
        assert words(part) == words(same)


@pytest.mark.parametrize(
    ("brush", "names", "spoken"),
    [
        ("b", ["Lunch"], "Tuesday, Lunch: biweekly."),
        ("w", ["Lunch", "Period 1"], "2 periods: weekly."),
        ("x", ["Period 4"], "Tuesday, Period 4: cleared."),
    ],
)
def test_what_was_painted_is_spoken(client, host, school, term, brush, names, spoken):
    SlotFactory(host=host, term=term)

    response = post(
        client, term, brush=brush, cell=[key(school, name) for name in names], headers=HTMX
    )
    assert spoken in response["HX-Trigger"]


def test_a_refusal_is_shown_in_the_bar_with_its_undo(client, host, school, term):
    BookingFactory(slot=SlotFactory(host=host, term=term))

    response = post(client, term, brush="x", cell=key(school, "Period 4"), headers=HTMX)
    bar = soup(response).find(id="undo")
    assert "Left one period" in words(bar)
    assert bar.find("form") is None

    cells = [key(school, "Period 4"), key(school)]
    bar = soup(post(client, term, brush="m", cell=cells, headers=HTMX)).find(id="undo")
    assert "Tuesday, Lunch: monthly. Left one period" in words(bar)
    assert bar.find("form")["action"] == UNDO


# --- undo and redo ---


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_undo_and_redo(client, host, school, term, headers):
    post(client, term, brush="w", cell=key(school))
    post(client, term, brush="b", cell=key(school))

    def cadences():
        return list(Slot.objects.standing().values_list("cadence", flat=True))

    for url, expected in (
        (UNDO, ["weekly"]),
        (UNDO, []),
        (REDO, ["weekly"]),
        (REDO, ["biweekly"]),
        (UNDO, ["weekly"]),
    ):
        response = client.post(url, headers=headers)
        assert cadences() == expected
        assert response.status_code == (200 if headers else 302)

    post(client, term, brush="m", cell=key(school, "Period 1"))
    assert "nothing to do again" in client.post(REDO, headers=headers).text
    assert "aria-disabled" in str(soup(client.get(SCHEDULE)).find(id="paint-redo"))


def test_nothing_to_undo_is_said(client, host, term):
    assert "nothing to undo" in client.post(UNDO).text


def test_another_hosts_painting_is_not_undone(client, host, school, term):
    other = PersonFactory(leader=True, school=school)
    period = school.periods.get(name="Lunch")
    actions.paint(other, school, term, [("2", period.pk)], "weekly", by=other, at=NOW)

    client.post(UNDO)
    assert Slot.objects.standing().count() == 1


def test_undo_of_a_cell_booked_since_is_refused(client, host, school, term):
    post(client, term, brush="w", cell=key(school))
    BookingFactory(slot=Slot.objects.get(), pairing=PairingFactory(host=host, school=school))

    assert "has a place there now" in client.post(UNDO).text
    assert Slot.objects.standing().count() == 1


# --- placing ---


@pytest.fixture
def pairing(host, school):
    return PairingFactory(host=host, school=school, weekly=True)


def test_only_places_that_fit_answer(client, host, school, term, pairing):
    fits = SlotFactory(host=host, term=term)
    SlotFactory(host=host, term=term, column="3", monthly=True)
    taught = SlotFactory(host=host, term=term, column="4")
    CommitmentFactory(
        person=pairing.attendee,
        term=term,
        column="4",
        starts_at=time(10, 40),
        ends_at=time(11, 25),
    )
    BookingFactory(slot=SlotFactory(host=host, term=term, column="5"))

    response = client.get(f"{SCHEDULE}?place={pairing.uid}")
    page = soup(response)

    assert f"Placing {pairing.attendee.name}, weekly. 1 place fits." in words(
        page.find(id="placing")
    )
    seats = {each["value"] for each in page.select("[name=seat]")}
    assert seats == {str(fits.seats.get().uid)}
    assert str(taught.seats.get().uid) not in response.text
    assert page.select_one("[autofocus]")["value"] in seats
    assert page.select("[name=cell], [name=line]") == []


def test_placing_books_and_offers_undo(client, host, school, term, pairing):
    SlotFactory(host=host, term=term)
    page = soup(client.get(f"{SCHEDULE}?place={pairing.uid}&show=all"))
    form = page.find("form", id="grid")
    sent = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    seat = page.select_one("[name=seat]")

    response = client.post(form["action"], {**sent, "seat": seat["value"]}, follow=True)

    assert Booking.objects.get().pairing == pairing
    bar = soup(response).find(id="undo")
    assert f"{pairing.attendee.name} has Tuesday, Period 4." in words(bar)
    assert button(response, school, "Period 4").has_attr("autofocus")
    assert pairing.attendee.name in words(soup(response).find(id="inspect"))

    client.post(bar.find("form")["action"])
    assert not Booking.objects.live().exists()


def test_somebody_was_quicker(client, host, school, term, pairing):
    slot, other = SlotFactory(host=host, term=term), SlotFactory(host=host, term=term, column="3")
    BookingFactory(slot=slot)

    response = client.post(PLACE, {"pairing": pairing.uid, "seat": slot.seats.get().uid})

    page = soup(response)
    assert "was taken a moment ago. You have not lost anything." in words(page.find(id="undo"))
    assert [each["value"] for each in page.select("[name=seat]")] == [str(other.seats.get().uid)]


def test_a_place_that_is_gone(client, host, term, pairing):
    slot = SlotFactory(host=host, term=term)
    seat = slot.seats.get()
    slot.delete()

    response = client.post(PLACE, {"pairing": pairing.uid, "seat": seat.uid})
    assert "no longer offered" in response.text
    assert "No place fits." in response.text


def test_nobody_is_placed_who_is_not_mine(client, host, term, pairing):
    seat = SlotFactory(host=host, term=term).seats.get()
    other = PairingFactory(school=pairing.school)

    assert client.get(f"{SCHEDULE}?place={other.uid}").status_code == 404
    assert client.get(f"{SCHEDULE}?place=nobody").status_code == 404
    response = client.post(PLACE, {"pairing": other.uid, "seat": seat.uid})
    assert "not meeting this person" in response.text
    assert not Booking.objects.exists()


def test_another_hosts_seat_is_no_place(client, host, term, pairing):
    theirs = SlotFactory(term=term).seats.get()

    response = client.post(PLACE, {"pairing": pairing.uid, "seat": theirs.uid})
    assert "no longer offered" in response.text
    assert not Booking.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"pairing": "x", "seat": "y"}, {"seat": "y" * 9999}])
def test_bad_placing_is_refused_in_words(client, host, term, pairing, fields):
    response = client.post(PLACE, fields)

    assert response.status_code == 200
    assert words(soup(response).find(id="undo"))


def test_somebody_with_a_place_is_not_placed_again(client, host, term, pairing):
    BookingFactory(slot=SlotFactory(host=host, term=term), pairing=pairing)

    assert soup(client.get(f"{SCHEDULE}?place={pairing.uid}")).find(id="placing") is None


def test_giving_a_place_up(client, host, school, term, pairing):
    slot = SlotFactory(host=host, term=term)
    actions.book(pairing, slot.seats.get(), by=host, at=NOW)

    page = soup(client.get(f"{SCHEDULE}?about={key(school, 'Period 4')}"))
    form = page.select_one("#inspect form")
    response = client.post(form["action"], follow=True)

    assert not Booking.objects.live().exists()
    assert "talks cancelled." in words(soup(response).find(id="undo"))
    assert "already" in client.post(form["action"]).text


def test_nobody_elses_place_is_given_up(client, host, term):
    booking = BookingFactory(slot=SlotFactory(term=term))

    url = reverse("scheduling:place_release", args=[booking.uid])
    assert client.post(url).status_code == 404


# --- queries ---


def fill(host, school, term, numbers):
    """For each number a booked cell, an open one, a duty, and somebody past due."""
    periods = list(school.periods.order_by("ordinal"))
    for number in numbers:
        row, column = divmod(number, 5)
        column = str(column + 1)
        BookingFactory(
            slot=SlotFactory(
                host=host, term=term, column=column, period=periods[row], monthly=True
            )
        )
        cells = [(column, periods[-1 - row].pk)]
        actions.paint(host, school, term, cells, "monthly", by=host, at=NOW)
        CommitmentFactory(person=host, term=term, column=column)
        OverdueFlag.objects.create(
            pairing=PairingFactory(host=host, school=school),
            since_week=4,
            due_on=date(2026, 9, 28),
            raised_at=NOW,
        )


@pytest.mark.parametrize(("query", "most"), [("", 12), ("?show=all", 12), ("?place=", 22)])
def test_queries_do_not_grow(client, host, school, term, query, most):
    fill(host, school, term, range(1))
    if query == "?place=":
        query += str(Pairing.objects.get(bookings__isnull=True).uid)
    # A real school asks for a second factor, which is a query too
    school.is_demo = False
    school.save()
    Authenticator.objects.create(user=host.user, type=Authenticator.Type.TOTP, data={})

    counts = []
    for numbers in (range(1, 1), range(1, 12)):
        fill(host, school, term, numbers)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(SCHEDULE + query).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= most
