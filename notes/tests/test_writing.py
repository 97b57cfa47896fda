from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from notes import actions, vault
from notes.acting import acting_as
from notes.actions import Entry
from notes.models import AgreementVersion, Part
from notes.tests.factories import agree, draft, finished, row_of, school_with_lead
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.actions import CannotChange
from scheduling.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    meeting = MeetingFactory(pairing__school=school_with_lead())
    agree(meeting.pairing)
    return meeting


def save(meeting, *entries, by=None, shown=None, at=NOW):
    return actions.save_drafts(
        meeting, entries=entries, shown=shown, by=by or meeting.pairing.host, at=at
    )


def finish(meeting, by=None, at=NOW, confirmed=None):
    return actions.finish(meeting, confirmed=confirmed, by=by or meeting.pairing.host, at=at)


def texts(meeting, author=None):
    """What somebody wrote: (text, is it finished, audience), oldest first."""
    author = author or meeting.pairing.host
    parts = Part.objects.visible_to(author, at=NOW).filter(author=author, meeting=meeting)
    return [
        (vault.unwrap(vault.read_own(part, by=author)), not part.is_draft, part.aud)
        for part in parts.select_related("agreement").order_by("pk")
    ]


def in_force(meeting):
    return AgreementVersion.objects.of(meeting.pairing).in_force().get()


def opened(part, by):
    fresh = Part.objects.visible_to(by, at=NOW).select_related("agreement").get(pk=part.pk)
    vault.read([fresh], by=by, at=NOW, page="meeting:1")


def test_save_drafts_keeps_what_is_typed_for_its_writer_alone(meeting):
    saved = save(meeting, Entry("how", "tired", 3, []), Entry("memory", "", 1, []))

    assert texts(meeting) == [("tired", False, 1)]
    assert not Part.objects.visible_to(meeting.pairing.attendee, at=NOW).exists()
    assert saved.seen["memory"] == []


def test_save_drafts_goes_on_with_what_was_seen(meeting):
    saved = save(meeting, Entry("how", "ti", 3, []))
    saved = save(meeting, Entry("how", "tired", 3, saved.seen["how"]))
    saved = save(meeting, Entry("how", "tired", 3, saved.seen["how"]))

    assert texts(meeting) == [("tired", False, 1)]
    assert [each.revision for each in saved.seen["how"]] == [2]

    save(meeting, Entry("how", " ", 3, saved.seen["how"]))
    assert texts(meeting) == []


def test_save_drafts_keeps_both_texts_of_two_windows(meeting):
    first = save(meeting, Entry("how", "a", 3, []))
    save(meeting, Entry("how", "a, one window", 3, first.seen["how"]))

    second = save(meeting, Entry("how", "a, other window", 3, first.seen["how"]))
    again = save(meeting, Entry("how", "a, other window too", 3, second.seen["how"]))

    assert second.elsewhere == ["how"]
    assert again.elsewhere == []
    assert [text for text, *_ in texts(meeting)] == ["a, one window", "a, other window too"]


def test_save_drafts_takes_its_own_late_answer_for_nothing_new(meeting):
    first = save(meeting, Entry("how", "a", 3, []), shown=in_force(meeting))
    save(meeting, Entry("how", "a and b", 3, first.seen["how"]))

    late = save(meeting, Entry("how", "a and b", 1, first.seen["how"]))
    finish(meeting)
    later = save(meeting, Entry("how", "a and b", 1, first.seen["how"]))

    assert late.elsewhere == later.elsewhere == []
    assert texts(meeting) == [("a and b", True, 1)]


def test_save_drafts_a_step_behind_narrows_what_was_finished(meeting):
    first = save(meeting, Entry("how", "a", 3, []), shown=in_force(meeting))
    finish(meeting)

    save(meeting, Entry("how", "a", 1, first.seen["how"]), shown=in_force(meeting))
    finish(meeting)

    assert texts(meeting) == [("a", True, 1)]


def test_save_drafts_of_what_another_window_has_finished_loses_no_word(meeting):
    first = save(meeting, Entry("how", "a", 3, []), shown=in_force(meeting))
    finish(meeting)

    saved = save(meeting, Entry("how", "a and b", 3, first.seen["how"]))

    assert saved.elsewhere == ["how"]
    assert texts(meeting) == [("a", True, 3), ("a and b", False, 1)]


def test_save_drafts_sent_twice_is_once(meeting):
    save(meeting, Entry("how", "tired", 3, []))
    save(meeting, Entry("how", "tired", 3, []))

    assert len(texts(meeting)) == 1


