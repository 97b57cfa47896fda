"""How changes of times are undone and told: the inverses of this app's verbs."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Change, Pairing, Person
from people.undo import CannotUndo

from .actions.booking import SERIES, where
from .actions.grid import CannotPaint, unpaint
from .actions.meetings import NotFree, as_it_was, count_as_met, is_closed, state_of
from .actions.telling import FOR_CALENDAR, UNSAID, tell_again, was_told
from .grid import painted_words
from .models import Attendance, Booking, Invitation, Meeting, Period, SignUp, Slot, Term
from .models.calendar import column_name, cycle_word

TAKEN = "That time was taken in the meantime. You have not lost anything else."
UNDONE = "undone"  # on `Meeting.status_reason`: taken back by the one who agreed it
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
    if state_of(meeting) != change.refs["after"]:
        raise CannotUndo("This talk has changed again since.")
    if change.refs["status"] == Meeting.Status.PLANNED and is_closed_then(meeting, change.refs):
        raise CannotUndo("There is no school that day any more. Choose another time.")
    try:
        as_it_was(meeting, refs=change.refs)
    except NotFree as error:
        raise CannotUndo(TAKEN) from error
    count_as_met(meeting.pairing, at=at)
    verb = UNSAID[change.verb]
    tell_again(change, verb, meeting.uid, by=by, at=at, series=meeting.series_uid)


def undo_log(change: Change, by: Person, at: datetime) -> None:
    """Take a logged talk away again."""
    _take_away(change, change.refs["meeting"], at)


def undo_restore(change: Change, by: Person, at: datetime) -> None:
    """Take back a time that was agreed, or a date that was put back."""
    if "made" not in change.refs:
        undo_meeting(change, by, at)
        return
    meeting = _take_away(change, change.refs["made"], at, keeps=was_told(change))
    tell_again(change, "meeting_cancelled", meeting.uid, by=by, at=at)


def _take_away(change: Change, uid: str, at: datetime, *, keeps: bool = False) -> Meeting:
    """
    Take a single talk away as if it had never been agreed.

    If somebody wrote about it, which the one who undoes may not know, it is set aside instead.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).with_people().filter(uid=uid).first()
    if meeting is None or state_of(meeting) != change.refs["after"]:
        raise CannotUndo(ENDED)
    if keeps or not _deleted(meeting):
        Meeting.objects.filter(pk=meeting.pk).update(
            status=Meeting.Status.CANCELLED,
            status_reason=UNDONE,
            ended_at=at,
            sequence=F("sequence") + 1,
        )
        Attendance.objects.filter(meeting=meeting).update(blocks=False)
    count_as_met(meeting.pairing, at=at)
    return meeting


def undo_booking(change: Change, by: Person, at: datetime, *, tells: bool = True) -> None:
    """Give a place back as if it had never been taken."""
    booking = unbook(change, change.refs, at)
    if tells:
        tell_again(change, "series_cancelled", booking.uid, by=by, at=at)


def unbook(change: Change, refs: dict, at: datetime) -> Booking:
    """Take a booking back that a change made, with what `refs` remembers of before."""
    booking = _unmake(change, refs["booking"], at)
    pairing = booking.pairing
    pairing.cadence = refs["cadence"]
    pairing.save(update_fields=["cadence"])
    Invitation.objects.filter(pairing=pairing, sign_up__term=booking.term_id).update(
        answer=refs["answer"]
    )
    return booking


