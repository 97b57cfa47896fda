"""The page of carrying over: a list to look at first, and one button."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from conftest import NOW
from people.models import Pairing
from scheduling.models import Booking
from scheduling.tests.factories import SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PAGE = reverse("scheduling:carry_over")
READING = 13


def text(response):
    main = BeautifulSoup(response.text, "html.parser").select_one("main")
    return " ".join(main.get_text(" ").split())


def test_it_is_looked_at_first_and_changes_nothing(client, host, spring, book):
    going, staying = book(name="Ben"), book(name="Ana", column="3")
    Pairing.objects.filter(pk=staying.pairing_id).update(is_paused=True)

    page = client.get(PAGE)

    said = text(page)
    assert "Into Spring 2027" in said
    assert "1 can go along" in said
    assert "Tuesday, Period 4, every week, from 5 January" in said
    assert "1 cannot" in said
    assert "Wednesday, Period 4, every week. Paused." in said
    assert "No lessons are known for this term yet." in said
    assert not Booking.objects.filter(term=spring).exists()
    [box] = BeautifulSoup(page.text, "html.parser").select("main input[name=series]")
    assert (box["value"], box.has_attr("checked")) == (str(going.uid), True)


def test_the_ticked_go_and_the_bar_undoes_it(client, host, spring, book):
    one, two = book(name="Ben"), book(name="Ana", column="3")

    page = client.post(PAGE, {"series": [str(one.uid)]}, follow=True)

    assert page.redirect_chain == [(PAGE, 302)]
    assert "1 series goes on in Spring 2027." in page.text
    assert "1 has a time in Spring 2027 already." in text(page)
    assert two.pairing.attendee.name in text(page)
    assert Booking.objects.get(term=spring).pairing == one.pairing


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Tick at least one series."),
        ({"series": ["nothing"]}, "One of these has changed meanwhile."),
    ],
)
def test_what_cannot_be_done_is_said_in_words(client, host, spring, book, sent, said):
    book()
    page = client.post(PAGE, sent)
    assert page.status_code == 200
    assert said in text(page)
    assert not Booking.objects.filter(term=spring).exists()


def test_without_a_next_term_it_says_so(client, host, fall, book):
    book()
    assert "There is no next term yet" in text(client.get(PAGE))
    assert "There is no next term yet" in text(client.post(PAGE, {"series": "x"}))


def test_who_has_no_series_reads_so(client, host, spring):
    assert "You have no series in Fall 2026." in text(client.get(PAGE))


@pytest.mark.parametrize(("day", "says"), [(22, False), (23, True)])
def test_the_schedule_speaks_of_it_six_weeks_before(
    client, host, spring, book, time_machine, day, says
):
    book()
    time_machine.move_to(NOW.replace(month=11, day=day, hour=15))
    client.force_login(host.user)
    assert (PAGE in client.get(reverse("scheduling:schedule")).text) == says


@pytest.mark.parametrize("count", [1, 4])
def test_it_asks_few_questions_whatever_there_is(
    client, host, fall, spring, book, count, django_assert_num_queries
):
    lunch = fall.school.periods.get(name="Lunch")
    for column in "2345"[:count]:
        book(column=column)
        SlotFactory(host=host, term=fall, column=column, period=lunch)
    with django_assert_num_queries(READING):
        client.get(PAGE)