def test_save_drafts_merges_what_one_page_showed_together(meeting):
    one = save(meeting, Entry("how", "a", 3, [])).seen["how"]
    two = save(meeting, Entry("how", "b", 3, [])).seen["how"]

    save(meeting, Entry("how", "a\n\nb", 3, [*one, *two]))

    assert texts(meeting) == [("a\n\nb", False, 1)]


def test_save_drafts_does_not_touch_another_persons_draft(meeting):
    theirs = save(meeting, Entry("how", "mine", 3, []), by=meeting.pairing.attendee)

    saved = save(meeting, Entry("how", "", 3, theirs.seen["how"]))

    assert saved.seen["how"] == []
    assert texts(meeting, meeting.pairing.attendee) == [("mine", False, 1)]


def test_save_drafts_knows_no_fields_of_others(meeting):
    saved = save(meeting, Entry("noticed", "a", 3, []), Entry("nonsense", "a", 3, []))

    assert saved.seen == {}
    assert texts(meeting) == []


def test_save_drafts_is_for_the_two(meeting):
    for stranger in (PersonFactory(), PersonFactory(leader=True, school=meeting.school)):
        with pytest.raises(PermissionDenied):
            save(meeting, Entry("how", "a", 3, []), by=stranger)
        with pytest.raises(PermissionDenied):
            finish(meeting, by=stranger)


def test_finish_shares_as_chosen(meeting):
    shown = in_force(meeting)
    save(
        meeting,
        Entry("how", "shared", 3, []),
        Entry("well", "kept", 1, []),
        Entry("memory", "private", 3, []),
        shown=shown,
    )

    finish(meeting)

    assert texts(meeting) == [("shared", True, 3), ("kept", True, 1), ("private", True, 1)]
    assert finish(meeting) == []


def test_finish_without_an_agreement_shares_nothing():
    meeting = MeetingFactory(pairing__school=school_with_lead())
    save(meeting, Entry("how", "a", 3, []))

    finish(meeting)

    assert texts(meeting) == [("a", True, 1)]


def test_finish_asks_again_when_the_agreement_is_not_the_one_shown():
    meeting = MeetingFactory(pairing__school=school_with_lead())
    draft(meeting, meeting.pairing.host, "a", chosen=1)
    draft(meeting, meeting.pairing.host, "b", field="memory", chosen=1)
    version = agree(meeting.pairing)

    with pytest.raises(actions.AgreementChanged) as raised:
        finish(meeting)
    assert (raised.value.before, raised.value.now) == (None, version)
    with pytest.raises(actions.AgreementChanged):
        finish(meeting, confirmed="none")
    assert [is_finished for _, is_finished, _ in texts(meeting)] == [False, False]

    finish(meeting, confirmed=str(version.uid))

    assert texts(meeting) == [("a", True, 1), ("b", True, 1)]


def test_finish_asks_again_when_the_agreement_was_ended(meeting):
    draft(meeting, meeting.pairing.host, "a", shown=in_force(meeting))
    actions.withdraw(meeting.pairing, by=meeting.pairing.attendee, at=NOW)

    with pytest.raises(actions.AgreementChanged):
        finish(meeting)
    finish(meeting, confirmed="none")

    assert texts(meeting) == [("a", True, 1)]


def test_finish_does_not_ask_about_what_is_private_anyhow():
    meeting = MeetingFactory(pairing__school=school_with_lead())
    draft(meeting, meeting.pairing.host, "a", field="memory", chosen=1)
    agree(meeting.pairing)

    finish(meeting)

    assert texts(meeting) == [("a", True, 1)]


def test_finish_believes_no_agreement_that_nobody_signed(meeting):
    version = in_force(meeting)
    version.withdrawn_at = NOW
    version.save()
    version.pk, version.uid, version.number = None, UUID(int=0), 2
    version.withdrawn_at = None
    version.save(force_insert=True)
    save(meeting, Entry("how", "a", 3, []), shown=version)

    finish(meeting, confirmed="none")

    assert texts(meeting) == [("a", True, 1)]


def test_finish_leaves_alone_what_does_not_open(meeting):
    part = draft(meeting, meeting.pairing.host, "a", shown=in_force(meeting))
    with acting_as(part.author_id, at=NOW):
        Part._base_manager.filter(pk=part.pk).update(box=b"changed by hand")

    assert finish(meeting) == []

    part = row_of(part)
    assert (part.is_draft, bytes(part.box)) == (True, b"changed by hand")


def rewrite(meeting, part, text, chosen=3):
    """Open a finished part again, change it, finish."""
    seen = [actions.writing.Seen(str(part.uid), part.revision)]
    save(meeting, Entry("how", text, chosen, seen), shown=in_force(meeting))
    finish(meeting, at=NOW + timedelta(minutes=5))