def undo_invite(change: Change, by: Person, at: datetime) -> None:
    """Invite nobody after all: pairings made for it go, the others are as they were before."""
    if change.outgoing_mails.exclude(sent_at=None).exists():
        raise CannotUndo("The letters have left. Nobody has to answer them.")
    sign_up = SignUp.objects.select_for_update().get(uid=change.refs["sign_up"])
    asked = {each.pairing_id: each for each in sign_up.invitations.select_for_update()}
    steps = {each["pairing"]: each for each in change.refs["pairings"]}
    booked = set(
        Booking.objects.filter(pairing__in=steps, term=sign_up.term_id).values_list(
            "pairing_id", flat=True
        )
    )
    stays = False
    for pairing in Pairing.objects.select_for_update().filter(pk__in=steps):
        step, invitation = steps[pairing.pk], asked.get(pairing.pk)
        if pairing.pk in booked or (invitation and invitation.answer):
            stays = True  # they have picked a time or answered: that is theirs to take back
            continue
        if invitation:
            _uninvite(invitation, step)
        if not (step["made"] and _deleted(pairing)):
            pairing.cadence = step["cadence"]
            pairing.save(update_fields=["cadence"])
    if change.refs["opened"] and not stays:
        sign_up.closes_at = at
        sign_up.save(update_fields=["closes_at"])


def _uninvite(invitation: Invitation, step: dict) -> None:
    """Take an invitation away, or put it back to what it was when it was sent again."""
    if step["invited_at"] is None:
        invitation.delete()
        return
    invitation.invited_at = datetime.fromisoformat(step["invited_at"])
    invitation.answer, answered_at = step["answer"], step["answered_at"]
    invitation.answered_at = answered_at and datetime.fromisoformat(answered_at)
    invitation.save(update_fields=["invited_at", "answer", "answered_at"])


def _deleted(row: Pairing | Meeting) -> bool:
    """Whether a row could go; not when something else holds on to it."""
    try:
        with transaction.atomic():
            type(row).objects.filter(pk=row.pk).delete()
            _ask_whether_all_can_spare_it()
    except (ProtectedError, IntegrityError):
        return False
    return True


