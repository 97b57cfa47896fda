"""Picking a time: the invitation, the times that fit, and what was booked."""

from django.db.models import Exists, F, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from people.cadence import Cadence
from people.models import Pairing, Role
from people.undo_bar import offer
from people.words import words_of

from .. import actions, reminding
from ..availability import bell_times_of, calendar_of, openings, with_proposals
from ..calendar_files import series_file
from ..elsewhere import commitments_around, here
from ..forms.signup import AnswerForm, PickForm
from ..grid import Bells
from ..letters import addressed, rhythm
from ..models import Booking, Invitation, Meeting, Seat
from ..models.calendar import column_name, columns_of
from ..signup import choices_of, chosen_of, lay_out, next_two
from ..templatetags.times import count_of
from .clashes import standing_near_a_lesson


@require_safe
def pick(request):
    invitations = list(
        Invitation.objects.of(request.person)
        .open(request.now, request.today)
        .with_booking()
        .with_people()
        .order_by("invited_at", "pk")
    )
    if len(invitations) == 1:
        return redirect("scheduling:sign_up", invitations[0].pairing.uid)
    return render(request, "scheduling/pick.html", {"invitations": invitations})


@require_http_methods(["GET", "POST"])
def sign_up(request, uid):
    pairing = _mine(request, uid)
    invitation = _newest(request, pairing)
    if pairing.booking_uid and (invitation is None or invitation.booking_uid):
        return redirect("scheduling:booked", pairing.booking_uid)
    if invitation is None:
        return render(
            request,
            "scheduling/sign_up.html",
            {"pairing": pairing, "is_open": False, "form": None},
        )
    request.is_invited = True  # the navigation need not ask again
    if request.method == "GET":
        return _times_page(request, pairing, invitation)
    form = PickForm(request.POST)
    seat = _seat(pairing, form.chosen)
    try:
        if seat is None:
            raise _nothing_to_book(form)
        done = actions.book(pairing, seat, by=request.person, at=request.now)
    except actions.CannotBook as error:
        form.add_error("seat", str(error))
        return _times_page(request, pairing, invitation, form=form, problem=error, gone=seat)
    offer(request, done.change)
    return redirect("scheduling:booked", done.booking.uid)


@require_POST
def invitation_answer(request, uid):
    pairing = _mine(request, uid)
    form = AnswerForm(request.POST)
    invitation = _newest(request, pairing)
    if invitation is not None:
        try:
            change = actions.answer_invitation(
                invitation, form.data.get("answer", ""), by=request.person, at=request.now
            )
        except actions.CannotAnswer as error:
            return _times_page(request, pairing, invitation, form=form, problem=error)
        offer(request, change)
    return redirect("scheduling:sign_up", pairing.uid)


def _nothing_to_book(form):
    if form.has_error("seat", "required"):
        return actions.CannotBook("Choose a time first.")
    return actions.PlaceTaken("That time is no longer offered. You have not lost anything.")


def _mine(request, uid):
    """A pairing of which this person is the attendee, with their booking and the host's role."""
    roles = Role.objects.in_force(request.today).filter(
        person=OuterRef("host"), school=OuterRef("school")
    )
    booked = Booking.objects.live().filter(pairing=OuterRef("pk"), term__ends_on__gte=request.today)
    return get_object_or_404(
        Pairing.objects.visible_to(request.person)
        .filter(attendee=request.person)
        .with_people()
        .select_related("school__safeguarding_lead")
        .annotate(booking_uid=Subquery(booked.order_by("-term__starts_on").values("uid")[:1]))
        .annotate(
            host_title=Subquery(roles.order_by("pk").values("title")[:1]),
            host_kind=Subquery(roles.order_by("pk").values("kind")[:1]),
        ),
        uid=uid,
    )


def _newest(request, pairing):
    """The invitation that can be taken up, with its booking: one without a time comes first."""
    found = Invitation.objects.open(request.now, pairing.school.today(request.now))
    return (
        found.filter(pairing=pairing)
        .with_booking()
        .select_related("sign_up__term")
        .order_by(F("booking_uid").asc(nulls_first=True), "-sign_up__term__starts_on", "-pk")
        .first()
    )


def _seat(pairing, uid):
    """A seat of this host, whether it is still free or not."""
    return uid and (
        Seat.objects.filter(slot__host=pairing.host, slot__school=pairing.school, uid=uid)
        .select_related("slot__period")
        .first()
    )


def _times_page(request, pairing, invitation, *, form=None, problem=None, gone=None):
    """The letter, how often, and the times that fit; with what was wrong, and what fits instead."""
    term, school = invitation.sign_up.term, pairing.school
    term.school = school
    bell_times = bell_times_of(school)
    calendar = calendar_of(term, bell_times=bell_times)
    around = commitments_around([pairing.host_id, pairing.attendee_id], term)
    commitments = here(around, pairing.attendee_id, term)
    found = openings(
        pairing.host,
        pairing.attendee,
        term,
        cadences=pairing.offered,
        now=request.now,
        calendar=calendar,
        around=around,
    )
    choices = choices_of(found, calendar, host_name=pairing.host.first_name, rotates=school.rotates)
    often = _often(request, pairing, gone)
    at_often = [choice for choice in choices if choice.slot.cadence == often]
    times = lay_out(at_often, columns_of(school), bell_times, commitments)
    context = {
        "pairing": pairing,
        "is_open": True,
        "form": form,
        "letter": addressed(
            pairing.attendee.first_name,
            pairing.cadence,
            pairing.minutes,
            invitation.sign_up.letter,
            rotates=school.rotates,
        ),
        "host_role": pairing.host_title or Role.Kind(pairing.host_kind or "leader").label,
        "school": school,
        "words": words_of(pairing, on=school.today(request.now)),
        "offered": [_card(each, choices, pairing) for each in pairing.offered],
        "often": often,
        "times": times,
        "elsewhere": [] if times.choices else _elsewhere(pairing, choices),
        "chosen": chosen_of(at_often, form.chosen if isinstance(form, PickForm) else None),
        "problem": problem and _in_words(problem, times),
        "instead": next_two(at_often or choices, gone, columns_of(school))
        if isinstance(problem, actions.PlaceTaken)
        else [],
        "rhythm": rhythm(often, rotates=school.rotates),
        "suggested": rhythm(pairing.cadence, rotates=school.rotates)
        or Cadence(pairing.cadence).label.lower(),
        "said": dict(ANSWERS).get(invitation.answer, ""),
        "answers": ANSWERS,
    }
    if request.htmx and request.method == "GET":
        response = render(request, "scheduling/sign_up.html#times", context)
        return trigger_client_event(response, "say", {"value": times.count_in_words})
    return render(request, "scheduling/sign_up.html", context)


