"""One meeting: seeing it, moving it, and saying how it ended."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.models import Leave
from people.permissions import require
from people.undo_bar import offer

from .. import actions
from ..availability import calendar_of, free_times, openings
from ..forms.meetings import SeatForm, WhenForm, chosen_time
from ..letters import rhythm
from ..models import Meeting, Seat, Term
from ..permissions import cadences_open_to, can_change_times

NEAREST, SHOWN = 3, 43  # times that are offered at once, and behind a word
AROUND = timedelta(days=21)  # how far from a talk another time for it is looked for


def _visible(request, uid):
    return get_object_or_404(
        Meeting.objects.visible_to(request.person).with_people().select_related("booking__term"),
        uid=uid,
    )


@require_safe
def meeting(request, uid):
    meeting = _visible(request, uid)
    following = (
        Meeting.objects.filter(booking=meeting.booking, starts_at__gt=meeting.starts_at)
        .filter(booking__isnull=False, booking__released_at=None)
        .upcoming(request.now)
        .count()
        if meeting.booking_id
        else 0
    )
    return render(
        request,
        "scheduling/meeting.html",
        {
            "meeting": meeting,
            "other": meeting.pairing.other(request.person),
            "is_host": meeting.pairing.host_id == request.person.pk,
            "is_upcoming": meeting.is_upcoming(request.now),
            "away": _away(meeting, request),
            "has_come": meeting.school.today(request.now)
            >= meeting.school.today(meeting.starts_at),
            "can_come_back": meeting.starts_at > request.now
            and meeting.status in ("skipped", "cancelled", "closed"),
            "following": following,
        },
    )


def _away(meeting, request):
    """Who of the two is away on the day of a talk to come, and until when, in words."""
    if not meeting.is_upcoming(request.now):
        return ""
    pairing = meeting.pairing
    on = meeting.school.today(meeting.starts_at)
    found = Leave.objects.last_days([pairing.host_id, pairing.attendee_id], on=on)
    if not found:
        return ""
    person_id, last = max(found.items(), key=lambda each: each[1])
    mine = person_id == request.person.pk
    who = "You are" if mine else f"{pairing.other(request.person).first_name} is"
    return f"{who} away until {date_format(last, 'j F')}."


@require_http_methods(["GET", "POST"])
def meeting_move(request, uid):
    meeting = _visible(request, uid)
    pairing, school = meeting.pairing, meeting.school
    require(can_change_times(request.person, pairing, on=meeting.school.today(request.now)))
    form = WhenForm(
        initial=WhenForm.starting(meeting.starts_at, meeting.minutes, school.zone),
        zone=school.zone,
    )
    problem = ""
    if request.method == "POST":
        form = WhenForm(request.POST, zone=school.zone)
        starts_at = chosen_time(request.POST.get("choice", ""))
        minutes = meeting.minutes
        if starts_at is None and form.is_valid():
            starts_at, minutes = form.moment(), form.cleaned_data["minutes"]
        elif starts_at is not None:
            form = WhenForm(
                initial=WhenForm.starting(starts_at, minutes, school.zone), zone=school.zone
            )
        if starts_at is not None:
            try:
                change = _place(
                    meeting, by=request.person, at=request.now, starts_at=starts_at, minutes=minutes
                )
            except actions.CannotChange as error:
                problem = str(error)
            else:
                offer(request, change)
                return redirect("scheduling:meeting", meeting.uid)
    term = meeting.booking.term if meeting.booking_id else None
    term = term or Term.objects.current_or_next(school, on=school.today(request.now))
    if term:
        term.school = school  # it is at hand
    times = _times_around(meeting, term, request.now) if term else []
    nearest = sorted(times, key=lambda each: abs(each.starts_at - meeting.starts_at))[:NEAREST]
    return render(
        request,
        "scheduling/meeting_move.html",
        {
            "meeting": meeting,
            "other": pairing.other(request.person),
            "form": form,
            "problem": problem,
            "nearest": sorted(nearest, key=lambda each: each.starts_at),
            "more": [each for each in times if each not in nearest],
            "has_series": bool(meeting.booking_id and meeting.booking.released_at is None),
        },
    )


def _times_around(meeting, term, now):
    """The times from today on at which both are free, those in sight of the talk that is moved."""
    days = max(AROUND, meeting.starts_at - now + AROUND).days
    times = free_times(meeting.pairing.host, meeting.pairing.attendee, term, now=now, days=days)
    first = next(
        (
            number
            for number, each in enumerate(times)
            if each.starts_at >= meeting.starts_at - AROUND
        ),
        0,
    )
    return times[first : first + SHOWN]


def _place(meeting, **how):
    """Move what is planned; put back at another time what was not kept."""
    if meeting.is_planned:
        return actions.move(meeting, **how)
    return actions.restore(meeting, **how)


@require_http_methods(["GET", "POST"])
def meeting_move_following(request, uid):
    meeting = _visible(request, uid)
    pairing = meeting.pairing
    on = meeting.school.today(request.now)
    require(can_change_times(request.person, pairing, on=on))
    problem = ""
    if request.method == "POST":
        chosen = SeatForm(request.POST).chosen()
        seat = Seat.objects.filter(slot__host=pairing.host, uid=chosen).first()
        try:
            if seat is None:
                raise actions.CannotBook("Choose one of the places.")
            done = actions.move_following(meeting, seat, by=request.person, at=request.now)
        except (actions.CannotBook, actions.CannotChange) as error:
            problem = str(error)
        else:
            offer(request, done.change)
            first = done.booking.meetings.upcoming(request.now).in_order().first()
            return redirect("scheduling:meeting", (first or meeting).uid)
    series = meeting.booking if meeting.booking_id else None
    fitting = []
    is_over = series is None or series.term.ends_on < on
    if series and series.released_at is None and not is_over:
        series.term.school = meeting.school  # it is at hand
        calendar = calendar_of(series.term)
        fitting = openings(
            pairing.host,
            pairing.attendee,
            series.term,
            cadences=cadences_open_to(request.person, pairing, on=on),
            now=request.now,
            calendar=calendar,
            since=meeting.school.today(meeting.original_starts_at),
        )
        fitting.sort(key=lambda each: each.first.at[0])
        for each in fitting:
            each.times = calendar.regular_times(each.seat.slot)
            each.day = calendar.columns.get(each.seat.slot.column, "")
    return render(
        request,
        "scheduling/meeting_move_following.html",
        {
            "meeting": meeting,
            "other": pairing.other(request.person),
            "rhythm": rhythm(pairing.cadence, rotates=meeting.school.rotates),
            "same": [each for each in fitting if each.seat.slot.cadence == pairing.cadence],
            "others": [each for each in fitting if each.seat.slot.cadence != pairing.cadence],
            "problem": problem,
        },
    )


@require_POST
def meeting_cancel(request, uid):
    meeting = _visible(request, uid)
    if request.POST.get("which") == "following":
        if meeting.booking_id is None:
            return _refused(request, meeting, "This talk stands alone.")
        return _do(
            request,
            meeting,
            lambda: actions.release(
                meeting.booking, by=request.person, at=request.now, since=meeting.original_starts_at
            ),
        )
    return _do(request, meeting, lambda: actions.cancel(meeting, by=request.person, at=request.now))


@require_POST
def meeting_skip(request, uid):
    meeting = _visible(request, uid)
    return _do(request, meeting, lambda: actions.skip(meeting, by=request.person, at=request.now))


@require_POST
def meeting_restore(request, uid):
    meeting = _visible(request, uid)
    return _do(
        request, meeting, lambda: actions.restore(meeting, by=request.person, at=request.now)
    )


@require_POST
def meeting_let_go(request, uid):
    meeting = _visible(request, uid)
    return _do(request, meeting, lambda: actions.let_go(meeting, by=request.person, at=request.now))


@require_POST
def meeting_hold(request, uid):
    meeting = _visible(request, uid)
    return _do(request, meeting, lambda: actions.hold(meeting, by=request.person, at=request.now))


@require_POST
def meeting_miss(request, uid):
    meeting = _visible(request, uid)
    return _do(request, meeting, lambda: actions.miss(meeting, by=request.person, at=request.now))


def _do(request, meeting, act):
    """Do it, offer to undo it, and go back to where the button was."""
    try:
        offer(request, act())
    except (actions.CannotChange, actions.CannotBook) as error:
        return _refused(request, meeting, str(error))
    return redirect(_back(request, meeting))


def _refused(request, meeting, sentence):
    messages.error(request, sentence)
    return redirect(_back(request, meeting))


def _back(request, meeting):
    """Today, the person or the booked page, when the button stood there; else the meeting."""
    places = {
        "today": reverse("scheduling:today"),
        "person": reverse(
            "scheduling:person_page", args=[meeting.pairing.other(request.person).uid]
        ),
    }
    if meeting.booking_id:
        places["booked"] = reverse("scheduling:booked", args=[meeting.booking.uid])
    return places.get(request.POST.get("back", ""), meeting.get_absolute_url())
