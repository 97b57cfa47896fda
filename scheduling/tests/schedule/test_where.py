"""Where a host meets people: said once, true for the grid and for every talk to come."""

import pytest
from django.urls import reverse

from conftest import NOW
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.actions import book, paint, say_where
from scheduling.models import Meeting, Slot
from scheduling.tests.factories import SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

WHERE = reverse("scheduling:where_edit")


def talks(host):
    return Meeting.objects.filter(pairing__host=host, booking__isnull=False)


def test_where_is_said_for_cells_and_for_talks_to_come(client, host, school, term):
    slot = SlotFactory(host=host, term=term)
    pairing = PairingFactory(host=host, school=school)
    book(pairing, slot.seats.first(), by=host, at=NOW)
    met = talks(host).earliest("starts_at")
    Meeting.objects.filter(pk=met.pk).update(status=Meeting.Status.HELD, place="Hall")

    response = client.post(WHERE, {"place": " Library  corner ", "online_link": ""}, follow=True)

    assert "You meet here: Library corner." in " ".join(
        response.text.replace("<b>", "").replace("</b>", "").split()
    )
    coming = talks(host).exclude(pk=met.pk)
    assert set(coming.values_list("place", "sequence")) == {("Library corner", 1)}
    met.refresh_from_db()
    assert (met.place, met.sequence) == ("Hall", 0)
    client.force_login(pairing.attendee.user)
    assert "Library corner" in client.get(coming.first().get_absolute_url()).text


def test_saying_the_same_again_changes_no_talk(host, school, term):
    slot = SlotFactory(host=host, term=term)
    book(PairingFactory(host=host, school=school), slot.seats.first(), by=host, at=NOW)
    where = {"place": "Office", "online_link": "https://meet.example/e"}
    first = say_where(host, school, term, by=host, at=NOW, **where)

    again = say_where(host, school, term, by=host, at=NOW, **where)

    assert (first, again) == (talks(host).count(), 0)
    assert set(talks(host).values_list("online_link", flat=True)) == {"https://meet.example/e"}


def test_cells_painted_later_are_there_too(client, host, school, term):
    SlotFactory(host=host, term=term, column="2")
    client.post(WHERE, {"place": "Office", "online_link": ""})

    [period] = {each.period for each in Slot.objects.select_related("period")}
    paint(host, school, term, [("3", period.pk)], "weekly", by=host, at=NOW)

    assert list(Slot.objects.values_list("place", flat=True)) == ["Office", "Office"]


def test_other_hosts_and_terms_keep_their_places(host, school, term):
    colleague = PersonFactory(leader=True, school=school)
    theirs = SlotFactory(host=colleague, term=term, place="Room 2")
    SlotFactory(host=host, term=term)

    say_where(host, school, term, by=host, at=NOW, place="Office", online_link="")

    theirs.refresh_from_db()
    assert theirs.place == "Room 2"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"place": "x" * 81}, "Use 80 characters at most."),
        ({"place": "Of\u202efice"}, "Some characters cannot be read. Type it again."),
        ({"online_link": "javascript:alert(1)"}, "Enter an address that begins with https://."),
        ({"online_link": "ftp://meet.example/"}, "Enter an address that begins with https://."),
        ({"online_link": f"https://meet.example/{'x' * 200}"}, "Use 200 characters at most."),
    ],
)
def test_what_cannot_be_a_place_is_said_and_stays_in_the_field(client, host, term, typed, sentence):
    SlotFactory(host=host, term=term, place="Office")

    response = client.post(WHERE, typed)

    assert response.status_code == 200
    assert sentence in response.text
    assert Slot.objects.get().place == "Office"


def test_before_the_first_period_there_is_nowhere_to_say_it(client, host, term):
    assert client.get(WHERE).status_code == 404
    assert "Say where you meet" not in client.get(reverse("scheduling:schedule")).text