def _ask_whether_all_can_spare_it() -> None:
    """Now and not at the end, from PostgreSQL itself: its row-level rules hide notes from us."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


def undo_answer(change: Change, by: Person, at: datetime) -> None:
    """Take an answer to an invitation back."""
    answered_at = change.refs["answered_at"]
    Invitation.objects.filter(pk=change.refs["invitation"]).update(
        answer=change.refs["answer"],
        answered_at=answered_at and datetime.fromisoformat(answered_at),
    )


def undo_series_move(change: Change, by: Person, at: datetime) -> None:
    """Take the new place back and return the old one, if nobody has taken it."""
    undo_booking(change, by, at, tells=False)
    old = _reopen(change.refs["released"], at)
    tell_again(change, "series_moved", old.uid, by=by, at=at)
    tell_again(change, FOR_CALENDAR, UUID(change.refs["booking"]), by=by, at=at)


def undo_release(change: Change, by: Person, at: datetime) -> None:
    """Return a place that was given back, if nobody has taken it."""
    booking = _reopen(change.refs["released"], at)
    tell_again(change, "booked", booking.uid, by=by, at=at)


def undo_paint(change: Change, by: Person, at: datetime) -> None:
    """Put the cells of the grid back to what they were."""
    try:
        unpaint(change, by=by, at=at)
    except CannotPaint as error:
        raise CannotUndo(str(error)) from error


def _unmake(change: Change, uid: str, at: datetime) -> Booking:
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("pairing__school")
        .filter(uid=uid, released_at=None)
        .first()
    )
    if booking is None:
        raise CannotUndo(ENDED)
    meetings = Meeting.objects.filter(booking=booking)
    touched = meetings.exclude(ended_at=None) | meetings.exclude(moved_count=0)
    if touched.exists():
        raise CannotUndo(ENDED)
    if not was_told(change):
        try:
            with transaction.atomic():
                meetings.delete()
                Booking.objects.filter(pk=booking.pk).delete()
                _ask_whether_all_can_spare_it()
        except (ProtectedError, IntegrityError):
            pass  # somebody wrote about a talk, which the one who undoes may not know
        else:
            return booking
    Attendance.objects.filter(meeting__booking=booking).update(blocks=False)
    meetings.update(status=Meeting.Status.CANCELLED, status_reason=SERIES)
    booking.released_at = at
    booking.sequence += 1
    booking.save(update_fields=["released_at", "sequence"])
    return booking


def _reopen(refs: dict, at: datetime) -> Booking:
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("seat__slot", "term__school")
        .get(uid=refs["booking"])
    )
    slot = Slot.objects.select_for_update().get(pk=booking.seat.slot_id)
    if slot.removed_at is not None:
        raise CannotUndo("That period is not offered any more. Nothing was changed.")
    gone = list(
        Meeting.objects.filter(pk__in=refs["meetings"], status_reason=SERIES).select_related(
            "school"
        )
    )
    closed = [each.pk for each in gone if is_closed(each)]
    keys = [each.pk for each in gone if each.pk not in closed]
    try:
        with transaction.atomic():
            booking.released_at = None
            booking.ends_on = date.fromisoformat(refs["ends_on"])
            booking.sequence += 1
            booking.save(update_fields=["released_at", "ends_on", "sequence"])
            for pks, status in (
                (keys, Meeting.Status.PLANNED),
                (closed, Meeting.Status.CLOSED),
            ):
                Meeting.objects.filter(pk__in=pks).update(status=status, status_reason="")
            Attendance.objects.filter(meeting__in=keys).update(blocks=True)
    except IntegrityError as error:
        raise CannotUndo(TAKEN) from error
    return booking


def is_closed_then(meeting: Meeting, refs: dict) -> bool:
    """Whether a closure stops meetings on the date a meeting would go back to."""
    before = Meeting(
        school=meeting.school,
        starts_at=datetime.fromisoformat(refs["starts_at"]),
    )
    return is_closed(before)


# --- in words, for the undo bar ---


def after_booking(change: Change) -> str:
    """Who had picked a time picks again; otherwise the page of the two."""
    booking = Booking.objects.select_related("pairing").filter(uid=change.refs["booking"]).first()
    if booking is None:
        return reverse("scheduling:people")
    pairing = booking.pairing
    if change.verb == "booking.make" and change.by_id == pairing.attendee_id:
        return reverse("scheduling:sign_up", args=[pairing.uid])
    return _page_of_two(pairing, change.by)


def after_talk(change: Change) -> str:
    """The page of the two, where a talk that was taken away had stood."""
    uid = change.refs.get("made") or change.refs["meeting"]
    meeting = Meeting.objects.with_people().filter(uid=uid).first()
    if meeting is None:
        return reverse("scheduling:people")
    if change.verb == "meeting.restore" and "made" not in change.refs:
        return meeting.get_absolute_url()
    return _page_of_two(meeting.pairing, change.by)


def _page_of_two(pairing: Pairing, viewer: Person) -> str:
    return reverse("scheduling:person_page", args=[pairing.other(viewer).uid])


def describe_booking(change: Change) -> str:
    booking = Booking.objects.select_related(
        "pairing__attendee", "seat__slot__period", "seat__slot__term__school"
    ).get(uid=change.refs["booking"])
    slot_in_words = where(booking.seat)
    label = booking.seat.label
    if change.by_id == booking.pairing.attendee_id:
        return f"Booked: {slot_in_words}."
    unit = cycle_word(booking.seat.slot.term.school)
    week = f", {unit} {label}" if label else ""
    name = booking.pairing.shown_name(booking.pairing.attendee)
    return f"{name} has {slot_in_words}{week}."


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
    invitation = Invitation.objects.with_people().get(pk=change.refs["invitation"])
    return f"Sent to {invitation.pairing.host.first_name}. You can still pick a time."


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
    school = Term.objects.select_related("school").get(pk=change.refs["term"]).school
    after = cells[0][3]
    return painted_words(
        [(column_name(school, column), periods[pk]) for column, pk, _, _ in cells],
        after and after[0],
    )
