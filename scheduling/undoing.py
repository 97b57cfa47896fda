"""How changes of times are undone and told: the inverses of this app's verbs."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Change, Pairing, Person
from people.undo import CannotUndo

from .actions.booking import SERIES, where
from .actions.grid import CannotPaint, unpaint
from .actions.meetings import NotFree, as_it_was, count_as_met
from .grid import painted_words
from .models import Attendance, Booking, Meeting, Period, SignUp
from .models.meetings import MeetingQuerySet

TAKEN = "That time was taken in the meantime. You have not lost anything else."
ENDED = "These talks have gone on since. You can still change them one by one."


def when(meeting: Meeting) -> str:
    """A meeting's time in the school's zone, in words: "Tuesday 13 October, 10:40"."""
    local = timezone.localtime(meeting.starts_at, meeting.school.zone)
    return f"{date_format(local, 'l j F')}, {date_format(local, 'g:i')}"


def _meeting(change: Change) -> Meeting:
    return Meeting.objects.with_people().get(uid=change.refs["meeting"])


def undo_meeting(change: Change, by: Person, at: datetime) -> None:
    """Put one meeting back to what it was before the change."""
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .with_people()
        .get(uid=change.refs["meeting"])
    )
    later = Change.objects.filter(
        verb__startswith="meeting.",
        refs__meeting=change.refs["meeting"],
        pk__gt=change.pk,
        undone_at=None,
    )
    if later.exists():
        raise CannotUndo("This talk has changed again since.")
    try:
        as_it_was(meeting, refs=change.refs)
    except NotFree as error:
        raise CannotUndo(TAKEN) from error
    count_as_met(meeting.pairing, at=at)


def undo_log(change: Change, by: Person, at: datetime) -> None:
    """Take a logged talk away again, unless something was written about it."""
    _delete(Meeting.objects.filter(uid=change.refs["meeting"]), at)


def undo_restore(change: Change, by: Person, at: datetime) -> None:
    """Take back a time that was agreed, or a date that was put back."""
    if "made" in change.refs:
        made = Meeting.objects.filter(uid=change.refs["made"], status=Meeting.Status.PLANNED)
        _delete(made, at)
    else:
        undo_meeting(change, by, at)


def _delete(meetings: MeetingQuerySet, at: datetime) -> None:
    meeting = meetings.with_people().first()
    if meeting is None:
        raise CannotUndo(ENDED)
    try:
        with transaction.atomic():
            meeting.delete()
    except (ProtectedError, IntegrityError) as error:
        raise CannotUndo("Something was written about this talk, so it stays.") from error
    count_as_met(meeting.pairing, at=at)


def undo_booking(change: Change, by: Person, at: datetime) -> None:
    """Give a place back as if it had never been taken."""
    booking = _unmake(change)
    pairing = booking.pairing
    pairing.cadence, pairing.answer = change.refs["cadence"], change.refs["answer"]
    pairing.save(update_fields=["cadence", "answer"])


def undo_invite(change: Change, by: Person, at: datetime) -> None:
    """Invite nobody after all: pairings made for it go, the others are as they were before."""
    if change.outgoing_mails.exclude(sent_at=None).exists():
        raise CannotUndo("The letters have left. Nobody has to answer them.")
    steps = {each["pairing"]: each for each in change.refs["pairings"]}
    booked = set(Booking.objects.filter(pairing__in=steps).values_list("pairing_id", flat=True))
    stays = False
    for pairing in Pairing.objects.select_for_update().filter(pk__in=steps):
        step = steps[pairing.pk]
        if pairing.pk in booked or pairing.answer:
            stays = True  # they have picked a time or answered: that is theirs to take back
        elif not (step["made"] and _deleted(pairing)):
            invited_at = step["invited_at"]
            pairing.invited_at = invited_at and datetime.fromisoformat(invited_at)
            pairing.cadence, pairing.answer = step["cadence"], step["answer"]
            pairing.save(update_fields=["invited_at", "cadence", "answer"])
    if change.refs["opened"] and not stays:
        SignUp.objects.filter(uid=change.refs["sign_up"]).update(closes_at=at)


def _deleted(pairing: Pairing) -> bool:
    """Whether a pairing could go; not when something has happened in it."""
    try:
        with transaction.atomic():
            pairing.delete()
    except (ProtectedError, IntegrityError):
        return False
    return True


def undo_answer(change: Change, by: Person, at: datetime) -> None:
    """Take an answer to an invitation back."""
    answered_at = change.refs["answered_at"]
    Pairing.objects.filter(pk=change.refs["pairing"]).update(
        answer=change.refs["answer"],
        answered_at=answered_at and datetime.fromisoformat(answered_at),
    )


def undo_series_move(change: Change, by: Person, at: datetime) -> None:
    """Take the new place back and return the old one, if nobody has taken it."""
    undo_booking(change, by, at)
    _reopen(change.refs["released"])


def undo_release(change: Change, by: Person, at: datetime) -> None:
    """Return a place that was given back, if nobody has taken it."""
    _reopen(change.refs["released"])


def undo_paint(change: Change, by: Person, at: datetime) -> None:
    """Put the cells of the grid back to what they were."""
    try:
        unpaint(change, by=by, at=at)
    except CannotPaint as error:
        raise CannotUndo(str(error)) from error


def _unmake(change: Change) -> Booking:
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("pairing__school")
        .filter(uid=change.refs["booking"], released_at=None)
        .first()
    )
    if booking is None:
        raise CannotUndo(ENDED)
    meetings = Meeting.objects.filter(booking=booking)
    touched = meetings.exclude(ended_at=None) | meetings.exclude(moved_count=0)
    if touched.exists():
        raise CannotUndo(ENDED)
    try:
        with transaction.atomic():
            meetings.delete()
            booking.delete()
    except (ProtectedError, IntegrityError) as error:
        raise CannotUndo("Something was written about these talks, so they stay.") from error
    return booking


def _reopen(refs: dict) -> None:
    booking = Booking.objects.select_for_update(of=("self",)).get(uid=refs["booking"])
    planned = Meeting.objects.filter(pk__in=refs["meetings"], status_reason=SERIES)
    keys = list(planned.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            booking.released_at = None
            booking.ends_on = date.fromisoformat(refs["ends_on"])
            booking.sequence += 1
            booking.save(update_fields=["released_at", "ends_on", "sequence"])
            planned.update(status=Meeting.Status.PLANNED, status_reason="")
            Attendance.objects.filter(meeting__in=keys).update(blocks=True)
    except IntegrityError as error:
        raise CannotUndo(TAKEN) from error


# --- in words, for the undo bar ---


def describe_booking(change: Change) -> str:
    booking = Booking.objects.select_related(
        "pairing__attendee", "seat__slot__period", "seat__slot__term"
    ).get(uid=change.refs["booking"])
    slot_in_words = where(booking.seat)
    label = booking.seat.label
    if change.by_id == booking.pairing.attendee_id:
        return f"Booked: {slot_in_words}."
    week = f", week {label}" if label else ""
    return f"{booking.pairing.attendee.name} has {slot_in_words}{week}."


def describe_invite(change: Change) -> str:
    count = len(change.refs["invited"])
    said = "1 person is invited." if count == 1 else f"{count} people are invited."
    refused = Person.objects.filter(pk__in=change.refs["refused"]).by_name()
    names = [f"{each.name} ({_why_not(each)})" for each in refused]
    return f"{said} No letter reaches {', '.join(names)}." if names else said


def _why_not(person: Person) -> str:
    if not person.is_active:
        return "has left"
    return "address of somebody else" if person.email else "no e-mail address"


def describe_answer(change: Change) -> str:
    pairing = Pairing.objects.select_related("host").get(pk=change.refs["pairing"])
    return f"Sent to {pairing.host.first_name}. You can still pick a time."


def describe_release(change: Change) -> str:
    count = len(change.refs["released"]["meetings"])
    return "1 talk cancelled." if count == 1 else f"{count} talks cancelled."


def describe_move(change: Change) -> str:
    return f"Moved to {when(_meeting(change))}."


def describe_cancel(change: Change) -> str:
    meeting = _meeting(change)
    if change.refs["status"] == Meeting.Status.PLANNED:
        return f"{when(meeting)}: cancelled."
    return f"{when(meeting)}: left out."


def describe_skip(change: Change) -> str:
    return f"{when(_meeting(change))}: skipped."


def describe_restore(change: Change) -> str:
    meeting = Meeting.objects.with_people().get(
        uid=change.refs.get("made") or change.refs["meeting"]
    )
    return f"{when(meeting)} is planned."


def describe_hold(change: Change) -> str:
    return f"{when(_meeting(change))}: met."


def describe_miss(change: Change) -> str:
    return f"{when(_meeting(change))}: did not happen."


def describe_log(change: Change) -> str:
    return "Talk logged."


def describe_paint(change: Change) -> str:
    cells = change.refs["cells"]
    periods = Period.objects.in_bulk({period_id for _, period_id, _, _ in cells})
    after = cells[0][3]
    return painted_words(
        [(column, periods[period_id]) for column, period_id, _, _ in cells], after and after[0]
    )