def test_finish_overwrites_what_nobody_has_opened(meeting):
    part = finished(meeting, meeting.pairing.host, "a")

    rewrite(meeting, part, "b")

    assert texts(meeting) == [("b", True, 3)]


def test_finish_amends_what_the_other_has_opened(meeting):
    part = finished(meeting, meeting.pairing.host, "a")
    opened(part, meeting.pairing.attendee)

    rewrite(meeting, part, "b")

    assert texts(meeting) == [("a", True, 3), ("b", True, 3)]
    assert Part.objects.visible_to(meeting.pairing.attendee, at=NOW).count() == 2


def test_finish_narrows_at_once_and_every_earlier_word_with_it(meeting):
    part = finished(meeting, meeting.pairing.host, "a")
    opened(part, meeting.pairing.attendee)

    rewrite(meeting, part, "b", chosen=1)

    assert texts(meeting) == [("a", True, 1), ("b", True, 1)]
    assert not Part.objects.visible_to(meeting.pairing.attendee, at=NOW).exists()
    assert Event.objects.filter(act=Event.Act.AUD_NARROW).count() == 1


def test_finish_narrows_without_a_second_copy(meeting):
    part = finished(meeting, meeting.pairing.host, "a")
    opened(part, meeting.pairing.attendee)

    rewrite(meeting, part, "a", chosen=1)

    assert texts(meeting) == [("a", True, 1)]


def test_finish_shares_later_in_a_new_part_and_leaves_the_old_as_it_was(meeting):
    part = finished(meeting, meeting.pairing.host, "a", chosen=1)

    rewrite(meeting, part, "a", chosen=3)

    assert texts(meeting) == [("a", True, 1), ("a", True, 3)]


def test_saving_a_finished_part_unchanged_does_nothing(meeting):
    part = finished(meeting, meeting.pairing.host, "a")

    seen = [actions.writing.Seen(str(part.uid), part.revision)]
    saved = save(meeting, Entry("how", "a", 3, seen))

    assert saved.seen["how"] == seen
    assert texts(meeting) == [("a", True, 3)]


@pytest.mark.parametrize("act", [save, finish])
def test_nothing_is_lost_or_half_done_without_a_key_ring(meeting, act, settings, tmp_path):
    words = [Entry("how", "a", 3, [])]
    save(meeting, *words, shown=in_force(meeting))
    settings.KEYRING_PATH, path = tmp_path / "away.json", settings.KEYRING_PATH

    with pytest.raises(vault.Away):
        act(meeting, *([Entry("well", "b", 3, [])] if act is save else []))

    settings.KEYRING_PATH = path
    assert texts(meeting) == [("a", False, 1)]


# A student who dropped in


def log(student, counselor, at=NOW, minutes=20):
    return actions.log_student_talk(
        student,
        school=counselor.roles.get().school,
        starts_at=NOW - timedelta(hours=1),
        minutes=minutes,
        by=counselor,
        at=at,
    )


def test_log_student_talk_makes_the_pairing_once():
    school = school_with_lead()
    counselor = PersonFactory(counselor=True, school=school)
    student = PersonFactory(student=True, school=school)

    assert log(student, counselor) == log(student, counselor)

    pairing = Pairing.objects.get()
    assert (pairing.kind, pairing.host, pairing.attendee) == ("counseling", counselor, student)


def test_log_student_talk_keeps_nothing_when_the_talk_cannot_be():
    school = school_with_lead()
    counselor = PersonFactory(counselor=True, school=school)

    with pytest.raises(CannotChange):
        log(PersonFactory(student=True, school=school), counselor, minutes=0)

    assert not Pairing.objects.exists()


def test_counselors_words_are_their_own_until_shared():
    pairing = PairingFactory(counseling=True, school=school_with_lead())
    meeting = MeetingFactory(pairing=pairing)
    agree(pairing)

    finished(meeting, pairing.host, "kept", field="noticed", chosen=1)
    finished(meeting, pairing.host, "shared", field="wish", chosen=3)

    assert texts(meeting) == [("kept", True, 1), ("shared", True, 3)]


@pytest.mark.parametrize(("days", "status"), [(0, "held"), (-1, "planned")])
def test_finish_is_one_press_from_the_day_of_the_talk_on(meeting, days, status):
    actions.finish(meeting, by=meeting.pairing.host, at=meeting.starts_at + timedelta(days=days))

    meeting.refresh_from_db()
    assert meeting.status == status
