"""Writing and erasing while notes are on hold: nothing is lost, and nobody reads more."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from conftest import NOW
from notes import actions, own_data
from notes.actions.writing import Seen
from notes.models import AgreementVersion, Part
from notes.tests.factories import (
    draft,
    finished,
    hold_on,
    written_by,
)
from notes.tests.nights import end, left, pair, purge
from people.actions import CannotErase, end_person, erase_person
from people.models import Person
from people.tests.factories import PersonFactory
from scheduling.tests.factories import MeetingFactory

LATER = NOW + timedelta(hours=1)
nightly = pytest.mark.django_db(transaction=True)


def save(meeting, author, text, part=None, *, field="how", chosen=3, at=LATER):
    seen = [Seen(str(part.uid), part.revision)] if part else []
    saved = actions.save_drafts(
        meeting,
        entries=[actions.Entry(field, text, chosen, seen)],
        shown=AgreementVersion.objects.of(meeting.pairing).in_force().first(),
        by=author,
        at=at,
    )
    uids = [each.uid for each in saved.seen[field]]
    return Part.objects.visible_to(author, at=at).filter(uid__in=uids).first()


def boxes(*people):
    return {bytes(row["box"]) for row in written_by(*people)}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "Other words"])
def test_words_from_before_a_hold_stay_when_a_draft_is_changed_or_thrown_away(meeting, typed):
    elena = meeting.pairing.host
    begun = draft(meeting, elena, "First words", shown=None)
    before = boxes(elena)
    hold_on(meeting.school, elena)

    now = save(meeting, elena, typed, begun)

    assert before <= boxes(elena)
    shown = Part.objects.visible_to(elena, at=LATER).on_pages()
    assert list(shown) == ([now] if typed else [])
    aside = Part.objects.visible_to(elena, at=LATER).get(put_aside_at__isnull=False)
    assert (aside.pk, aside.put_aside_at) == (begun.pk, LATER)
    assert not Part.objects.visible_to(meeting.pairing.attendee, at=LATER).exists()


@pytest.mark.django_db
def test_typing_on_during_a_hold_makes_no_copies_and_throwing_away_keeps_the_last(meeting):
    elena = meeting.pairing.host
    hold_on(meeting.school, elena)
    part = save(meeting, elena, "a", at=LATER)
    for text in ("ab", "abc"):
        part = save(meeting, elena, text, part, at=LATER)
    assert len(written_by(elena)) == 1

    assert save(meeting, elena, "", part, at=LATER) is None

    [row] = written_by(elena)
    assert row["put_aside_at"] == LATER


@pytest.mark.django_db
def test_finishing_and_amending_during_a_hold_keep_what_was_there(meeting):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    done = finished(meeting, elena, "Finished")
    begun = save(meeting, elena, "Begun", field="heavy", at=NOW)
    before = boxes(elena)
    hold_on(meeting.school, priya)

    amended = save(meeting, elena, "Amended", done)  # which nobody has opened yet
    actions.finish(meeting, by=elena, at=LATER)

    assert before <= boxes(elena)
    parts = Part.objects.visible_to(elena, at=LATER).on_pages().order_by("pk")
    current = [part for part in parts if not part.is_draft]
    assert {part.field for part in current} == {"how", "heavy"}
    assert [part.replaces_id for part in current if part.pk != done.pk and part.field == "how"] == [
        done.pk
    ]
    assert amended.pk in [part.pk for part in current]
    assert not [part for part in parts if part.is_draft]
    assert [row["put_aside_at"] for row in written_by(elena) if row["id"] == begun.pk] == [LATER]


@pytest.mark.django_db
def test_both_still_see_what_they_saw_and_nobody_else_sees_more(meeting):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, "Tired but steadier")
    finished(meeting, elena, "Ask about the brother", field="memory", chosen=1)
    everybody = Person.objects.order_by("pk")

    def seen():
        return {
            person.pk: set(Part.objects.visible_to(person, at=LATER).values_list("pk", flat=True))
            for person in everybody
        }

    before = seen()
    hold = hold_on(meeting.school, elena, priya)
    assert seen() == before
    assert before[elena.pk] > before[priya.pk] != set()
    actions.withdraw(meeting.pairing, by=priya, at=LATER)
    assert seen() == before
    for second in (hold.asked_by, hold.agreed_by):
        assert not Part.objects.visible_to(second, at=LATER).exists()


@nightly
@pytest.mark.usefixtures("now")
def test_erasing_leaves_drafts_on_hold_and_the_night_after_takes_them(meeting):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    admin = PersonFactory(administrator=True, school=meeting.school)
    held = draft(meeting, elena, "Begun", field="heavy")
    talk = MeetingFactory(
        pairing=pair(meeting.school, host=elena), starts_at=NOW + timedelta(days=1)
    )
    draft(talk, elena, "Begun with somebody else", field="heavy")
    hold = hold_on(meeting.school, priya)
    end_person(elena, meeting.school, by=admin, at=NOW)
    settled = NOW + timedelta(days=3)

    erase_person(elena, meeting.school, by=admin, at=settled)

    assert left() == {held.pk}
    assert purge(settled).parts == 0
    end(hold, settled)
    assert purge(settled).parts == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
def test_who_is_named_in_a_hold_is_not_erased_and_the_page_says_since_when(client, meeting):
    elena, school = meeting.pairing.host, meeting.school
    admin = PersonFactory(administrator=True, school=school)
    end_person(elena, school, by=admin, at=NOW)
    hold = hold_on(school, meeting.pairing.attendee, elena)
    settled = NOW + timedelta(days=3)
    client.force_login(admin.user)

    with time_machine.travel(settled, tick=False):
        with pytest.raises(CannotErase, match="on hold since 12 October 2026"):
            erase_person(elena, school, by=admin, at=settled)
        client.force_login(admin.user)
        page = client.get(reverse("people:person_erase", args=[elena.uid])).text
        assert "Kept: on hold since 12 October 2026." in page
        assert "2026-114" not in page
        assert "Erase for good" not in page
        end(hold, settled)
        erase_person(elena, school, by=admin, at=settled)


@nightly
def test_what_was_put_aside_goes_in_the_night_after_the_hold(meeting):
    elena = meeting.pairing.host
    begun = draft(meeting, elena, "First words")
    hold = hold_on(meeting.school, elena)
    now = save(meeting, elena, "Other words", begun)
    purge()
    assert left() == {begun.pk, now.pk}
    end(hold)

    purge()

    assert left() == {now.pk}


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
def test_what_was_put_aside_is_on_no_page_and_in_the_writers_copy(client, meeting):
    elena = meeting.pairing.host
    begun = draft(meeting, elena, "Zanzibar")
    hold_on(meeting.school, elena)
    save(meeting, elena, "", begun, at=NOW)
    client.force_login(elena.user)

    assert "Zanzibar" not in client.get(
        reverse("notes:meeting_notes", args=[meeting.uid]) + "?write=1"
    ).text  # fmt: skip
    assert "No notes yet" in client.get(reverse("notes:note_list")).text
    found = client.post(reverse("notes:note_find"), {"words": "zanzibar"}).text
    assert reverse("notes:meeting_notes", args=[meeting.uid]) not in found
    [row] = own_data._notes(elena, NOW)
    assert (row["words"], row["state"]) == (
        "Zanzibar",
        "changed or thrown away, and kept because it is on hold",
    )
