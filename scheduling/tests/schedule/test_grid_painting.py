"""Painting by form posts, with and without JavaScript; undo and redo."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup

from conftest import NOW
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Slot
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    SlotFactory,
    TermFactory,
    school_with_calendar,
)
from scheduling.tests.schedule.schedule_page import (
    CELLS,
    HTMX,
    REDO,
    SCHEDULE,
    UNDO,
    button,
    key,
    post,
    soup,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


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
    TermFactory(school=school, name="Spring", starts_on=date(2027, 1, 4), ends_on=date(2027, 6, 18))
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


def test_the_fragment_is_part_of_the_page(client, host, school, term):
    PairingFactory(host=host, school=school)
    CommitmentFactory(person=host, term=term, label="Assembly", column="3")

    cells = [key(school), key(school, "Period 4")]
    fragment = BeautifulSoup(
        post(client, term, brush="m", cell=cells, headers=HTMX).text, "html.parser"
    )
    page = soup(client.get(SCHEDULE))

    parts = fragment.find_all(recursive=False)
    assert {part["id"] for part in parts} >= {*(f"cell-{each}" for each in cells), "people"}
    for part in parts:
        assert part.attrs.pop("hx-swap-oob") == "true"
        same = page.find(id=part["id"])
        assert part.attrs == same.attrs
        if part["id"] == "undo":  # said once, with the fragment
            assert words(part).startswith("2 periods: monthly. Undo")
        else:
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
    bar = soup(response).find(id="undo")
    assert words(bar.find(attrs={"data-undo-words": True})) == spoken
    assert bar.find("form")["action"] == UNDO


def test_a_painting_is_offered_for_undoing_like_any_change(client, host, school, term):
    post(client, term, brush="b", cell=key(school))
    bar = soup(client.get(SCHEDULE)).find(id="undo")  # without scripts
    assert words(bar).startswith("Tuesday, Lunch: biweekly. Undo")

    client.post(bar.form["action"])

    assert not Slot.objects.standing().exists()


def test_the_bar_leads_back_and_forth(client, host, school, term):
    for brush in ("w", "b"):
        post(client, term, brush=brush, cell=key(school), headers=HTMX)

    def bar_after(url):
        bar = soup(client.post(url, headers=HTMX)).find(id="undo")
        return {words(form.button): form["action"] for form in bar.select("form")}

    assert bar_after(UNDO) == {"Undo one more": UNDO, "Redo": REDO}
    assert bar_after(UNDO) == {"Redo": REDO}
    assert bar_after(REDO) == {"Undo": UNDO, "Redo": REDO}
    assert bar_after(REDO) == {"Undo": UNDO}

    unchanged = soup(post(client, term, brush="b", cell=key(school), headers=HTMX)).find(id="undo")
    assert "Nothing changed." in words(unchanged)
    assert unchanged.form is None


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
