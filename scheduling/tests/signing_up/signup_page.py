"""What tests of signing up share: somebody who is invited, and how the page is read."""

from datetime import date, timedelta

from bs4 import BeautifulSoup
from django.urls import reverse

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling.tests.factories import (
    CommitmentFactory,
    InvitationFactory,
    SignUpFactory,
    school_with_calendar,
)

HTMX = {"HX-Request": "true"}
PICK = reverse("scheduling:pick")
THANKSGIVING = (date(2026, 11, 25), date(2026, 11, 27))


def sign_up_school():
    return school_with_calendar(closures=[THANKSGIVING], is_demo=True)


def elena_of(school):
    return PersonFactory(
        leader=True,
        school=school,
        given_name="Elena",
        family_name="Marsh",
        role__title="Principal",
    )


def leila_invited_by(host, term):
    """Her pairing with a host: weekly is suggested, and sign-up is open."""
    sign_up = SignUpFactory(host=host, term=term, letter="Some weeks we will catch up & laugh.")
    leila = PersonFactory(
        teacher=True, school=term.school, given_name="Leila", family_name="Haddad"
    )
    return InvitationFactory(
        sign_up=sign_up,
        pairing__attendee=leila,
        pairing__cadence="weekly",
        invited_at=NOW - timedelta(days=1),
    ).pairing


def page_of(pairing):
    return reverse("scheduling:sign_up", args=[pairing.uid])


def seat_of(slot, number=1):
    return slot.seats.get(number=number)


def soup(response):
    return BeautifulSoup(response.text, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def booked_page(booking):
    return reverse("scheduling:booked", args=[booking.uid])


def label_of(page, seat):
    return words(page.find("input", value=str(seat.uid)).parent).replace(" ,", ",")


def about(page, seat):
    return words(page.find(id=f"seat-{seat.uid}-about")).replace(" ,", ",")


def teaches(person, term, column, begins, ends, **fields):
    return CommitmentFactory(
        person=person, term=term, column=column, starts_at=begins, ends_at=ends, **fields
    )