def _in_words(problem, times):
    """What went wrong, and where to mend it."""
    quicker = isinstance(problem, actions.PlaceTaken)
    choices = times.choices
    return {
        "title": "Someone was quicker" if quicker else "There is a problem",
        "words": str(problem),
        "url": f"#{choices[0].id}" if choices and not quicker else "",
    }


# What the host reads; no reason is asked, and a time can still be picked.
ANSWERS = [
    (Pairing.Answer.NONE_FIT, "None of these times fit me. Could you open another?"),
    (Pairing.Answer.NOT_NOW, "Not now, thank you."),
    (Pairing.Answer.TALK, "I would rather talk about it first."),
]


def _often(request, pairing, gone):
    """The chosen cadence, else that of the place that is gone, else the suggested one."""
    asked = request.POST.get("often") or request.GET.get("often")
    wished = [asked, gone and gone.slot.cadence, pairing.cadence]
    return next((each for each in wished if each in pairing.offered), pairing.offered[0])


def _card(cadence, choices, pairing):
    return {
        "cadence": cadence,
        "label": Cadence(cadence).label,
        "rhythm": rhythm(cadence, rotates=pairing.school.rotates).capitalize(),
        "count": sum(choice.slot.cadence == cadence for choice in choices),
    }


def _elsewhere(pairing, choices):
    """How often it would fit, when it does not as asked."""
    cards = [_card(each, choices, pairing) for each in pairing.offered]
    return [card for card in cards if card["count"]]


@require_safe
def booked(request, uid):
    near = standing_near_a_lesson(request.person, on=request.today).filter(pk=OuterRef("pk"))
    booking = _booking(request, uid, may_clash=Exists(near))
    pairing, school = booking.pairing, booking.pairing.school
    talks = Meeting.objects.filter(booking=booking).with_undecided(request.now)
    talks = talks.select_related("booking__term__school").with_people()
    shown = list(talks.shown().in_order())
    coming = [each for each in shown if each.is_upcoming(request.now)]
    undecided = [each for each in shown if each.is_undecided]
    first = coming[0] if coming else None
    unmoved = (each for each in coming if each.starts_at == each.original_starts_at)
    usual = _usual(booking, next(unmoved, first))
    return render(
        request,
        "scheduling/booked.html",
        {
            "booking": booking,
            "pairing": pairing,
            "other": pairing.other(request.person),
            "is_host": pairing.host_id == request.person.pk,
            "is_released": booking.released_at is not None,
            "title": _title(booking, usual),
            "times": usual,
            "rhythm": rhythm(booking.seat.slot.cadence, rotates=school.rotates),
            "first": first,
            "is_this_week": first is not None
            and (school.today(first.starts_at) - school.today(request.now)).days < 7,
            "meetings": shown,
            "coming": count_of(len(coming), "talk"),
            "has_met": any(each.status == Meeting.Status.HELD for each in shown),
            "reminder": reminding.in_words(request.person, pairing),
            "undecided": with_proposals(undecided, now=request.now),
            "clash_query": f"?booking={booking.uid}",
            "may_clash": booking.may_clash,
        },
    )


def _booking(request, uid, **asked):
    return get_object_or_404(
        Booking.objects.visible_to(request.person)
        .annotate(**asked)
        .select_related(
            "pairing__host", "pairing__attendee", "pairing__school", "seat__slot__period"
        ),
        uid=uid,
    )


def _usual(booking, talk):
    """When the talks usually are: by the clock of the cell, else as one that nobody moved."""
    slot = booking.seat.slot
    if slot.period_id is None:
        return Bells(slot.starts_at, slot.ends_at)
    if talk is None:
        return None
    zone = booking.pairing.school.zone
    return Bells(talk.starts_at.astimezone(zone).time(), talk.ends_at.astimezone(zone).time())


def _title(booking, usual):
    """ "Thursdays, Period 4"; "Day 3, Period 4" in a rotation."""
    slot, school = booking.seat.slot, booking.pairing.school
    period = slot.period.name if slot.period else str(usual)
    plural = "" if school.rotates else "s"
    return f"{column_name(school, slot.column)}{plural}, {period}"


@require_safe
def booking_calendar(request, uid):
    booking = _booking(request, uid)
    meetings = Meeting.objects.filter(booking=booking).select_related("pairing").in_order()
    response = HttpResponse(
        series_file(booking, meetings, viewer=request.person, at=request.now),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="one-on-one.ics"'
    return response
